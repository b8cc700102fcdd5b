"""Processes that check returns for the page *Check a return*, so that the page's own process stays small and quick.

A process checks many returns, because Great Expectations takes seconds to import. A check that takes too long ends only
its own process.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from sia.intake.identify import Details, IdentifiedFile, UnidentifiedFileError, identify

if TYPE_CHECKING:
    from sia.feedback.dry_run import CheckResult

# A check needs a few hundred megabytes for a few seconds.
MAX_PROCESSES = 2
TIMEOUT_SECONDS = 180
_MAX_CHECKS_A_PROCESS = 100


@dataclass(frozen=True, slots=True)
class CheckFailure:
    """Why a file was not checked. ``error`` is the type of the error: its text could show a value of the file."""

    is_unidentified: bool = False
    timed_out: bool = False
    error: str = ""


class CheckWorkers:
    """The processes that check files."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(MAX_PROCESSES)
        self._idle: list[ProcessPoolExecutor] = []

    async def check(self, file: Path, details: Details, folder: Path, sender: str = "") -> CheckResult | CheckFailure:
        """Check a file.

        Args:
            file: the file.
            details: what is known about it.
            folder: an empty folder for the check. The caller removes it.
            sender: who sends it, if the file does not say so itself.
        """
        async with self._turn:
            # Each pool has one process, because a pool is lost when a process ends too early.
            pool = self._idle.pop() if self._idle else _new_pool()
            try:
                result: CheckResult | CheckFailure = await asyncio.get_running_loop().run_in_executor(
                    pool, check_in_worker, file, details, folder, TIMEOUT_SECONDS, sender
                )
            except BrokenProcessPool:
                pool.shutdown(wait=False)
                return CheckFailure(timed_out=True)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
            self._idle.append(pool)
            return result


def check_in_worker(
    file: Path, details: Details, folder: Path, timeout_seconds: float, sender: str = ""
) -> CheckResult | CheckFailure:
    """Check a file in this process, which ends if that takes longer than the timeout."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, timeout_seconds)
    try:
        from sia.feedback.dry_run import check_file

        return check_file(_identified(file, details, sender), folder)
    except UnidentifiedFileError:
        return CheckFailure(is_unidentified=True)
    except Exception as error:
        return CheckFailure(error=type(error).__name__)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _identified(file: Path, details: Details, sender: str) -> IdentifiedFile:
    try:
        return identify(file, details)
    except UnidentifiedFileError:
        if not sender:
            raise
        return identify(file, replace(details, source=sender))


def _new_pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        1, mp_context=get_context("spawn"), initializer=_be_quiet, max_tasks_per_child=_MAX_CHECKS_A_PROCESS
    )


def _be_quiet() -> None:
    """Print and log nothing: a warning of a library could show a value of a return."""
    logging.disable(logging.WARNING)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
