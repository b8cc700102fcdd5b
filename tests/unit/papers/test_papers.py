"""The partnership's report and the assessment pack, of made-up figures of which small ones are hidden."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from datetime import date
from hashlib import sha256
from io import BytesIO
from itertools import pairwise

import pytest
from lxml import html
from openpyxl import Workbook, load_workbook
from pydantic import ValidationError

from sia.calendar import Quarter
from sia.papers import assessment_page, assessment_workbook, board_page, csp_page, csp_workbook
from sia.papers.assessment import Assessment, assessment
from sia.papers.board_paper import board_paper
from sia.papers.csp_report import CspReport, csp_report
from sia.papers.shares import share_text
from sia.papers.small_multiples import small_multiples
from sia.registers.assessment_sections import assessment_sections
from sia.registers.measures import measures
from sia.registers.report_sections import ReportSection, sections
from sia.registers.tile_map import tiles
from sia.scorecard.amounts import Status
from sia.scorecard.line import Line, QuarterInHistory
from sia.scorecard.registry import YEAR_NUMBER, Figure
from sia.statistics.direction import Direction
from tests.unit.papers.synthetic_release import ELSEWHERE, EXCEPTION, REVISED_ELSEWHERE, REVISION, release, scorecard
from tests.unit.presentation import synthetic
from tests.unit.presentation.synthetic import AREAS
from tests.unit.presentation.test_scorecard_workbook import faults

SOUTH_VALE = AREAS["CSP-SOUTH-VALE"]
JULY = date(2022, 7, 1)
BY_ID = {measure.id: measure for measure in measures()}


@pytest.fixture(scope="module")
def report() -> CspReport:
    of_district = replace(REVISION, area_code="E07000180", area="Vale")
    data = release(exceptions=[EXCEPTION, ELSEWHERE], changes=[REVISION, REVISED_ELSEWHERE, of_district])
    return csp_report(SOUTH_VALE, data, sections(), JULY)


@pytest.fixture(scope="module")
def pack() -> Assessment:
    of_first = replace(EXCEPTION, commentary=replace(EXCEPTION.commentary, text="From the first."))
    first = release("2021-22Q4/1", [of_first])
    second = release("2021-22Q4/2", [EXCEPTION], [REVISION, replace(REVISION, kind="minor")])
    third = release("2021-22Q2/1", [ELSEWHERE])
    releases = {synthetic.QUARTER: [first, second], Quarter(2021, 2): [third]}
    return assessment(synthetic.QUARTER, releases, date(2022, 11, 1))


@pytest.fixture(scope="module", params=["report", "pack", "board paper"])
def page(request: pytest.FixtureRequest, report: CspReport, pack: Assessment) -> bytes:
    if request.param == "board paper":
        return board_page.page(board_paper(release(exceptions=[EXCEPTION, ELSEWHERE]), None, JULY))
    return (
        csp_page.page(report)
        if request.param == "report"
        else assessment_page.page(pack, assessment_sections(), tiles())
    )


@pytest.fixture(scope="module", params=["report", "pack"])
def book(request: pytest.FixtureRequest, report: CspReport, pack: Assessment) -> Workbook:
    content = csp_workbook.workbook(report) if request.param == "report" else assessment_workbook.workbook(pack)
    return load_workbook(BytesIO(content))


def test_a_page_needs_nothing_from_elsewhere_and_is_marked_up_for_everybody(page: bytes) -> None:
    document = html.document_fromstring(page.decode())
    assert not document.xpath("//script | //link | //img | //iframe | //form | //@style | //@src")
    assert all(href.startswith("#") for href in document.xpath("//@href"))
    (style,) = document.xpath("//style/text()")
    policy = document.xpath("string(//meta[@http-equiv='Content-Security-Policy']/@content)")
    assert b64encode(sha256(style.encode()).digest()).decode() in policy
    ids = document.xpath("//@id")
    assert len(set(ids)) == len(ids)
    for reference in [*(href[1:] for href in document.xpath("//@href")), *document.xpath("//@aria-labelledby")]:
        assert set(reference.split()) <= set(ids)
    levels = [int(heading.tag[1]) for heading in document.xpath("//h1 | //h2 | //h3 | //h4")]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert not document.xpath("//td[not(normalize-space())]")
    for picture in document.xpath("//svg"):
        assert picture.get("role") == "img"
        assert picture.xpath("title")
        assert len(picture.xpath("string(desc)")) > 30
    assert b"Small numbers are hidden" in page
    assert b"Made-up sample data" in page
    assert b"draft" not in page.split(b"</style>")[1].lower()


def test_words_of_leads_cannot_become_mark_up(page: bytes) -> None:
    assert b"<catalysts>" not in page
    assert b"&lt;catalysts&gt;" in page


def test_a_workbook_keeps_the_checklist(book: Workbook) -> None:
    assert faults(book) == []


def test_the_same_papers_give_the_same_bytes(report: CspReport, pack: Assessment) -> None:
    assert csp_page.page(report) == csp_page.page(report)
    assert csp_workbook.workbook(report) == csp_workbook.workbook(report)
    assert assessment_workbook.workbook(pack) == assessment_workbook.workbook(pack)


def test_a_picture_says_what_its_table_says_and_hides_what_it_hides(report: CspReport) -> None:
    document = html.document_fromstring(csp_page.page(report).decode())
    hidden = 0
    for panel in document.xpath("//article[@class='panel'][.//svg]"):
        measure = BY_ID[panel.get("aria-labelledby")]
        (row,) = document.xpath(f"//tr[@id='{'rate' if measure.has_rate else 'data'}-{measure.id}']")
        cells = [cell.text_content() for cell in row.xpath("td")]
        spoken = panel.xpath("string(.//desc)").split(": ", 1)[1].removesuffix(".").split("; ")
        assert len(cells) == len(spoken) == 8
        for cell, words in zip(cells, spoken, strict=True):
            word = {"[c]": "hidden", "[x]": "no figure", "[z]": "no figure"}.get(cell, cell)
            assert words.removesuffix(" (set aside)").endswith(f" {word}")
            hidden += word == "hidden"
        (link,) = panel.xpath(".//a/@href")
        assert document.xpath(f"//tr[@id='{link[1:]}']")
    assert hidden > 10


def test_no_hidden_amount_is_in_the_history(report: CspReport) -> None:
    hidden = 0
    for chapter in report.chapters:
        for entry in chapter.measures:
            for past in entry.line.history:
                if past.status is Status.CONFIDENTIAL:
                    assert (past.figure, past.value) == (None, None)
                    hidden += 1
    assert hidden > 10


def test_the_report_is_in_the_shape_of_the_partnership_s_own(report: CspReport) -> None:
    titles = [chapter.section.title for chapter in report.chapters]
    assert titles == [
        "Local priorities",
        "Sanctuary scheme",
        "Covert cameras",
        "Mediation",
        "Casework, orders and awards",
        "Funding",
        "What residents say",
        "Domestic abuse",
        "Crime and anti-social behaviour",
    ]
    assert {area.name for area in report.districts} == {"South Oxfordshire", "Vale of White Horse"}
    document = html.document_fromstring(csp_page.page(report).decode())
    assert document.xpath("string(//h1)") == "South and Vale CSP: performance report"
    assert "For the Board's meeting of July 2022" in document.text_content()
    assert "Theft of <catalysts> from vans." in document.text_content()
    assert "Not from this partnership" not in document.text_content()
    assert [
        row.xpath("string(td[1])") for row in document.xpath("//section[@aria-labelledby='revisions']//tbody/tr")
    ] == [
        "South and Vale CSP",
        "Vale",
    ]


def test_a_partnership_of_one_district_has_no_table_of_districts() -> None:
    page = csp_page.page(csp_report(AREAS["CSP-CHERWELL"], release(), sections(), JULY))
    assert b"the districts" not in page
    assert b"No measure of Cherwell is reported as an exception" in page
    assert b"No figure for Cherwell was revised" in page
    # Mediation is reported by South and Vale alone.
    assert b"No figures for Cherwell in these two years: Cases in which mediation was offered" in page


def test_a_section_without_figures_takes_nothing_from_the_next() -> None:
    mediation, abuse = sections()[2:4]
    report = csp_report(AREAS["CSP-CHERWELL"], release(), [mediation, abuse], JULY)
    assert [bool(chapter.measures) for chapter in report.chapters] == [True, False, True]
    document = html.document_fromstring(csp_page.page(report).decode())
    rows = document.xpath("//table[@class='quarters']//tr")
    assert [len(row) for row in rows] == [9] * len(rows)


def test_the_partnership_s_priorities_come_first_and_no_measure_comes_twice(report: CspReport) -> None:
    first, *others = [[entry.measure.id for entry in chapter.measures] for chapter in report.chapters]
    assert first
    assert {*first} <= {measure.id for measure in measures() if SOUTH_VALE.code in measure.priority_of}
    later = [measure for chapter in others for measure in chapter]
    assert not [measure for measure in later if SOUTH_VALE.code in BY_ID[measure].priority_of]
    assert len(set(later)) == len(later)


def test_years_are_shown_where_quarters_are_hidden_and_no_card_is_empty() -> None:
    full = scorecard()
    hidden = ["sanctuary_referrals", "properties_secured", "robbery"]

    def line(line: Line) -> Line:
        if line.area_code != SOUTH_VALE.code or line.measure_id not in hidden:
            return line
        secret = Figure(None, Status.CONFIDENTIAL)
        history = tuple(replace(p, figure=None, value=None, status=Status.CONFIDENTIAL) for p in line.history)
        keeps_year = line.measure_id != "robbery"
        figures = {
            name: figure if keeps_year and name.startswith("year") else secret for name, figure in line.figures.items()
        }
        return replace(line, history=history, figures=figures)

    card = replace(full, lines=tuple(map(line, full.lines)))
    document = html.document_fromstring(
        csp_page.page(csp_report(SOUTH_VALE, release(scorecard=card), sections(), JULY)).decode()
    )
    panels = {panel.get("aria-labelledby"): panel for panel in document.xpath("//article[@class='panel']")}
    assert all(panel.xpath(".//dd | .//svg") for panel in panels.values())
    assert "robbery" not in panels
    assert "There is no figure to show here for: Robbery" in document.text_content()
    shown = panels["sanctuary_referrals"].text_content()
    assert "12 months to Mar 2022" in shown
    assert "[c]" not in shown


def test_the_report_says_of_how_many_measures_small_numbers_hide_the_direction(report: CspReport) -> None:
    lines = [line for line in scorecard().lines if line.area_code == SOUTH_VALE.code and line.direction]
    count = sum(
        line.direction.direction is Direction.HIDDEN and line.direction.good_direction != "none"
        for line in lines
        if line.direction
    )
    assert count > 1
    page = html.document_fromstring(csp_page.page(report).decode())
    assert f"Small numbers hide whether {count} more measures are exceptions." in page.text_content()


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        # 341 of 1,535 new contacts are 22 per cent, as South and Vale published for 2021/22.
        ((341.0, "reported"), (1535.0, "reported"), "22% of the service"),
        ((7.0, "reported"), (1535.0, "reported"), "less than 1% of the service"),
        ((0.0, "reported"), (1535.0, "reported"), "0% of the service"),
        ((None, "confidential"), (1535.0, "reported"), "[c]"),
        ((341.0, "reported"), (None, "confidential"), "[c]"),
        ((None, "not_received"), (None, "confidential"), "[c]"),
        ((None, "incomplete"), (1535.0, "reported"), "[x]"),
        ((0.0, "reported"), (0.0, "reported"), "[z]"),
    ],
)
def test_a_share_is_of_two_figures_that_are_shown_or_says_why_there_is_none(
    part: tuple[float | None, str], whole: tuple[float | None, str], words: str
) -> None:
    lines = {SOUTH_VALE.code: with_year(SOUTH_VALE.code, *part), "SERVICE": with_year("SERVICE", *whole)}
    assert share_text(BY_ID["new_contacts"], lines, SOUTH_VALE, AREAS, of_service=True) == words


def test_a_share_of_the_county_names_it_and_a_mean_has_none() -> None:
    lines = {
        SOUTH_VALE.code: with_year(SOUTH_VALE.code, 341.0, "reported"),
        "E10000025": with_year("E10000025", 1000.0, "reported"),
        "SERVICE": with_year("SERVICE", 1535.0, "reported"),
    }
    assert share_text(BY_ID["new_contacts"], lines, SOUTH_VALE, AREAS, of_service=False) == "34% of Oxfordshire"
    assert share_text(BY_ID["average_cost_works"], lines, SOUTH_VALE, AREAS, of_service=False) == "[z]"


def with_year(area_code: str, value: float | None, status: str) -> Line:
    """A line whose number for the twelve months is this."""
    line = scorecard().line("new_contacts", "E10000025")
    figures = {**line.figures, YEAR_NUMBER.id: Figure(value, Status(status))}
    return replace(line, area_code=area_code, figures=figures)


def test_the_register_of_sections_names_measures_that_exist() -> None:
    assert all(section.ids for section in sections())
    with pytest.raises(ValidationError, match="has no measure nothing"):
        ReportSection.model_validate({"title": "x", "about": "x", "measures": ["nothing"]})


def test_the_pack_covers_the_year_of_the_county_and_its_partnerships(pack: Assessment) -> None:
    document = html.document_fromstring(assessment_page.page(pack, assessment_sections(), tiles()).decode())
    releases = [
        [cell.text_content() for cell in row] for row in document.xpath("//table[caption='Releases of the year']//tr")
    ]
    assert [(row[0], row[1]) for row in releases[1:]] == [
        ("2021/22 Q1", "No release was made"),
        ("2021/22 Q2", "2021-22Q2/1"),
        ("2021/22 Q3", "No release was made"),
        ("2021/22 Q4", "2021-22Q4/1"),
        ("2021/22 Q4", "2021-22Q4/2"),
    ]
    (card,) = document.xpath("//article[@aria-labelledby='all_recorded_crime']")
    assert [caption.strip() for caption in card.xpath(".//figcaption/text()")] == [
        "Oxfordshire", "Cherwell", "Oxford City", "South and Vale", "West Oxfordshire",
    ]  # fmt: skip
    assert len(card.xpath(".//tbody[1]/tr[td]")) == 5
    # The second release of the quarter replaces the first; each exception is under its quarter.
    exceptions = [(quarter, text.area_code) for quarter, text in pack.exceptions]
    assert exceptions == [(Quarter(2021, 2), "CSP-OXFORD"), (synthetic.QUARTER, "CSP-SOUTH-VALE")]
    assert "From the first" not in document.text_content()
    assert "1 in release 2021-22Q4/2." in " ".join(document.text_content().split())
    assert "For the Board's meeting of November 2022" in document.text_content()


def with_history(*values: float | Status) -> Line:
    """A line whose last quarters are these: values, or why there is none."""
    history = tuple(
        QuarterInHistory(synthetic.QUARTER, value, None, None)
        if isinstance(value, Status)
        else QuarterInHistory(synthetic.QUARTER, Status.REPORTED, value, value)
        for value in values
    )
    return replace(scorecard().lines[0], history=history)


def test_small_multiples_share_a_scale_where_that_is_fair() -> None:
    lines = [(AREAS.county, with_history(100, 100)), (SOUTH_VALE, with_history(50, 50))]
    county_of_rates, csp_of_rates = small_multiples(BY_ID["robbery"], lines, AREAS.county)
    assert county_of_rates.points[0].y == 24.0
    assert csp_of_rates.points[0].y == 51.0
    county_of_counts, csp_of_counts = small_multiples(BY_ID["closure_orders"], lines, AREAS.county)
    assert county_of_counts.points[0].y == csp_of_counts.points[0].y == 24.0


def test_a_gap_is_never_drawn_across() -> None:
    line = with_history(8, Status.CONFIDENTIAL, Status.NOT_RECEIVED, 0)
    (small,) = small_multiples(BY_ID["closure_orders"], [(SOUTH_VALE, line)], AREAS.county)
    assert small.segments == ()
    assert [point.text for point in small.points] == ["8", "[c]", "[x]", "0"]
    assert re.sub(r"\d{4}/\d\d Q\d ", "", small.description) == "Orders: 8; hidden; no figure; 0."
    none = with_history(Status.CONFIDENTIAL, Status.NOT_RECEIVED)
    assert small_multiples(BY_ID["closure_orders"], [(SOUTH_VALE, none)], AREAS.county) == ()
