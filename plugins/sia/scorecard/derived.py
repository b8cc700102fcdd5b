"""What falls with a hidden count: every figure, picture and sentence that would give it away.

The safest way to make these is from the published counts alone, hidden ones being gaps: what is computed from
published counts tells a reader nothing new. Where they are made from all counts, this says which to leave out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sia.scorecard.additive import Cell, Span


class Kind(StrEnum):
    """The kinds of figures that rest on counts."""

    FIGURE = "figure"
    RATE = "rate"
    INTERVAL = "interval"
    CHANGE = "change"
    BENCHMARK = "benchmark"
    RANK = "rank"
    CHART_POINT = "chart point"
    CHART_LIMITS = "chart limits"
    DIRECTION = "direction of travel"
    ALT_TEXT = "alternative text"
    DOWNLOAD = "download"


@dataclass(frozen=True, slots=True)
class Derived:
    """One figure of a measure in an area and period, and the counts that it would give away."""

    kind: Kind
    measure: str
    area: str
    span: Span
    rests_on: frozenset[Cell]


def figures(
    measure: str, counted: Collection[str], area: str, series: Sequence[Span], compared: Collection[str]
) -> list[Derived]:
    """Everything that is usually made of a measure in an area.

    Args:
        measure: its id.
        counted: what it counts: numerator, and denominator if it has one.
        area: the area.
        series: the periods of its chart, oldest first; the last is the one that is reported.
        compared: the areas that are ranked and set against the benchmark with it, and the benchmark's.
    """

    def counts(areas: Collection[str], spans: Collection[Span]) -> frozenset[Cell]:
        return frozenset(Cell(each, place, span) for each in counted for place in areas for span in spans)

    now = series[-1]
    year_before = Span(now.first - 12, now.after - 12)
    own = (Kind.FIGURE, Kind.RATE, Kind.INTERVAL, Kind.DOWNLOAD)
    whole_series = (Kind.CHART_LIMITS, Kind.DIRECTION, Kind.ALT_TEXT)
    among_areas = (Kind.RANK, Kind.BENCHMARK)
    return [
        *(Derived(kind, measure, area, now, counts([area], [now])) for kind in own),
        Derived(Kind.CHANGE, measure, area, now, counts([area], [now, year_before])),
        *(Derived(kind, measure, area, now, counts({area, *compared}, [now])) for kind in among_areas),
        *(Derived(Kind.CHART_POINT, measure, area, span, counts([area], [span])) for span in series),
        *(Derived(kind, measure, area, now, counts([area], series)) for kind in whole_series),
    ]


def derived(hidden: Collection[Cell], made: Iterable[Derived]) -> list[Derived]:
    """The figures that fall because a count that they rest on is hidden."""
    return [each for each in made if not each.rests_on.isdisjoint(hidden)]
