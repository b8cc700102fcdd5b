"""The draft from a warehouse with a few synthetic component totals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook
from psycopg2.extensions import connection as Connection

from sia.calendar import Quarter, quarters_between
from sia.release.draft import draft, read
from sia.scorecard.registry import QUARTER_NUMBER, RATE
from sia.scorecard.return_status import ReturnStatus
from sia.scorecard.scorecard import Scorecard
from tests.conftest import Warehouse

QUARTER = Quarter(2021, 4)
DISTRICTS = ("E07000177", "E07000178", "E07000179", "E07000180", "E07000181")


def submission(connection: Connection, return_name: str, source: str, quarter: Quarter, status: str, day: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO intake.submission (receipt, return_name, source, quarter_key, file_name, landed_as, "
            "content_hash, size_bytes, received_at, synthetic, status, decided_at) "
            "VALUES (gen_random_uuid(), %s, %s, %s, 'f', 'l', "
            "encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 1, %s, true, %s, %s) RETURNING submission_id",
            (
                return_name,
                source,
                quarter.key,
                f"{day} 09:00",
                status,
                f"{day} 09:01" if status != "received" else None,
            ),
        )
        return cursor.fetchone()[0]  # type: ignore[index, no-any-return]


def add_version(
    connection: Connection, submission_id: int, starts_on: Any, ends_on: Any, amounts: dict[str, dict[str, int]]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO warehouse.return_version (return_name, source, submission_id, period, known_during,"
            " synthetic) "
            "SELECT return_name, source, submission_id, daterange(%s, %s, '[]'), tstzrange(received_at, NULL), true "
            "FROM intake.submission WHERE submission_id = %s RETURNING return_version_id",
            (starts_on, ends_on, submission_id),
        )
        return_version_id = cursor.fetchone()[0]  # type: ignore[index]
        for component, by_area in amounts.items():
            for area, amount in by_area.items():
                cursor.execute(
                    "INSERT INTO marts.component_total (return_version_id, area_code, starts_on, component, value) "
                    "VALUES (%s, %s, %s, %s, %s)",
                    (return_version_id, area, starts_on, component, amount),
                )


@pytest.fixture
def filled(warehouse: Warehouse) -> Connection:
    """Sanctuary referrals: 1 in each district in the first quarter, 2 in the next, … 8. A refused mediation return."""
    connection = warehouse.connection
    for number, quarter in enumerate(quarters_between(QUARTER.plus(-7), QUARTER), start=1):
        sent = submission(connection, "sanctuary", "sanctuary_contractor", quarter, "accepted", "2022-04-20")
        add_version(connection, sent, quarter.start, quarter.end, {"referrals": dict.fromkeys(DISTRICTS, number)})
    refused = submission(connection, "mediation", "mediation_bucks", QUARTER, "refused", "2022-04-25")
    with connection.cursor() as cursor:
        for _ in range(2):
            cursor.execute(
                "INSERT INTO quality.finding (submission_id, rule_id, message) "
                "SELECT %s, rule_id, message FROM quality.rule WHERE rule_id = 'MED-FEE-01'",
                (refused,),
            )
    connection.commit()
    return connection


def by_return(scorecard: Scorecard) -> dict[str, ReturnStatus]:
    """The status of each return that has one sender."""
    return {state.return_name: state for state in scorecard.returns}


def test_a_draft_shows_the_figures_of_the_warehouse(filled: Connection, tmp_path: Path) -> None:
    result = draft(filled, QUARTER, tmp_path / "drafts")
    assert result.changed
    assert sorted(path.name for path in (tmp_path / "drafts").iterdir()) == [
        f"scorecard-2021-22Q4.{suffix}" for suffix in ("csv", "html", "xlsx")
    ]
    data = pd.read_csv(result.data, dtype="str", keep_default_na=False).set_index(["measure_id", "area"])
    row = data.loc[("sanctuary_referrals", "South and Vale CSP")]
    # By hand: two districts of 8; last year 4 each; 5+6+7+8 = 26 each in the year and 1+2+3+4 = 10 in the year before.
    assert (row["quarter_number"], row["last_year_number"], row["change"]) == ("16", "8", "8")
    assert (row["year_figure"], row["year_before_figure"], row["year_change"]) == ("52", "20", "32")
    assert data.loc[("sanctuary_referrals", "Oxfordshire"), "quarter_number"] == "40"
    assert data.loc[("mediation_offered", "Oxfordshire"), "quarter_number"] == "[x]"
    assert data.loc[("all_recorded_crime", "Oxfordshire"), "quarter_status"] == "not_received"
    assert (result.reported, result.summary()["reported"]) == (1, 1)
    assert result.unreported > 50


def test_a_second_draft_changes_nothing_and_a_restatement_does(filled: Connection, tmp_path: Path) -> None:
    first = draft(filled, QUARTER, tmp_path)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    again = draft(filled, QUARTER, tmp_path)
    assert not again.changed
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == times
    assert again.summary() == first.summary() | {"changed": False}
    with filled.cursor() as cursor:
        cursor.execute("UPDATE marts.component_total SET value = 9 WHERE value = 8 AND area_code = 'E07000177'")
    filled.commit()
    assert draft(filled, QUARTER, tmp_path).changed


def test_a_refused_return_is_listed_once_with_its_reasons(filled: Connection) -> None:
    returns = by_return(read(filled, QUARTER))
    mediation = returns["mediation"]
    assert mediation.state == "refused"
    assert len(mediation.reasons) == 1
    assert "Fee is empty" in mediation.reasons[0]
    assert returns["sanctuary"].state == "accepted"
    assert (returns["odas"].state, returns["odas"].received_on) == ("not_received", None)


def test_a_refused_correction_leaves_the_current_figures(filled: Connection) -> None:
    submission(filled, "sanctuary", "sanctuary_contractor", QUARTER, "refused", "2022-05-02")
    filled.commit()
    card = read(filled, QUARTER)
    assert by_return(card)["sanctuary"].state == "accepted"
    assert str(card.as_of) == "2022-05-02"


def test_months_that_are_missing_make_a_return_incomplete(filled: Connection) -> None:
    sent = submission(filled, "tvp_crime", "thames_valley_police", QUARTER, "accepted", "2022-04-20")
    add_version(filled, sent, "2022-01-01", "2022-01-31", {"all_records": dict.fromkeys(DISTRICTS, 100)})
    filled.commit()
    card = read(filled, QUARTER)
    assert by_return(card)["tvp_crime"].state == "partial"
    county = card.line("street_records", "E10000025")
    assert (county.quarter_status, county.value(QUARTER_NUMBER)) == ("incomplete", 500)
    assert county.value(RATE) is None


def test_a_quarter_without_returns_has_a_draft(warehouse: Warehouse, tmp_path: Path) -> None:
    result = draft(warehouse.connection, QUARTER, tmp_path)
    assert result.reported == 0
    assert "Missing from this scorecard" in result.page.read_text(encoding="utf-8")
    assert load_workbook(result.workbook).sheetnames == ["Cover", "Contents", "Notes", "Returns", "Without figures"]


def test_a_quarterly_return_version_is_complete_with_monthly_figures(filled: Connection) -> None:
    sent = submission(filled, "tvp_counts", "thames_valley_police", QUARTER, "accepted", "2022-04-22")
    add_version(filled, sent, QUARTER.start, QUARTER.end, {"robbery": dict.fromkeys(DISTRICTS, 3)})
    filled.commit()
    assert by_return(read(filled, QUARTER))["tvp_counts"].state == "accepted"
