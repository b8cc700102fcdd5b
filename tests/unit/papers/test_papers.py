"""The partnership's report and the assessment pack, of made-up figures of which small ones are hidden."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from itertools import pairwise
from math import nan

import pytest
from lxml import html
from openpyxl import Workbook, load_workbook
from pydantic import ValidationError

from sia import geography
from sia.calendar import Quarter
from sia.disclosure.additive import Span
from sia.papers import assessment_page, assessment_workbook, csp_page, csp_workbook
from sia.papers.assessment import Assessment, ReleasedIn, assessment
from sia.papers.csp_report import Report, report
from sia.papers.history import Quarterly, history, share, share_told
from sia.papers.small_multiples import small_multiples
from sia.registers.measures import measures
from sia.registers.report_sections import ReportSection, sections
from sia.scorecard.amounts import Amount, Status
from tests.unit.papers.synthetic_release import ELSEWHERE, EXCEPTION, REVISION, held, scorecard
from tests.unit.presentation import synthetic
from tests.unit.presentation.test_scorecard_workbook import faults

SOUTH_VALE = geography.areas()["CSP-SOUTH-VALE"]
KNOWN_AT = datetime(2022, 8, 11, 9, tzinfo=UTC)
BY_ID = {measure.id: measure for measure in measures()}


@pytest.fixture(scope="module")
def told() -> Report:
    rows = [EXCEPTION, {**EXCEPTION, **ELSEWHERE, "commentary": "Not ours."}]
    revised = [
        REVISION,
        {**REVISION, **ELSEWHERE, "why": "Not ours."},
        {**REVISION, "area_code": "E07000180", "area": "Vale"},
    ]
    return report(SOUTH_VALE, scorecard(), held(), "2021-22Q4/2", rows, revised)


@pytest.fixture(scope="module")
def pack() -> Assessment:
    first = ReleasedIn("2021-22Q4/1", KNOWN_AT, 12, ({**EXCEPTION, "commentary": "Of the first."},), ())
    second = ReleasedIn("2021-22Q4/2", KNOWN_AT, 13, (EXCEPTION,), (REVISION, {**REVISION, "kind": "minor"}))
    third = ReleasedIn("2021-22Q2/1", KNOWN_AT, 14, ({**EXCEPTION, **ELSEWHERE},), ())
    releases = {synthetic.QUARTER: [first, second], Quarter(2021, 2): [third]}
    return assessment(synthetic.QUARTER, scorecard(), held(), "2021-22Q4/2", releases)


@pytest.fixture(scope="module", params=["report", "pack"])
def page(request: pytest.FixtureRequest, told: Report, pack: Assessment) -> bytes:
    return csp_page.page(told) if request.param == "report" else assessment_page.page(pack)


@pytest.fixture(scope="module", params=["report", "pack"])
def book(request: pytest.FixtureRequest, told: Report, pack: Assessment) -> Workbook:
    made = csp_workbook.workbook(told) if request.param == "report" else assessment_workbook.workbook(pack)
    return load_workbook(BytesIO(made))


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
        assert len(picture.xpath("string(desc)")) > 40
    assert b"Small numbers are hidden" in page
    assert b"Made-up sample data" in page
    assert b"draft" not in page.split(b"</style>")[1].lower()


def test_words_of_leads_cannot_become_mark_up(page: bytes) -> None:
    assert b"<catalysts>" not in page
    assert b"&lt;catalysts&gt;" in page


def test_a_workbook_keeps_the_checklist(book: Workbook) -> None:
    assert faults(book) == []


def test_the_same_papers_give_the_same_bytes(told: Report, pack: Assessment) -> None:
    assert csp_page.page(told) == csp_page.page(told)
    assert csp_workbook.workbook(told) == csp_workbook.workbook(told)
    assert assessment_workbook.workbook(pack) == assessment_workbook.workbook(pack)


def test_a_picture_says_what_its_table_says_and_hides_what_it_hides(told: Report) -> None:
    document = html.document_fromstring(csp_page.page(told).decode())
    hidden = 0
    for panel in document.xpath("//article[@class='panel'][.//svg]"):
        measure = BY_ID[panel.get("aria-labelledby")]
        (row,) = document.xpath(f"//tr[@id='{'rate' if measure.has_rate else 'data'}-{measure.id}']")
        cells = [cell.text_content() for cell in row.xpath("td")]
        message = panel.xpath("string(.//desc)").split(": ", 1)[1].removesuffix(".").split("; ")
        assert len(cells) == len(message) == 8
        for cell, said in zip(cells, message, strict=True):
            word = {"[c]": "hidden", "[x]": "no figure", "[z]": "no figure"}.get(cell, cell)
            assert said.endswith(f" {word}")
            hidden += word == "hidden"
        (link,) = panel.xpath(".//a/@href")
        assert document.xpath(f"//tr[@id='{link[1:]}']")
    assert hidden > 10


def test_no_hidden_amount_is_in_the_history(told: Report) -> None:
    hidden = 0
    for chapter in told.chapters:
        for each in chapter.told:
            for one in each.quarters:
                amount = held().get((each.measure.id, SOUTH_VALE.code, Span.quarter(one.quarter)))
                if amount and amount.status is Status.CONFIDENTIAL:
                    assert one.figure != one.figure
                    assert one.value != one.value
                    hidden += 1
    assert hidden > 10


def test_the_report_is_in_the_shape_of_the_partnership_s_own(told: Report) -> None:
    titles = [chapter.section.title for chapter in told.chapters]
    assert titles == [
        "Sanctuary scheme",
        "Covert cameras",
        "Mediation",
        "Domestic abuse",
        "Crime and anti-social behaviour",
    ]
    assert {area.name for area in told.districts} == {"South Oxfordshire", "Vale of White Horse"}
    document = html.document_fromstring(csp_page.page(told).decode())
    assert document.xpath("string(//h1)") == "South and Vale CSP: performance report"
    assert "For the Board's meeting of July 2022" in document.text_content()
    assert "Theft of <catalysts> from vans." in document.text_content()
    assert "Not ours" not in document.text_content()
    assert [
        row.xpath("string(td[1])") for row in document.xpath("//section[@aria-labelledby='revisions']//tbody/tr")
    ] == [
        "South and Vale CSP",
        "Vale",
    ]


def test_a_partnership_of_one_district_has_no_table_of_districts() -> None:
    cherwell = geography.areas()["CSP-CHERWELL"]
    page = csp_page.page(report(cherwell, scorecard(), held(), "2021-22Q4/1", [], []))
    assert b"the districts" not in page
    assert b"No measure of Cherwell is reported as an exception" in page
    assert b"No figure of Cherwell was revised" in page
    # Mediation is reported by South and Vale alone.
    assert b"No figures for Cherwell in these two years: Cases in which mediation was offered" in page


def test_a_section_without_figures_takes_nothing_from_the_next() -> None:
    mediation, abuse = sections()[2:4]
    cherwell = geography.areas()["CSP-CHERWELL"]
    made = report(cherwell, scorecard(), held(), "2021-22Q4/1", [], [], [mediation, abuse])
    assert [bool(chapter.told) for chapter in made.chapters] == [False, True]
    document = html.document_fromstring(csp_page.page(made).decode())
    (table,) = document.xpath("//table[@class='quarters']")
    assert [len(row) for row in table.xpath(".//tr")] == [9] * len(table.xpath(".//tr"))


def test_a_share_is_told_of_two_figures_that_are_shown() -> None:
    """341 of 1,535 new contacts are 22 per cent, as South and Vale published for 2021/22."""
    lines = {
        "CSP-SOUTH-VALE": {"year_number": 341.0},
        "SERVICE": {"year_number": 1535.0},
        "E10000025": {"year_number": 1000.0},
    }
    per_cent, whole = share(BY_ID["new_contacts"], lines, SOUTH_VALE, of_service=True) or (nan, SOUTH_VALE)
    assert (f"{per_cent:.0f}", whole.code) == ("22", "SERVICE")
    per_cent, whole = share(BY_ID["new_contacts"], lines, SOUTH_VALE, of_service=False) or (nan, SOUTH_VALE)
    assert (f"{per_cent:.1f}", whole.code) == ("34.1", "E10000025")
    for hidden in lines:
        if hidden != "E10000025":
            gone = {**lines, hidden: {"year_number": nan}}
            assert share(BY_ID["new_contacts"], gone, SOUTH_VALE, of_service=True) is None
    assert share(BY_ID["average_cost_works"], lines, SOUTH_VALE, of_service=False) is None


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        ((341.0, "reported"), (1535.0, "reported"), "22% of the service"),
        ((7.0, "reported"), (1535.0, "reported"), "less than 1% of the service"),
        ((0.0, "reported"), (1535.0, "reported"), "0% of the service"),
        ((nan, "confidential"), (1535.0, "reported"), "[c]"),
        ((341.0, "reported"), (nan, "confidential"), "[c]"),
        ((nan, "not received"), (nan, "confidential"), "[c]"),
        ((nan, "incomplete"), (1535.0, "reported"), "[x]"),
        ((0.0, "reported"), (0.0, "reported"), "[z]"),
    ],
)
def test_a_share_that_is_not_told_says_why(part: tuple[float, str], whole: tuple[float, str], said: str) -> None:
    lines = {
        code: {"year_number": number, "year_status": Status(status)}
        for code, (number, status) in (("CSP-SOUTH-VALE", part), ("SERVICE", whole))
    }
    assert share_told(BY_ID["new_contacts"], lines, SOUTH_VALE, of_service=True) == said


def test_the_register_of_sections_names_measures_that_exist() -> None:
    assert all(section.measures for section in sections())
    with pytest.raises(ValidationError, match="has no measure nothing"):
        ReportSection.model_validate({"title": "x", "about": "x", "measures": ["nothing"]})


def test_the_pack_tells_the_year_of_the_county_and_its_partnerships(pack: Assessment) -> None:
    document = html.document_fromstring(assessment_page.page(pack).decode())
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
    # What the second release of the quarter says replaces what the first said; each exception stands under its quarter.
    said = [(q, row["area_code"]) for q, row in pack.exceptions]
    assert said == [(Quarter(2021, 2), "CSP-OXFORD"), (synthetic.QUARTER, "CSP-SOUTH-VALE")]
    assert "Of the first" not in document.text_content()
    assert "1 in release 2021-22Q4/2." in " ".join(document.text_content().split())
    assert "For the Board's meeting of November 2022" in document.text_content()


def test_small_multiples_share_a_scale_where_that_is_fair() -> None:
    quarter = synthetic.QUARTER

    def quarters(*values: float) -> list[Quarterly]:
        return [Quarterly(quarter, Status.REPORTED, value, value) for value in values]

    county, csp = geography.county(), SOUTH_VALE
    series = [(county, quarters(100, 100)), (csp, quarters(50, 50))]
    county_of_rates, csp_of_rates = small_multiples(BY_ID["robbery"], series)
    assert county_of_rates.dots[0].y == 24.0
    assert csp_of_rates.dots[0].y == 51.0
    county_of_counts, csp_of_counts = small_multiples(BY_ID["closure_orders"], series)
    assert county_of_counts.dots[0].y == csp_of_counts.dots[0].y == 24.0


def test_a_gap_is_never_drawn_across() -> None:
    quarter = synthetic.QUARTER
    values = [
        Quarterly(quarter, Status.REPORTED, 8, 8),
        Quarterly(quarter, Status.CONFIDENTIAL, nan, nan),
        Quarterly(quarter, Status.NOT_RECEIVED, nan, nan),
        Quarterly(quarter, Status.REPORTED, 0, 0),
    ]
    (small,) = small_multiples(BY_ID["closure_orders"], [(SOUTH_VALE, values)])
    assert small.segments == ()
    assert [dot.text for dot in small.dots] == ["8", "[c]", "[x]", "0"]
    assert re.sub(r"\d{4}/\d\d Q\d ", "", small.describes) == "Orders: 8; hidden; no figure; 0."
    assert small_multiples(BY_ID["closure_orders"], [(SOUTH_VALE, values[1:3])]) == ()


def test_the_history_is_of_what_is_shown() -> None:
    measure = BY_ID["sanctuary_referrals"]
    key = (measure.id, SOUTH_VALE.code, Span.quarter(synthetic.QUARTER))
    shown = {**held(), key: Amount(Status.REPORTED, 97.0)}
    assert history(scorecard(), shown, measure, SOUTH_VALE.code)[-1].figure == 97
    for status in (Status.CONFIDENTIAL, Status.INCOMPLETE, Status.NOT_RECEIVED):
        last = history(scorecard(), {**held(), key: Amount(status, 97.0)}, measure, SOUTH_VALE.code)[-1]
        assert (last.status, last.figure != last.figure) == (status, True)
