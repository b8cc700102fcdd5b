from __future__ import annotations

import re
from dataclasses import replace

import pytest

from sia import geography
from sia.papers.small_multiples import small_multiples
from sia.presentation.charts import WIDTH, control_drawing, dot_plot, trend_chart
from sia.scorecard.line import Line
from sia.scorecard.registry import RATE
from sia.scorecard.scorecard import Scorecard

COUNTY = geography.county().code


def test_a_trend_is_never_joined_across_a_gap(synthetic_scorecard: Scorecard) -> None:
    # ODAS sent nothing for the third of the eight quarters.
    picture = trend_chart(synthetic_scorecard, synthetic_scorecard.measure("clients_supported"), COUNTY)
    assert picture is not None
    assert [point.y is None for point in picture.points] == [False, False, True, *[False] * 5]
    gap = picture.points[2]
    assert len(picture.segments) == 5
    assert all(a.x < b.x < gap.x or gap.x < a.x < b.x for a, b in picture.segments)
    assert "2020/21 Q3 no figure" in picture.description


def test_every_quarter_is_in_the_text_alternative(synthetic_scorecard: Scorecard) -> None:
    measure = synthetic_scorecard.measure("all_recorded_crime")
    picture = trend_chart(synthetic_scorecard, measure, COUNTY)
    assert picture is not None
    for point in picture.points:
        assert point.text in picture.description
    assert [point.quarter for point in picture.points] == ["Q1", "Q2", "Q3", "Q4"] * 2
    assert [point.named for point in picture.points] == [False, False, False, True] * 2
    assert [year.text for year in picture.years] == ["2020/21", "2021/22"]


def test_a_comparison_puts_values_in_proportion_on_an_axis_from_zero(synthetic_scorecard: Scorecard) -> None:
    measure = synthetic_scorecard.measure("all_recorded_crime")
    picture = dot_plot(synthetic_scorecard, measure)
    assert picture is not None
    assert [dot.label for dot in picture.dots] == [
        "Oxfordshire",
        "Cherwell",
        "Oxford City",
        "South and Vale",
        "West Oxfordshire",
    ]
    assert [dot.county for dot in picture.dots] == [True, False, False, False, False]
    zero, top = picture.ticks[0], picture.ticks[-1]
    scale = (top.at - zero.at) / float(top.text)
    lines = synthetic_scorecard.lines_of(measure)
    for dot, code in zip(picture.dots, [COUNTY, *(csp.code for csp in geography.csps())], strict=True):
        assert dot.x is not None
        assert dot.lower is not None
        assert dot.upper is not None
        assert dot.x == pytest.approx(zero.at + scale * (lines[code].value(RATE) or 0), abs=0.06)
        assert 0 <= dot.lower <= dot.x <= dot.upper <= WIDTH


def test_the_county_is_left_out_where_it_is_only_the_total(synthetic_scorecard: Scorecard) -> None:
    picture = dot_plot(synthetic_scorecard, synthetic_scorecard.measure("cameras_installed"))
    assert picture is not None
    assert not any(dot.county for dot in picture.dots)


def test_what_is_incomplete_or_missing_is_not_pictured(synthetic_scorecard: Scorecard) -> None:
    assert dot_plot(synthetic_scorecard, synthetic_scorecard.measure("street_crime")) is None
    assert dot_plot(synthetic_scorecard, synthetic_scorecard.measure("youth_custody")) is None
    assert trend_chart(synthetic_scorecard, synthetic_scorecard.measure("youth_custody"), COUNTY) is None


def test_nothing_but_zeros_still_has_an_axis(synthetic_scorecard: Scorecard) -> None:
    measure = synthetic_scorecard.measure("cameras_installed")
    zeros = tuple(
        replace(line, history=tuple(replace(past, value=0.0) for past in line.history))
        for line in synthetic_scorecard.lines
    )
    picture = trend_chart(replace(synthetic_scorecard, lines=zeros), measure, COUNTY)
    assert picture is not None
    assert [tick.text for tick in picture.ticks] == ["0", "1"]
    assert {point.y for point in picture.points} == {picture.bottom}


def test_what_is_set_aside_has_a_grey_column_and_says_so_in_the_text_alternative(
    synthetic_scorecard: Scorecard,
) -> None:
    measure = synthetic_scorecard.measure("all_recorded_crime")

    def marked(line: Line) -> Line:
        history = tuple(replace(past, set_aside=past.quarter.key == "2020-21Q4") for past in line.history)
        assert line.direction
        points = tuple(replace(point, set_aside=number == 3) for number, point in enumerate(line.direction.points))
        return replace(line, history=history, direction=replace(line.direction, points=points))

    line = marked(synthetic_scorecard.line(measure.id, COUNTY))
    lines = tuple(line if (other.place == line.place) else other for other in synthetic_scorecard.lines)
    trend = trend_chart(replace(synthetic_scorecard, lines=lines), measure, COUNTY)
    assert trend
    assert line.direction
    small = small_multiples(measure, [(synthetic_scorecard.areas.county, line)], synthetic_scorecard.areas.county)[0]
    control = control_drawing(measure, "Oxfordshire", line.direction)
    for points, columns in ((trend.points, trend.aside), (small.points, small.aside), (control.points, control.aside)):
        (column,) = columns
        assert column.x + column.width / 2 == pytest.approx(points[3].x, abs=0.11)
        assert column.width == pytest.approx(points[1].x - points[0].x, abs=0.11)
    assert trend.description.count("(set aside)") == 1
    assert re.search(r"2020/21 Q4 [\d.]+ \(set aside\)", trend.description)
    assert "Grey columns: set aside, for example for a lockdown." in control.key
    plain = synthetic_scorecard.line(measure.id, COUNTY)
    assert all(past.set_aside == (past.quarter.key in ("2020-21Q1", "2020-21Q4")) for past in plain.history)
