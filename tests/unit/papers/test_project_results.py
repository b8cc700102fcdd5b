"""Registered projects in the partnership's report and in the assessment: one sentence, never a proof."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from lxml import html
from openpyxl import load_workbook

from sia.calendar import Quarter
from sia.papers import assessment_page, assessment_workbook, csp_page, csp_workbook
from sia.papers.assessment import assessment
from sia.papers.csp_report import csp_report
from sia.papers.project_results import project_results
from sia.registers.assessment_sections import assessment_sections
from sia.registers.report_sections import sections
from sia.scorecard.project_outcomes import OutcomeState, ProjectOutcome
from sia.scorecard.scorecard import Scorecard
from sia.statistics.displacement import BeforeAfter
from sia.statistics.intervals import Estimate
from tests.unit.papers.synthetic_release import release, scorecard
from tests.unit.presentation import synthetic

# 20 and 10 against 20 and 20, in the method's own example.
COMPARED = ProjectOutcome(
    id="patrols",
    title="Patrols",
    measure_id="asb_incidents",
    area_code="E07000180",
    comparison_code="E07000177",
    first=Quarter(2021, 1),
    quarters=4,
    registered_on=date(2021, 4, 12),
    registered_by="Nobody",
    first_known_on=date(2021, 7, 22),
    state=OutcomeState.COMPARED,
    project=BeforeAfter(20, 10),
    comparison=BeforeAfter(20, 20),
    effect=Estimate(-10.0, -26.4, 6.4),
)
SENTENCE = (
    "There were 10 fewer incidents than the comparison area suggests, which chance alone may explain"
    " (95% interval -26 to 6)."
)
JULY = date(2022, 7, 1)


def with_projects(*outcomes: ProjectOutcome) -> Scorecard:
    return replace(scorecard(), projects=outcomes)


def article(page: bytes) -> html.HtmlElement | None:
    articles = html.document_fromstring(page.decode()).xpath("//article[@aria-labelledby='project-patrols']")
    return articles[0] if articles else None


def test_a_partnership_reads_of_the_projects_in_its_districts_and_of_no_others() -> None:
    data = release(scorecard=with_projects(COMPARED))
    reports = {
        code: csp_report(synthetic.AREAS[code], data, sections(), JULY) for code in ("CSP-SOUTH-VALE", "CSP-CHERWELL")
    }
    assert article(csp_page.page(reports["CSP-CHERWELL"])) is None
    shown = article(csp_page.page(reports["CSP-SOUTH-VALE"]))
    assert shown is not None
    assert shown.xpath("string(header/h3)") == "Patrols, Vale of White Horse"
    assert shown.xpath("string(p[@class='finding'])") == SENTENCE
    assert [cell.text_content().strip() for cell in shown.xpath(".//tr/*")] == [
        "Area", "Before: 2020/21 Q1 to 2020/21 Q4", "After: 2021/22 Q1 to 2021/22 Q4",
        "Vale of White Horse", "20", "10", "Cherwell, for comparison", "20", "20",
    ]  # fmt: skip
    book = load_workbook(BytesIO(csp_workbook.workbook(reports["CSP-SOUTH-VALE"])))
    assert SENTENCE in [cell.value for row in book["Projects"].iter_rows() for cell in row]
    assert "Projects" not in load_workbook(BytesIO(csp_workbook.workbook(reports["CSP-CHERWELL"]))).sheetnames


def test_the_assessment_has_every_project() -> None:
    pack = assessment(synthetic.QUARTER, {synthetic.QUARTER: [release(scorecard=with_projects(COMPARED))]}, JULY)
    shown = article(assessment_page.page(pack, assessment_sections()))
    assert shown is not None
    assert SENTENCE in shown.text_content()
    assert "Projects" in load_workbook(BytesIO(assessment_workbook.workbook(pack))).sheetnames


@pytest.mark.parametrize(
    ("state", "words", "symbol"),
    [
        (OutcomeState.NOT_YET, "We compare it when 2021/22 Q4 is released.", "[x]"),
        (OutcomeState.REGISTERED_LATE, "known from 22 July 2021, before it was registered", "[z]"),
        (OutcomeState.BROKEN, "the measure changed", "[b]"),
        (OutcomeState.CONFIDENTIAL, "small numbers are hidden", "[c]"),
        (OutcomeState.NOT_RECEIVED, "were not received", "[x]"),
    ],
)
def test_what_is_not_compared_says_why(state: OutcomeState, words: str, symbol: str) -> None:
    outcome = replace(COMPARED, state=state, project=None, comparison=None, effect=None)
    (result,) = project_results(with_projects(outcome), {"E07000180"})
    assert words in result.sentence
    assert {text for area in result.areas for text in (area.before, area.after)} == {symbol}
    assert project_results(with_projects(outcome), {"CSP-WEST"}) == ()
