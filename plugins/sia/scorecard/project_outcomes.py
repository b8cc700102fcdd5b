"""What followed a registered project: its area before and after it began, compared with an area without it.

Only amounts that the scorecard shows are used. A comparison that somebody could have chosen by its outcome is not made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sia.calendar import Quarter
from sia.disclosure.additive import Span
from sia.registers.measures import Measure
from sia.registers.projects import Project
from sia.registers.series_breaks import breaks_of
from sia.scorecard.amounts import Amount, AmountsByCell, Status, lookback_quarters, quarter_amount
from sia.scorecard.periods import KeyedQuarter
from sia.scorecard.registers import Registers
from sia.scorecard.return_status import ReturnStatus
from sia.statistics.displacement import BeforeAfter, displacement_difference
from sia.statistics.intervals import Estimate, half_up


class OutcomeState(StrEnum):
    """Whether a project was compared; if not, why."""

    COMPARED = "compared"
    NOT_YET = "not_yet"
    REGISTERED_LATE = "registered_late"
    BROKEN = "broken"
    CONFIDENTIAL = "confidential"
    WITHHELD = "withheld"
    NOT_RECEIVED = "not_received"


@dataclass(frozen=True, slots=True)
class ProjectOutcome:
    """A registered project, and what followed.

    ``first``: the first of the ``quarters`` after it began; they are compared with as many before it.
    ``first_known_on``: when figures of these quarters were first known. ``project`` and ``comparison``: incidents in
    its area and in the other one; ``effect``: how many more there were than the other area suggests. All three are
    none unless it was compared.
    """

    id: str
    title: str
    measure_id: str
    area_code: str
    comparison_code: str
    first: KeyedQuarter
    quarters: int
    registered_on: date
    registered_by: str
    first_known_on: date | None
    state: OutcomeState
    project: BeforeAfter | None = None
    comparison: BeforeAfter | None = None
    effect: Estimate | None = None


def project_outcomes(
    amounts: AmountsByCell, registers: Registers, quarter: Quarter, returns: Sequence[ReturnStatus]
) -> tuple[ProjectOutcome, ...]:
    """The projects that began by the end of a quarter, if the scorecard looks back on all their quarters.

    Args:
        amounts: the amounts that are shown.
        registers: projects, measures and breaks.
        quarter: the quarter.
        returns: the state of each return of the quarters that the scorecard looks back on.
    """
    by_id = {measure.id: measure for measure in registers.measures}
    first = lookback_quarters(quarter)[0]
    return tuple(
        _outcome(project, measure, amounts, registers, quarter, returns)
        for project in registers.projects
        if (measure := by_id.get(project.measure)) and first <= project.before[0] and project.after[0] <= quarter
    )


def _outcome(
    project: Project,
    measure: Measure,
    amounts: AmountsByCell,
    registers: Registers,
    quarter: Quarter,
    returns: Sequence[ReturnStatus],
) -> ProjectOutcome:
    areas = (project.area, project.comparison_area)
    pairs = [
        (_sum(amounts, measure, area, project.before), _sum(amounts, measure, area, project.after)) for area in areas
    ]
    first_known_on = min(_known_on(measure, project.after, returns), default=None)
    state = _state(project, measure, registers, quarter, first_known_on, [part for pair in pairs for part in pair])
    with_project, without = (
        (BeforeAfter(*(int(half_up(part.number)) for part in pair)) for pair in pairs)
        if state is OutcomeState.COMPARED
        else (None, None)
    )
    return ProjectOutcome(
        id=project.id,
        title=project.title,
        measure_id=measure.id,
        area_code=project.area,
        comparison_code=project.comparison_area,
        first=project.after[0],
        quarters=project.quarters,
        registered_on=project.registered_on,
        registered_by=project.registered_by,
        first_known_on=first_known_on,
        state=state,
        project=with_project,
        comparison=without,
        effect=displacement_difference(with_project, without) if with_project and without else None,
    )


def _state(
    project: Project,
    measure: Measure,
    registers: Registers,
    quarter: Quarter,
    first_known_on: date | None,
    parts: Sequence[Amount],
) -> OutcomeState:
    if first_known_on is not None and first_known_on <= project.registered_on:
        return OutcomeState.REGISTERED_LATE
    if quarter < project.after[-1]:
        return OutcomeState.NOT_YET
    first, last = project.before[0].start, project.after[-1].end
    if any(first < entry.starts <= last for entry in breaks_of(measure, registers.breaks)):
        return OutcomeState.BROKEN
    if any(part.status.is_hidden for part in parts):
        return OutcomeState.CONFIDENTIAL
    statuses = {part.status for part in parts}
    if statuses == {Status.REPORTED}:
        return OutcomeState.COMPARED
    return OutcomeState.WITHHELD if Status.WITHHELD in statuses else OutcomeState.NOT_RECEIVED


def _sum(amounts: AmountsByCell, measure: Measure, area: str, quarters: Sequence[Quarter]) -> Amount:
    """What a measure came to in several quarters: the amount of them all if it is shown, else their sum."""
    whole = amounts.get((measure.id, area, Span.months(quarters[0].start, 3 * len(quarters))))
    if whole and whole.status is Status.REPORTED:
        return whole
    parts = [quarter_amount(amounts, measure, area, quarter) for quarter in quarters]
    for part in parts:
        if part.status is not Status.REPORTED:
            return Amount(part.status)
    return Amount(Status.REPORTED, sum(part.number for part in parts))


def _known_on(measure: Measure, quarters: Sequence[Quarter], returns: Sequence[ReturnStatus]) -> Iterator[date]:
    """When the measure's returns of some quarters were first known."""
    for state in returns:
        is_own = (state.return_name, state.source) == (measure.return_name, measure.source)
        if is_own and state.quarter in quarters and state.first_known_on:
            yield state.first_known_on
