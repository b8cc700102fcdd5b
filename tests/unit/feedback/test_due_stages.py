"""Who owes what, and how near or late it is. Dates were counted by hand on the calendar of 2022."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sia.calendar import Quarter
from sia.contract.model import Validity, contract, contracts
from sia.feedback.due_stages import DUE, LAST_WEEK, LATE, TEN, THREE, DueStage, stage_on
from sia.register_file import RegisterError
from sia.registers import expected_returns as register
from sia.registers.extensions import Extension
from sia.settings import overridden

# Fifteen working days after 31 March 2022, with Good Friday (15 April) and Easter Monday (18 April) left out.
WANTED_BY = date(2022, 4, 25)
Q4 = Quarter(2021, 4)


@pytest.mark.parametrize(
    ("day", "stage"),
    [
        (date(2022, 4, 6), None),
        (date(2022, 4, 7), DueStage(TEN)),
        (date(2022, 4, 19), DueStage(TEN)),
        (date(2022, 4, 20), DueStage(THREE)),
        (date(2022, 4, 24), DueStage(THREE)),
        (WANTED_BY, DueStage(DUE)),
        (date(2022, 4, 26), DueStage(LATE)),
        (date(2022, 5, 1), DueStage(LATE)),
        (date(2022, 5, 2), DueStage(LATE, 1)),
        (date(2022, 5, 9), DueStage(LATE, 2)),
        (WANTED_BY + timedelta(weeks=LAST_WEEK + 1), None),
    ],
)
def test_which_stage_a_day_has(day: date, stage: DueStage | None) -> None:
    assert stage_on(day, WANTED_BY) == stage


def test_the_first_week_is_the_units_and_then_it_is_escalated() -> None:
    assert (DueStage(LATE).for_unit_alone, DueStage(LATE).escalates) == (True, False)
    assert (DueStage(LATE, 1).for_unit_alone, DueStage(LATE, 1).escalates) == (False, True)
    assert not DueStage(DUE).escalates


def test_only_what_the_scorecard_waits_for_is_owed_by_its_day() -> None:
    expected = [due for due in register.expected_returns(Q4) if due.quarter == Q4]
    assert {due.return_name for due in expected} == {c.name for c in contracts().values() if c.expected}
    assert {due.due_on for due in expected} == {WANTED_BY}
    assert min(due.quarter for due in register.expected_returns(Q4)) == Quarter(2017, 1)


def test_nothing_is_owed_before_the_first_quarter_of_the_settings() -> None:
    with overridden(first_quarter="2021-22Q3"):
        assert {due.quarter for due in register.expected_returns(Q4)} == {Quarter(2021, 3), Q4}
    with overridden(first_quarter="2010-11Q1"):
        assert min(due.quarter for due in register.expected_returns(Q4)) == Quarter(2017, 1)
    for wrong in ("2021-23Q3", "2126-27Q1", "July"):
        with overridden(first_quarter=wrong), pytest.raises(RegisterError, match="SIA_FIRST_QUARTER"):
            list(register.expected_returns(Q4))


def test_a_sender_owes_from_its_first_to_its_last_day_and_may_be_given_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    sanctuary = contract("sanctuary")
    dates = {"sanctuary_contractor": Validity(starts=date(2021, 8, 16), until=date(2022, 1, 1))}
    longer = Extension.model_validate(
        {"return": "sanctuary", "source": "sanctuary_contractor", "quarter": "2021-22Q3", "until": date(2022, 2, 28),
         "allowed_by": "Head of unit", "why": "Office moved"}
    )  # fmt: skip
    changed = {"sanctuary": sanctuary.model_copy(update={"sender_dates": dates})}
    monkeypatch.setattr(register, "contracts", lambda: changed)
    monkeypatch.setattr(register, "extensions", lambda: (longer,))
    assert [(due.quarter.key, due.extension) for due in register.expected_returns(Q4)] == [
        ("2021-22Q2", None),
        ("2021-22Q3", longer),
    ]
