"""Areas beside the county, with made-up rates whose limits were computed apart with scipy.stats.poisson."""

from __future__ import annotations

from math import nan
from typing import Any

import pytest

from sia.scorecard.area_comparison import Beside, Funnel, beside
from sia.statistics.comparison import Benchmark
from tests.unit.scorecard.synthetic import measure

CSPS = ("CSP-CHERWELL", "CSP-OXFORD", "CSP-SOUTH-VALE", "CSP-WEST")


def line(count: float, rate: float, lower: float, upper: float) -> dict[str, Any]:
    return {
        "quarter_number": count,
        "quarter_figure": count,
        "rate": rate,
        "lower": lower,
        "upper": upper,
        "residents": 100_000,
    }


def lines(county: float = 1.0) -> dict[str, dict[str, Any]]:
    rows = (
        line(100, 1.0, 0.81, 1.22),
        line(160, 1.6, 1.36, 1.87),
        line(60, 0.6, 0.46, 0.77),
        line(110, 1.1, 0.9, 1.33),
    )
    return {"E10000025": line(400, county, county - 0.1, county + 0.1), **dict(zip(CSPS, rows, strict=True))}


def test_better_and_worse_need_a_good_direction() -> None:
    has_rate = measure(has_rate=True)
    assert [beside(has_rate, "down", lines())[area].against_county for area in CSPS] == [
        Benchmark.SIMILAR,
        Benchmark.WORSE,
        Benchmark.BETTER,
        Benchmark.SIMILAR,
    ]
    assert beside(has_rate, "none", lines())["CSP-OXFORD"].against_county is Benchmark.HIGHER
    assert "E10000025" not in beside(has_rate, "down", lines())


# Poisson of mean 100: 0.001, 0.025, 0.975 and 0.999 quantiles are 71, 81, 120 and 132.
@pytest.mark.parametrize(
    ("count", "where"),
    [
        (70, Funnel.BELOW_998),
        (71, Funnel.BELOW_95),
        (81, Funnel.INSIDE),
        (120, Funnel.INSIDE),
        (121, Funnel.ABOVE_95),
        (133, Funnel.ABOVE_998),
    ],
)
def test_the_funnel_is_told_in_words(count: int, where: Funnel) -> None:
    own = lines() | {"CSP-WEST": line(count, count / 100, 0.5, 1.5)}
    assert beside(measure(has_rate=True), "down", own)["CSP-WEST"].funnel is where


def test_places_are_shared_where_intervals_overlap_and_a_hidden_one_is_left_out() -> None:
    found = beside(measure(has_rate=True), "down", lines())
    # By hand: Oxford's interval begins above all others; South and Vale's ends below all others.
    assert [tuple(found[area].rank or ()) for area in CSPS] == [(2, 3), (1, 1), (4, 4), (2, 3)]
    without = beside(measure(has_rate=True), "down", lines() | {"CSP-OXFORD": line(nan, nan, nan, nan)})
    assert "CSP-OXFORD" not in without
    assert (tuple(without["CSP-SOUTH-VALE"].rank or ()), without["CSP-WEST"].among) == ((3, 3), 3)


def test_without_the_county_there_is_no_comparison_and_counts_are_never_compared() -> None:
    hidden = lines() | {"E10000025": line(nan, nan, nan, nan)}
    found = beside(measure(has_rate=True), "down", hidden)["CSP-WEST"]
    assert (found.against_county, found.funnel, found.among) == (None, None, 4)
    assert beside(measure(), "down", lines()) == {}
    assert Beside().rank is None
