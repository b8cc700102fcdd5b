"""A sender's note appears next to its figures in every product."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO

import pytest
from lxml import html
from openpyxl import load_workbook

from sia.papers import assessment_page, assessment_workbook, board_page, csp_page, csp_workbook
from sia.papers.assessment import assessment
from sia.papers.board_paper import board_paper
from sia.papers.csp_report import CspReport, csp_report
from sia.presentation import exception_reports, scorecard_page, scorecard_workbook, tidy_csv
from sia.registers.assessment_sections import assessment_sections
from sia.registers.report_sections import sections
from sia.release import release_data
from sia.release.release_data import ReleaseData
from sia.scorecard.scorecard import build
from sia.scorecard.sender_notes import SenderAnswer
from tests.unit.papers import synthetic_release
from tests.unit.papers.synthetic_release import EXCEPTION, SOUTH_VALE
from tests.unit.presentation import synthetic

BOARD = date(2022, 7, 1)
REASON = "A clean-up of old records"
VALE = "E07000180"


@cache
def noted(reason: str = REASON) -> ReleaseData:
    """A release in which the police explain a district's figure that is an exception of its partnership."""
    answer = SenderAnswer(
        "tvp_counts", "Thames Valley Police", "thames_valley_police", "2021-22Q4", "vehicle_crime", VALE, True, reason,
        datetime(2022, 5, 1, tzinfo=UTC),
    )  # fmt: skip
    scorecard = build(
        synthetic_release.amounts(), synthetic.REGISTERS_NOW, synthetic.population(), synthetic.QUARTER,
        synthetic.returns(), answers=[answer], share_published=0.9,
    )  # fmt: skip
    release = synthetic_release.release(scorecard=scorecard, exceptions=[EXCEPTION])
    return release_data.from_bytes(release_data.to_bytes(release))


def report(release: ReleaseData) -> CspReport:
    return csp_report(synthetic.AREAS[SOUTH_VALE], release, sections(), BOARD)


def in_page(content: bytes) -> str:
    return " ".join(html.fromstring(content).text_content().split())


def in_workbook(content: bytes) -> str:
    book = load_workbook(BytesIO(content))
    return " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value)


PRODUCTS: dict[str, Callable[[ReleaseData], str]] = {
    "scorecard page": lambda release: in_page(scorecard_page.page(release.scorecard)),
    "scorecard workbook": lambda release: in_workbook(scorecard_workbook.workbook(release.scorecard)),
    "scorecard data": lambda release: tidy_csv.tidy_csv(release.scorecard).decode(),
    "exceptions page": lambda release: in_page(
        exception_reports.exceptions_page(release.scorecard, release.exceptions)
    ),
    "exceptions data": lambda release: exception_reports.exceptions_csv(release.scorecard, release.exceptions).decode(),
    "Board's paper": lambda release: in_page(board_page.page(board_paper(release, None, BOARD))),
    "report page": lambda release: in_page(csp_page.page(report(release))),
    "report workbook": lambda release: in_workbook(csp_workbook.workbook(report(release))),
    "assessment page": lambda release: in_page(
        assessment_page.page(
            assessment(synthetic.QUARTER, {synthetic.QUARTER: [release]}, BOARD), assessment_sections()
        )
    ),
    "assessment workbook": lambda release: in_workbook(
        assessment_workbook.workbook(assessment(synthetic.QUARTER, {synthetic.QUARTER: [release]}, BOARD))
    ),
}


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_note_is_in_every_product(product: str) -> None:
    text = PRODUCTS[product](noted())
    assert "We asked about 2021/22 Q4 in Vale of White Horse. Thames Valley Police says that it is right:" in text
    assert REASON in text


def test_a_report_has_no_note_on_another_partnership() -> None:
    other = csp_report(synthetic.AREAS["CSP-CHERWELL"], noted(), sections(), BOARD)
    assert REASON not in in_page(csp_page.page(other))
    assert REASON not in in_workbook(csp_workbook.workbook(other))


@pytest.mark.parametrize("product", ["scorecard workbook", "report workbook", "assessment workbook"])
def test_dollar_signs_break_no_workbook(product: str) -> None:
    """Two of them would be the end of a reference to a note."""
    assert "it is right: It cost $$ and $$5$$ more" in PRODUCTS[product](noted("It cost $$ and $$5$$ more"))
