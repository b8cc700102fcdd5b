"""What the assessment says of a year, of made-up figures of which small ones are hidden: worked out here once more."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from lxml import html

from sia.calendar import Quarter
from sia.papers import assessment_page
from sia.papers.annual_figures import annual_rate, annual_value, years
from sia.papers.assessment import Assessment, assessment
from sia.papers.year_findings import findings, matrix
from sia.presentation.charts import Year, annual_chart
from sia.registers.assessment_sections import assessment_sections
from sia.registers.measures import measures
from sia.registers.tile_map import tiles
from sia.release.release_data import ReleaseData
from sia.scorecard.amounts import Status
from sia.scorecard.direction_of_travel import SeriesPoint
from sia.scorecard.line import Line
from sia.scorecard.scorecard import Scorecard
from sia.statistics.comparison import Benchmark
from sia.statistics.direction import Direction
from tests.unit.papers.synthetic_release import ELSEWHERE, EXCEPTION, release, scorecard
from tests.unit.papers.test_board_paper import COUNTY, concluding, rounded

Q4 = Quarter(2021, 4)


def pack_of(card: Scorecard | None = None, **releases: ReleaseData) -> Assessment:
    newest = releases.get("Q4") or release(scorecard=card or scorecard())
    others = {Quarter(2021, int(name[1])): [data] for name, data in releases.items() if name != "Q4"}
    return assessment(Q4, {**others, Q4: [newest]}, date(2022, 11, 1))


def line_of(measure: str, area: str = COUNTY) -> Line:
    return scorecard().line(measure, area)


def year_of(line: Line) -> tuple[float, float]:
    """The sums of the last four quarters and of the four before."""
    figures = [past.figure for past in line.history]
    assert None not in figures
    return sum(figures[4:]), sum(figures[:4])  # type: ignore[arg-type]


def test_the_first_finding_has_the_year_its_change_and_its_rate() -> None:
    line = line_of("all_recorded_crime")
    now, before = year_of(line)
    assert line.residents
    change = 100 * (now - before) / before
    assert findings(pack_of())[0].startswith(
        f"All recorded crime: {rounded(now, 0)} crimes in the 12 months to Mar 2022, "
        f"{'up' if change > 0 else 'down'} {rounded(abs(change), 1)}% on 12 months to Mar 2021, "
        f"or {rounded(1000 * now / line.residents, 2)} a year for each 1,000 residents. "
    )


def test_what_got_worse_and_better_is_named_with_the_change_of_the_year() -> None:
    worse, better = ["vehicle_crime", "robbery", "criminal_damage", "burglary_dwelling"], ["rural_crime"]
    places = {(name, COUNTY): Direction.DETERIORATING for name in worse} | {
        (name, COUNTY): Direction.IMPROVING for name in better
    }
    pack = pack_of(concluding(places))
    sentences = findings(pack)
    order = [entry.measure.id for entry in pack.measures if entry.measure.id in worse]
    for start, names in (("Getting worse: ", order[:3]), ("Getting better: ", better)):
        (sentence,) = [text for text in sentences if text.startswith(start)]
        changes = []
        for name in names:
            now, before = year_of(line_of(name))
            changes.append(f"{'+' if now > before else '−'}{rounded(abs(100 * (now - before) / before), 1)}%")
        assert re.findall(r"[+−][\d.,]+%", sentence) == changes
    assert "and 1 more" in next(text for text in sentences if text.startswith("Getting worse"))


def test_the_partnership_that_is_most_often_worse_is_named() -> None:
    worse, compared = {}, {}
    for csp in scorecard().areas.csps:
        found_here = [line.comparison.with_county for line in scorecard().lines if line.area_code == csp.code]
        worse[csp.name] = found_here.count(Benchmark.WORSE)
        compared[csp.name] = len(found_here) - found_here.count(None)
    most = max(worse.values())
    (sentence,) = [text for text in findings(pack_of()) if text.startswith("Most often worse than Oxfordshire")]
    assert sentence.startswith("Most often worse than Oxfordshire in 2021/22 Q4: ")
    for name, count in worse.items():
        assert (f"{name} ({count} of {compared[name]} measures)" in sentence) == (count == most)


def test_exceptions_of_the_year_are_counted_once_and_missing_releases_are_named() -> None:
    pack = pack_of(Q4=release(exceptions=[EXCEPTION, ELSEWHERE]), Q2=release("2021-22Q2/1", [EXCEPTION]))
    sentences = findings(pack)
    (sentence,) = [text for text in sentences if "exceptions in the releases" in text]
    assert sentence == (
        "2 places were exceptions in the releases of the year."
        " In each of 2 quarters: Vehicle crime in South and Vale CSP."
    )
    assert sentences[-1] == "There is no release of 2021/22 Q1, 2021/22 Q3."
    assert "The releases of the year reported no exception." in findings(pack_of())


def test_the_matrix_has_every_section_by_harm_and_counts_its_measures_once() -> None:
    places = {("hate_crime", COUNTY): Direction.DETERIORATING, ("vehicle_crime", COUNTY): Direction.IMPROVING}
    pack = pack_of(concluding(places))
    register = assessment_sections()
    rows = matrix(pack, register)
    ranks = [99 if row.harm == "not ranked" else int(row.harm) for row in rows]
    assert ranks == sorted(ranks)
    assert ranks[0] == 1
    by_title = {row.section.title: row for row in rows}
    assert by_title.keys() == {section.title for section in register.sections}
    for row in rows:
        size = sum(entry.measure.id in row.section.measures for entry in pack.measures)
        assert row.worse + row.better + row.no_clear_trend + row.cannot_tell == size
    assert (by_title["Hate crime"].worse, by_title["Acquisitive and rural crime"].better) == (1, 1)
    now, _ = year_of(line_of("burglary_dwelling"))
    assert by_title["Acquisitive and rural crime"].volume == rounded(now, 0)
    # Nobody has sent the indicators, so the section says that it has no figure and not that it has none to count.
    assert (by_title["Reoffending"].volume, by_title["Reoffending"].rate) == ("[x]", "[z]")


def test_a_section_without_a_rank_comes_last() -> None:
    first, *others = assessment_sections().sections
    unranked = assessment_sections().model_copy(update={"sections": (first.model_copy(update={"rank": None}), *others)})
    assert [row.harm for row in matrix(pack_of(), unranked) if row.section.title == first.title] == ["not ranked"]
    assert matrix(pack_of(), assessment_sections())[0].section.title == first.title
    assert matrix(pack_of(), unranked)[0].section.title != first.title


def test_an_annual_rate_is_the_year_s_number_for_each_thousand_residents() -> None:
    by_id = {measure.id: measure for measure in measures()}
    for area in scorecard().areas.csps:
        line = line_of("vehicle_crime", area.code)
        value = annual_rate(by_id["vehicle_crime"], line)
        if line.figures["year_figure"].status is Status.CONFIDENTIAL:
            assert value is None
            assert annual_value(by_id["vehicle_crime"], line) == "[c]"
        else:
            assert line.residents
            now = line.figures["year_figure"].value
            assert now is not None
            assert value == pytest.approx(1000 * now / line.residents)
    assert annual_rate(by_id["sanctuary_referrals"], line_of("sanctuary_referrals")) is None


def point(quarter: Quarter, value: float | None, status: Status = Status.REPORTED) -> SeriesPoint:
    return SeriesPoint(quarter.label, quarter.start, status, value, value, signals=False)


def test_years_go_back_as_far_as_the_series_and_have_gaps_where_it_has() -> None:
    line, measure = line_of("sanctuary_referrals"), {m.id: m for m in measures()}["sanctuary_referrals"]
    assert line.direction
    points = [point(Q4.plus(-back), 10.0) for back in range(19, -1, -1)]
    points[1] = replace(points[1], value=None, status=Status.CONFIDENTIAL)
    points[6] = replace(points[6], value=None, status=Status.NOT_RECEIVED)
    travel = replace(line.direction, step="quarter", points=tuple(points), broken=None)
    now, _ = year_of(line)
    series = years(measure, replace(line, direction=travel))
    assert series == (
        Year("2017/18", None, "[c]"), Year("2018/19", None, "[x]"), Year("2019/20", 40.0, "[x]"),
        Year("2020/21", 40.0, "[x]"), Year("2021/22", now, series[-1].symbol),
    )  # fmt: skip
    chart = annual_chart(measure, "Oxfordshire", series)
    assert chart
    assert [(drawn.quarter, drawn.text) for drawn in chart.points][:3] == [
        ("2017/18", "[c]"), ("2018/19", "[x]"), ("2019/20", "40"),
    ]  # fmt: skip
    assert len(chart.segments) == 2
    assert annual_chart(measure, "Oxfordshire", series[:2]) is None


def test_the_assessment_begins_with_findings_and_has_a_page_for_each_section() -> None:
    pack = pack_of()
    document = html.document_fromstring(assessment_page.page(pack, assessment_sections(), tiles()).decode())
    headings = [heading.text_content() for heading in document.xpath("//main//h2")]
    sections = [row.section.title for row in matrix(pack, assessment_sections())]
    assert headings[1:3] == ["Main findings", "The sections by harm, volume and trend"]
    assert headings[3 : 3 + len(sections)] == [f"{section}: the year" for section in sections]
    assert headings.index("Releases of the year") > headings.index("Exceptions of the year")
    (page,) = document.xpath("//section[h2='Domestic abuse: the year']")
    assert len(page.xpath(".//svg")) == 2
    rows = {row.xpath("string(th)"): row.xpath("td") for row in page.xpath(".//tbody/tr")}
    line = line_of("domestic_abuse_crimes")
    now, _ = year_of(line)
    assert line.residents
    assert rows["Domestic abuse crimes reported to police"][2].text_content() == rounded(1000 * now / line.residents, 2)


def test_a_map_says_in_what_its_figures_are() -> None:
    """Crimes have a rate for each 1,000 residents; mediation has none, so its map shows numbers."""
    document = html.document_fromstring(assessment_page.page(pack_of(), assessment_sections(), tiles()))
    captions = document.xpath("//figure[.//*[contains(@class, 'district')]]/figcaption/text()")
    units = {caption.partition(": ")[2] for caption in captions}
    assert "a year for each 1,000 residents" in units
    for measure in measures():
        for caption in captions:
            if caption.startswith(f"{measure.title}: "):
                assert caption.endswith(" for each 1,000 residents") is measure.has_rate, caption
    assert len(units) > 1
