"""Did a project work? The weighted displacement difference of Wheeler and Ratcliffe (2018), Crime Science 7:11.

Incidents where the project was, before and after, are compared with those of a similar area without one. If incidents
may have moved next door, the areas next to both count too. Counts are taken to vary as Poisson does, so the variance of
the difference is the sum of all counts.
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

from sia.statistics.intervals import Estimate, half_up

_Z = NormalDist().inv_cdf(0.975)


class BeforeAfter(NamedTuple):
    """Incidents in an area in equally long times before and after a project began there, or elsewhere."""

    before: int
    after: int


def displacement_difference(
    project: BeforeAfter, comparison: BeforeAfter, *nearby: BeforeAfter, nearby_comparison: BeforeAfter | None = None
) -> Estimate:
    """How many more incidents there were than without the project, with the 95 per cent interval; below 0 is fewer.

    Args:
        project: the area of the project.
        comparison: a similar area without one.
        nearby: the areas next to the project's, to which incidents may have moved.
        nearby_comparison: the area next to the comparison's; needed if there are areas nearby, and only then.

    Raises:
        ValueError: a count is negative, or areas nearby have no comparison or a comparison no areas.
    """
    if bool(nearby) != (nearby_comparison is not None):
        raise ValueError("areas nearby and their comparison go together")
    with_project = [project, *nearby]
    without = [comparison, *([nearby_comparison] if nearby_comparison else [])]
    counts = [count for area in (*with_project, *without) for count in area]
    if min(counts) < 0:
        raise ValueError("a count cannot be negative")
    difference = sum(a.after - a.before for a in with_project) - sum(a.after - a.before for a in without)
    margin = _Z * sqrt(sum(counts))
    return Estimate(float(difference), difference - margin, difference + margin)


def sentence(effect: Estimate, unit: str) -> str:
    """What the difference says, in one sentence that never claims a proof.

    Args:
        effect: as :func:`displacement_difference` gives it.
        unit: what was counted, in the plural.
    """
    number = half_up(abs(effect.value))
    counted = f"{number:,} {'more' if effect.value > 0 else 'fewer'} {unit} than the comparison area suggests"
    lower, upper = (half_up(end) for end in (effect.lower, effect.upper))
    interval = f"(95% interval {lower:,} to {upper:,})"
    if effect.lower <= 0 <= effect.upper:
        return f"There were {counted}, which chance alone may explain {interval}."
    return f"There were {counted}, more than chance explains {interval}, which does not prove why."
