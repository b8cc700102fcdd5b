"""The weighted displacement difference, with the examples of its authors' formula worked out by hand."""

from __future__ import annotations

import pytest

from sia.statistics.displacement import BeforeAfter, displacement_difference, sentence
from sia.statistics.intervals import Estimate


def test_a_fall_of_ten_against_a_level_comparison() -> None:
    """20 and 10 against 20 and 20: -10, and the standard error is the root of 70, 8.4."""
    effect = displacement_difference(BeforeAfter(20, 10), BeforeAfter(20, 20))
    assert effect.value == -10
    assert (effect.upper - effect.lower) / (2 * 1.959964) == pytest.approx(8.3666, abs=1e-4)
    assert sentence(effect, "incidents") == (
        "There were 10 fewer incidents than the comparison area suggests, which chance alone may explain"
        " (95% interval -26 to 6)."
    )


def test_what_moved_next_door_is_not_prevented() -> None:
    """-10 where the project was, +8 next door: -2, and the standard error is the root of 70 + 28 + 20, 10.9."""
    effect = displacement_difference(
        BeforeAfter(20, 10), BeforeAfter(20, 20), BeforeAfter(10, 18), nearby_comparison=BeforeAfter(10, 10)
    )
    assert effect.value == -2
    assert (effect.upper - effect.value) / 1.959964 == pytest.approx(10.8628, abs=1e-4)


def test_a_large_difference_is_never_called_a_proof() -> None:
    words = sentence(displacement_difference(BeforeAfter(400, 200), BeforeAfter(400, 420)), "crimes")
    assert words == (
        "There were 220 fewer crimes than the comparison area suggests, more than chance explains"
        " (95% interval -294 to -146), which does not prove why."
    )
    assert sentence(Estimate(30.0, 5.0, 55.0), "crimes").startswith("There were 30 more crimes")


@pytest.mark.parametrize(
    ("nearby", "nearby_comparison", "project"),
    [
        ((BeforeAfter(1, 1),), None, BeforeAfter(1, 1)),
        ((), BeforeAfter(1, 1), BeforeAfter(1, 1)),
        ((), None, BeforeAfter(-1, 1)),
    ],
)
def test_what_cannot_be_compared_is_an_error(
    nearby: tuple[BeforeAfter, ...], nearby_comparison: BeforeAfter | None, project: BeforeAfter
) -> None:
    with pytest.raises(ValueError, match=r"together|negative"):
        displacement_difference(project, BeforeAfter(1, 1), *nearby, nearby_comparison=nearby_comparison)
