"""Watches the inbox: a trigger that reports each file as soon as it has stopped changing.

It runs in Airflow's triggerer and starts the DAG ``watch_inbox``, which asks the warehouse which files are new. When
the triggerer restarts, it reports every file again. That costs one run, which starts nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

if TYPE_CHECKING:
    from sia.intake.inbox import FileStamp, InboxFile

log = logging.getLogger(__name__)

POLL_SECONDS = 15.0


class InboxTrigger(BaseEventTrigger):
    """An event whenever files are the same in two listings in a row and no event has reported them yet.

    The event has the keys of these files by return and quarter. It names no file, because a name may be a person's.
    Files that we cannot match to a return start nothing.

    Args:
        poll_seconds: seconds from one listing to the next.
    """

    def __init__(self, poll_seconds: float = POLL_SECONDS) -> None:
        super().__init__()
        self.poll_seconds = poll_seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The path of this class and its arguments, from which the triggerer creates it."""
        return "sia_airflow.triggers.InboxTrigger", {"poll_seconds": self.poll_seconds}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """List the inbox for as long as Airflow runs.

        An inbox that cannot be read, or that is suddenly empty, may not be mounted. That is logged once, and files
        that were reported before are not reported again when it is back.
        """
        from sia.intake import inbox

        before: set[FileStamp] = set()
        reported: set[FileStamp] = set()
        logged: str | None = None
        while True:
            try:
                files = await asyncio.to_thread(_files_by_stamp)
                problem = "it is empty" if reported and not files else None
            except OSError as error:
                files, problem = {}, type(error).__name__
            if problem and problem != logged:
                log.warning("the inbox may not be mounted (%s)", problem)
            logged = problem
            if files:
                reported &= files.keys()
            if settled := (files.keys() & before) - reported:
                yield TriggerEvent(inbox.by_return(files[stamp] for stamp in settled))
                reported |= settled
            before = set(files)
            await asyncio.sleep(self.poll_seconds)


def _files_by_stamp() -> dict[FileStamp, InboxFile]:
    from sia.intake import inbox
    from sia.storage.folders import inbox_folder

    return {file.stamp: file for file in inbox.files(inbox_folder()) if file.problem is None}
