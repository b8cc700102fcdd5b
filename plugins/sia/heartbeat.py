"""The heartbeat: a file in the state folder that Airflow's work renews every five minutes.

Its age says whether the whole chain works: scheduler, API server, a task, PostgreSQL and the disk. A reader of
the file needs nothing of Airflow. The file also remembers when to ask next for the draft of a quarter.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sia.calendar import Quarter
from sia.settings import settings
from sia.storage.folders import write_whole

MAX_SILENCE = timedelta(minutes=10)
"""How old the heartbeat may be. A run may wait for a free slot, so one beat may be late."""

_SETTLED_AFTER = timedelta(minutes=10)
"""How long a quarter may be without a draft: the run that drafts it may be at work."""
_AGAIN_AFTER = timedelta(days=1)


def path() -> Path:
    """Where the heartbeat is."""
    return settings().state / "heartbeat.json"


def age(now: datetime) -> timedelta | None:
    """How old the heartbeat is; ``None`` if there never was one."""
    try:
        return now - datetime.fromtimestamp(path().stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def beat(now: datetime, without_draft: Iterable[Quarter]) -> list[Quarter]:
    """Renew the heartbeat.

    Args:
        now: the time.
        without_draft: the quarters that are complete and have no draft now.

    Returns:
        Those of them to ask a draft for: for ten minutes they had none, and we did not ask during the last day.
    """
    before = _next_asked()
    asked_next = {quarter: before.get(quarter.key, now + _SETTLED_AFTER) for quarter in without_draft}
    due = [quarter for quarter, at in asked_next.items() if at <= now]
    asked_next |= dict.fromkeys(due, now + _AGAIN_AFTER)
    with write_whole(path()) as file:
        file.write(json.dumps({quarter.key: at.isoformat() for quarter, at in asked_next.items()}).encode())
    return due


def _next_asked() -> dict[str, datetime]:
    """When to ask next for the draft of a quarter. A file that cannot be read counts as empty."""
    try:
        remembered = json.loads(path().read_text(encoding="utf-8"))
        return {key: datetime.fromisoformat(at) for key, at in remembered.items()}
    except (FileNotFoundError, ValueError, AttributeError, TypeError):
        return {}
