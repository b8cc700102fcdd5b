"""The comparisons with an area's peers, on pages and in workbooks: each list called what it is, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pandas as pd
import pytest
from lxml import html
from openpyxl import load_workbook

from sia.papers import assessment_page, assessment_workbook
from sia.papers.assessment import Assessment, assessment
from sia.presentation import peer_tables
from sia.presentation.scorecard_page import page
from sia.presentation.scorecard_workbook import workbook
from sia.registers.assessment_sections import assessment_sections
from sia.scorecard.scorecard import Scorecard
from tests.unit.papers import synthetic_release
from tests.unit.presentation import synthetic

LISTS = (("nearest_neighbours", None, None), ("most_similar_group", "Home Office", 2020))
SIMILAR = "Most similar group (list supplied by Home Office, 2020)"
CHERWELL = ["Cherwell CSP", "40.0", "60.0", "40.3 to 92.0", "13 of 14", "87.9"]


@pytest.fixture(scope="module")
def with_a_list() -> Scorecard:
    return synthetic.scorecard(*LISTS)


def pack(scorecard: Scorecard) -> Assessment:
    compared = replace(synthetic_release.scorecard(), peers=scorecard.peers)
    release = synthetic_release.release(scorecard=compared)
    return assessment(synthetic.QUARTER, {synthetic.QUARTER: [release]}, date(2022, 11, 1))


def section(content: bytes, anchor: str) -> Any:
    (element,) = html.fromstring(content).xpath(f"//section[@aria-labelledby='{anchor}']")
    return element


def rows(element: Any) -> list[list[str]]:
    return [[cell.text_content() for cell in row] for row in element.xpath(".//tbody/tr[td]")]


def test_the_page_has_a_row_for_each_measure_and_partnership(synthetic_scorecard: Scorecard) -> None:
    content = page(synthetic_scorecard)
    nearest = rows(section(content, "nearest"))
    assert len(nearest) == 8
    assert nearest[0] == CHERWELL
    assert nearest[4][-1] == "[x]"
    assert html.fromstring(content).xpath("//nav//a[@href='#nearest']/text()") == [peer_tables.NEAREST]


def test_neighbours_are_never_called_the_most_similar_group(synthetic_scorecard: Scorecard) -> None:
    for content in (page(synthetic_scorecard), assessment_page.page(pack(synthetic_scorecard), assessment_sections())):
        text = " ".join(html.fromstring(content).text_content().split())
        assert "the twelve months to December 2021" in text
        assert re.findall(r"(\w+ \w+) most similar", text, re.IGNORECASE) == ["not the"]


def test_a_supplied_list_is_a_second_comparison_that_says_whose_it_is(with_a_list: Scorecard) -> None:
    for content in (page(with_a_list), assessment_page.page(pack(with_a_list), assessment_sections())):
        similar = section(content, "similar")
        assert similar.xpath("h2/text()") == [SIMILAR]
        assert html.fromstring(content).xpath("//nav//a[@href='#similar']/text()") == [SIMILAR]
        assert rows(similar) == rows(section(content, "nearest"))
        words = " ".join(similar.text_content().split())
        assert "The list is for 2020: Home Office made it and the unit supplied it." in words
        assert re.findall(r"(\w+ \w+) ONS nearest neighbours", words) == ["not the"]
        assert "eighbour" not in " ".join(similar.xpath(".//th/text()"))
        assert section(content, "nearest").xpath("h2/text()") == [peer_tables.NEAREST]


def test_a_list_without_neighbours_is_shown_alone() -> None:
    content = page(synthetic.scorecard(LISTS[1]))
    assert rows(section(content, "similar"))[0] == CHERWELL
    assert not html.fromstring(content).xpath("//*[@id='nearest']")


def test_the_data_says_what_the_page_shows_and_no_more(with_a_list: Scorecard) -> None:
    data = pd.read_csv(BytesIO(peer_tables.peers_csv(with_a_list)), dtype="str", keep_default_na=False)
    assert tuple(data.columns) == peer_tables.COLUMNS
    assert not (data == "").any(axis=None)
    assert list(data["comparison"].unique()) == [name for name, _, _ in LISTS]
    assert set(zip(data["list_made_by"], data["list_year"], strict=True)) == {("[z]", "[z]"), ("Home Office", "2020")}
    assert set(data["twelve_months_to"]) == {"2021-12"}
    for anchor, (_, of_list) in zip(("nearest", "similar"), data.groupby("comparison", sort=False), strict=True):
        in_data = [
            [row["area"], row["rate_per_1000"], row["peers_median"], f"{row['peers_lowest']} to {row['peers_highest']}",
             f"{row['peers_higher']} of {row['peers_compared']}", row["england_and_wales"]]
            for row in of_list.to_dict("records")
        ]  # fmt: skip
        assert in_data == rows(section(page(with_a_list), anchor))


def test_the_workbooks_have_the_same_rows_and_notes(synthetic_scorecard: Scorecard, with_a_list: Scorecard) -> None:
    assert "Most similar group" not in load_workbook(BytesIO(workbook(synthetic_scorecard))).sheetnames
    for content in (workbook(with_a_list), assessment_workbook.workbook(pack(with_a_list))):
        book = load_workbook(BytesIO(content))
        notes = [cell for row in book["Notes"].values for cell in row]
        for table in peer_tables.peer_tables(with_a_list):
            in_sheet = [[cell for cell in row if cell is not None] for row in book[table.sheet].values]
            assert ["All recorded crime", *CHERWELL] in in_sheet
            assert table.note in notes
        assert str(book["Most similar group"]["A1"].value).startswith(SIMILAR)
