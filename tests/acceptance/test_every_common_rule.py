"""Every common rule finds the files that break it, where they break it, and no other rule does."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from sia.calendar import Quarter
from sia.contract import common_rules
from sia.contract.model import Severity, contract
from sia.intake import admit, stage
from tests.broken_files import FILES, BrokenFile
from tests.conftest import Warehouse
from tests.staged import StoredFinding, findings
from tests.submissions import query
from tests.workbooks import put

CASES = [
    pytest.param(rule_id, file, id=f"{rule_id}-{number}")
    for rule_id, files in FILES.items()
    for number, file in enumerate(files, 1)
]


def test_every_common_rule_has_a_file_that_breaks_it() -> None:
    # Files that ask for too much take seconds each: they have a test of their own, test_hostile_files. Files that are
    # compared with earlier ones are in test_questioned_figures, and those with a name that was decided on the desk in
    # test_published_tables.
    compared = {rule.id for rule in common_rules.rules().values() if rule.is_question}
    elsewhere = {"INT-READ-01", "INT-REVISED-01", "INT-AREA-01", "INT-AREA-02"}
    assert {*FILES, *elsewhere, *compared} == set(common_rules.rules())
    assert all(FILES.values())


@pytest.mark.parametrize(("rule_id", "file"), CASES)
def test_a_rule_finds_the_file_that_breaks_it_and_no_other_rule_does(
    warehouse_of_module: Warehouse, tmp_path: Path, caplog: pytest.LogCaptureFixture, rule_id: str, file: BrokenFile
) -> None:
    connection, quarter = warehouse_of_module.connection, Quarter.parse(file.quarter)
    with connection, connection.cursor() as cursor:
        # The same bytes under another name would be the file that was received before.
        cursor.execute("TRUNCATE intake.submission, intake.inbox_file CASCADE")
    put(tmp_path / "inbox", file.name, file.make(), *file.folders, return_name=file.return_name, quarter=file.quarter)
    with caplog.at_level(logging.DEBUG):
        for number in admit.receive(
            connection, contract(file.return_name), quarter, tmp_path / "inbox", tmp_path / "landing"
        ):
            stage.stage(connection, number, tmp_path / "landing")

    ((number, status, is_decided),) = query(
        connection, "SELECT submission_id, status, decided_at IS NOT NULL FROM intake.submission"
    )
    assert findings(connection, number) == [StoredFinding(rule_id, *file.place)]
    is_refused = common_rules.rules()[rule_id].severity is Severity.CRITICAL
    assert (status, is_decided) == (("refused", True) if is_refused else ("staged", False))
    ((message,),) = query(connection, "SELECT message FROM quality.finding")
    assert "{" not in message
    assert "Canary" not in message + caplog.text
    if is_refused:
        assert (
            query(
                connection, "SELECT 1 FROM pg_tables WHERE schemaname = 'staging' AND tablename ~ %s", (f"_{number}$",)
            )
            == []
        )
        assert query(connection, "SELECT 1 FROM intake.staged_file") == []
        assert (
            query(
                connection,
                "SELECT 1 FROM quality.row_reconciliation WHERE rows_staged > 0 OR rows_refused <> rows_read",
            )
            == []
        )
