"""Loading keeps the history, and loading the same submission twice changes nothing."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import psycopg2
import pytest
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from sia.calendar import LONDON, Quarter
from sia.contract.model import contract
from sia.intake.outcomes import outcomes
from sia.warehouse import invariants, staging_tables
from sia.warehouse import load as load_module
from sia.warehouse.load import load
from tests.conftest import Warehouse

SANCTUARY = contract("sanctuary")


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=LONDON)


def submit(connection: Connection, received: str, jobs: list[tuple[str, ...]], quarter: str = "2018-19Q4") -> int:
    """A validated sanctuary submission with these jobs and no camera, in the state after validation."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO intake.submission (receipt, return_name, source, quarter_key, file_name, landed_as,"
            " content_hash, size_bytes, received_at, synthetic, status) VALUES (%s, 'sanctuary',"
            " 'sanctuary_contractor',"
            " %s, 'x.xlsx', 'x', encode(sha256(%s::bytea), 'hex'), 1, %s, true, 'validated') RETURNING submission_id",
            (received, quarter, received.encode(), at(received)),
        )
        submission_id: int = cursor.fetchone()[0]  # type: ignore[index]
        for table in SANCTUARY.tables:
            staging_tables.create_staging(connection, SANCTUARY, table, submission_id)
            rows = jobs if table.name == "jobs" else []
            name = sql.Identifier("staging", staging_tables.staging_table(SANCTUARY, table, submission_id))
            for number, row in enumerate(rows, start=5):
                cursor.execute(sql.SQL("INSERT INTO {} VALUES %s").format(name), ((number, *row),))
            cursor.execute(
                "INSERT INTO quality.row_reconciliation (submission_id, table_name, rows_read, rows_staged)"
                " VALUES (%s, %s, %s, %s)",
                (submission_id, table.name, len(rows), len(rows)),
            )
    connection.commit()
    return submission_id


def job(number: int, district: str = "Vale of White Horse", cost: str = "86.50") -> tuple[str, ...]:
    return (
        f"SAN-2019-{number:04d}", district, "2019-01-15", "Burglary", "Yes", "31/01/2019", "Yes", "No", "No", cost
    )  # fmt: skip


def known(connection: Connection, measure: str, day: str, area: str = "CSP-SOUTH-VALE") -> Decimal | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT numerator FROM marts.observation_known_at(%s) WHERE measure_id = %s AND area_code = %s",
            (at(day), measure, area),
        )
        row = cursor.fetchone()
        return row and row[0]


def test_a_restatement_keeps_both_figures_with_their_known_time(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    assert load(connection, submit(connection, "2019-04-23", [job(n) for n in range(49)]))
    assert load(connection, submit(connection, "2020-08-10", [job(n) for n in range(55)]))
    assert known(connection, "sanctuary_referrals", "2019-04-22") is None
    assert known(connection, "sanctuary_referrals", "2019-06-18") == 49
    assert known(connection, "sanctuary_referrals", "2020-09-08") == 55
    assert invariants.run(connection) == []


def test_an_old_return_that_is_loaded_late_gets_its_place_in_the_history(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    load(connection, submit(connection, "2020-08-10", [job(n) for n in range(55)]))
    load(connection, submit(connection, "2019-04-23", [job(n) for n in range(49)]))
    load(connection, submit(connection, "2019-12-01", [job(n) for n in range(51)]))
    answers = [known(connection, "sanctuary_referrals", day) for day in ("2019-06-18", "2020-01-01", "2020-09-08")]
    assert answers == [49, 51, 55]
    assert invariants.run(connection) == []


def test_loading_again_changes_nothing(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    submission_id = submit(connection, "2019-04-23", [job(1)])
    assert load(connection, submission_id)
    assert not load(connection, submission_id)
    assert known(connection, "sanctuary_referrals", "2019-06-18") == 1
    outcome = outcomes(connection, "sanctuary", "2018-19Q4")
    assert [(row["status"], row["rows_loaded"], row["quarters_loaded"]) for row in outcome] == [
        ("accepted", 1, ["2018-19Q4"])
    ]


def test_a_return_without_a_row_for_a_district_counts_zero_there(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    load(connection, submit(connection, "2019-04-23", [job(1)]))
    assert known(connection, "sanctuary_referrals", "2019-06-18", "E07000178") == 0
    assert known(connection, "new_contacts", "2019-06-18", "E07000178") is None


def test_costs_are_summed_unrounded_and_shared_between_districts_and_partnership(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    load(
        connection,
        submit(
            connection,
            "2019-04-23",
            [job(1, cost="85.33"), job(2, "South Oxfordshire", "86.18"), job(3, "Oxford", "1.00")],
        ),
    )
    assert known(connection, "security_works_spend", "2019-06-18") == Decimal("171.51")
    assert known(connection, "security_works_spend", "2019-06-18", "E10000025") == Decimal("172.51")


def test_an_error_in_one_row_stops_the_whole_load(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    # Validation would refuse this duplicate. Here the constraint of the warehouse stops the whole load.
    submission_id = submit(connection, "2019-04-23", [job(1), job(2), job(1)])
    with pytest.raises(psycopg2.IntegrityError):
        load(connection, submission_id)
    connection.rollback()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM warehouse.return_version), (SELECT count(*) FROM warehouse.sanctuary_job)"
        )
        assert cursor.fetchone() == (0, 0)


def test_two_return_versions_cannot_be_current_at_once(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    submission_id = submit(connection, "2019-04-23", [job(1)])
    load(connection, submission_id)
    with connection.cursor() as cursor, pytest.raises(psycopg2.errors.ExclusionViolation):
        cursor.execute(
            "INSERT INTO warehouse.return_version (return_name, source, submission_id, period, known_during, synthetic)"
            " SELECT return_name, source, submission_id, period, '[2021-01-01,)', synthetic FROM"
            " warehouse.return_version"
        )


def test_a_monthly_return_version_covers_only_the_months_that_the_contract_covers(
    warehouse: Warehouse,
) -> None:
    monthly = contract("tvp_counts").model_copy(update={"version_period": "month", "begins": date(2021, 5, 1)})
    with warehouse.connection.cursor() as cursor:
        assert load_module._periods(cursor, monthly, Quarter(2021, 1), 1) == [
            (date(2021, 5, 1), date(2021, 5, 31)),
            (date(2021, 6, 1), date(2021, 6, 30)),
        ]
