"""How pages print, and how their charts look in high contrast: what a screenshot of a light screen does not show."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from sia.local.print_pdf import chromium as program
from sia.local.print_pdf import print_pages
from sia.papers import board_page
from sia.papers.board_paper import board_paper
from tests import chromium
from tests.browser.test_axe import KINDS, pages_of
from tests.unit.papers.synthetic_release import EXCEPTION, release

pytestmark = [chromium.needed, pytest.mark.timeout(600)]

JULY = date(2022, 7, 1)

# The least contrast of letters and lines with the canvas: 3 to 1 is that of WCAG 2.2 for graphics.
CONTRAST = """(() => {
  const light = (colour) => colour.match(/[\\d.]+/g).slice(0, 3)
    .map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, n) => sum + part * [0.2126, 0.7152, 0.0722][n], 0);
  const probe = document.body.appendChild(document.createElement("div"));
  probe.style.color = "Canvas";
  const canvas = light(getComputedStyle(probe).color);
  const ratio = (colour) => (Math.max(light(colour), canvas) + 0.05) / (Math.min(light(colour), canvas) + 0.05);
  const letters = [...document.querySelectorAll(".picture text")].map((text) => ratio(getComputedStyle(text).fill));
  const lines = [...document.querySelectorAll(".picture :is(.trend, .limit, .mean, .interval, .axis)")]
    .map((line) => ratio(getComputedStyle(line).stroke));
  return {letters: Math.min(...letters), lines: Math.min(...lines), canvas: canvas};
})()"""

OUTSIDE = """[...document.querySelectorAll("body *")].filter((element) =>
  !element.closest("svg, .skip, .unseen, caption") && element.getBoundingClientRect().right > innerWidth + 0.5)
  .map((element) => element.outerHTML.slice(0, 80))"""

# What is written smaller than nine points, in text and in pictures.
SMALL = """(() => {
  const size = (element) => parseFloat(getComputedStyle(element).fontSize) * 0.75;
  const scale = (picture) => picture.getBoundingClientRect().width / picture.viewBox.baseVal.width;
  const drawn = [...document.querySelectorAll("svg text")]
    .map((text) => [text, size(text) * scale(text.closest("svg"))]);
  const written = [...document.querySelectorAll("body *")].filter((element) =>
    element.checkVisibility() && !element.closest("svg, .unseen, .skip, .skip-table, .running, .find, script")
    && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .map((part) => [part, size(part)]);
  return [...drawn, ...written].filter(([part, points]) => points < 8.95)
    .map(([part, points]) => `${points} ${part.outerHTML.slice(0, 60)} in ${part.parentElement.className}`);
})()"""

CLOSED = """[...document.querySelectorAll("details > :not(summary)")].filter((part) =>
  !part.checkVisibility({contentVisibilityAuto: true})).length"""


@pytest.mark.parametrize("palette", ["dark", "light"])
def test_charts_can_be_read_in_high_contrast(tab: chromium.Tab, tmp_path: Path, palette: str) -> None:
    pages = {kind: page for kind in ("exceptions", "board paper") for page in pages_of(kind).values()}
    features = [{"name": "forced-colors", "value": "active"}, {"name": "prefers-color-scheme", "value": palette}]
    tab.command("Emulation.setEmulatedMedia", features=features)
    for kind, page in pages.items():
        (tmp_path / "page.html").write_bytes(page)
        tab.open((tmp_path / "page.html").as_uri())
        # Without this, the page's policy would not let the script give its probe a colour.
        tab.command("Page.setBypassCSP", enabled=True)
        contrast = tab.evaluate(CONTRAST)
        assert contrast["letters"] >= 4.5, kind
        assert contrast["lines"] >= 3, kind
        assert (contrast["canvas"] < 0.5) is (palette == "dark")


@pytest.mark.parametrize("kind", KINDS)
def test_a_printed_page_is_as_wide_as_its_sheet_and_has_nothing_folded_away(
    tab: chromium.Tab, tmp_path: Path, kind: str
) -> None:
    """A page that is wider is printed smaller: its letters are then below nine points."""
    # A4 without its margins of 14 mm, in CSS pixels.
    tab.command("Emulation.setEmulatedMedia", media="print")
    for page in pages_of(kind).values():
        width = 1016 if kind in ("reports", "assessment") else 688
        (tmp_path / "page.html").write_bytes(page)
        tab.resize(width)
        tab.open((tmp_path / "page.html").as_uri())
        assert tab.evaluate(OUTSIDE) == []
        assert tab.evaluate(CLOSED) == 0
        assert tab.evaluate(SMALL) == []


def test_a_pdf_is_tagged_and_says_on_every_sheet_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "paper.html").write_bytes(board_page.page(board_paper(release(exceptions=[EXCEPTION]), None, JULY)))
    chrome = program()
    assert chrome is not None
    (pdf,) = print_pages(tmp_path, chrome)
    content = pdf.read_bytes()
    assert pdf == tmp_path / "paper.pdf"
    assert b"/StructTreeRoot" in content
    assert re.search(rb"/Marked true", content)
    assert print_pages(tmp_path, chrome) == []
