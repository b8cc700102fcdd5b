"""What followed a project: the golden example of the method, and every reason for which we compare nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sia.calendar import Quarter
from sia.disclosure.additive import Span
from sia.registers.projects import Project, projects
from sia.registers.series_breaks import SeriesBreak
from sia.scorecard.amounts import Amount, Status
from sia.scorecard.project_outcomes import ProjectOutcome, project_outcomes
from sia.scorecard.return_status import ReturnState, ReturnStatus
from tests.unit.scorecard.synthetic import DISTRICT, QUARTER, measure, of_quarters, registers

ELSEWHERE = "E07000181"
FIRST = QUARTER.plus(-3)
ASB = measure(id="asb_incidents")
PROJECT = projects()[0].model_copy(update={"area": DISTRICT, "comparison_area": ELSEWHERE})
# 20 before and 10 after, against 20 and 20.
FALL = [5.0] * 4 + [4.0, 3.0, 2.0, 1.0]
LEVEL = [5.0] * 8


def shown(project: list[float | None], comparison: list[float | None]) -> dict[Any, Amount]:
    both = of_quarters(project, DISTRICT) | of_quarters(comparison, ELSEWHERE)
    return {(ASB.id, area, span): amount for (_, area, span), amount in both.items()}


AMOUNTS = shown([*FALL], [*LEVEL])


def known_on(day: date, quarter: Quarter = FIRST, return_name: str = "tvp_counts") -> ReturnStatus:
    return ReturnStatus(
        return_name, "Police counts return", "thames_valley_police", "Thames Valley Police", quarter, True,
        ReturnState.ACCEPTED, day, (), day,
    )  # fmt: skip


def outcomes(
    amounts: dict[Any, Amount],
    *returns: ReturnStatus,
    quarter: Quarter = QUARTER,
    project: Project = PROJECT,
    breaks: tuple[SeriesBreak, ...] = (),
) -> tuple[ProjectOutcome, ...]:
    return project_outcomes(amounts, replace(registers(ASB, breaks=breaks), projects=(project,)), quarter, returns)


def state(*given: Any, **more: Any) -> str:
    (outcome,) = outcomes(*given, **more)
    assert (outcome.effect is None) == (outcome.state != "compared") == (outcome.project is None)
    return outcome.state.value


def test_a_fall_of_ten_against_a_level_area() -> None:
    """By hand: -10, and the standard error is the root of 70, 8.3666, so the interval is -26.4 to 6.4."""
    (outcome,) = outcomes(AMOUNTS, known_on(date(2021, 7, 22)))
    assert outcome.state == "compared"
    assert (outcome.project, outcome.comparison) == ((20, 10), (20, 20))
    assert outcome.effect == pytest.approx((-10, -26.398, 6.398), abs=1e-3)


def test_a_comparison_that_could_have_been_chosen_by_its_outcome_is_not_made() -> None:
    """It was registered on 12 April 2021; what counts is the first figure of any quarter after the project began."""
    assert state(AMOUNTS, known_on(date(2021, 4, 13))) == "compared"
    assert state(AMOUNTS, known_on(date(2021, 4, 12))) == "registered_late"
    assert state(AMOUNTS, known_on(date(2021, 4, 12), QUARTER)) == "registered_late"
    # Figures from before it began, and other returns, say nothing of its outcome.
    assert state(AMOUNTS, known_on(date(2021, 4, 1), QUARTER.plus(-4))) == "compared"
    assert state(AMOUNTS, known_on(date(2021, 4, 1), return_name="tvp_crime")) == "compared"


def test_what_is_hidden_or_missing_is_not_compared() -> None:
    assert state(shown([*FALL[:-1], None], [*LEVEL])) == "confidential"
    assert state(shown([*FALL], [None, *LEVEL[1:]])) == "confidential"
    assert state({key: amount for key, amount in AMOUNTS.items() if key[1] == DISTRICT}) == "not_received"
    incomplete = {(ASB.id, DISTRICT, Span.quarter(QUARTER)): Amount(Status.INCOMPLETE, 1)}
    assert state(AMOUNTS | incomplete) == "not_received"


def test_years_that_are_shown_are_compared_though_their_quarters_are_not() -> None:
    by_year = {key: Amount(Status.BY_YEAR) for key in AMOUNTS}
    assert state(by_year) == "confidential"
    years = {
        (ASB.id, area, Span.year_to(last)): Amount(Status.REPORTED, number)
        for area, last, number in (
            (DISTRICT, QUARTER.plus(-4), 20.0), (DISTRICT, QUARTER, 10.0),
            (ELSEWHERE, QUARTER.plus(-4), 20.0), (ELSEWHERE, QUARTER, 20.0),
        )
    }  # fmt: skip
    (outcome,) = outcomes(by_year | years)
    assert (outcome.project, outcome.comparison) == ((20, 10), (20, 20))


@pytest.mark.parametrize(
    ("starts", "expected"),
    [("2020-04-01", "compared"), ("2020-04-02", "broken"), ("2022-03-31", "broken"), ("2022-04-01", "compared")],
)
def test_a_break_in_the_time_that_is_compared_leaves_no_comparison(starts: str, expected: str) -> None:
    broken = SeriesBreak(
        starts=date.fromisoformat(starts), kind="definition", reason="x", source="y", measures=(ASB.id,)
    )
    assert state(AMOUNTS, breaks=(broken,)) == expected


def test_a_project_is_listed_from_its_first_quarter_and_while_all_its_quarters_are_looked_back_on() -> None:
    assert outcomes(AMOUNTS, quarter=QUARTER.plus(-4)) == ()
    assert state(AMOUNTS, quarter=QUARTER.plus(-3)) == "not_yet"
    assert state(AMOUNTS, quarter=QUARTER.plus(12)) == "compared"
    assert outcomes(AMOUNTS, quarter=QUARTER.plus(13)) == ()
    assert outcomes(AMOUNTS, project=PROJECT.model_copy(update={"measure": "not_in_this_scorecard"})) == ()
