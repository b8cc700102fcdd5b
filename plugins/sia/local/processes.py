"""Services that outlive the command that started them: each in its own process group, its number in a file."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from sia.paths import PROJECT

PATIENCE = 30


def start(state: Path, name: str, arguments: list[str], environment: dict[str, str]) -> None:
    """Start this Python with some arguments as a service; what it says goes to ``<state>/log/<name>.log``."""
    stop(state, [name])
    log = state / "log" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as sink:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=PROJECT, env=environment, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True,
        )  # fmt: skip
    file = _file(state, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    # Its start time beside its number: the number alone may later be another process's.
    file.write_text(f"{process.pid} {_started(process.pid)}\n", encoding="utf-8")


def running(state: Path) -> list[str]:
    """The names of the services that run."""
    return [name for name in started(state) if is_running(state, name)]


def started(state: Path) -> list[str]:
    """The names of the services that were started and not stopped, whether they still run or not."""
    return sorted(file.stem for file in (state / "run").glob("*.pid"))


def is_running(state: Path, name: str) -> bool:
    """Whether a service runs; a number left over from a killed run is not it."""
    pid, started = _known(state, name)
    return bool(pid) and _started(pid) == started


def stop(state: Path, names: Iterable[str]) -> None:
    """Stop services with all their children: politely, and after half a minute not so."""
    names = list(names)
    for name in names:
        if is_running(state, name):
            os.killpg(_known(state, name)[0], signal.SIGTERM)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and any(is_running(state, name) for name in names):
        time.sleep(0.2)
    for name in names:
        pid, began = _known(state, name)
        # The group lives on while one of its children does, also when its leader was killed. Its number is
        # not given to another process meanwhile; if it has been, the group is not ours any more.
        if pid and _started(pid) in {"", began}:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        _file(state, name).unlink(missing_ok=True)


def _file(state: Path, name: str) -> Path:
    return state / "run" / f"{name}.pid"


def _known(state: Path, name: str) -> tuple[int, str]:
    try:
        pid, started = _file(state, name).read_text(encoding="utf-8").split()
        return int(pid), started
    except (OSError, ValueError):
        return 0, ""


def _started(pid: int) -> str:
    """When a living process began, in the kernel's ticks; empty if there is none or it has ended unburied."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]
