"""Canaries in every part of every return that partners fill are found nowhere except in the partner's own files.

The test searches every table and view of the warehouse, staging during and after the check, the log at debug level,
the server's log, letters as sent, the results of the steps, and every file in the state folder except the partner's own
(the inbox, the landing and the encrypted marked workbooks). ``tests/dags/test_canaries.py`` searches Airflow and
everything made for readers.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from sia.calendar import Quarter
from sia.contract.model import contract, contracts
from sia.feedback.reminders import queue_reminders
from sia.feedback.reply import reply_to_submission
from sia.intake import admit, stage
from sia.quality.validate import validate
from sia.storage.folders import inbox_folder, landing_folder
from sia.warehouse.load import load
from tests.canaries import (
    STAGING_TABLES,
    canaries_in,
    server_log,
    text_of,
    texts_in,
    whole_database,
    workbook_with_canaries,
    workbook_with_canary_in_cell,
    workbook_with_unread_canaries,
)
from tests.conftest import Warehouse
from tests.submissions import attached_workbook, query
from tests.workbooks import QUARTER, as_bytes, put

BY_HAND = [name for name, contract in contracts().items() if contract.is_template_return]


@pytest.mark.parametrize("name", BY_HAND)
def test_canaries_are_found_nowhere(
    warehouse: Warehouse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    name: str,
) -> None:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    agreed, connection = contract(name), warehouse.connection
    folder = [next(iter(agreed.senders))]
    files = {
        "Florence Nightingale CANARYNAME.xlsx": as_bytes(workbook_with_canaries(agreed)),
        "Nightingale 1985-03-12.xlsx": as_bytes(
            workbook_with_canary_in_cell(agreed, "Florence Nightingale 1985-03-12")
        ),
        "another for Nightingale.xlsx": as_bytes(workbook_with_canary_in_cell(agreed, "Nightingale")),
        "a fourth for Nightingale.xlsx": as_bytes(workbook_with_unread_canaries(agreed)),
    }
    answers: list[Any] = []
    texts: dict[str, str] = {}
    with caplog.at_level(logging.DEBUG):
        for n, (file_name, content) in enumerate(files.items(), 1):
            put(tmp_path / "inbox", file_name, content, *folder, f"received-2021-07-0{n}", return_name=name)
            (number,) = admit.receive(connection, agreed, Quarter.parse(QUARTER), inbox_folder(), landing_folder())
            stage.stage(connection, number)
            if file_name.startswith("Florence"):
                texts["the warehouse with the return in staging"] = whole_database(connection)
            answers += [number, validate(connection, number), load(connection, number)]
            connection.rollback()
            answers.append(reply_to_submission(connection, number))
        answers.append(queue_reminders(connection, Quarter.parse(QUARTER).due(agreed.due_working_days)))
    statuses = query(connection, "SELECT status FROM intake.submission ORDER BY submission_id")
    assert statuses == [("accepted",), ("refused",), ("refused",), ("refused",)]
    assert {rule for (rule,) in query(connection, "SELECT DISTINCT rule_id FROM quality.finding")} >= {
        "INT-HEADING-02", "INT-HEADING-04", "INT-PERSONAL-01", "INT-PERSONAL-03", "INT-PERSONAL-07",
    }  # fmt: skip
    assert query(connection, STAGING_TABLES) == []
    # What looks like personal data is not mailed back: that return's workbook is a list, and no copy of it.
    workbooks = [
        attached_workbook(tmp_path, place) for (place,) in query(connection, "SELECT workbook FROM feedback.reply")
    ]
    assert [bool(canaries_in(text_of(workbook))) for workbook in workbooks] == [True, False, True, False]
    texts["the warehouse"] = whole_database(connection)
    texts["the log"] = caplog.text
    texts["what was printed"] = "".join(capfd.readouterr())
    texts["the answers of the steps"] = repr(answers)
    texts["the server's log"] = server_log(connection)
    # The sender chose the file's name in the inbox. An accepted file is in the landing as we received it.
    texts |= {what: text for what, text in texts_in(tmp_path, "inbox", "landing").items() if " inbox/" not in what}
    for path in tmp_path.rglob("*.age"):
        texts[f"the encrypted file {path.name}"] = text_of(path.read_bytes())
    assert {what: canaries for what, text in texts.items() if (canaries := canaries_in(text))} == {}
    assert sum(1 for path in (tmp_path / "landing").rglob("*.age")) == 3
    assert sum(1 for path in (tmp_path / "feedback").rglob("*.age")) == 4


def test_the_search_finds_a_canary(warehouse: Warehouse) -> None:
    """A search that never finds anything would prove nothing."""
    with warehouse.connection, warehouse.connection.cursor() as cursor:
        cursor.execute("UPDATE warehouse.dim_source SET source_name = 'x canaryname x' WHERE source = 'odas'")
    assert canaries_in(whole_database(warehouse.connection)) == ["CANARYNAME"]
