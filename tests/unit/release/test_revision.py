"""What makes a changed figure substantial, by the rules of ``docs/release.md``."""

from __future__ import annotations

from datetime import date

import pytest

from sia.calendar import Quarter
from sia.geography import areas
from sia.registers.policy import policy
from sia.release.revision import (
    Difference,
    FigureChange,
    ReleasedFigure,
    ReleaseFigures,
    RevisionLine,
    compare,
    revision_lines,
)
from sia.release.scorecard_inputs import registers
from sia.scorecard.amounts import Status

PLACE = ("all_recorded_crime", "CSP-OXFORD")
SHOWN = Status.REPORTED.value


def figures(name: str, figure: str, value: float | None, status: str = SHOWN) -> ReleaseFigures:
    """A release that says one thing besides a rate of 10, whose interval is from 8 to 12."""
    rate = {"rate": 10.0, "lower": 8.0, "upper": 12.0}
    of_rate = {(*PLACE, statistic): ReleasedFigure(number, SHOWN) for statistic, number in rate.items()}
    return ReleaseFigures(name, of_rate | {(*PLACE, figure): ReleasedFigure(value, status)})


@pytest.mark.parametrize(
    ("figure", "before", "after", "substantial"),
    [
        ("place_first", (2, SHOWN), (1, SHOWN), True),
        ("place_last", (2, SHOWN), (3, SHOWN), True),
        ("compared_with_county", (None, "similar"), (None, "higher"), True),
        ("funnel", (None, "inside"), (None, "above_95"), True),
        ("direction_of_travel", (None, "no_clear_trend"), (None, "improving"), True),
        ("rate", (10, SHOWN), (12.1, SHOWN), True),
        ("rate", (10, SHOWN), (12, SHOWN), False),
        ("year_figure", (400, SHOWN), (500, SHOWN), False),
    ],
)
def test_a_change_is_substantial_if_a_conclusion_changes_or_the_rate_leaves_its_interval(
    figure: str, before: tuple[float | None, str], after: tuple[float | None, str], substantial: bool
) -> None:
    difference = compare(figures("1", figure, *before), figures("2", figure, *after))
    assert [(change.key, change.substantial) for change in difference.changes] == [((*PLACE, figure), substantial)]


def test_an_equal_figure_is_not_a_change() -> None:
    difference = compare(figures("1", "rate", None, "confidential"), figures("2", "rate", None, "confidential"))
    assert difference.changes == difference.conclusion_changes == difference.opened == difference.closed == ()


def changed(*keys: tuple[str, str, str]) -> list[RevisionLine]:
    """The lines of a note about figures that were 1 and are 2."""
    changes = tuple(
        FigureChange(key, ReleasedFigure(1, SHOWN), ReleasedFigure(2, SHOWN), substantial=False) for key in keys
    )
    difference = Difference(ReleaseFigures("1", {}), ReleaseFigures("2", {}), changes, (), (), ())
    return revision_lines(difference, registers(policy(), areas()), Quarter(2021, 4), [], date(2022, 6, 1))


@pytest.mark.parametrize(
    ("measure_id", "figure", "name"),
    [
        ("all_recorded_crime", "quarter_figure", "Crimes in the quarter"),
        ("serious_crime_detection_rate", "year_before_figure", "Per cent in the twelve months before"),
        ("serious_crime_detection_rate", "year_number", "Number in the twelve months"),
        ("serious_crime_detection_rate", "change", "Change on the same quarter last year, in points"),
        ("average_cost_works", "year_change_percent", "Change on the twelve months before, in per cent"),
        ("all_recorded_crime", "direction_of_travel", "Direction of travel"),
    ],
)
def test_a_changed_figure_is_named_with_its_unit(measure_id: str, figure: str, name: str) -> None:
    assert [line.figure_name for line in changed((measure_id, PLACE[1], figure))] == [name]


def test_a_number_that_is_the_figure_is_not_listed_twice() -> None:
    lines = changed((*PLACE, "year_number"), (*PLACE, "year_figure"))
    assert [line.figure for line in lines] == ["year_figure"]
