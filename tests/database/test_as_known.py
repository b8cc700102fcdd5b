"""Every fact as we know it today and as we knew it on any day, and what has changed since a day.

49 (paper of 18 June 2019) and 55 (paper of 21 September 2020) are the sanctuary referrals of South and Vale for 2018/19
that the partnership reported to the Joint Scrutiny Committee.
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
from sia.registers.measures import measures
from sia.registers.policy import Policy, policy
from sia.warehouse import invariants
from sia.warehouse.load import load
from sia.warehouse.small_number_policy import small_number_policy
from tests.conftest import Warehouse
from tests.database.test_load import at, job, submit
from tests.staged import Row, good_rows, stage_rows


def ask(connection: Connection, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


@pytest.fixture
def restated(warehouse: Warehouse) -> Connection:
    """The referrals of 2018/19 Q4: we received 49 in April 2019, and 55 in August 2020."""
    load(warehouse.connection, submit(warehouse.connection, "2019-04-23", [job(n) for n in range(49)]))
    load(warehouse.connection, submit(warehouse.connection, "2020-08-10", [job(n) for n in range(55)]))
    return warehouse.connection


def test_49_in_june_2019_and_55_in_september_2020(restated: Connection) -> None:
    facts = "SELECT count(*) FROM warehouse.sanctuary_job_known_at(%s)"
    marts = (
        "SELECT numerator FROM marts.observation_known_at(%s)"
        " WHERE measure_id = 'sanctuary_referrals' AND area_code = 'CSP-SOUTH-VALE'"
    )
    totals = "SELECT sum(value) FROM marts.component_total_known_at(%s) WHERE component = 'referrals'"
    for query in (facts, marts, totals):
        assert ask(restated, query, at("2019-06-18")) == [(49,)]
        assert ask(restated, query, at("2020-09-21")) == [(55,)]
    assert ask(restated, facts, at("2019-04-22")) == [(0,)]
    assert ask(restated, "SELECT count(*) FROM warehouse.sanctuary_job_today") == [(55,)]


def test_a_restatement_is_known_from_the_moment_of_its_receipt(restated: Connection) -> None:
    received = at("2020-08-10")
    query = "SELECT count(*) FROM warehouse.sanctuary_job_known_at(%s)"
    assert ask(restated, query, received - timedelta(microseconds=1)) == [(49,)]
    assert ask(restated, query, received) == [(55,)]


def test_known_on_a_day_is_known_by_its_end_in_london_in_every_time_zone(restated: Connection) -> None:
    # We received the restatement at nine in the morning of 10 August 2020.
    for clock in ("Europe/London", "Pacific/Auckland", "America/Los_Angeles"):
        ask(restated, "SELECT set_config('timezone', %s, false)", clock)
        for query in (
            "SELECT count(*) FROM warehouse.sanctuary_job_known_on(%s)",
            "SELECT sum(value) FROM marts.component_total_known_on(%s) WHERE component = 'referrals'",
            "SELECT numerator FROM marts.observation_known_on(%s)"
            " WHERE measure_id = 'sanctuary_referrals' AND area_code = 'CSP-SOUTH-VALE'",
        ):
            days = ("2019-06-18", "2020-08-09", "2020-08-10", date(2020, 8, 10), "infinity")
            assert [ask(restated, query, day) for day in days] == [[(n,)] for n in (49, 49, 55, 55, 55)]


def test_every_known_at_function_has_its_known_on(warehouse: Warehouse) -> None:
    functions = ask(
        warehouse.connection,
        "SELECT p.oid::regproc::text, pg_get_function_identity_arguments(p.oid) FROM pg_proc AS p"
        " WHERE p.proname ~ '_known_(at|on)$'",
    )
    assert {(name[-2:], arguments) for name, arguments in functions} == {
        ("at", "known_at timestamp with time zone"),
        ("on", "day date"),
    }
    at_functions, on_functions = (
        {name[:-2] for name, _ in functions if name.endswith(ending)} for ending in ("at", "on")
    )
    assert at_functions == on_functions
    assert "warehouse.sanctuary_job_known_" in on_functions


def test_a_query_combines_a_period_with_when_it_was_known(restated: Connection) -> None:
    query = (
        "SELECT count(*), min(quarter_key), min(source) FROM warehouse.sanctuary_job_known_at(%s)"
        " WHERE period @> %s::date"
    )
    assert ask(restated, query, at("2019-06-18"), date(2019, 2, 1)) == [(49, "2018-19Q4", "sanctuary_contractor")]
    assert ask(restated, query, at("2019-06-18"), date(2019, 4, 1)) == [(0, None, None)]


def test_every_fact_of_a_contract_is_there_as_of_today_and_as_known(warehouse: Warehouse) -> None:
    for contract in contracts().values():
        for table in contract.tables:
            for suffix in ("known_at(now())", "known_on('2021-03-31')"):
                assert (
                    ask(warehouse.connection, f"SELECT known_during, period FROM warehouse.{table.fact.name}_{suffix}")
                    == []
                )
            today = f"SELECT known_during, period, synthetic FROM warehouse.{table.fact.name}_today"
            assert ask(warehouse.connection, today) == []


def test_the_database_refuses_return_versions_that_overlap(restated: Connection) -> None:
    with restated.cursor() as cursor, pytest.raises(errors.ExclusionViolation):
        cursor.execute("UPDATE warehouse.return_version SET known_during = tstzrange(lower(known_during), NULL)")


def assert_refused(connection: Connection, statement: str, *values: Any, role: str = "owner") -> None:
    """The constraint stops the owner. It stops the loader too, unless the loader's rights do so first."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE sia_{role}")
        or_error = (errors.InsufficientPrivilege,) if role == "loader" else ()
        with pytest.raises((errors.ExclusionViolation, *or_error)):
            cursor.execute(statement, values)
    connection.rollback()


def test_nobody_inserts_a_return_version_that_overlaps_another(restated: Connection) -> None:
    for role in ("owner", "loader"):
        for period, known in (
            ("[2019-01-01,2019-04-01)", "[2019-05-01,2019-06-01)"),
            ("[2019-03-31,2019-04-01)", "[2021-01-01,)"),
            ("(,)", "(,2019-05-01)"),
        ):
            assert_refused(
                restated,
                "INSERT INTO warehouse.return_version (return_name, source, submission_id, period,"
                " known_during, synthetic)"
                " SELECT return_name, source, submission_id, %s, %s, synthetic FROM warehouse.return_version LIMIT 1",
                period,
                known,
                role=role,
            )


def test_quarters_and_memberships_of_an_area_do_not_overlap(warehouse: Warehouse) -> None:
    assert_refused(
        warehouse.connection,
        "INSERT INTO warehouse.dim_quarter (quarter_key, quarter_label, financial_year, starts_on, ends_on)"
        " VALUES ('1999-00Q1', 'x', 'x', '2019-02-01', '2019-02-28')",
    )
    assert_refused(
        warehouse.connection,
        "INSERT INTO warehouse.area_member"
        " SELECT area_code, member_code, daterange('2019-02-01', '2019-02-02') FROM warehouse.area_member LIMIT 1",
    )


def test_the_wide_mart_averages_unrounded_costs(warehouse: Warehouse) -> None:
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


def test_counts_from_one_to_four_are_small(warehouse: Warehouse) -> None:
    small = "SELECT n, marts.is_small_number(n, marts.smallest_shown_number()) FROM unnest(ARRAY[0, 1, 4, 5, NULL]) n"
    assert ask(warehouse.connection, small) == [(0, False), (1, True), (4, True), (5, False), (None, None)]


def test_what_is_small_follows_the_policy_of_each_measure_and_day(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    load(connection, submit(connection, "2019-04-23", [job(number) for number in range(7)]))

    def marks(**settings: list[dict[str, Any]]) -> dict[str, bool]:
        """Whether the referrals of each partnership are marked, with more lines in the policy."""
        given = policy().model_dump()
        for kind, lines in settings.items():
            given[kind] = [*given[kind], *({"set_by": "Board", "why": "Because"} | line for line in lines)]
        view = small_number_policy(Policy.model_validate(given)).text
        with connection.cursor() as cursor:
            cursor.execute(view.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))
            cursor.execute(
                "SELECT area_code, small_number FROM marts.scorecard_wide"
                " WHERE measure_id = 'sanctuary_referrals' AND area_type = 'csp'"
            )
            marked = dict(cursor.fetchall())
        connection.rollback()
        return marked

    def line(value: object, starts: str, *measure_ids: str) -> list[dict[str, Any]]:
        return [{"value": value, "starts": starts, "measures": measure_ids}]

    nowhere = dict.fromkeys(("CSP-CHERWELL", "CSP-OXFORD", "CSP-SOUTH-VALE", "CSP-WEST"), False)
    here = nowhere | {"CSP-SOUTH-VALE": True}
    assert marks() == nowhere
    assert marks(disclosure_threshold=line(10, "2014-04-01", "sanctuary_referrals")) == here
    assert marks(disclosure_threshold=line(10, "2014-04-01", "helpline_calls")) == nowhere
    assert marks(disclosure_threshold=line(10, "2999-04-01", "sanctuary_referrals")) == nowhere
    assert marks(hide_zeros=line(True, "2014-04-01", "sanctuary_referrals")) == {
        area: not is_marked for area, is_marked in here.items()
    }


def test_a_share_of_everybody_or_nobody_is_small_where_the_policy_says_so(warehouse: Warehouse) -> None:
    with warehouse.connection.cursor() as cursor:
        cursor.execute(
            "SELECT measure_id FROM marts.small_number_policy WHERE everybody_is_small AND in_force @> marts.today()"
        )
        marked = {measure_id for (measure_id,) in cursor}
        cursor.execute("SELECT marts.smallest_shown_number(), marts.smallest_shown_number('street_crime')")
        thresholds = cursor.fetchone()
    today = datetime.now(LONDON).date()
    assert marked == {measure.id for measure in measures() if policy().everybody_or_nobody_hidden(measure.id, today)}
    assert "youth_reoffending" in marked
    assert thresholds == (5, 1)


def changes(connection: Connection, since: date) -> dict[str, tuple[Any, ...]]:
    rows = ask(
        connection,
        "SELECT measure_id, change, numerator_before, numerator_now, receipts FROM marts.changes_since(%s)"
        " WHERE area_code = 'CSP-SOUTH-VALE'",
        since,
    )
    return {measure_id: tuple(rest) for measure_id, *rest in rows}


def test_a_change_has_both_values_and_the_submission_that_made_it(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    first = submit(connection, "2019-04-23", [job(n) for n in range(49)])
    load(connection, first)
    # Load it on the day of its receipt.
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE intake.submission SET decided_at = received_at WHERE submission_id = %s", (first,))
    assert changes(connection, date(2019, 4, 24)) == {}
    assert changes(connection, date(2019, 4, 23))["sanctuary_referrals"] == ("new", None, 49, ["2019-04-23"])
    load(connection, submit(connection, "2020-08-10", [job(n) for n in range(55)]))
    changed = changes(connection, date(2019, 4, 24))
    assert changed["sanctuary_referrals"] == ("restated", 49, 55, ["2020-08-10"])
    assert "cameras_installed" not in changed
    assert changes(connection, datetime.now(LONDON).date() + timedelta(days=1)) == {}


def test_an_old_return_that_was_loaded_late_is_a_change_since_yesterday(warehouse: Warehouse) -> None:
    """We received it in 2019 and load it today: yesterday's extract does not have it."""
    connection = warehouse.connection
    load(connection, submit(connection, "2019-04-23", [job(n) for n in range(49)]))
    yesterday = datetime.now(LONDON).date() - timedelta(days=1)
    assert changes(connection, yesterday)["sanctuary_referrals"] == ("new", None, 49, ["2019-04-23"])


def load_return(connection: Connection, return_name: str, table: str, rows: list[Row], days_ago: int = 0) -> None:
    """Load rows as a return for 2021/22 Q4, and date it some days ago."""
    number = stage_rows(connection, return_name, {table: rows}, quarter="2021-22Q4")
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE intake.submission SET status = 'validated' WHERE submission_id = %s", (number,))
    assert load(connection, number)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "UPDATE intake.submission SET decided_at = decided_at - make_interval(days => %s) WHERE submission_id = %s",
            (days_ago, number),
        )


def test_a_figure_may_be_withdrawn_or_completed(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    today = datetime.now(LONDON).date()
    feed = (
        "SELECT measure_id, change, numerator_before, numerator_now, complete_before, complete_now"
        " FROM marts.changes_since(%s) WHERE area_code = %s AND measure_id = ANY(%s) ORDER BY measure_id"
    )
    (example,) = good_rows("indicators", "indicators")
    satisfied = {
        **example, "measure": "Satisfaction with the handling of anti-social behaviour", "numerator": "3",
        "denominator": "4",
    }  # fmt: skip
    indicators = [satisfied, {**satisfied, "area": "South and Vale CSP"}]
    load_return(connection, "indicators", "indicators", indicators, days_ago=2)
    load_return(connection, "indicators", "indicators", indicators[:1])
    assert "indicators_of_others" not in {broken.check for broken in invariants.run(connection)}
    for area, changed in (
        ("E10000025", []),
        ("CSP-SOUTH-VALE", [("asb_satisfaction", "withdrawn", 3, None, True, None)]),
    ):
        assert ask(connection, feed, today, area, ["asb_satisfaction"]) == changed
    crime = good_rows("tvp_crime", "street")[0]
    load_return(
        connection, "tvp_crime", "street", [{**crime, "month": f"2022-0{month}"} for month in (1, 2)], days_ago=2
    )
    # March has no record in Oxford. The number stays the same, and is now complete for the quarter.
    elsewhere = {**crime, "lsoa_code": "E01016242", "lsoa_name": "Bracknell Forest 001A", "month": "2022-03"}
    load_return(connection, "tvp_crime", "street", [elsewhere])
    oxford = ask(connection, feed, today, "E07000178", ["street_records"])
    assert oxford == [("street_records", "completed", 2, 2, False, True)]


def test_an_indicator_from_the_wrong_lead_is_in_no_figure_and_breaks_an_invariant(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    # The Youth Offending Service leads on the indicator of the example, which the partnerships send here.
    load_return(connection, "indicators", "indicators", good_rows("indicators", "indicators"))
    assert ask(connection, "SELECT source, indicator FROM warehouse.indicator_today") == [
        ("csps", "first_time_entrants")
    ]
    assert ask(connection, "SELECT count(*) FROM marts.observation") == [(0,)]
    assert [(broken.check, broken.rows) for broken in invariants.run(connection)] == [("indicators_of_others", 1)]


def test_every_loaded_return_is_listed_with_the_receipt_that_it_replaced(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    query = (
        "SELECT return_name, quarter_key, starts_on, ends_on, change, receipt, replaced_receipt"
        " FROM marts.returns_since(%s)"
    )
    today = datetime.now(LONDON).date()
    quarter = ("sanctuary", "2018-19Q4", date(2019, 1, 1), date(2019, 3, 31))
    load(connection, submit(connection, "2020-08-10", [job(n) for n in range(55)]))
    assert ask(connection, query, today) == [(*quarter, "new", "2020-08-10", None)]
    # We load last what we received first, so it is never the version of today.
    load(connection, submit(connection, "2019-04-23", [job(n) for n in range(49)]))
    assert ask(connection, query, today) == [
        (*quarter, "restated", "2020-08-10", "2019-04-23"),
        (*quarter, "replaced", "2019-04-23", None),
    ]
    assert ask(connection, query, today + timedelta(days=1)) == []
