"""The terminal of a command: results on standard output, steps on standard error, and everything else in a log file."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import rich.console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@dataclass(slots=True)
class Step:
    """A step of a command. When it ends, its line shows ``result``."""

    result: str = ""


class Console:
    """The terminal. ``log`` is the file with the output of libraries and child processes."""

    def __init__(self, log: Path, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.log = log
        self.seconds: dict[str, float] = {}
        self._out = out or sys.stdout
        self._err = rich.console.Console(file=err or sys.stderr, highlight=False, markup=False, emoji=False)

    def line(self, text: str = "") -> None:
        """Write a line of the result."""
        print(text, file=self._out, flush=True)

    def note(self, text: str) -> None:
        """Write a line about the progress."""
        self._err.print(text, soft_wrap=True)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Show a step while it runs, then its result and its seconds. ``seconds`` adds up steps with the same name."""
        step, began = Step(), time.monotonic()
        try:
            with self._err.status(name):
                yield step
        except BaseException:
            self.note(f"  {name:<40} failed")
            raise
        seconds = time.monotonic() - began
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds
        self.note(f"  {name:<40} {step.result:<28} {seconds:6.1f} s")

    @contextmanager
    def progress(self, name: str, total: int) -> Iterator[Callable[[int], None]]:
        """Show a progress bar on a terminal. Yields a function that sets how many are done."""
        if not self._err.is_terminal:
            yield lambda _: None
            return
        columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self._err, transient=True) as bar:
            task = bar.add_task(name, total=total)
            yield lambda done: bar.update(task, completed=done)


@contextmanager
def quiet(log: Path) -> Iterator[Console]:
    """Send the output of this process and its children to a log file. Only the console writes to the terminal."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    with (
        os.fdopen(os.dup(1), "w", encoding="utf-8") as out,
        os.fdopen(os.dup(2), "w", encoding="utf-8") as err,
        log.open("w", encoding="utf-8") as sink,
    ):
        os.dup2(sink.fileno(), 1)
        os.dup2(sink.fileno(), 2)
        try:
            yield Console(log, out, err)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
