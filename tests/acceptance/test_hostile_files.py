"""A small file that asks for too much gets a refusal with what to do, within seconds and within bounds of memory."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.intake import admit, sandbox, stage
from sia.storage.folders import landing_folder
from tests.conftest import Warehouse
from tests.hostile_files import HOSTILE
from tests.staged import findings, status
from tests.workbooks import QUARTER, put


def processor_seconds() -> float:
    """Of this process and those it has waited for."""
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    put(tmp_path / "inbox", f"return.{name.rpartition('.')[2]}", HOSTILE[name](), "received-2021-07-20")
    before = processor_seconds()
    connection = warehouse.connection
    for number in admit.receive(
        connection, contract("sanctuary"), Quarter.parse(QUARTER), tmp_path / "inbox", landing_folder()
    ):
        stage.stage(connection, number)
    # A file is opened once when it is received and once when it is staged.
    assert processor_seconds() - before < 2 * (sandbox.RETURN.processor_seconds + 1)
    assert status(connection, 1) == "refused"
    assert findings(connection, 1)[0].rule_id in {"INT-READ-01", "INT-MERGED-02"}
