"""Processes that check returns for the page *Check a return*, so that the page's own process stays small and quick.

A process checks many returns, because Great Expectations takes seconds to import. A check that takes too long ends only
its own process.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sia.intake.identify import Details, IdentifiedFile, UnidentifiedFileError, archived_returns, identify

if TYPE_CHECKING:
    from sia.feedback.dry_run import CheckResult

T = TypeVar("T")

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
        return await self._in_process(check_in_worker, file, details, folder, TIMEOUT_SECONDS, sender)

    async def archived_returns(self, file: Path) -> list[IdentifiedFile] | CheckFailure:
        """The returns that an archive brings."""
        return await self._in_process(archived_in_worker, file, TIMEOUT_SECONDS)

    async def _in_process(self, work: Callable[..., T], *arguments: object) -> T | CheckFailure:
        async with self._turn:
            # Each pool has one process, because a pool is lost when a process ends too early.
            pool = self._idle.pop() if self._idle else _new_pool()
            try:
                result = await asyncio.get_running_loop().run_in_executor(pool, work, *arguments)
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

    def check() -> CheckResult:
        from sia.feedback.dry_run import check_file

        return check_file(_identified(file, details, sender), folder)

    return _in_time(check, timeout_seconds)


def archived_in_worker(file: Path, timeout_seconds: float) -> list[IdentifiedFile] | CheckFailure:
    """The returns that an archive brings, found in this process, which ends if that takes longer than the timeout."""
    return _in_time(lambda: archived_returns(file), timeout_seconds)


def _in_time(work: Callable[[], T], timeout_seconds: float) -> T | CheckFailure:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, timeout_seconds)
    try:
        return work()
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
