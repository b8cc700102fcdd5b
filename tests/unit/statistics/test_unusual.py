"""Which figures are far from usual: planted mistakes are asked about, and returns without one are left alone."""

from __future__ import annotations

from collections.abc import Callable
from math import nan

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sia.statistics.change import Quantity, compare_last
from sia.statistics.unusual import Figure, Unusual, unusual_figures

Numbers = NDArray[np.float64]
Return = dict[str, Numbers]
AREAS, FIGURES, EARLIER = 5, 8, 8


def made_up(random: np.random.Generator, quarters: int = EARLIER + 1) -> Return:
    """A return: figures by area and quarter that chance, the season and a little drift spread."""
    figures = {}
    for number in range(FIGURES):
        mean, parts = 10 ** random.uniform(0.8, 2.6), random.dirichlet(np.full(AREAS, 3))
        season = 1 + random.uniform(0, 0.3) * np.cos(np.arange(quarters) * np.pi / 2 + random.uniform(0, 6))
        drift = np.exp(np.cumsum(random.normal(0, 0.03, quarters)))
        means, dispersion = np.outer(parts, mean * season * drift), random.uniform(1.05, 2.5)
        figures[f"figure {number}"] = random.negative_binomial(means / (dispersion - 1), 1 / dispersion).astype(float)
    return figures


def asked(figures: Return) -> list[Unusual]:
    return unusual_figures(
        [
            Figure(name, Quantity.COUNT, {str(area): list(row) for area, row in enumerate(numbers)})
            for name, numbers in figures.items()
        ]
    )


def _largest(figures: Return) -> Numbers:
    return max(figures.values(), key=lambda numbers: float(numbers[:, :-1].sum()))


def one_digit_too_many(figures: Return) -> None:
    numbers = _largest(figures)
    numbers[numbers[:, :-1].mean(axis=1).argmax(), -1] *= 10


def a_third_of_the_return(figures: Return) -> None:
    for numbers in figures.values():
        numbers[:, -1] = np.floor(numbers[:, -1] / 3)


def counted_twice(figures: Return) -> None:
    for numbers in figures.values():
        numbers[:, -1] *= 2


def a_row_of_zeros(figures: Return) -> None:
    _largest(figures)[:, -1] = 0


def two_areas_swapped(figures: Return) -> None:
    numbers = _largest(figures)
    least, *_, most = numbers[:, :-1].mean(axis=1).argsort()
    numbers[[least, most], -1] = numbers[[most, least], -1]


def two_rows_swapped(figures: Return) -> None:
    least, *_, most = sorted(figures.values(), key=lambda numbers: float(numbers.sum()))
    least[:, -1], most[:, -1] = most[:, -1].copy(), least[:, -1].copy()


def a_year_for_a_quarter(figures: Return) -> None:
    for numbers in figures.values():
        numbers[:, -1] = numbers[:, -4:].sum(axis=1)


MISTAKES = (
    one_digit_too_many, a_third_of_the_return, counted_twice, a_row_of_zeros, two_areas_swapped, two_rows_swapped,
    a_year_for_a_quarter,
)  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_four_in_five_mistakes_are_asked_about(mistake: Callable[[Return], None]) -> None:
    random, tries, seen = np.random.default_rng(7), 40, 0
    for _ in range(tries):
        figures = made_up(random)
        mistake(figures)
        seen += bool(asked(figures))
    assert seen >= 0.8 * tries


def test_a_right_return_gets_less_than_one_question_on_average() -> None:
    random, tries = np.random.default_rng(8), 100
    assert sum(len(asked(made_up(random))) for _ in range(tries)) < tries / 2


def test_the_figure_and_the_area_are_named() -> None:
    figures = made_up(np.random.default_rng(9))
    _largest(figures)[:] = 40.0
    _largest(figures)[2, -1], _largest(figures)[3, -1] = 78.0, 2.0
    (name,) = [name for name, numbers in figures.items() if numbers is _largest(figures)]
    assert asked(figures) == [Unusual(name, "2", True), Unusual(name, "3", False)]


def test_a_total_is_asked_about_once_and_not_for_each_area() -> None:
    figures = made_up(np.random.default_rng(9))
    numbers = _largest(figures)
    numbers[:] = 40.0
    numbers[1, -1] = 400.0
    assert [(unusual.area, unusual.is_more) for unusual in asked(figures)] == [(None, True)]


def test_nothing_is_asked_without_a_history() -> None:
    figures = {"figure": np.full((AREAS, 2), 5.0)}
    figures["figure"][:, -1] = 500.0
    assert asked(figures) == []
    assert asked({"figure": np.full((AREAS, 1), 5.0)}) == []


def test_a_quarter_that_was_not_received_is_not_zero() -> None:
    numbers = np.full((AREAS, EARLIER + 1), 40.0)
    numbers[:, 2] = nan
    assert asked({"figure": numbers}) == []
    numbers[:, -1] = nan
    assert asked({"figure": numbers}) == []


def test_a_season_that_is_known_is_not_asked_about() -> None:
    """The fourth quarter has always been four times the others."""
    seasons = np.tile([20.0, 21.0, 19.0, 80.0], 5)
    jitter = np.random.default_rng(3).integers(-3, 4, 20)
    numbers = (seasons + jitter)[None, :]
    assert asked({"figure": numbers}) == []
    assert asked({"figure": numbers[:, :-1] * [*[1.0] * 18, 4.0]}) == [Unusual("figure", None, True)]


def test_the_chance_is_that_of_a_binomial_share() -> None:
    """40 after eight quarters of 10: with no more spread than chance gives, 40 of 120 with a share of 1 in 9."""
    part = compare_last([10.0] * 8 + [40.0], [1.0] * 9, 4)
    assert part is not None
    assert part.ratio == pytest.approx(4)
    tail = stats.binom.sf(39, 120, 1 / 9)
    # Read from a t distribution, with at most the seven degrees of freedom that eight quarters leave.
    assert 2 * tail < part.chance < 2 * stats.t.sf(stats.norm.isf(tail), 3)
    assert part.chance > 2 * stats.t.sf(stats.norm.isf(tail), 7) * 0.999


def test_numbers_need_their_exposure() -> None:
    with pytest.raises(ValueError, match="exposure"):
        compare_last([1.0, 2.0], [1.0], 4)
