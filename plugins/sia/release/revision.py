"""What a release says differently from an earlier one, in figures and in conclusions.

A change is substantial if a conclusion changes (the measure's direction of travel in the area, whether it is an
exception, how it compares with the county, its place), or if the figure that is compared leaves the interval that was
published with it. All others are minor. After the revisions policies of the Code of Practice for Statistics. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sia.calendar import Quarter, format_date
from sia.presentation import words
from sia.presentation.number_format import format_value, unit
from sia.registers.measures import Measure
from sia.scorecard.amounts import Place, Status
from sia.scorecard.exceptions import ExceptionReport
from sia.scorecard.line import Line
from sia.scorecard.periods import QUARTER
from sia.scorecard.registers import Registers
from sia.scorecard.registry import LOWER, QUARTER_FIGURE, RATE, UPPER, Quantity, Statistic
from sia.scorecard.scorecard import Scorecard

FigureKey = tuple[str, str, str]
"""A measure's id, an area's code, and the id of a statistic or conclusion."""

PROVISIONAL_YEARS = 1
"""For so long after its end a quarter's figures are provisional: records come late, are cancelled, are transferred."""


@dataclass(frozen=True, slots=True)
class ReleasedFigure:
    """A figure as a release has it: its value, and its status. The status of a conclusion is its word."""

    value: float | None
    status: str


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a release concludes about a measure in an area, besides its figures."""

    id: str
    name: str
    of: Callable[[Line], ReleasedFigure]


def _word(word: str | None) -> ReleasedFigure:
    return ReleasedFigure(None, word or Status.NOT_APPLICABLE.value)


def _place(place: int | None) -> ReleasedFigure:
    return _word(None) if place is None else ReleasedFigure(float(place), Status.REPORTED.value)


DIRECTION = Conclusion(
    "direction_of_travel",
    "Direction of travel",
    lambda line: _word(line.direction.direction.value if line.direction else None),
)

CONCLUSIONS: Mapping[str, Conclusion] = {
    conclusion.id: conclusion
    for conclusion in (
        DIRECTION,
        Conclusion(
            "compared_with_county",
            "Compared with the county",
            lambda line: _word(line.comparison.with_county and line.comparison.with_county.value),
        ),
        Conclusion(
            "funnel",
            "Place in the funnel around the county's rate",
            lambda line: _word(line.comparison.funnel and line.comparison.funnel.value),
        ),
        Conclusion(
            "place_first",
            "Highest place among the partnerships that it may have",
            lambda line: _place(line.comparison.rank and line.comparison.rank.first),
        ),
        Conclusion(
            "place_last",
            "Lowest place among the partnerships that it may have",
            lambda line: _place(line.comparison.rank and line.comparison.rank.last),
        ),
    )
}
"""Every conclusion by its id."""


@dataclass(frozen=True)
class ReleaseFigures:
    """What one release says: every figure and conclusion, each direction, its exceptions, and how much it hides."""

    name: str
    figures: Mapping[FigureKey, ReleasedFigure]
    directions: Mapping[Place, str] = field(default_factory=dict)
    exceptions: frozenset[Place] = frozenset()
    suppressed: int = 0


def figures_of(
    name: str, scorecard: Scorecard, exceptions: Sequence[ExceptionReport], suppressed: int
) -> ReleaseFigures:
    """What a scorecard says, to be compared with another release."""
    figures: dict[FigureKey, ReleasedFigure] = {}
    for line in scorecard.lines:
        for statistic, figure in line.figures.items():
            figures[*line.place, statistic] = ReleasedFigure(figure.value, figure.status.value)
        for conclusion in CONCLUSIONS.values():
            figures[*line.place, conclusion.id] = conclusion.of(line)
    return ReleaseFigures(
        name=name,
        figures=figures,
        directions={line.place: line.direction.direction.value for line in scorecard.lines if line.direction},
        exceptions=frozenset(report.place for report in exceptions),
        suppressed=suppressed,
    )


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure that differs: ``None`` where one of the releases did not have it at all."""

    key: FigureKey
    before: ReleasedFigure | None
    after: ReleasedFigure | None
    substantial: bool


@dataclass(frozen=True, slots=True)
class ConclusionChange:
    """A direction of travel that differs; empty where one of the releases had none."""

    place: Place
    before: str
    after: str


@dataclass(frozen=True)
class Difference:
    """All that differs between two releases."""

    earlier: ReleaseFigures
    later: ReleaseFigures
    changes: tuple[FigureChange, ...]
    conclusion_changes: tuple[ConclusionChange, ...]
    opened: tuple[Place, ...]
    closed: tuple[Place, ...]

    @property
    def has_new_conclusions(self) -> bool:
        """Whether the unit gets a letter."""
        return bool(self.conclusion_changes or self.opened or self.closed)


@dataclass(frozen=True, slots=True)
class NewSubmission:
    """A submission from which we learned something about a quarter between two releases."""

    submission_id: int
    return_name: str
    source: str
    quarter: Quarter
    return_title: str
    source_name: str
    received_on: date

    def __str__(self) -> str:
        return (
            f"{self.return_title} from {self.source_name} for {self.quarter.label}, "
            f"received {format_date(self.received_on)} (submission {self.submission_id})"
        )


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """A change in words, as the revision note shows it."""

    measure_id: str
    measure: str
    area_code: str
    area: str
    figure: str
    figure_name: str
    before: str
    after: str
    kind: str
    marks: str
    why: str


def compare(earlier: ReleaseFigures, later: ReleaseFigures) -> Difference:
    """What the later release says differently from the earlier."""
    conclusion_changes = tuple(
        ConclusionChange(place, earlier.directions.get(place, ""), later.directions.get(place, ""))
        for place in sorted({*earlier.directions, *later.directions})
        if earlier.directions.get(place) != later.directions.get(place)
    )
    opened, closed = later.exceptions - earlier.exceptions, earlier.exceptions - later.exceptions
    changes = [
        (key, before, after)
        for key in sorted({*earlier.figures, *later.figures})
        if (before := earlier.figures.get(key)) != (after := later.figures.get(key))
    ]
    substantial = {change.place for change in conclusion_changes} | opened | closed
    substantial |= {
        (measure, area)
        for (measure, area, figure), *_ in changes
        if figure in CONCLUSIONS or _left_its_interval(earlier.figures, later.figures, (measure, area))
    }
    return Difference(
        earlier,
        later,
        tuple(FigureChange(key, before, after, key[:2] in substantial) for key, before, after in changes),
        conclusion_changes,
        tuple(sorted(opened)),
        tuple(sorted(closed)),
    )


def _left_its_interval(
    earlier: Mapping[FigureKey, ReleasedFigure], later: Mapping[FigureKey, ReleasedFigure], place: Place
) -> bool:
    """Whether what is compared, the rate or else the quarter's figure, left the interval published before."""

    def value(figures: Mapping[FigureKey, ReleasedFigure], statistic: Statistic) -> float | None:
        figure = figures.get((*place, statistic.id))
        return figure.value if figure else None

    compared = QUARTER_FIGURE if value(earlier, RATE) is None else RATE
    now, lower, upper = value(later, compared), value(earlier, LOWER), value(earlier, UPPER)
    return now is not None and lower is not None and upper is not None and not lower <= now <= upper


def revision_lines(
    difference: Difference,
    registers: Registers,
    quarter: Quarter,
    submissions: Sequence[NewSubmission],
    known_on: date,
) -> list[RevisionLine]:
    """Every changed figure in words, the substantial first, in the order of the scorecard; none of them twice.

    Args:
        difference: what changed.
        registers: measures, areas and statistics.
        quarter: the quarter of the releases.
        submissions: those that came to be known between them.
        known_on: the day whose knowledge the later release shows.
    """
    measures = {measure.id: measure for measure in registers.measures}
    statistics = {statistic.id: statistic for statistic in registers.statistics}
    order = {measure_id: number for number, measure_id in enumerate(measures)}
    provisional = known_on < quarter.plus(4 * PROVISIONAL_YEARS).end
    lines = []
    for change in difference.changes:
        measure_id, area_code, figure = change.key
        measure, statistic = measures.get(measure_id), statistics.get(figure)
        if measure and statistic and not statistic.concerns.includes(measure):
            continue
        of_quarter = statistic is not None and QUARTER in statistic.periods
        lines.append(
            RevisionLine(
                measure_id=measure_id,
                measure=registers.measure_title(measure_id),
                area_code=area_code,
                area=registers.area_name(area_code),
                figure=figure,
                figure_name=_name(measure, statistic, figure),
                before=_text(measure, statistic, change.before),
                after=_text(measure, statistic, change.after),
                kind="substantial" if change.substantial else "minor",
                marks="[p] [r]" if provisional and of_quarter else "[r]",
                why=_why(measure, statistic, change, quarter, submissions),
            )
        )
    return sorted(lines, key=lambda line: (line.kind == "minor", order.get(line.measure_id, len(order))))


def conclusion_sentences(difference: Difference, registers: Registers) -> list[str]:
    """Every conclusion that differs, in a sentence each."""
    return [
        *(
            f"{registers.place_name(change.place)}: was {words.direction_word(change.before)}, is now"
            f" {words.direction_word(change.after)}."
            for change in difference.conclusion_changes
        ),
        *(f"{registers.place_name(place)}: now reported as an exception." for place in difference.opened),
        *(f"{registers.place_name(place)}: no longer reported as an exception." for place in difference.closed),
    ]


def _name(measure: Measure | None, statistic: Statistic | None, figure: str) -> str:
    """A figure's name with its unit, for people."""
    if statistic is None or measure is None:
        return CONCLUSIONS[figure].name if figure in CONCLUSIONS else figure
    name = statistic.name.format(unit=unit(measure).capitalize())
    in_points = statistic.quantity is Quantity.CHANGE and measure.kind == "proportion"
    return f"{name}, in points" if in_points else name


def _text(measure: Measure | None, statistic: Statistic | None, figure: ReleasedFigure | None) -> str:
    if figure is None:
        return "not shown"
    if figure.value is None:
        return words.released_status(figure.status)
    return format_value(measure, statistic, figure.value) if measure and statistic else f"{figure.value:g}"


def _why(
    measure: Measure | None,
    statistic: Statistic | None,
    change: FigureChange,
    quarter: Quarter,
    submissions: Sequence[NewSubmission],
) -> str:
    """The submissions that may have changed a figure: those for its quarters, or any if it rests on them all."""
    periods = statistic.periods if statistic else ()
    quarters = {part for period in periods for part in period.quarters_of(quarter)}
    new = [
        str(submission)
        for submission in submissions
        if measure
        and (submission.return_name, submission.source) == (measure.return_name, measure.source)
        and (not quarters or submission.quarter in quarters)
    ]
    if new:
        return "; ".join(new)
    if change.before and change.after and change.before.status != change.after.status:
        before, after = (words.released_status(figure.status) for figure in (change.before, change.after))
        return f"no new submission: {before} then, {after} now"
    return "no new submission: a method, a register or another figure changed"
