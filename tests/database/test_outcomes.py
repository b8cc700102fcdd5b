"""The outcomes of crimes: each is matched to its offence once, by Crime ID, and those without a crime are shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from sia.warehouse import invariants
from sia.warehouse.load import load
from tests.conftest import Warehouse
from tests.staged import Row, good_rows, stage_rows

QUARTER = "2021-22Q4"
CRIME, _ = good_rows("tvp_crime", "street")
(OUTCOME,) = good_rows("tvp_outcomes", "outcomes")


def identity(number: int) -> str:
    return f"{number:064x}"


def crime(number: int, crime_type: str, month: str = "2022-01") -> Row:
    return {**CRIME, "crime_id": identity(number), "crime_type": crime_type, "month": month}


def outcome(number: int, outcome_type: str, **more: str | None) -> Row:
    return {**OUTCOME, "crime_id": identity(number), "outcome_type": outcome_type, **more}


def take(connection: Connection, return_name: str, table: str, rows: list[Row]) -> None:
    submission_id = stage_rows(connection, return_name, {table: rows}, quarter=QUARTER)
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE intake.submission SET status = 'validated' WHERE submission_id = %s", (submission_id,))
    assert load(connection, submission_id)


def ask(connection: Connection, question: str) -> list[tuple[Any, ...]]:
    with connection, connection.cursor() as cursor:
        cursor.execute(question)
        return list(cursor.fetchall())


@pytest.fixture(scope="module")
def loaded(warehouse_of_module: Warehouse) -> Connection:
    connection = warehouse_of_module.connection
    take(
        connection,
        "tvp_crime",
        "street",
        [
            crime(1, "Burglary"),
            crime(2, "Burglary"),
            # A repeated Crime ID: the newest crime gives the offence, and the outcome counts once.
            crime(3, "Drugs", "2021-12"),
            crime(3, "Robbery"),
        ],
    )
    take(
        connection,
        "tvp_outcomes",
        "outcomes",
        [
            outcome(1, "Suspect charged"),
            outcome(2, "Unable to prosecute suspect"),
            # Two offenders: two identical rows are two outcomes.
            outcome(2, "Unable to prosecute suspect"),
            outcome(3, "Suspect charged"),
            outcome(9, "Suspect charged"),
            outcome(8, "Suspect charged", lsoa_code=None, lsoa_name=None, longitude=None, latitude=None),
        ],
    )
    return connection


def test_each_outcome_counts_once_under_its_offence(loaded: Connection) -> None:
    outcomes = ask(
        loaded,
        "SELECT area_code, offence_name, outcome_name, outcomes, outcomes_of_offence, round(share_percent, 1),"
        " round(unmatched_percent, 1), small_number FROM marts.outcome_by_offence"
        " ORDER BY area_code, offence_code NULLS LAST, outcome_code",
    )
    oxford = ("E07000178",)
    assert outcomes == [
        (*oxford, "Burglary", "Suspect charged", 1, 3, Decimal("33.3"), Decimal("20.0"), True),
        (*oxford, "Burglary", "Unable to prosecute suspect", 2, 3, Decimal("66.7"), Decimal("20.0"), True),
        (*oxford, "Robbery", "Suspect charged", 1, 1, Decimal("100.0"), Decimal("20.0"), True),
        (*oxford, None, "Suspect charged", 1, 1, Decimal("100.0"), Decimal("20.0"), True),
        ("NO-LOCATION", None, "Suspect charged", 1, 1, Decimal("100.0"), Decimal("100.0"), True),
    ]


def test_outcomes_count_in_their_district_and_a_district_without_one_counts_zero(loaded: Connection) -> None:
    counted = ask(
        loaded,
        "SELECT area_code, value FROM marts.component_total_today WHERE component = 'all_outcomes'"
        " ORDER BY value DESC, area_code",
    )
    assert counted[:2] == [("E07000178", 5), ("NO-LOCATION", 1)]
    assert {amount for _, amount in counted[2:]} == {0}
    assert len(counted) == 7
    assert [broken.check for broken in invariants.run(loaded)] == []


def test_outcomes_are_not_on_the_scorecard(loaded: Connection) -> None:
    assert ask(loaded, "SELECT count(*) FROM marts.dim_measure WHERE return_name = 'tvp_outcomes'") == [(0,)]
