"""Watches the inbox: a trigger that says so as soon as a file lies there that has stopped changing.

It runs in Airflow's triggerer, and only wakes the DAG ``watch``, which asks the warehouse what is really new. So what
it forgets when the triggerer is started anew costs one look, and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

log = logging.getLogger(__name__)

EVERY = 15.0


class InboxTrigger(BaseEventTrigger):
    """An event whenever a file of the inbox is as it was at the look before, and no event told of it yet.

    Args:
        every: seconds from one look to the next.
    """

    def __init__(self, every: float = EVERY) -> None:
        super().__init__()
        self.every = every

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """How Airflow makes it again in the triggerer."""
        return "sia_airflow.triggers.InboxTrigger", {"every": self.every}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look for as long as Airflow runs.

        An inbox that cannot be read, or in which nothing lies any more, may not be mounted: that is said once, and what
        was told of is known still when it is back.
        """
        from sia.intake import inbox
        from sia.storage.folders import inbox_folder

        before: set[inbox.Mark] = set()
        told: set[inbox.Mark] = set()
        said: str | None = None
        while True:
            try:
                now = await asyncio.to_thread(lambda: {file.mark for file in inbox.files(inbox_folder())})
                why = "nothing lies in it any more" if told and not now else None
            except OSError as fault:
                now, why = set(), type(fault).__name__
            if why and why != said:
                log.warning("the inbox may not be mounted (%s)", why)
            said = why
            if now:
                told &= now
            if settled := (now & before) - told:
                yield TriggerEvent({"files": len(settled)})
                told |= settled
            before = now
            await asyncio.sleep(self.every)
