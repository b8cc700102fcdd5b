"""Small multiples: one measure in the county and its partnerships, a picture each, on scales that can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isnan

from sia import geography
from sia.geography import Area
from sia.papers.history import Quarterly
from sia.presentation.charts import Tick
from sia.presentation.figures import CONFIDENTIAL, compared_as, gap, plain
from sia.registers.measures import Measure

WIDTH, HEIGHT = 160, 104
_LEFT, _RIGHT, _TOP, _BOTTOM = 10, 150, 24, 78


@dataclass(frozen=True, slots=True)
class Dot:
    """A quarter: ``y`` is ``None`` where there is no figure, and ``text`` the symbol that says why."""

    x: float
    y: float | None
    text: str
    named: bool


@dataclass(frozen=True, slots=True)
class Small:
    """A measure in one area over eight quarters; ``segments`` join neighbours only, never across a gap."""

    title: str
    describes: str
    caption: str
    dots: tuple[Dot, ...]
    segments: tuple[tuple[Dot, Dot], ...]
    years: tuple[Tick, ...]
    left: float = _LEFT
    right: float = _RIGHT
    bottom: float = _BOTTOM
    width: float = WIDTH
    height: float = HEIGHT


def one_scale(measure: Measure) -> bool:
    """Whether county and partnerships share a scale: a county's count or sum is their total, and flattens them."""
    return measure.has_rate or measure.kind in ("proportion", "mean")


def small_multiples(measure: Measure, series: Sequence[tuple[Area, Sequence[Quarterly]]]) -> tuple[Small, ...]:
    """A picture for each area that has any figure to show.

    Args:
        measure: the measure.
        series: its quarters by area, oldest first, the same quarters for each.
    """
    county = geography.county()

    def reach(area: Area) -> float:
        with_it = [s for a, s in series if one_scale(measure) or (a == county) == (area == county)]
        return max((one.value for quarters in with_it for one in quarters if not isnan(one.value)), default=0.0)

    return tuple(
        _small(measure, area, quarters, reach(area))
        for area, quarters in series
        if any(not isnan(one.value) for one in quarters)
    )


def _small(measure: Measure, area: Area, quarters: Sequence[Quarterly], reach: float) -> Small:
    step = (_RIGHT - _LEFT) / max(1, len(quarters) - 1)
    dots = tuple(
        Dot(
            x=round(_LEFT + step * number, 1),
            y=None if isnan(one.value) else round(_BOTTOM - (_BOTTOM - _TOP) * one.value / (reach or 1), 1),
            text=gap(one.status) if isnan(one.value) else plain(measure, "value", one.value),
            named=number == len(quarters) - 1,
        )
        for number, one in enumerate(quarters)
    )
    told = [
        f"{one.quarter.label} {_said(dot)}" for one, dot in zip(quarters, dots, strict=True)
    ]  # fmt: skip
    by_year: dict[str, list[float]] = {}
    for one, dot in zip(quarters, dots, strict=True):
        by_year.setdefault(one.quarter.financial_year.replace("-", "/"), []).append(dot.x)
    name = area.name.removesuffix(" CSP")
    return Small(
        title=f"{measure.title}: {name}, quarter by quarter",
        describes=f"{compared_as(measure)}: ".capitalize() + "; ".join(told) + ".",
        caption=name,
        dots=dots,
        segments=tuple((a, b) for a, b in pairwise(dots) if a.y is not None and b.y is not None),
        years=tuple(Tick(round(sum(x) / len(x), 1), year) for year, x in by_year.items()),
    )


def _said(dot: Dot) -> str:
    if dot.y is not None:
        return dot.text
    return "hidden" if dot.text == CONFIDENTIAL else "no figure"
