"""Services that keep running after the command that started them: each has its own process group and a PID file."""

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

STOP_TIMEOUT_SECONDS = 30


def start(state: Path, name: str, arguments: list[str], environment: dict[str, str]) -> None:
    """Start Python with these arguments as a service. Its output goes to ``<state>/log/<name>.log``."""
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
    # Also the start time, because the number may later belong to another process.
    file.write_text(f"{process.pid} {_start_time(process.pid)}\n", encoding="utf-8")


def running(state: Path) -> list[str]:
    """The names of the services that are running."""
    return [name for name in started(state) if is_running(state, name)]


def started(state: Path) -> list[str]:
    """The names of the services that were started and not stopped, including those that have crashed."""
    return sorted(file.stem for file in (state / "run").glob("*.pid"))


def is_running(state: Path, name: str) -> bool:
    """Whether a service is running. The number of an earlier process in the file does not count."""
    pid, start_time = _recorded(state, name)
    return bool(pid) and _start_time(pid) == start_time


def stop(state: Path, names: Iterable[str]) -> None:
    """Stop services with all their children, one after the other: first SIGTERM, then SIGKILL.

    The last that started stops first, because a service waits for answers from those that started before it.
    """
    for name in sorted(names, key=lambda name: _recorded(state, name)[1].zfill(20), reverse=True):
        if is_running(state, name):
            os.killpg(_recorded(state, name)[0], signal.SIGTERM)
        until = time.monotonic() + STOP_TIMEOUT_SECONDS
        while time.monotonic() < until and is_running(state, name):
            time.sleep(0.1)
        pid, start_time = _recorded(state, name)
        # A group exists as long as one of its processes, even if its leader was killed. Until then, the kernel does not
        # reuse the leader's number. If another process has that number, the group has ended.
        if pid and _start_time(pid) in {"", start_time}:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        _file(state, name).unlink(missing_ok=True)


def _file(state: Path, name: str) -> Path:
    return state / "run" / f"{name}.pid"


def _recorded(state: Path, name: str) -> tuple[int, str]:
    try:
        pid, start_time = _file(state, name).read_text(encoding="utf-8").split()
        return int(pid), start_time
    except (OSError, ValueError):
        return 0, ""


def _start_time(pid: int) -> str:
    """When a process started, in the kernel's ticks since boot; empty if it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]
