"""The processes that check returns: typed results, a timeout, and a process that is used again."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from sia.intake.identify import Details
from sia.pages import check_worker
from sia.pages.check_worker import CheckFailure, CheckWorkers


@pytest.fixture
def unknown(tmp_path: Path) -> Path:
    path = tmp_path / "return.xlsx"
    path.write_bytes(b"not a workbook")
    return path


def check(workers: CheckWorkers, path: Path, details: Details) -> Any:
    return asyncio.run(workers.check(path, details, path.parent / "check"))


def test_an_unidentified_file_is_a_result_and_not_an_error(unknown: Path) -> None:
    assert check(CheckWorkers(), unknown, Details()) == CheckFailure(is_unidentified=True)


def test_only_the_type_of_an_error_leaves_the_process(unknown: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing answers on that port; what PostgreSQL says about it stays in the process."""
    monkeypatch.setenv("SIA_WAREHOUSE_URL", "postgresql://u:p@127.0.0.1:9/none")
    known = Details("odas", "2021-22Q4")
    assert check(CheckWorkers(), unknown, known) == CheckFailure(error="OperationalError")


def test_a_check_that_takes_too_long_ends_its_process_and_the_next_gets_another(
    unknown: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers = CheckWorkers()
    monkeypatch.setattr(check_worker, "TIMEOUT_SECONDS", 0.001)
    assert check(workers, unknown, Details()) == CheckFailure(timed_out=True)
    monkeypatch.undo()
    assert check(workers, unknown, Details()).is_unidentified


def test_a_process_is_used_again(unknown: Path) -> None:
    workers = CheckWorkers()
    check(workers, unknown, Details())
    (pool,) = workers._idle
    first = pool.submit(os.getpid).result()
    check(workers, unknown, Details())
    assert workers._idle == [pool]
    assert pool.submit(os.getpid).result() == first
