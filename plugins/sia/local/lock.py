"""One command at a time: two commands that write to the same state folder would undo each other's work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from sia.errors import PermanentError


@contextmanager
def exclusive(state: Path, command: str) -> Iterator[None]:
    """Lock the state folder for one command. The kernel unlocks it when the process ends, however it ends.

    Raises:
        PermanentError: another command has locked it; the message names the command.
    """
    state.mkdir(parents=True, exist_ok=True)
    holder = state / "lock.command"
    try:
        with FileLock(state / "lock", timeout=0):
            holder.write_text(command, encoding="utf-8")
            yield
    except Timeout:
        other = holder.read_text(encoding="utf-8") if holder.exists() else "another command"
        raise PermanentError(f"{other} is running. Wait until it ends, then try again.") from None
