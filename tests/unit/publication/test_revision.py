"""What makes a changed figure substantial, by the rules of ``docs/release.md``."""

from __future__ import annotations

from math import nan

import pytest

from sia.publication.released import SHOWN
from sia.publication.revision import Edition, Figure, compare

PLACE = ("all_recorded_crime", "CSP-OXFORD")


def edition(name: str, figure: str, value: float, status: str = SHOWN) -> Edition:
    """A release that says one thing besides a rate of 10, whose interval is from 8 to 12."""
    rate = {"rate": 10.0, "lower": 8.0, "upper": 12.0}
    figures = {(*PLACE, each): Figure(number, SHOWN) for each, number in rate.items()}
    return Edition(name, figures | {(*PLACE, figure): Figure(value, status)})


@pytest.mark.parametrize(
    ("figure", "before", "after", "substantial"),
    [
        ("place_first", (2, SHOWN), (1, SHOWN), True),
        ("place_last", (2, SHOWN), (3, SHOWN), True),
        ("beside_county", (nan, "similar"), (nan, "higher"), True),
        ("direction_of_travel", (nan, "no change"), (nan, "improving"), True),
        ("rate", (10, SHOWN), (12.1, SHOWN), True),
        ("rate", (10, SHOWN), (12, SHOWN), False),
        ("year_figure", (400, SHOWN), (500, SHOWN), False),
    ],
)
def test_a_change_is_substantial_if_a_conclusion_changes_or_the_rate_leaves_its_interval(
    figure: str, before: tuple[float, str], after: tuple[float, str], substantial: bool
) -> None:
    found = compare(edition("1", figure, *before), edition("2", figure, *after))
    assert [(change.key, change.substantial) for change in found.changes] == [((*PLACE, figure), substantial)]


def test_what_is_the_same_is_no_change() -> None:
    assert not compare(edition("1", "rate", nan, "[c]"), edition("2", "rate", nan, "[c]")).anything
