"""The scorecard of a quarter: every measure in every area, compared with last year and the county, and its direction.

Pure: amounts and registers in, a scorecard out. What is not known, or is hidden, has no value and says why in a status;
it is never zero. The draft is built from all amounts, the release from those that disclosure control leaves
(``protection``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator, TypeAdapter

from sia.calendar import Quarter, quarters_between
from sia.geography import Area, Areas, AreaType
from sia.registers.measures import Measure
from sia.registers.series_breaks import breaks_of, is_set_aside
from sia.scorecard.amounts import (
    QUARTERS_SHOWN,
    AmountsByCell,
    Place,
    Status,
    areas_by_measure,
    lookback_quarters,
    period_amount,
    quarter_amount,
)
from sia.scorecard.area_comparison import NOT_COMPARED, compare_areas
from sia.scorecard.direction_of_travel import (
    DirectionOfTravel,
    JudgedSeries,
    conclude_direction,
    judge_series,
    verdict_limit,
)
from sia.scorecard.estimates import applicable, estimate, figure_of, known
from sia.scorecard.last_known_share import last_known_share
from sia.scorecard.line import Line, QuarterInHistory
from sia.scorecard.peers import PeerTable
from sia.scorecard.periods import QUARTER, KeyedQuarter, ReportingPeriod
from sia.scorecard.population import PopulationEstimate, Residents, residents
from sia.scorecard.project_outcomes import ProjectOutcome, project_outcomes
from sia.scorecard.registers import Registers
from sia.scorecard.registry import Basis, Statistic, periods_of
from sia.scorecard.return_status import ReturnStatus
from sia.scorecard.sender_notes import SenderAnswer, SenderNote, sender_notes
from sia.statistics.comparison import GoodDirection
from sia.statistics.direction import Direction

_WITH_DIRECTION = frozenset({AreaType.COUNTY, AreaType.CSP, AreaType.DISTRICT})

_AREA_LIST = TypeAdapter(tuple[Area, ...])


def _areas(value: object) -> Areas:
    return value if isinstance(value, Areas) else Areas({area.code: area for area in _AREA_LIST.validate_python(value)})


AreaRegister = Annotated[
    Areas,
    PlainValidator(_areas),
    PlainSerializer(lambda areas: [area.model_dump(mode="json") for area in areas.values()]),
]
"""The areas; a data file writes them as a list."""


@dataclass(frozen=True)
class Scorecard:
    """A quarter's scorecard.

    ``lines``: one a measure and area, in the order of the registers. ``good_directions``: by measure. ``peers``: the
    comparisons with each list of peers. ``returns``: the state of each return of the quarter. ``residents``: what the
    quarter's rates are divided by. ``as_of``: the day of the newest return. ``share_published``: the share of the
    counts that disclosure control left to be shown; none for a draft, in which nothing is hidden.
    ``verdict_limit``: the chance up to which a change counts as a verdict. ``projects``: what followed each of them.
    ``notes``: what senders said about figures that we asked about.
    """

    publisher: str
    quarter: KeyedQuarter
    statistics: tuple[Statistic, ...]
    measures: tuple[Measure, ...]
    areas: AreaRegister
    lines: tuple[Line, ...]
    good_directions: Mapping[str, GoodDirection]
    peers: tuple[PeerTable, ...]
    returns: tuple[ReturnStatus, ...]
    residents: Residents
    as_of: date
    share_published: float | None
    verdict_limit: float
    projects: tuple[ProjectOutcome, ...] = ()
    notes: tuple[SenderNote, ...] = ()

    @property
    def false_exceptions(self) -> float:
        """How many measures chance alone would make exceptions, if nothing changed anywhere.

        Half of all movements go the wrong way. Targets are not counted.
        """
        return sum(travel.chance is not None for travel in self._may_be_exceptions) * self.verdict_limit / 2

    @property
    def hidden_directions(self) -> int:
        """In how many places small numbers hide whether there is an exception.

        How many exceptions there are in fact would tell something of hidden counts.
        """
        return self.hidden_directions_of({self.areas.county.code, *(area.code for area in self.areas.csps)})

    def hidden_directions_of(self, areas: Collection[str]) -> int:
        """In how many places of some areas small numbers hide whether there is an exception."""
        return sum(travel.direction is Direction.HIDDEN for travel in self._judged(areas))

    @cached_property
    def _may_be_exceptions(self) -> tuple[DirectionOfTravel, ...]:
        """The directions of measures with a good direction, in the county and in partnerships."""
        return self._judged({self.areas.county.code, *(area.code for area in self.areas.csps)})

    def _judged(self, areas: Collection[str]) -> tuple[DirectionOfTravel, ...]:
        """The directions of measures with a good direction in some areas."""
        directions = (line.direction for line in self.lines if line.area_code in areas)
        return tuple(travel for travel in directions if travel and travel.good_direction != "none")

    @property
    def is_draft(self) -> bool:
        """Whether nothing is hidden, so that it is not for publication."""
        return self.share_published is None

    @cached_property
    def synthetic(self) -> bool:
        """Whether any figure that is shown rests on made-up samples."""
        return any(line.synthetic for line in self.lines)

    @cached_property
    def reported(self) -> tuple[Measure, ...]:
        """The measures with a figure for the quarter in at least one area, shown or hidden."""
        with_figure = {line.measure_id for line in self.lines if line.quarter_status.is_received}
        return tuple(measure for measure in self.measures if measure.id in with_figure)

    @cached_property
    def unreported(self) -> tuple[Measure, ...]:
        """The measures without any figure for the quarter."""
        reported = {measure.id for measure in self.reported}
        return tuple(measure for measure in self.measures if measure.id not in reported)

    def line(self, measure_id: str, area_code: str) -> Line:
        """The line of a measure in an area.

        Raises:
            KeyError: the scorecard has no such line.
        """
        return self._by_measure[measure_id][area_code]

    def lines_of(self, measure: Measure) -> Mapping[str, Line]:
        """A measure's lines by area code, in reading order."""
        return self._by_measure[measure.id]

    def notes_on(self, measure_id: str, area_code: str | None = None) -> list[SenderNote]:
        """What the sender said about figures of a measure: in an area and within it, or anywhere."""
        own = (note for note in self.notes if note.measure_id == measure_id)
        return [note for note in own if area_code is None or note.concerns(area_code, self.areas)]

    def measure(self, measure_id: str) -> Measure:
        """A measure.

        Raises:
            KeyError: the scorecard has no such measure.
        """
        return self._measures[measure_id]

    @cached_property
    def periods(self) -> tuple[ReportingPeriod, ...]:
        """The periods that its statistics need."""
        return periods_of(self.statistics)

    @cached_property
    def _measures(self) -> dict[str, Measure]:
        return {measure.id: measure for measure in self.measures}

    @cached_property
    def _by_measure(self) -> dict[str, dict[str, Line]]:
        by_measure: dict[str, dict[str, Line]] = {measure.id: {} for measure in self.measures}
        for line in self.lines:
            by_measure[line.measure_id][line.area_code] = line
        return by_measure


def build(
    amounts: AmountsByCell,
    registers: Registers,
    population: Sequence[PopulationEstimate],
    quarter: Quarter,
    returns: Sequence[ReturnStatus] = (),
    *,
    peers: Sequence[PeerTable] = (),
    answers: Sequence[SenderAnswer] = (),
    by_month: Collection[str] = (),
    share_published: float | None = None,
) -> Scorecard:
    """Build the scorecard of a quarter.

    Args:
        amounts: the amounts that are shown.
        registers: what it is built by.
        population: estimates by district and year.
        quarter: the quarter.
        returns: the state of each return of the quarters that it looks back on.
        peers: the comparisons with peers.
        answers: what senders answered to our questions about figures.
        by_month: the measures that are judged by month (``protection.measures_by_month``); the others are by quarter.
        share_published: the share of the counts that disclosure control left, if it was at work.
    """
    people = {past: residents(population, past, registers.areas) for past in lookback_quarters(quarter)}
    good = {measure.id: registers.policy.good(measure.id, quarter.end) for measure in registers.measures}
    areas_of = areas_by_measure(registers.measures, amounts, registers.areas)
    judged = {
        (measure.id, area.code): judge_series(
            measure, area.code, quarter, amounts, people, registers, by_month=measure.id in by_month
        )
        for measure in registers.measures
        for area in areas_of[measure.id]
        if area.type in _WITH_DIRECTION
    }
    limit = verdict_limit(tuple(judged.values()), registers, quarter)
    builder = _LineBuilder(amounts, registers, quarter, people, judged, limit)
    lines: list[Line] = []
    for measure in registers.measures:
        own = builder.lines(measure, areas_of[measure.id])
        figures = {line.area_code: line.figures for line in own}
        comparisons = compare_areas(measure, good[measure.id], figures, people[quarter].persons, registers.areas)
        lines += [replace(line, comparison=comparisons.get(line.area_code, NOT_COMPARED)) for line in own]
    received = [state.received_on for state in returns if state.received_on]
    return Scorecard(
        publisher=registers.publisher,
        quarter=quarter,
        statistics=registers.statistics,
        measures=registers.measures,
        areas=registers.areas,
        lines=tuple(lines),
        good_directions=good,
        peers=tuple(peers),
        returns=tuple(state for state in returns if state.quarter == quarter),
        residents=people[quarter],
        as_of=max(received, default=quarter.end),
        share_published=share_published,
        verdict_limit=limit,
        projects=project_outcomes(amounts, registers, quarter, returns),
        notes=sender_notes(answers, registers.measures, amounts, registers.areas, quarter),
    )


@dataclass(frozen=True)
class _LineBuilder:
    """Builds the lines of a quarter's scorecard."""

    amounts: AmountsByCell
    registers: Registers
    quarter: Quarter
    people: Mapping[Quarter, Residents]
    judged: Mapping[Place, JudgedSeries]
    limit: float

    def lines(self, measure: Measure, areas: Sequence[Area]) -> list[Line]:
        """A measure's lines, not compared yet."""
        incomparable = {
            statistic.id for statistic in self.registers.statistics if self._is_broken(measure, statistic.periods)
        }
        return [self._line(measure, area, incomparable) for area in areas]

    def _line(self, measure: Measure, area: Area, incomparable: Collection[str]) -> Line:
        amounts = {
            period.id: applicable(measure, period_amount(self.amounts, measure, area.code, period, self.quarter))
            for period in self.registers.periods
        }
        persons = self.people[self.quarter].persons.get(area.code)
        history, synthetic = self._history(measure, area)
        is_missing = amounts[QUARTER.id].status is Status.NOT_RECEIVED
        return Line(
            measure_id=measure.id,
            area_code=area.code,
            statuses={period: amount.status for period, amount in amounts.items()},
            figures={
                statistic.id: statistic.figure(
                    Basis(measure, [amounts[period.id] for period in statistic.periods], persons),
                    comparable=statistic.id not in incomparable,
                )
                for statistic in self.registers.statistics
            },
            residents=persons,
            synthetic=synthetic or any(amount.synthetic for amount in amounts.values()),
            history=history,
            direction=conclude_direction(series, self.registers, self.quarter, self.limit)
            if (series := self.judged.get((measure.id, area.code)))
            else None,
            comparison=NOT_COMPARED,
            last_known_share=last_known_share(measure, area, self.registers.areas.county, self.quarter, self.amounts)
            if is_missing
            else None,
        )

    def _is_broken(self, measure: Measure, periods: Sequence[ReportingPeriod]) -> bool:
        """Whether a break is between the first day of the earliest of several periods and the last of the latest."""
        if len(periods) == 1:
            return False
        first = min(period.first(self.quarter) for period in periods).start
        last = max(period.last(self.quarter) for period in periods).end
        return any(first < entry.starts <= last for entry in breaks_of(measure, self.registers.breaks))

    def _history(self, measure: Measure, area: Area) -> tuple[tuple[QuarterInHistory, ...], bool]:
        """The last eight quarters, and whether any of them rests on made-up samples."""
        history, synthetic = [], False
        for past in quarters_between(self.quarter.plus(1 - QUARTERS_SHOWN), self.quarter):
            amount = applicable(measure, quarter_amount(self.amounts, measure, area.code, past))
            synthetic = synthetic or amount.synthetic
            figure = known(figure_of(measure, amount)) if amount.status is Status.REPORTED else None
            value = known(estimate(measure, amount, self.people[past].persons.get(area.code)).value)
            is_aside = is_set_aside(self.registers.set_aside, past.start, past.plus(1).start)
            history.append(QuarterInHistory(past, amount.status, figure, value, is_aside))
        return tuple(history), synthetic
