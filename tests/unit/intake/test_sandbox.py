"""What a process that opens a file may do: little, and for a short time."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sia.contract.model import Severity
from sia.finding import Finding
from sia.intake import sandbox
from sia.intake.rejection import FileRejected, make_finding
from sia.intake.sandbox import LimitExceededError, ProcessKilledError, ResourceLimits, SandboxError
from sia.personal_data import personal_data_in


def test_a_result_comes_back_whole() -> None:
    finding = make_finding("INT-READ-01", formats="an Excel workbook (.xlsx)")
    assert finding.severity is Severity.CRITICAL
    result = ([finding] * 10_000, {"A": None, "B": [1, 2.5, b"x"]})
    assert sandbox.run(lambda: result) == result


def test_a_rejection_comes_back_with_its_findings() -> None:
    def reject() -> None:
        raise FileRejected(make_finding("INT-SIZE-02"))

    with pytest.raises(FileRejected) as rejected:
        sandbox.run(reject)
    assert isinstance(rejected.value.findings[0], Finding)


def open_files() -> set[str]:
    """The numbers of this process's open files."""
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def burn() -> None:
    while True:
        pass


@pytest.mark.parametrize(
    ("work", "limits"),
    [
        (lambda: len(bytearray(2_000 * sandbox.MEGABYTE)), ResourceLimits()),
        (burn, ResourceLimits(processor_seconds=1)),
        (lambda: time.sleep(60), ResourceLimits(seconds=1)),
        (lambda: os._exit(0), ResourceLimits()),
    ],
    ids=["memory", "processor", "time", "ended without an answer"],
)
def test_what_exceeds_its_limits_ends_without_harm(work: Callable[[], Any], limits: ResourceLimits) -> None:
    before = open_files()
    with pytest.raises(LimitExceededError):
        sandbox.run(work, limits)
    assert open_files() == before


def test_a_process_that_is_killed_within_its_limits_is_tried_again() -> None:
    """The kernel does so when the machine has no memory left. Tasks try again after an OSError."""
    with pytest.raises(ProcessKilledError) as killed:
        sandbox.run(lambda: os.kill(os.getpid(), signal.SIGKILL))
    assert isinstance(killed.value, OSError)


def test_our_own_error_names_its_lines_and_no_value() -> None:
    def fail() -> None:
        raise KeyError("Jane Canary")

    with pytest.raises(SandboxError, match=r"^KeyError at .*test_sandbox.py:\d+$"):
        sandbox.run(fail)


def test_it_writes_no_file_and_knows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIA_WAREHOUSE_URL", "postgresql://canary")

    def write() -> None:
        (tmp_path / "x").write_text("x", encoding="utf-8")

    with pytest.raises((SandboxError, LimitExceededError)):
        sandbox.run(write)
    assert sandbox.run(lambda: dict(os.environ)) == {}
    # The pipe for the answer, the folder that lists them, and streams that lead nowhere.
    assert len(sandbox.run(open_files)) <= 6


def test_it_reaches_no_network() -> None:
    network = Path("/proc/self/ns/net")
    if sandbox.run(lambda: str(network.readlink())) == str(network.readlink()):
        pytest.skip("this kernel lets nobody have a user namespace")
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        with pytest.raises(SandboxError, match=r"^(OSError|ConnectionRefusedError) at"):
            sandbox.run(lambda: socket.create_connection(address, timeout=2).close())


def test_an_answer_cannot_run_code() -> None:
    class Harmful:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.system, ("true",)

    with pytest.raises(SandboxError, match="the answer is not one"):
        sandbox.run(Harmful)


def test_a_long_text_is_searched_for_personal_data_in_proportion_to_its_length() -> None:
    """A search that grows with the square of the length would take an hour of a processor."""
    for text in ("A" * 3_000_000, "a@" * 1_000_000, "Aa " * 1_000_000, "07 " * 1_000_000):
        sandbox.run(lambda text=text: personal_data_in(text), ResourceLimits(processor_seconds=10))  # type: ignore[misc]
