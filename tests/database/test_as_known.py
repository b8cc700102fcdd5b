"""Two questions of every fact: what is true today, and what was known then. And what changed since.

The figures 49 (paper of 18 June 2019) and 55 (paper of 21 September 2020) are the sanctuary referrals of South and Vale
for 2018/19 as the partnership's reports to the Joint Scrutiny Committee printed them.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from psycopg2 import errors
from psycopg2.extensions import connection as Connection

from sia.calendar import LONDON
from sia.contract.model import contracts
from sia.warehouse.load import load
from tests.conftest import Warehouse
from tests.database.test_load import at, job, submit


def ask(connection: Connection, question: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return cursor.fetchall()


@pytest.fixture
def restated(warehouse: Warehouse) -> Connection:
    """The referrals of the last quarter of 2018/19: 49 received in April 2019, 55 in August 2020."""
    load(warehouse.connection, submit(warehouse.connection, "2019-04-23", [job(n) for n in range(49)]))
    load(warehouse.connection, submit(warehouse.connection, "2020-08-10", [job(n) for n in range(55)]))
    return warehouse.connection


def test_49_in_june_2019_and_55_in_september_2020(restated: Connection) -> None:
    facts = "SELECT count(*) FROM warehouse.sanctuary_job_known_on(%s)"
    marts = (
        "SELECT numerator FROM marts.observation_known_on(%s)"
        " WHERE measure_id = 'sanctuary_referrals' AND area_code = 'CSP-SOUTH-VALE'"
    )
    tallies = "SELECT sum(amount) FROM marts.tally_known_on(%s) WHERE counted = 'referrals'"
    for question in (facts, marts, tallies):
        assert ask(restated, question, at("2019-06-18")) == [(49,)]
        assert ask(restated, question, at("2020-09-21")) == [(55,)]
    assert ask(restated, facts, at("2019-04-22")) == [(0,)]
    assert ask(restated, "SELECT count(*) FROM warehouse.sanctuary_job_today") == [(55,)]


def test_the_moment_of_receipt_belongs_to_the_new_truth(restated: Connection) -> None:
    received = at("2020-08-10")
    question = "SELECT count(*) FROM warehouse.sanctuary_job_known_on(%s)"
    assert ask(restated, question, received - timedelta(microseconds=1)) == [(49,)]
    assert ask(restated, question, received) == [(55,)]


def test_the_period_and_when_it_was_known_are_asked_together(restated: Connection) -> None:
    question = (
        "SELECT count(*), min(quarter_key), min(source) FROM warehouse.sanctuary_job_known_on(%s)"
        " WHERE period @> %s::date"
    )
    assert ask(restated, question, at("2019-06-18"), date(2019, 2, 1)) == [(49, "2018-19Q4", "sanctuary_contractor")]
    assert ask(restated, question, at("2019-06-18"), date(2019, 4, 1)) == [(0, None, None)]


def test_every_fact_of_a_contract_answers_both_questions(warehouse: Warehouse) -> None:
    for contract in contracts().values():
        for table in contract.tables:
            known = f"SELECT known, period, made_up FROM warehouse.{table.fact}_known_on(now())"
            assert ask(warehouse.connection, known) == []
            today = f"SELECT known, period, made_up FROM warehouse.{table.fact}_today"
            assert ask(warehouse.connection, today) == []


def test_an_overlap_of_two_truths_is_refused_by_the_database(restated: Connection) -> None:
    with restated.cursor() as cursor, pytest.raises(errors.ExclusionViolation):
        cursor.execute("UPDATE warehouse.holding SET known = tstzrange(lower(known), NULL)")


def test_the_mean_of_the_wide_mart_is_of_unrounded_costs(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    load(
        connection, submit(connection, "2019-04-23", [job(1, cost="85.33"), job(2, cost="86.18"), job(3, cost="86.18")])
    )
    wide = (
        "SELECT value, mean_value, count_number, small_number FROM marts.scorecard_wide"
        " WHERE measure_id = %s AND area_code = 'CSP-SOUTH-VALE'"
    )
    means = ask(connection, "SELECT measure_id FROM marts.dim_measure WHERE numerator = 'works_cost' AND kind = 'mean'")
    ((value, mean, count, small),) = ask(connection, wide, means[0][0])
    assert value == mean
    assert round(mean, 4) == Decimal("85.8967")
    assert (count, small) == (None, True)
    assert ask(connection, wide, "sanctuary_referrals") == [(3, None, 3, True)]


def test_the_threshold_marks_one_to_four(warehouse: Warehouse) -> None:
    marked = "SELECT n, marts.is_small(n) FROM unnest(ARRAY[0, 1, 4, 5, NULL]) AS n"
    assert ask(warehouse.connection, marked) == [(0, False), (1, True), (4, True), (5, False), (None, None)]


def changes(connection: Connection, since: date) -> dict[str, tuple[Any, ...]]:
    rows = ask(
        connection,
        "SELECT measure_id, change, numerator_before, numerator_now, receipts FROM marts.changes_since(%s)"
        " WHERE area_code = 'CSP-SOUTH-VALE'",
        since,
    )
    return {measure_id: tuple(rest) for measure_id, *rest in rows}


def test_the_feed_says_from_what_to_what_and_by_which_submission(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    first = submit(connection, "2019-04-23", [job(n) for n in range(49)])
    load(connection, first)
    # As if it had been loaded on the day on which it was received.
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE intake.submission SET decided_at = received_at WHERE submission_id = %s", (first,))
    assert changes(connection, date(2019, 4, 24)) == {}
    assert changes(connection, date(2019, 4, 23))["sanctuary_referrals"] == ("new", None, 49, ["2019-04-23"])
    load(connection, submit(connection, "2020-08-10", [job(n) for n in range(55)]))
    changed = changes(connection, date(2019, 4, 24))
    assert changed["sanctuary_referrals"] == ("restated", 49, 55, ["2020-08-10"])
    assert "cameras_installed" not in changed
    assert changes(connection, datetime.now(LONDON).date() + timedelta(days=1)) == {}


def test_the_feed_does_not_miss_an_old_return_that_was_loaded_afterwards(warehouse: Warehouse) -> None:
    """It was received in 2019 and loaded today: who took an extract yesterday has not got it."""
    connection = warehouse.connection
    load(connection, submit(connection, "2019-04-23", [job(n) for n in range(49)]))
    yesterday = datetime.now(LONDON).date() - timedelta(days=1)
    assert changes(connection, yesterday)["sanctuary_referrals"] == ("new", None, 49, ["2019-04-23"])
