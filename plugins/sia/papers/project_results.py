"""Registered projects as papers show them: what followed, in one sentence that never claims a proof."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sia.calendar import format_date
from sia.papers.paper_sheets import FIRST
from sia.presentation.accessible_workbook import WIDE, WorkbookSheet
from sia.presentation.symbols import BREAK, CONFIDENTIAL, NOT_APPLICABLE, NOT_AVAILABLE, WITHHELD
from sia.scorecard.project_outcomes import OutcomeState, ProjectOutcome
from sia.scorecard.scorecard import Scorecard
from sia.statistics.displacement import BeforeAfter, sentence

TITLE = "Did it work?"
ABOUT = (
    "Projects that were registered, with the area that they are compared with, before any of their figures were known."
    " A difference does not prove what caused it."
)

_NOT_COMPARED = {
    OutcomeState.CONFIDENTIAL: "We cannot compare it: small numbers are hidden.",
    OutcomeState.WITHHELD: "We cannot compare it: figures of these quarters were withheld.",
    OutcomeState.NOT_RECEIVED: "We cannot compare it: figures of these quarters were not received.",
    OutcomeState.BROKEN: "We cannot compare it: in this time the measure changed, so that its figures do not compare.",
}

_SYMBOLS = {
    OutcomeState.NOT_YET: NOT_AVAILABLE,
    OutcomeState.REGISTERED_LATE: NOT_APPLICABLE,
    OutcomeState.BROKEN: BREAK,
    OutcomeState.CONFIDENTIAL: CONFIDENTIAL,
    OutcomeState.WITHHELD: WITHHELD,
    OutcomeState.NOT_RECEIVED: NOT_AVAILABLE,
}


@dataclass(frozen=True, slots=True)
class ProjectArea:
    """Incidents in one of the two areas, before and after a project began."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ProjectResult:
    """A project: where, what it is judged by, which times are compared, the sentence, and the numbers behind it."""

    id: str
    title: str
    measure_id: str
    measure: str
    before: str
    after: str
    registered: str
    sentence: str
    areas: tuple[ProjectArea, ProjectArea]


def project_results(scorecard: Scorecard, areas: Collection[str]) -> tuple[ProjectResult, ...]:
    """The projects of some areas.

    Args:
        scorecard: the release's.
        areas: the codes of the areas.
    """
    return tuple(_result(scorecard, outcome) for outcome in scorecard.projects if outcome.area_code in areas)


def projects_sheet(results: Iterable[ProjectResult]) -> WorkbookSheet:
    """The sheet of a workbook that has them."""
    sheet = WorkbookSheet(
        "Projects",
        f"{TITLE} Projects, with the areas that they are compared with",
        ("Project", "Measure", "Area", "Before", "Incidents before", "After", "Incidents after", "What followed"),
        (FIRST, 36, 28, 26, 16, 26, 16, WIDE),
    )
    for result in results:
        for area in result.areas:
            about = (result.title, result.measure, area.name)
            sheet.add((*about, result.before, area.before, result.after, area.after, result.sentence))
    return sheet


def _result(scorecard: Scorecard, outcome: ProjectOutcome) -> ProjectResult:
    measure = scorecard.measure(outcome.measure_id)
    area, comparison = (scorecard.areas[code].name for code in (outcome.area_code, outcome.comparison_code))
    return ProjectResult(
        id=f"project-{outcome.id}",
        title=f"{outcome.title}, {area}",
        measure_id=measure.id,
        measure=measure.title,
        before=_quarters(outcome, -outcome.quarters),
        after=_quarters(outcome, 0),
        registered=f"Registered on {format_date(outcome.registered_on)}. By: {outcome.registered_by}.",
        sentence=_sentence(outcome, measure.unit),
        areas=(
            _area(area, outcome.project, outcome.state),
            _area(f"{comparison}, for comparison", outcome.comparison, outcome.state),
        ),
    )


def _quarters(outcome: ProjectOutcome, start: int) -> str:
    first, last = outcome.first.plus(start), outcome.first.plus(start + outcome.quarters - 1)
    return first.label if first == last else f"{first.label} to {last.label}"


def _area(name: str, numbers: BeforeAfter | None, state: OutcomeState) -> ProjectArea:
    if numbers is None:
        return ProjectArea(name, _SYMBOLS[state], _SYMBOLS[state])
    return ProjectArea(name, f"{numbers.before:,}", f"{numbers.after:,}")


def _sentence(outcome: ProjectOutcome, unit: str) -> str:
    if outcome.effect is not None:
        return sentence(outcome.effect, unit)
    if outcome.state is OutcomeState.NOT_YET:
        return f"We compare it when {outcome.first.plus(outcome.quarters - 1).label} is released."
    if outcome.state is OutcomeState.REGISTERED_LATE and outcome.first_known_on:
        known_on = format_date(outcome.first_known_on)
        return (
            f"We do not compare it: figures after it began were known from {known_on}, before it was registered, so the"
            " comparison could have been chosen by its outcome."
        )
    return _NOT_COMPARED[outcome.state]
