"""The trace from a figure to the rows behind it."""

from __future__ import annotations

import pytest
from psycopg2.extensions import connection as Connection
from psycopg2.extras import Json

from sia.contract.model import contracts, returns
from sia.contract.rules import compile_rules
from sia.warehouse import invariants
from sia.warehouse.load import load
from tests.conftest import Warehouse
from tests.database.test_as_known import ask
from tests.database.test_load import at, job, submit
from tests.staged import good_rows, stage_rows

FIGURE = ("sanctuary_referrals", "CSP-SOUTH-VALE", "2018-19Q4")
TRACE = "SELECT submission_id, table_name, sheet, rows::text, row_count, value FROM marts.trace(%s, %s, %s)"


def _execute(connection: Connection, statement: str, *parameters: object) -> None:
    with connection, connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def sheet_of(connection: Connection, submission_id: int, name: str = "Jobs") -> None:
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO intake.staged_file VALUES (%s, 'jobs', 1, %s, NULL, 5, 1000, 0, %s)",
            (submission_id, name, Json({"district": "B"})),
        )


def test_a_figure_leads_to_its_submission_sheet_and_rows(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    jobs = [job(1), job(2, "Oxford"), job(3), job(4, "South Oxfordshire")]
    submission_id = submit(connection, "2019-04-23", jobs)
    sheet_of(connection, submission_id)
    load(connection, submission_id)
    # Rows begin at 5. The second row is in Oxford, not in South and Vale.
    assert ask(connection, TRACE, *FIGURE) == [(submission_id, "jobs", "Jobs", "{[5,6),[7,9)}", 3, 3)]


def test_a_figure_as_known_earlier_leads_to_the_earlier_submission(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    first, second = (submit(connection, day, [job(n) for n in range(many)]) for day, many in
                     (("2019-04-23", 49), ("2020-08-10", 55)))  # fmt: skip
    load(connection, first)
    load(connection, second)
    known = "SELECT submission_id, row_count FROM marts.trace(%s, %s, %s, %s)"
    assert ask(connection, known, *FIGURE, at("2019-06-18")) == [(first, 49)]
    assert ask(connection, known, *FIGURE, at("2020-09-21")) == [(second, 55)]


def test_a_zero_leads_to_its_return(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    submission_id = submit(connection, "2019-04-23", [job(1, "Oxford")])
    load(connection, submission_id)
    assert ask(connection, TRACE, *FIGURE) == [(submission_id, None, None, "{}", 0, 0)]


def test_a_missing_return_has_no_trace(warehouse: Warehouse) -> None:
    assert ask(warehouse.connection, TRACE, *FIGURE) == []


def test_the_trace_lists_the_rules_that_the_rows_passed(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    load(connection, submit(connection, "2019-04-23", [job(1)]))
    ((rules,),) = ask(connection, "SELECT rules_checked FROM marts.trace(%s, %s, %s)", *FIGURE)
    sanctuary = contracts()["sanctuary"]
    assert {rule.id for rule in compile_rules(sanctuary, sanctuary.table("jobs"))} <= set(rules)
    assert not {rule.id for rule in compile_rules(sanctuary, sanctuary.table("cameras"))} & set(rules)
    assert any(rule.startswith("INT-") for rule in rules)


@pytest.mark.parametrize("return_name", list(returns()))
def test_the_rows_add_up_to_the_component_totals(warehouse: Warehouse, return_name: str) -> None:
    connection = warehouse.connection
    agreed = contracts()[return_name]
    submission_id = stage_rows(connection, return_name, {t.name: good_rows(return_name, t.name) for t in agreed.tables})
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE intake.submission SET status = 'validated' WHERE submission_id = %s", (submission_id,))
        cursor.execute("UPDATE intake.staged_file SET file_month = left(sheet, 7) WHERE file_month IS NOT NULL")
    assert load(connection, submission_id)
    totals = ask(
        connection,
        "SELECT t.component, t.area_code, t.value, coalesce(c.value, 0) FROM marts.component_total AS t FULL JOIN ("
        " SELECT return_version_id, component, area_code, starts_on, sum(value) AS value FROM warehouse.component_row"
        " GROUP BY return_version_id, component, area_code, starts_on) AS c"
        " USING (return_version_id, component, area_code, starts_on)",
    )
    assert totals
    assert [row for row in totals if row[2] != row[3]] == []
    assert "components_reconcile" not in {broken.check for broken in invariants.run(connection)}
    for component, area_code, *_ in totals[:1] + totals[-1:]:
        change = "UPDATE marts.component_total SET value = value + %s WHERE (component, area_code) = (%s, %s)"
        _execute(connection, change, 1, component, area_code)
        assert "components_reconcile" in {broken.check for broken in invariants.run(connection)}
        _execute(connection, change, -1, component, area_code)


def test_the_order_of_the_trace_is_numerator_first(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    load(connection, submit(connection, "2019-04-23", [job(1), job(2)]))
    ((mean,),) = ask(
        connection,
        "SELECT measure_id FROM marts.dim_measure WHERE (numerator, denominator) = ('works_cost', 'secured')",
    )
    parts = ask(connection, "SELECT part, value FROM marts.trace(%s, %s, %s)", mean, *FIGURE[1:])
    assert [part for part, _ in parts] == ["numerator", "denominator"]
    assert [float(amount) for _, amount in parts] == [173.0, 2.0]


def test_a_figure_from_several_submissions_leads_to_the_rows_of_each(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    figure = ("street_records", "E07000178", "2021-22Q4")
    ids = []
    for months in (("2022-01", "2022-02", "2022-02"), ("2022-03",), ("2022-02",)):
        rows = [{**good_rows("tvp_crime", "street")[0], "month": month} for month in months]
        number = stage_rows(connection, "tvp_crime", {"street": rows}, quarter="2021-22Q4")
        with connection, connection.cursor() as cursor:
            cursor.execute("UPDATE intake.submission SET status = 'validated' WHERE submission_id = %s", (number,))
        assert load(connection, number)
        ids.append(number)
    first, second, third = ids
    by_month = "SELECT submission_id, lower(period)::text, rows::text, value FROM marts.trace(%s, %s, %s) ORDER BY 2"
    # A file's heading is its line 1. February was restated: of its two rows one is left, in another file.
    assert ask(connection, by_month, *figure) == [
        (first, "2022-01-01", "{[2,3)}", 1),
        (third, "2022-02-01", "{[2,3)}", 1),
        (second, "2022-03-01", "{[2,3)}", 1),
    ]
    assert ask(connection, "SELECT numerator, complete FROM marts.observation WHERE (measure_id, area_code) = (%s, %s)",
               *figure[:2]) == [(3, True)]  # fmt: skip
