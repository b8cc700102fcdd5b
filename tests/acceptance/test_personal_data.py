"""Canaries: made-up names and numbers planted in every place of every return that is filled by hand are found nowhere.

Looked through: every table and view of the warehouse, staging while a return is checked, the log at its most talkative,
the server's log, letters as they are mailed, the answers of the steps, and every file of the state folder but the
partner's own (the inbox, the landing, and the marked workbooks that go back).
"""

from __future__ import annotations

import io
import logging
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from psycopg2 import sql

from sia import feedback
from sia.calendar import Quarter
from sia.contract.model import Contract, contract, contracts
from sia.feedback.chase import chase
from sia.intake import admit, landing, stage
from sia.quality.validate import validate
from sia.warehouse.load import load
from tests.conftest import Warehouse
from tests.filled import QUARTER, as_bytes, filled, put
from tests.handed_in import query

BY_HAND = [name for name, each in contracts().items() if each.by_hand]


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
        "Florence Nightingale CANARYNAME.xlsx": as_bytes(planted(agreed)),
        "Nightingale 1985-03-12.xlsx": as_bytes(with_text(agreed, "Florence Nightingale 1985-03-12")),
        "another for Nightingale.xlsx": as_bytes(with_text(agreed, "Nightingale")),
    }
    answers: list[Any] = []
    texts: dict[str, str] = {}
    with caplog.at_level(logging.DEBUG):
        for n, (file_name, content) in enumerate(files.items(), 1):
            put(tmp_path / "inbox", file_name, content, *folder, f"received-2021-07-0{n}", return_name=name)
            (number,) = admit.receive(connection, agreed, Quarter.parse(QUARTER), landing.inbox(), landing.landing())
            stage.stage(connection, number)
            if file_name.startswith("Florence"):
                texts["the warehouse with the return in staging"] = whole_warehouse(warehouse)
            answers += [number, validate(connection, number), load(connection, number)]
            connection.rollback()
            answers.append(feedback.after_decision(connection, number))
        answers.append(chase(connection, Quarter.parse(QUARTER).due(agreed.due_working_days)))
    found = query(connection, "SELECT status FROM intake.submission ORDER BY submission_id")
    assert found == [("accepted",), ("refused",), ("refused",)]
    assert {rule for (rule,) in query(connection, "SELECT DISTINCT rule_id FROM quality.finding")} >= {
        "INT-HEADING-02", "INT-HEADING-04", "INT-PERSONAL-01",
    }  # fmt: skip
    # What looks like personal data is not mailed back, so there is no marked workbook of that return.
    kept = list((tmp_path / "feedback").rglob("*.xlsx"))
    assert len(kept) == 3
    texts["the warehouse"] = whole_warehouse(warehouse)
    texts["the log"] = caplog.text
    texts["what was printed"] = "".join(capfd.readouterr())
    texts["the answers of the steps"] = repr(answers)
    log = Path(query(connection, "SHOW data_directory")[0][0]).parent / "server.log"
    texts["the server's log"] = log.read_text(encoding="utf-8", errors="replace")
    for path in tmp_path.rglob("*"):
        place = path.relative_to(tmp_path)
        if place.parts[0] != "inbox":
            texts[f"the name {place}"] = place.name
        # What was accepted lies in the landing as it came; what was refused is sealed.
        if path.is_file() and (place.parts[0] not in ("inbox", "feedback", "landing") or path.suffix == ".sealed"):
            texts[f"the file {place}"] = path.read_bytes().decode("latin-1")
    assert {what: found for what, text in texts.items() if (found := hits(text))} == {}
    assert sum(1 for path in tmp_path.rglob("*.sealed")) == 2


def test_the_search_finds_what_is_there(warehouse: Warehouse) -> None:
    """A search that never finds anything would prove nothing."""
    with warehouse.connection, warehouse.connection.cursor() as cursor:
        cursor.execute("UPDATE warehouse.dim_source SET source_name = 'x canaryname x' WHERE source = 'odas'")
    assert hits(whole_warehouse(warehouse)) == ["CANARYNAME"]
