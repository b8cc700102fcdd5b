"""Areas compared with the county, with made-up rates whose limits were computed apart with scipy.stats.poisson."""

from __future__ import annotations

import pytest

from sia.scorecard.amounts import Status
from sia.scorecard.area_comparison import NOT_COMPARED, AreaComparison, FunnelPosition, compare_areas
from sia.scorecard.registry import Figure
from sia.statistics.comparison import Benchmark, GoodDirection
from tests.unit.scorecard.synthetic import AREAS, measure

CSPS = ("CSP-CHERWELL", "CSP-OXFORD", "CSP-SOUTH-VALE", "CSP-WEST")


Figures = dict[str, Figure]


def figures(count: float | None, rate: float | None, lower: float | None, upper: float | None) -> Figures:
    """The figures of an area with 100,000 residents; ``None`` is hidden."""
    values = {"quarter_number": count, "quarter_figure": count, "rate": rate, "lower": lower, "upper": upper}
    return {
        name: Figure(value, Status.CONFIDENTIAL if value is None else Status.REPORTED) for name, value in values.items()
    }


HIDDEN = figures(None, None, None, None)


def of_areas(county: float = 1.0) -> dict[str, Figures]:
    partnerships = (
        figures(100, 1.0, 0.81, 1.22),
        figures(160, 1.6, 1.36, 1.87),
        figures(60, 0.6, 0.46, 0.77),
        figures(110, 1.1, 0.9, 1.33),
    )
    whole = figures(400, county, county - 0.1, county + 0.1)
    return {"E10000025": whole, **dict(zip(CSPS, partnerships, strict=True))}


def compared(own: dict[str, Figures], good: GoodDirection = "down", has_rate: bool = True) -> dict[str, AreaComparison]:
    return compare_areas(measure(has_rate=has_rate), good, own, dict.fromkeys(own, 100_000), AREAS)


def test_better_and_worse_need_a_good_direction() -> None:
    assert [compared(of_areas())[area].with_county for area in CSPS] == [
        Benchmark.SIMILAR,
        Benchmark.WORSE,
        Benchmark.BETTER,
        Benchmark.SIMILAR,
    ]
    assert compared(of_areas(), "none")["CSP-OXFORD"].with_county is Benchmark.HIGHER
    assert "E10000025" not in compared(of_areas())


# Poisson of mean 100: 0.001, 0.025, 0.975 and 0.999 quantiles are 71, 81, 120 and 132.
@pytest.mark.parametrize(
    ("count", "where"),
    [
        (70, FunnelPosition.BELOW_998),
        (71, FunnelPosition.BELOW_95),
        (81, FunnelPosition.INSIDE),
        (120, FunnelPosition.INSIDE),
        (121, FunnelPosition.ABOVE_95),
        (133, FunnelPosition.ABOVE_998),
    ],
)
def test_an_area_has_a_position_in_the_funnel(count: int, where: FunnelPosition) -> None:
    alike = {area: figures(100, 1.0, 0.81, 1.22) for area in CSPS}
    own = of_areas() | alike | {"CSP-WEST": figures(count, count / 100, 0.5, 1.5)}
    assert compared(own)["CSP-WEST"].funnel is where


def test_the_funnel_is_wider_where_the_other_partnerships_differ_beyond_chance() -> None:
    # By hand, for Oxford: the others have 100, 60 and 110 where 100 are expected, so that the squares are 0, 16 and 1.
    # The spread is sqrt((17 - 2) / (300 - 100)) = 0.2739 for each 1,000, and the limit 100 + 1.96 * sqrt(850) = 157.1.
    assert compared(of_areas())["CSP-OXFORD"].funnel is FunnelPosition.ABOVE_95
    within = of_areas() | {"CSP-OXFORD": figures(157, 1.57, 1.34, 1.83)}
    assert compared(within)["CSP-OXFORD"].funnel is FunnelPosition.INSIDE
    alike = {area: figures(100, 1.0, 0.81, 1.22) for area in CSPS}
    assert compared(within | alike | {"CSP-OXFORD": within["CSP-OXFORD"]})["CSP-OXFORD"].funnel is (
        FunnelPosition.ABOVE_998
    )


def test_places_are_shared_where_intervals_overlap_and_a_hidden_one_is_left_out() -> None:
    places = compared(of_areas())
    # By hand: Oxford's interval begins above all others; South and Vale's ends below all others.
    assert [tuple(places[area].rank or ()) for area in CSPS] == [(2, 3), (1, 1), (4, 4), (2, 3)]
    without = compared(of_areas() | {"CSP-OXFORD": HIDDEN})
    assert "CSP-OXFORD" not in without
    assert (tuple(without["CSP-SOUTH-VALE"].rank or ()), without["CSP-WEST"].among) == ((3, 3), 3)


def test_without_the_county_there_is_no_comparison_and_counts_are_never_compared() -> None:
    west = compared(of_areas() | {"E10000025": HIDDEN})["CSP-WEST"]
    assert (west.with_county, west.funnel, west.among) == (None, None, 4)
    without_intervals = {area: figures(100, None, None, None) for area in of_areas()}
    assert compared(without_intervals, has_rate=False) == {}
    assert NOT_COMPARED.rank is None
