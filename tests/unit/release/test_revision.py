"""What makes a changed figure substantial, by the rules of ``docs/release.md``."""

from __future__ import annotations

from datetime import date
from math import nan

import pytest

from sia.calendar import Quarter
from sia.release.contents import SHOWN
from sia.release.revision import Change, Difference, Edition, Figure, Line, compare, lines

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


def changed(*keys: tuple[str, str, str]) -> list[Line]:
    """The lines of a note of figures that were 1 and are 2."""
    changes = tuple(Change(key, Figure(1, SHOWN), Figure(2, SHOWN), substantial=False) for key in keys)
    difference = Difference(Edition("1", {}), Edition("2", {}), changes, (), (), ())
    return lines(difference, Quarter(2021, 4), [], date(2022, 6, 1))


@pytest.mark.parametrize(
    ("measure_id", "figure", "what"),
    [
        ("all_recorded_crime", "quarter_figure", "Crimes in the quarter"),
        ("serious_crime_detection_rate", "year_before_figure", "Per cent in the twelve months before"),
        ("serious_crime_detection_rate", "year_number", "Number in the twelve months"),
        ("serious_crime_detection_rate", "change", "Change on the same quarter last year, in points"),
        ("average_cost_works", "year_change_percent", "Change on the twelve months before, in per cent"),
        ("all_recorded_crime", "direction_of_travel", "Direction of travel"),
    ],
)
def test_a_changed_figure_is_named_with_its_unit(measure_id: str, figure: str, what: str) -> None:
    assert [line.what for line in changed((measure_id, PLACE[1], figure))] == [what]


def test_a_number_that_is_the_figure_is_not_told_twice() -> None:
    found = changed((*PLACE, "year_number"), (*PLACE, "year_figure"))
    assert [line.figure for line in found] == ["year_figure"]
