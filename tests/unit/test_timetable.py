"""The timetable: which day, at which hour, and which quarters a backfill takes.

The golden due dates were counted by hand on a calendar with the bank holidays of gov.uk/bank-holidays.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sia.calendar import LONDON, Quarter, bank_holidays, quarters_between


@pytest.fixture(scope="module")
def timetable_class(airflow_home: Path) -> type:
    from sia_airflow.timetables import FinancialQuarterTimetable

    return FinancialQuarterTimetable


def restriction(earliest: datetime | None, *, catchup: bool, latest: datetime | None = None) -> object:
    from airflow.timetables.base import TimeRestriction

    at = lambda moment: None if moment is None else pendulum.instance(moment)  # noqa: E731
    return TimeRestriction(at(earliest), at(latest), catchup)


def set_now(monkeypatch: pytest.MonkeyPatch, utc: str) -> None:
    monkeypatch.setattr("sia_airflow.timetables._now", lambda: pendulum.parse(utc).in_timezone("Europe/London"))


START = datetime(2017, 4, 1, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("quarter", "working_days", "due_utc"),
    [
        # Easter 2018: Good Friday is the day before the quarter's last, Easter Monday the first weekday after it.
        ("2017-18Q4", 10, "2018-04-16T06:00:00+00:00"),
        # Easter 2022 is among the fifteen days, and London is in summer time.
        ("2021-22Q4", 15, "2022-04-25T06:00:00+00:00"),
        # New Year's Day 2022 is a Saturday: Monday 3 January is the holiday. Winter time.
        ("2021-22Q3", 15, "2022-01-24T07:00:00+00:00"),
        # The last working day before Christmas 2021, and the first after its two substitute days.
        ("2021-22Q2", 61, "2021-12-24T07:00:00+00:00"),
        ("2021-22Q2", 62, "2021-12-29T07:00:00+00:00"),
    ],
)
def test_due_at_seven_in_london_on_the_due_day(
    timetable_class: type, quarter: str, working_days: int, due_utc: str
) -> None:
    due = timetable_class(working_days).due(Quarter.parse(quarter))
    assert due.in_timezone("UTC").isoformat() == due_utc


@given(year=st.integers(2000, 2045), number=st.integers(1, 4), working_days=st.integers(1, 62))
def test_a_due_day_is_a_working_day_with_so_many_before_it(
    timetable_class: type, year: int, number: int, working_days: int
) -> None:
    quarter = Quarter(year, number)
    due = timetable_class(working_days).due(quarter)
    passed = [quarter.end + timedelta(days=n) for n in range(1, (due.date() - quarter.end).days + 1)]
    worked = [day for day in passed if day.isoweekday() < 6 and day not in bank_holidays(day.year)]
    assert len(worked) == working_days
    assert worked[-1] == due.date()
    assert (due.hour, due.minute, due.timezone_name) == (7, 0, "Europe/London")


@given(
    first=st.tuples(st.integers(2010, 2030), st.integers(1, 4)),
    more=st.integers(0, 30),
    into=st.integers(0, 80),
)
def test_a_backfill_runs_each_quarter_that_begins_in_its_days_once_and_in_order(
    timetable_class: type, first: tuple[int, int], more: int, into: int
) -> None:
    start = Quarter(*first)
    last = start.plus(more)
    infos = list(
        timetable_class(15).iter_partition_dagrun_infos(
            earliest=datetime.combine(start.start, datetime.min.time(), UTC),
            latest=datetime.combine(last.start + timedelta(days=into), datetime.min.time(), UTC),
        )
    )
    assert [info.partition_key for info in infos] == [q.key for q in quarters_between(start, last)]
    assert [info.partition_date.date() for info in infos] == [q.start for q in quarters_between(start, last)]
    assert all(info.data_interval is None and info.run_after > info.partition_date for info in infos)


def test_a_backfill_leaves_out_a_quarter_that_began_before_its_first_day(timetable_class: type) -> None:
    infos = timetable_class(15).iter_partition_dagrun_infos(
        earliest=datetime(2021, 4, 2, tzinfo=UTC), latest=datetime(2021, 9, 30, tzinfo=UTC)
    )
    assert [info.partition_key for info in infos] == ["2021-22Q2"]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2022-04-25T05:59:00", "2021-22Q4"),  # the morning on which it is due
        ("2022-05-08T05:59:00", "2021-22Q4"),  # thirteen days late, after an outage
        ("2022-05-10T05:59:00", "2022-23Q1"),  # past the grace: a person decides
    ],
)
def test_without_catchup_the_first_run_is_not_for_an_old_quarter(
    timetable_class: type, monkeypatch: pytest.MonkeyPatch, now: str, expected: str
) -> None:
    set_now(monkeypatch, now)
    info = timetable_class(15).next_dagrun_info_v2(last_dagrun_info=None, restriction=restriction(START, catchup=False))
    assert info.partition_key == expected


def test_without_catchup_a_backfill_of_old_quarters_starts_nothing_newer(
    timetable_class: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_now(monkeypatch, "2022-06-01T00:00:00")
    timetable = timetable_class(15)
    info = timetable.next_dagrun_info_v2(
        last_dagrun_info=timetable.run_info(Quarter(2017, 1)), restriction=restriction(START, catchup=False)
    )
    assert info.partition_key == "2022-23Q1"


def test_with_catchup_every_quarter_follows_the_last(timetable_class: type) -> None:
    timetable = timetable_class(15)
    info = timetable.next_dagrun_info_v2(last_dagrun_info=None, restriction=restriction(START, catchup=True))
    assert info.partition_key == "2017-18Q1"
    info = timetable.next_dagrun_info_v2(last_dagrun_info=info, restriction=restriction(START, catchup=True))
    assert info.partition_key == "2017-18Q2"


def test_no_quarter_before_the_start_or_due_after_the_end(timetable_class: type) -> None:
    timetable = timetable_class(15)
    mid = datetime(2017, 5, 1, tzinfo=LONDON)
    info = timetable.next_dagrun_info_v2(last_dagrun_info=None, restriction=restriction(mid, catchup=True))
    assert info.partition_key == "2017-18Q2"
    over = restriction(mid, catchup=True, latest=datetime(2017, 10, 1, tzinfo=LONDON))
    assert timetable.next_dagrun_info_v2(last_dagrun_info=None, restriction=over) is None


def test_the_same_quarter_is_never_scheduled_twice(timetable_class: type, monkeypatch: pytest.MonkeyPatch) -> None:
    set_now(monkeypatch, "2022-04-26T00:00:00")
    timetable = timetable_class(15)
    first = timetable.next_dagrun_info_v2(last_dagrun_info=None, restriction=restriction(START, catchup=False))
    second = timetable.next_dagrun_info_v2(last_dagrun_info=first, restriction=restriction(START, catchup=False))
    assert (first.partition_key, second.partition_key) == ("2021-22Q4", "2022-23Q1")
    assert second.run_after.date() > date(2022, 6, 30)


def test_it_survives_airflow_s_database(timetable_class: type) -> None:
    kept = timetable_class(15).serialize()
    again = timetable_class.deserialize(kept)
    assert again.due(Quarter(2021, 4)) == timetable_class(15).due(Quarter(2021, 4))
    assert again.resolve_partition_date("2021-22Q4") == datetime(2022, 1, 1, tzinfo=LONDON)


def test_run_ids_name_the_quarter_and_a_second_backfill_has_another(timetable_class: type) -> None:
    from airflow.utils.types import DagRunType

    timetable = timetable_class(15)
    info = timetable.run_info(Quarter(2021, 4))

    def run_id(kind: DagRunType) -> str:
        return timetable.generate_run_id(
            run_type=kind, run_after=info.run_after, data_interval=None, partition_key=info.partition_key
        )

    assert run_id(DagRunType.SCHEDULED) == "scheduled__2021-22Q4"
    assert run_id(DagRunType.BACKFILL_JOB).startswith("backfill__2021-22Q4__")
    assert run_id(DagRunType.BACKFILL_JOB) != run_id(DagRunType.BACKFILL_JOB)


@pytest.fixture(scope="module")
def papers(airflow_home: Path) -> type:
    from sia_airflow.timetables import BusinessCycleTimetable

    return BusinessCycleTimetable


@pytest.mark.parametrize(
    ("paper", "now", "key", "due_utc"),
    [
        ("csp_report", "2022-05-01T00:00:00", "2021-22Q4", "2022-05-03T06:00:00+00:00"),
        ("csp_report", "2022-06-01T00:00:00", "2022-23Q1", "2022-08-01T06:00:00+00:00"),
        ("assessment", "2022-06-01T00:00:00", "2021-22Q4", "2022-10-03T06:00:00+00:00"),
        ("assessment", "2022-11-01T00:00:00", "2022-23Q4", "2023-10-02T06:00:00+00:00"),
    ],
)
def test_a_paper_runs_on_its_day_of_the_business_cycle(
    papers: type, monkeypatch: pytest.MonkeyPatch, paper: str, now: str, key: str, due_utc: str
) -> None:
    set_now(monkeypatch, now)
    info = papers(paper).next_dagrun_info_v2(last_dagrun_info=None, restriction=restriction(START, catchup=False))
    assert info.partition_key == key
    assert info.run_after.in_timezone("UTC").isoformat() == due_utc


def test_the_assessment_runs_for_the_fourth_quarter_only(papers: type) -> None:
    yearly = papers("assessment")
    infos = yearly.iter_partition_dagrun_infos(
        earliest=datetime(2019, 4, 1, tzinfo=UTC), latest=datetime(2022, 12, 31, tzinfo=UTC)
    )
    assert [info.partition_key for info in infos] == ["2019-20Q4", "2020-21Q4", "2021-22Q4"]
    first = yearly.next_dagrun_info_v2(last_dagrun_info=None, restriction=restriction(START, catchup=True))
    assert first.partition_key == "2017-18Q4"
    then = yearly.next_dagrun_info_v2(last_dagrun_info=first, restriction=restriction(START, catchup=True))
    assert then.partition_key == "2018-19Q4"


def test_the_cycle_survives_airflow_s_database(papers: type) -> None:
    kept = papers("assessment")
    again = papers.deserialize(kept.serialize())
    assert again.due(Quarter(2021, 4)) == kept.due(Quarter(2021, 4))
    assert again.numbers == kept.numbers == {4}
