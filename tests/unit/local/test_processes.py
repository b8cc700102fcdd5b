"""Later commands find services that keep running, and stop them with their children."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sia.local import processes

SLEEP = ["-c", "import time; time.sleep(60)"]


def wait_until(true: object, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.05)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    processes.stop(tmp_path, processes.running(tmp_path))


def test_a_service_is_found_again_and_stopped(state: Path) -> None:
    processes.start(state, "sleeper", SLEEP, dict(os.environ))
    assert processes.running(state) == ["sleeper"]
    processes.stop(state, ["sleeper"])
    assert processes.running(state) == []
    assert not (state / "run" / "sleeper.pid").exists()


def test_its_children_are_stopped_with_it(state: Path) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True); time.sleep(60)\n"
    )
    processes.start(state, "parent", ["-c", code], dict(os.environ))
    log = state / "log" / "parent.log"
    wait_until(lambda: log.read_text(encoding="utf-8").strip())
    child = int(log.read_text(encoding="utf-8"))
    processes.stop(state, ["parent"])
    wait_until(lambda: not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text())


def test_a_killed_service_does_not_count_as_running(state: Path) -> None:
    processes.start(state, "sleeper", SLEEP, dict(os.environ))
    pid = int((state / "run" / "sleeper.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not processes.is_running(state, "sleeper"))


def test_the_children_that_a_killed_service_left_are_stopped_when_it_starts_again(state: Path) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True); time.sleep(60)\n"
    )
    processes.start(state, "parent", ["-c", code], dict(os.environ))
    log = state / "log" / "parent.log"
    wait_until(lambda: log.read_text(encoding="utf-8").strip())
    child = int(log.read_text(encoding="utf-8"))
    os.kill(int((state / "run" / "parent.pid").read_text().split()[0]), signal.SIGKILL)
    wait_until(lambda: not processes.is_running(state, "parent"))
    assert Path(f"/proc/{child}").exists()
    processes.start(state, "parent", SLEEP, dict(os.environ))
    wait_until(lambda: not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text())


def test_a_number_that_now_belongs_to_another_process_is_left_alone(state: Path) -> None:
    (state / "run").mkdir()
    (state / "run" / "sleeper.pid").write_text(f"{os.getpid()} 12345\n")
    assert not processes.is_running(state, "sleeper")
    processes.stop(state, ["sleeper"])


@pytest.mark.parametrize("text", ["", "nonsense", "1"])
def test_a_half_written_number_is_not_a_service(state: Path, text: str) -> None:
    (state / "run").mkdir()
    (state / "run" / "sleeper.pid").write_text(text)
    assert processes.running(state) == []
