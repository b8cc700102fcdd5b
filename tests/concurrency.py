"""Two processes that take in files of one return and quarter at the same moment, by the steps of the ingest DAG."""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sia.feedback.reply import reply_to_return
from sia.intake.outcomes import outcomes
from sia.warehouse import database
from tests import steps

PATIENCE = 120


@dataclass(frozen=True)
class Landing:
    """A file that lands: whole at once, as one that was uploaded under another name and renamed."""

    ready: Path
    place: Path

    def land(self) -> None:
        self.ready.rename(self.place)


def ingest(return_name: str, quarter_key: str, *, backwards: bool = False) -> None:
    """The steps of one run of the ingest DAG; ``backwards``, as where its mapped tasks are begun from the last."""
    with database.connection() as connection:
        received = steps.receive(connection, return_name, quarter_key)
        for submission_id in reversed(received) if backwards else received:
            steps.ingest(connection, submission_id)
        outcomes(connection, return_name, quarter_key)
        reply_to_return(connection, return_name, quarter_key)


def run_at_once(return_name: str, quarter_key: str, rounds: Sequence[tuple[Landing, Landing]]) -> list[str]:
    """Let two processes meet at each round, where each lands its file and takes in what is there; what failed.

    What the processes need to know of the surroundings is in the environment.
    """
    context = multiprocessing.get_context("spawn")
    barrier, said = context.Barrier(2), context.Queue()
    columns = list(zip(*rounds, strict=True))
    with ExitStack() as stack:
        processes = [
            context.Process(target=_one, args=(barrier, said, return_name, quarter_key, column, bool(n)))
            for n, column in enumerate(columns)
        ]
        for process in processes:
            process.start()
            stack.callback(process.join)
            stack.callback(process.kill)
        return [fault for _ in processes for fault in said.get(timeout=PATIENCE)]


def _one(barrier: Any, said: Any, return_name: str, quarter_key: str, mine: Sequence[Landing], last: bool) -> None:
    # Imported before the race begins: it takes seconds, and not the same in both.

    faults = []
    for landing in mine:
        barrier.wait(PATIENCE)
        landing.land()
        try:
            ingest(return_name, quarter_key, backwards=last)
        except Exception:
            faults.append(traceback.format_exc())
    said.put(faults)
