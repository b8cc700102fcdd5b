"""One command at a time: two that write to one state folder would undo each other's work."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sia.errors import PermanentError


@contextmanager
def exclusive(state: Path, command: str) -> Iterator[None]:
    """Hold the state folder for one command. The kernel lets go of it when the process ends, however it ends.

    Raises:
        PermanentError: another command holds it; the message names it.
    """
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("a+", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.seek(0)
            other = held.read().strip() or "another command"
            raise PermanentError(f"{other} is at work here; wait until it ends") from None
        held.seek(0)
        held.truncate()
        held.write(command)
        held.flush()
        yield
        held.truncate(0)
