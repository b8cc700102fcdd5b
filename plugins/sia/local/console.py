"""What a command says while it works: a line for each step with its seconds, everything else into a log."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, TextIO

from sia.errors import PermanentError


class Console:
    """The terminal, while all that libraries and child processes print goes to a log file."""

    def __init__(self, out: TextIO, log: Path) -> None:
        self._out = out
        self.log = log
        self.seconds: dict[str, float] = {}

    def line(self, text: str = "") -> None:
        """Say one line."""
        print(text, file=self._out, flush=True)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Say what is being done, and the seconds that it took; the seconds of a name add up."""
        print(f"  {what:<56} ", end="", file=self._out, flush=True)
        began = time.monotonic()
        try:
            yield
        except BaseException:
            print("failed", file=self._out, flush=True)
            raise
        took = time.monotonic() - began
        self.seconds[what] = self.seconds.get(what, 0.0) + took
        print(f"{took:6.1f} s", file=self._out, flush=True)


@contextmanager
def quiet(log: Path) -> Iterator[Console]:
    """Send what is written to standard output and error, by this process and those it starts, to a log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    saved_out, saved_err = os.dup(1), os.dup(2)
    with os.fdopen(saved_out, "w", encoding="utf-8") as terminal, log.open("w", encoding="utf-8") as sink:
        os.dup2(sink.fileno(), 1)
        os.dup2(sink.fileno(), 2)
        try:
            yield Console(terminal, log)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os.dup2(terminal.fileno(), 1)
            os.dup2(saved_err, 2)
            os.close(saved_err)


def run_command(main: Callable[[], None]) -> NoReturn:
    """Run a command: what a person can mend is one line, anything else says where to read on."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except PermanentError as fault:
        sys.exit(f"{fault}")
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0)
