"""A section of the assessment: finding, chart, map, comparison and what was done, from published figures alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from lxml import html

from sia.calendar import Quarter
from sia.papers import assessment_page
from sia.papers.assessment import Assessment, assessment
from sia.papers.assessment_section import Action, SectionPage, section_page
from sia.papers.base_map import base_map
from sia.papers.comparison_table import annual_cell
from sia.papers.district_maps import annual_map
from sia.papers.year_findings import sentence
from sia.registers.assessment_sections import AssessmentSection, assessment_sections
from sia.registers.measures import Measure, measures
from sia.registers.tile_map import tiles
from sia.release.release_data import ReleaseData
from sia.scorecard.amounts import Status
from sia.scorecard.exceptions import ExceptionReport
from sia.scorecard.line import Line
from sia.scorecard.registry import Figure
from sia.scorecard.scorecard import Scorecard
from tests.unit.papers.synthetic_release import ELSEWHERE, EXCEPTION, release, scorecard
from tests.unit.papers.test_project_results import COMPARED, SENTENCE
from tests.unit.presentation import synthetic

BY_ID = {measure.id: measure for measure in measures()}
COUNTY, OXFORD = "E10000025", "CSP-OXFORD"
BASE = base_map(None, tiles())


def pack_of(newest: ReleaseData | None = None, older: ReleaseData | None = None) -> Assessment:
    releases = {synthetic.QUARTER: [newest or release()]} | ({Quarter(2021, 3): [older]} if older else {})
    return assessment(synthetic.QUARTER, releases, date(2022, 11, 1))


def section(title: str) -> AssessmentSection:
    return next(section for section in assessment_sections().sections if section.title == title)


def page_of(title: str, pack: Assessment | None = None) -> SectionPage:
    return section_page(pack or pack_of(), section(title), 1, BASE)


def with_years(measure: Measure, numbers: dict[str, tuple[float, float]]) -> Scorecard:
    """The scorecard with other twelve months of a measure, by area: the number, and what it is out of."""
    card = scorecard()

    def changed(line: Line) -> Line:
        if line.measure_id != measure.id or line.area_code not in numbers:
            return line
        number, out_of = numbers[line.area_code]
        figure = 100 * number / out_of if measure.kind == "proportion" else number
        values = {"year_figure": figure, "year_number": number, "year_out_of": out_of}
        shown = {name: Figure(value, Status.REPORTED) for name, value in values.items()}
        return replace(line, figures={**line.figures, **shown}, residents=100_000)

    return replace(card, lines=tuple(changed(line) for line in card.lines))


@pytest.mark.parametrize("title", [section.title for section in assessment_sections().sections])
def test_every_section_has_a_finding_and_rows_or_says_that_nothing_was_received(title: str) -> None:
    page = page_of(title)
    if title == "Reoffending":
        assert page.finding == "We received no figures in two years. That is not zero."
        assert (page.chart, page.map, page.rows) == (None, None, ())
        return
    names = [BY_ID[measure_id].title for measure_id in section(title).measures]
    assert page.finding.split(": ")[0] in {name.split(": ")[0] for name in names}
    assert [row.name for row in page.rows] == [name for name in names if name in {row.name for row in page.rows}]
    assert page.chart is not None
    assert page.map is not None


def test_a_rate_is_compared_with_the_county_by_its_interval() -> None:
    """By hand, Byar: 1,300 of 100,000 is 13.0 (12.3 to 13.7); 1,020 is 10.2 (9.6 to 10.8); the county's is 10.0."""
    robbery = BY_ID["robbery"]
    years = {COUNTY: (1000.0, 1.0), OXFORD: (1300.0, 1.0), "CSP-WEST": (1020.0, 1.0), "CSP-CHERWELL": (800.0, 1.0)}
    card = with_years(robbery, years)
    cells = {area: annual_cell(card, robbery, card.line(robbery.id, area)) for area in years}
    assert {area: cell.value for area, cell in cells.items()} == {
        COUNTY: "10.00", OXFORD: "13.00", "CSP-WEST": "10.20", "CSP-CHERWELL": "8.00",
    }  # fmt: skip
    assert {area: cell.words for area, cell in cells.items()} == {
        COUNTY: "", OXFORD: "worse", "CSP-WEST": "similar", "CSP-CHERWELL": "better",
    }  # fmt: skip


def test_a_percentage_is_compared_with_the_county_by_its_interval() -> None:
    """By hand, Wilson: 60 of 100 is 50.2% to 69.1%; 80 of 100 is 71.1% to 86.7%; the county's is 65%."""
    dark = BY_ID["safe_after_dark"]
    card = with_years(dark, {COUNTY: (650.0, 1000.0), OXFORD: (60.0, 100.0), "CSP-WEST": (80.0, 100.0)})
    words = {area: annual_cell(card, dark, card.line(dark.id, area)).words for area in (COUNTY, OXFORD, "CSP-WEST")}
    assert words == {COUNTY: "", OXFORD: "similar", "CSP-WEST": "better"}


def test_what_is_hidden_is_not_compared() -> None:
    robbery = BY_ID["robbery"]
    card = with_years(robbery, {COUNTY: (1000.0, 1.0), OXFORD: (1300.0, 1.0)})
    hidden = replace(
        card.line(robbery.id, OXFORD),
        figures={
            name: Figure(None, Status.CONFIDENTIAL) if name.startswith("year_") else figure
            for name, figure in card.line(robbery.id, OXFORD).figures.items()
        },
    )
    cell = annual_cell(card, robbery, hidden)
    assert (cell.value, cell.icon, cell.tone) == ("[c]", "", "plain")


def test_a_measure_that_partnerships_report_has_a_map_by_partnership() -> None:
    grant = BY_ID["csp_grant"]
    card = scorecard()
    districts = {area.code for area in card.areas.districts}
    lines = tuple(
        replace(line, figures={**line.figures, "year_figure": Figure(None, Status.NOT_RECEIVED)})
        if line.measure_id == grant.id and line.area_code in districts
        else line
        for line in card.lines
    )
    drawn = annual_map(replace(card, lines=lines), grant, BASE)
    assert drawn is not None
    assert drawn.unit.endswith(", by partnership")
    figure = f"£{card.line(grant.id, 'CSP-SOUTH-VALE').figures['year_figure'].value:,.2f}"
    texts = [" ".join(line.text for line in district.lines) for district in drawn.districts]
    assert texts.count(figure) == 2
    of_district = annual_map(card, grant, BASE)
    assert of_district is not None
    assert not of_district.unit.endswith(", by partnership")


def test_what_the_leads_are_doing_is_in_the_newest_words_of_each_place() -> None:
    def says(text: str, of: ExceptionReport = EXCEPTION) -> ExceptionReport:
        return replace(of, commentary=replace(EXCEPTION.commentary, text=text))

    older = release("2021-22Q3/1", [says("Why: dark. Action: We ask for lamps.")])
    newer = release(exceptions=[says("Why: dark. Action: There are lamps."), says("We look at it.", ELSEWHERE)])
    pack = pack_of(newer, older)
    assert page_of("Acquisitive and rural crime", pack).actions == (
        Action("Vehicle crime, South and Vale CSP, 2021/22 Q4", "There are lamps."),
    )
    assert page_of("Hate crime", pack).actions == ()


def test_a_project_is_on_the_page_of_the_section_that_its_measure_is_in() -> None:
    pack = pack_of(release(scorecard=replace(scorecard(), projects=(COMPARED,))))
    assert [result.sentence for result in page_of("Anti-social behaviour", pack).projects] == [SENTENCE]
    assert page_of("Serious violence", pack).projects == ()
    document = html.document_fromstring(assessment_page.page(pack, assessment_sections(), tiles()).decode())
    (shown,) = document.xpath("//section[h2='Anti-social behaviour: the year']//p[a[@href='#project-patrols']]")
    assert SENTENCE in shown.text_content()


def test_the_first_measure_of_which_the_year_is_shown_has_the_finding() -> None:
    pack = pack_of()
    entries = {entry.measure.id: entry for entry in pack.measures}
    assert page_of("Serious violence").finding == sentence(pack, entries["violent_assault"])
    card = scorecard()
    lines = tuple(
        replace(line, figures={**line.figures, "year_figure": Figure(None, Status.CONFIDENTIAL)})
        if line.place == ("violent_assault", COUNTY)
        else line
        for line in card.lines
    )
    hidden = pack_of(release(scorecard=replace(card, lines=lines)))
    assert page_of("Serious violence", hidden).finding.startswith(f"{BY_ID['town_centre_violence'].title}: ")
