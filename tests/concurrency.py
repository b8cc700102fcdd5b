"""Two processes that ingest files of one return and quarter at the same moment, by the steps of the ingest DAG."""

from __future__ import annotations

import multiprocessing
import os
import traceback
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

from sia.feedback.reply import reply_to_return
from sia.intake.outcomes import outcomes
from sia.warehouse import database
from tests import steps

TIMEOUT_SECONDS = 120

# Both processes start from one that has imported all they need, so that neither is late for the first round.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.concurrency", "sia.quality.gx_runner"])


@dataclass(frozen=True)
class Upload:
    """A file that appears in the inbox at once: its sender uploads it under another name and then renames it."""

    uploaded: Path
    path: Path

    def rename(self) -> None:
        self.uploaded.rename(self.path)


def ingest(return_name: str, quarter_key: str, *, backwards: bool = False) -> None:
    """The steps of one run of the ingest DAG. Airflow may start the mapped tasks from the last: ``backwards``."""
    with database.connection() as connection:
        received = steps.receive(connection, return_name, quarter_key)
        for submission_id in reversed(received) if backwards else received:
            steps.ingest(connection, submission_id)
        outcomes(connection, return_name, quarter_key)
        reply_to_return(connection, return_name, quarter_key)


def ingest_together(return_name: str, quarter_key: str, rounds: Sequence[tuple[Upload, Upload]]) -> list[str]:
    """Ingest two files a round, each by its own process and both at once. Returns the errors."""
    barrier, errors = PROCESSES.Barrier(2), PROCESSES.Queue()
    with ExitStack() as stack:
        for number, uploads in enumerate(zip(*rounds, strict=True)):
            process = PROCESSES.Process(
                target=_ingest_rounds,
                args=(dict(os.environ), barrier, errors, return_name, quarter_key, uploads, number == 1),
            )
            process.start()
            stack.callback(process.join)
            stack.callback(process.kill)
        return [error for _ in range(2) for error in errors.get(timeout=TIMEOUT_SECONDS)]


def _ingest_rounds(
    environment: dict[str, str],
    barrier: Barrier,
    errors: Queue[list[str]],
    return_name: str,
    quarter_key: str,
    uploads: Sequence[Upload],
    backwards: bool,
) -> None:
    # The server that forks the processes has the environment of an earlier test.
    os.environ.clear()
    os.environ.update(environment)
    failed = []
    for upload in uploads:
        barrier.wait(TIMEOUT_SECONDS)
        upload.rename()
        try:
            ingest(return_name, quarter_key, backwards=backwards)
        except Exception:
            failed.append(traceback.format_exc())
    errors.put(failed)
