"""The Board's paper as Chromium prints it: ten sheets or fewer, with the first page and the comparison on one each."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sia.papers import board_page
from sia.papers.board_paper import MAX_REPORTED, board_paper
from sia.registers.tile_map import tiles
from sia.scorecard.direction_of_travel import TargetOutlook
from sia.scorecard.exceptions import LeadCommentary
from sia.statistics.control_chart import Assurance
from sia.statistics.direction import Direction
from tests import chromium
from tests.unit.papers.synthetic_release import EXCEPTION, release, scorecard
from tests.unit.papers.test_board_paper import IN_PARTS, concluding

pytestmark = chromium.needed

JULY = date(2022, 7, 1)
MAX_SHEETS = 10

# A4 without its margins, in CSS pixels: 182 and 264 mm.
WIDTH, HEIGHT = 688, 997

SIZES = """(() => {
  const size = (element) => parseFloat(getComputedStyle(element).fontSize) * 0.75;
  const drawn = [...document.querySelectorAll(".picture text")].map((text) => {
    const picture = text.closest("svg");
    return size(text) * picture.getBoundingClientRect().width / picture.viewBox.baseVal.width;
  });
  const written = [...document.querySelectorAll("main *")].filter((element) =>
    !element.closest("svg, .unseen")
    && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  const page = document.querySelector(".sheet").getBoundingClientRect();
  return {
    first: document.querySelector(".first").getBoundingClientRect().bottom,
    compared: page.height,
    smallest: Math.min(...drawn, ...written.map(size)),
    widest: Math.max(...[...document.querySelectorAll("table")].map((table) => table.getBoundingClientRect().right)),
  };
})()"""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A paper with more exceptions than it reports, each with long words: worse, or missing a target."""
    reason = (
        "Why: Vans that were parked in the streets round the stations were left open for longer than in other years"
    )
    words = (
        f"{reason}, by traders too. {IN_PARTS} "
        + "We will come back to the Board with what we learn from the first months. " * 3
    )
    places = [
        (measure.id, area.code)
        for measure in scorecard().reported
        for area in (scorecard().areas.county, *scorecard().areas.csps)
        if scorecard().line(measure.id, area.code).direction
    ]
    # The first get worse in the county, others better; we cannot tell for the rest.
    county = [place for place in places if place[1] == scorecard().areas.county.code]
    worse, better = dict.fromkeys(county[:6], Direction.DETERIORATING), dict.fromkeys(county[6:12], Direction.IMPROVING)
    card = concluding(dict.fromkeys(county[12:], Direction.TOO_FEW) | worse | better)
    target = TargetOutlook(0.25, "The Board", Assurance.WILL_MISS)
    lines = tuple(
        replace(line, direction=replace(line.direction, target=target))
        if line.direction and line.direction.direction is not Direction.DETERIORATING
        else line
        for line in card.lines
    )
    card = replace(card, lines=lines)
    reports = [
        replace(EXCEPTION, measure_id=measure, area_code=area, commentary=LeadCommentary(JULY, words, JULY))
        for measure, area in places[: MAX_REPORTED + 5]
    ]
    before = release("2021-22Q3/1", [replace(EXCEPTION, measure_id=m, area_code=a) for m, a in places[30:45]])
    path = tmp_path_factory.mktemp("board") / "paper.html"
    path.write_bytes(board_page.page(board_paper(release(exceptions=reports, scorecard=card), before, JULY), tiles()))
    return path


def test_the_paper_prints_on_ten_sheets_or_fewer(tab: chromium.Tab, full: Path) -> None:
    tab.open(full.as_uri())
    printed = base64.b64decode(tab.command("Page.printToPDF", preferCSSPageSize=True)["data"])
    sheets = len(re.findall(rb"/Type\s*/Page\b", printed))
    assert 6 <= sheets <= MAX_SHEETS


def test_the_first_page_and_the_comparison_fit_a_sheet_each_and_nothing_is_smaller_than_nine_points(
    tab: chromium.Tab, full: Path
) -> None:
    tab.command("Emulation.setEmulatedMedia", media="print")
    tab.resize(WIDTH)
    tab.open(full.as_uri())
    sizes = tab.evaluate(SIZES)
    assert sizes["first"] <= HEIGHT
    assert sizes["compared"] <= HEIGHT
    assert sizes["smallest"] >= 8.95
    assert sizes["widest"] <= WIDTH


@pytest.mark.parametrize("width", [320, 1280])
def test_the_paper_fits_its_screen(tab: chromium.Tab, full: Path, width: int) -> None:
    tab.resize(width)
    tab.open(full.as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
