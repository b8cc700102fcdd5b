"""The comparison with ONS nearest neighbours, on the page and in the workbook: called what it is, and nothing else."""

from __future__ import annotations

import re
from io import BytesIO

from lxml import html
from openpyxl import load_workbook

from sia.publication import nearest
from sia.publication.page import page
from sia.publication.workbook import workbook
from sia.scorecard.scorecard import Scorecard


def test_the_page_has_a_row_for_each_measure_and_partnership(made_up_scorecard: Scorecard) -> None:
    document = html.fromstring(page(made_up_scorecard))
    (section,) = document.xpath("//section[@aria-labelledby='nearest']")
    rows = [[cell.text_content() for cell in row] for row in section.xpath(".//tbody/tr[td]")]
    assert len(rows) == 8
    assert rows[0] == ["Cherwell CSP", "40.0", "60.0", "40.3 to 92.0", "13 of 14", "87.9"]
    assert rows[4][-1] == "[x]"
    assert document.xpath("//nav//a[@href='#nearest']/text()") == [nearest.TITLE]


def test_neighbours_are_never_called_the_most_similar_group(made_up_scorecard: Scorecard) -> None:
    text = " ".join(html.fromstring(page(made_up_scorecard)).text_content().split())
    assert "the twelve months to December 2021" in text
    assert re.findall(r"(\w+ \w+) most similar", text) == ["not the"]


def test_the_workbook_has_the_same_rows_and_the_note(made_up_scorecard: Scorecard) -> None:
    book = load_workbook(BytesIO(workbook(made_up_scorecard)))
    rows = [[cell for cell in row if cell is not None] for row in book["Nearest neighbours"].values]
    assert ["All recorded crime", "Cherwell CSP", "40.0", "60.0", "40.3 to 92.0", "13 of 14", "87.9"] in rows
    assert nearest.note(made_up_scorecard) in [cell for row in book["Notes"].values for cell in row]
