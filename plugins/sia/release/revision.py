"""What a release says otherwise than an earlier one of the same quarter, and the note that tells it.

A change is substantial if a conclusion changes (the measure's direction of travel in the area, whether it is an
exception, how it compares with the county, its place), or if the figure that is compared leaves the interval that was
published with it; else it is minor. After the revisions policies of the Code of Practice for Statistics. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import isnan

from sia import geography
from sia.calendar import Quarter, quarters_between
from sia.presentation.captions import day
from sia.presentation.figures import plain, unit
from sia.presentation.tidy_csv import COLUMNS
from sia.registers.measures import Measure, measures
from sia.scorecard.scorecard import RESTS_ON

Place = tuple[str, str]
"""A measure's id and an area's code."""
Key = tuple[str, str, str]
"""A measure's id, an area's code and the name of a figure."""

CONCLUDING = frozenset({"direction_of_travel", "beside_county", "place_first", "place_last"})
"""What the released data say in words of a measure in an area."""

_NAMES = {
    "rate": "Number for each 1,000 residents in the quarter",
    "direction_of_travel": "Direction of travel",
    "beside_county": "Beside the county",
    "place_first": "Highest place that chance leaves open",
    "place_last": "Lowest place that chance leaves open",
}
_COMPARED = {"": "the same quarter last year", "year_": "the twelve months before"}
_PERIODS = {
    "quarter": "the quarter",
    "last_year": "the same quarter last year",
    "year_before": "the twelve months before",
    "year": "the twelve months",
}

PROVISIONAL_YEARS = 1
"""For so long after its end a quarter's figures are provisional: records come late, are cancelled, are transferred."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it was published: NaN where none was, and the status says why."""

    value: float
    status: str

    def same_as(self, other: Figure | None) -> bool:
        """Whether a reader sees the same."""
        if other is None or self.status != other.status:
            return False
        return self.value == other.value or (isnan(self.value) and isnan(other.value))


@dataclass(frozen=True)
class Edition:
    """What one release says: every figure, what it concludes of each measure in each area, and how much it hides."""

    name: str
    figures: Mapping[Key, Figure]
    verdicts: Mapping[Place, str] = field(default_factory=dict)
    exceptions: frozenset[Place] = frozenset()
    suppressed: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A figure that is another: ``None`` where one of the releases did not have it at all."""

    key: Key
    before: Figure | None
    after: Figure | None
    substantial: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """A conclusion that is another."""

    place: Place
    before: str
    after: str


@dataclass(frozen=True)
class Difference:
    """All that is another between two editions."""

    earlier: Edition
    later: Edition
    changes: tuple[Change, ...]
    turns: tuple[Turn, ...]
    opened: tuple[Place, ...]
    closed: tuple[Place, ...]

    @property
    def concluded_otherwise(self) -> bool:
        """Whether people must be told."""
        return bool(self.turns or self.opened or self.closed)

    @property
    def anything(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.changes) or self.concluded_otherwise


@dataclass(frozen=True, slots=True)
class News:
    """A submission that told us something new of a quarter between two releases."""

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
            f"received {day(self.received_on)} (submission {self.submission_id})"
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A change in words, as the note tells it."""

    measure_id: str
    measure: str
    area_code: str
    area: str
    figure: str
    what: str
    before: str
    after: str
    kind: str
    marks: str
    why: str


def compare(earlier: Edition, later: Edition) -> Difference:
    """What the later edition says otherwise than the earlier."""
    turns = tuple(
        Turn(place, earlier.verdicts.get(place, "nothing"), later.verdicts.get(place, "nothing"))
        for place in sorted({*earlier.verdicts, *later.verdicts})
        if earlier.verdicts.get(place) != later.verdicts.get(place)
    )
    opened, closed = later.exceptions - earlier.exceptions, earlier.exceptions - later.exceptions
    weighty = {turn.place for turn in turns} | opened | closed
    changes = [
        (key, earlier.figures.get(key), later.figures.get(key))
        for key in sorted({*earlier.figures, *later.figures})
        if not _same(earlier.figures.get(key), later.figures.get(key))
    ]
    weighty |= {
        (measure, area)
        for (measure, area, name), *_ in changes
        if name in CONCLUDING or _beyond_interval(earlier.figures, later.figures, (measure, area))
    }
    return Difference(
        earlier,
        later,
        tuple(Change(key, before, after, key[:2] in weighty) for key, before, after in changes),
        turns,
        tuple(sorted(opened)),
        tuple(sorted(closed)),
    )


def _same(before: Figure | None, after: Figure | None) -> bool:
    return after is None if before is None else before.same_as(after)


def _beyond_interval(earlier: Mapping[Key, Figure], later: Mapping[Key, Figure], place: Place) -> bool:
    """Whether what is compared, the rate or else the quarter's figure, left the interval published before."""

    def value(figures: Mapping[Key, Figure], name: str) -> float:
        found = figures.get((*place, name))
        return float("nan") if found is None else found.value

    name = "quarter_figure" if isnan(value(earlier, "rate")) else "rate"
    now, lower, upper = value(later, name), value(earlier, "lower"), value(earlier, "upper")
    # Of NaN neither is true: without an interval, or without a figure, nothing left it.
    return now < lower or now > upper


def lines(difference: Difference, quarter: Quarter, news: Sequence[News], known_on: date) -> list[Line]:
    """Every changed figure in words, the substantial first, in the order of the scorecard; none of them twice.

    Args:
        difference: what changed.
        quarter: the quarter of the releases.
        news: the submissions that came to be known between them.
        known_on: the day whose knowledge the later release shows.
    """
    register = {measure.id: measure for measure in measures()}
    order = {measure_id: number for number, measure_id in enumerate(register)}
    provisional = known_on < quarter.plus(4 * PROVISIONAL_YEARS).end
    found = [
        Line(
            measure_id=change.key[0],
            measure=register[change.key[0]].title if change.key[0] in register else change.key[0],
            area_code=change.key[1],
            area=area_name(change.key[1]),
            figure=change.key[2],
            what=_what(register.get(change.key[0]), change.key[2]),
            before=_shown(register.get(change.key[0]), change.key[2], change.before),
            after=_shown(register.get(change.key[0]), change.key[2], change.after),
            kind="substantial" if change.substantial else "minor",
            marks="[p] [r]" if provisional and "quarter" in RESTS_ON.get(change.key[2], ()) else "[r]",
            why=_why(register.get(change.key[0]), change, quarter, news),
        )
        for change in difference.changes
        if not _said_by_the_figure(register.get(change.key[0]), change.key[2])
    ]
    return sorted(found, key=lambda line: (line.kind == "minor", order.get(line.measure_id, len(order))))


def area_name(code: str) -> str:
    """An area's name; its code where the register has none."""
    known = geography.areas().get(code)
    return known.name if known else code


def measure_title(measure_id: str) -> str:
    """A measure's title; its id where the register has none."""
    return next((measure.title for measure in measures() if measure.id == measure_id), measure_id)


def _said_by_the_figure(measure: Measure | None, name: str) -> bool:
    """Whether a number is the figure itself: so it is where nothing divides it."""
    return measure is not None and measure.denominator is None and name.endswith("_number")


def _what(measure: Measure | None, name: str) -> str:
    """A figure's name with its unit, for people."""
    if measure is None or name in _NAMES:
        return _NAMES.get(name, name)
    of_share = ", in points" if measure.kind == "proportion" else ""
    for period, words in _PERIODS.items():
        match name.removeprefix(f"{period}_"):
            case "figure":
                return f"{unit(measure).capitalize()} in {words}"
            case "number":
                return f"Number in {words}"
            case "out_of":
                return f"Out of, in {words}"
    for prefix, words in _COMPARED.items():
        if name in (f"{prefix}change", f"{prefix}change_percent"):
            return f"Change on {words}{', in per cent' if name.endswith('percent') else of_share}"
    return COLUMNS.get(name, name)


def _shown(measure: Measure | None, name: str, figure: Figure | None) -> str:
    if figure is None:
        return "not shown"
    if isnan(figure.value):
        return figure.status
    return plain(measure, name, figure.value) if measure else f"{figure.value:g}"


def _why(measure: Measure | None, change: Change, quarter: Quarter, news: Sequence[News]) -> str:
    about = _quarters(change.key[2], quarter)
    heard = [
        str(each)
        for each in news
        if measure
        and (each.return_name, each.source) == (measure.return_name, measure.source)
        and (about is None or each.quarter in about)
    ]
    if heard:
        return "; ".join(heard)
    if change.before and change.after and change.before.status != change.after.status:
        return f"no new submission: {change.before.status} then, {change.after.status} now"
    return "no new submission: a method, a register or another figure changed"


def _quarters(name: str, quarter: Quarter) -> set[Quarter] | None:
    """The quarters on which a figure rests; None where it rests on all that is held."""
    spans = {"quarter": (0, 0), "last_year": (-4, -4), "year": (-3, 0), "year_before": (-7, -4)}
    if name not in RESTS_ON:
        return None
    return {
        each
        for period in RESTS_ON[name]
        for each in quarters_between(quarter.plus(spans[period][0]), quarter.plus(spans[period][1]))
    }
