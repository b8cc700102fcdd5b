"""The pages of a release in a real browser: each fits a wide screen and one of 320 pixels, in its own style."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sia.presentation.exception_reports import exceptions_page
from sia.presentation.scorecard_page import page
from sia.release.revision import RevisionLine
from sia.release.revision_note import note
from sia.scorecard.exceptions import LeadCommentary, exception_reports
from sia.scorecard.revisions import TypicalRevision
from sia.scorecard.scorecard import build
from tests import chromium
from tests.unit.papers.synthetic_release import release
from tests.unit.presentation import synthetic
from tests.unit.presentation.test_exception_reports import COUNTY, DUE, MADE, NUMBERS, OXFORD
from tests.unit.scorecard.synthetic import QUARTER, measure, of_months, of_quarters, registers

pytestmark = chromium.needed

# Elements that scroll in a region of their own may be wider than the window.
MEASURE = """(() => {
  const outside = [...document.querySelectorAll("body *")].filter((element) =>
    !element.closest(".scroll > *, .skip, .unseen, caption")
    && element.getBoundingClientRect().right > innerWidth + 0.5);
  const letters = [...document.querySelectorAll(".picture text")].map((text) => text.getBoundingClientRect().height);
  const region = document.querySelector(".card .scroll, .scroll");
  return {
    page_width: document.documentElement.scrollWidth,
    outside: outside.map((element) => element.outerHTML.slice(0, 80)),
    background: getComputedStyle(document.querySelector(".top")).backgroundColor,
    table_scrolls: region !== null && region.scrollWidth > region.clientWidth,
    letter_height: Math.min(...letters, 100),
  };
})()"""


def exceptions() -> bytes:
    """An exception by quarter with commentary, and one by month, with long words, without."""
    months = of_months([20.0, 22] * 16 + [60.0] * 12, OXFORD)
    amounts = of_quarters(NUMBERS, COUNTY) | of_quarters([60.0, 66] * 10, OXFORD) | months
    watched = measure(title="Violent assault with injury against the person: detection", lead="CSPs")
    card = build(
        amounts,
        registers(watched),
        synthetic.population(),
        QUARTER,
        synthetic.returns(),
        by_month=["synthetic"],
        share_published=0.75,
    )
    words = "Two new schemes opened, and more is reported. " * 8
    commentary = {("synthetic", COUNTY): LeadCommentary(DUE, words, date(2022, 5, 2))}
    typical = {"synthetic": TypicalRevision(8, 2, 1.5, -1, 4)}
    reports = exception_reports(card, typical, MADE, DUE, {}, commentary)
    directions = [card.line(*report.place).direction for report in reports]
    assert [direction and direction.step for direction in directions] == ["quarter", "month"]
    return exceptions_page(card, reports)


def revision_note() -> bytes:
    line = RevisionLine(
        "all_recorded_crime", "All recorded crime", COUNTY, "Oxfordshire", "rate", "Rate for each 1,000 residents",
        "11.02", "12.41", "substantial", "[p] [r]",
        "Police counts return from Thames Valley Police for 2021/22 Q4, received 10 August 2022 (submission 41)",
    )  # fmt: skip
    conclusions = (
        "All recorded crime, Oxfordshire: was no clear trend, is now deteriorating.",
        "All recorded crime, Oxfordshire: now reported as an exception.",
    )
    return note(release(changes=[line] * 12, revises="2021-22Q4/1", conclusions=conclusions))["revision-note.html"]


def scorecard() -> bytes:
    return page(synthetic.scorecard())


PAGES = {"scorecard": scorecard, "exceptions": exceptions, "revision-note": revision_note}


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_its_screen(tab: chromium.Tab, tmp_path: Path, name: str, width: int) -> None:
    file = tmp_path / f"{name}.html"
    file.write_bytes(PAGES[name]())
    tab.resize(width)
    tab.open(file.as_uri())
    # An empty picture of that size packs into a few thousand bytes.
    assert len(tab.screenshot()) > 30_000
    tab.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
    measured = tab.evaluate(MEASURE)
    assert measured["outside"] == []
    assert measured["page_width"] <= width
    # The page's own policy allows its style sheet.
    assert measured["background"] == "rgb(18, 57, 91)"
    # Letters in pictures are large enough to read.
    assert measured["letter_height"] >= 11
    if name != "exceptions":
        # On a narrow screen the table scrolls inside its own region.
        assert measured["table_scrolls"] is (width == 320)


def test_the_search_field_shows_the_measures_with_all_its_words(tab: chromium.Tab, tmp_path: Path) -> None:
    file = tmp_path / "annex.html"
    file.write_bytes(page(synthetic.scorecard(), search=True))
    tab.open(file.as_uri())

    def shown(words: str) -> list[str]:
        tab.evaluate(f"field.value = {words!r}; field.dispatchEvent(new Event('input'))")
        titles: list[str] = tab.evaluate(
            "[...document.querySelectorAll('article h3')].filter(t => t.checkVisibility()).map(t => t.textContent)"
        )
        rows = tab.evaluate(
            "[...document.querySelectorAll('#glance-table th a')].filter(t => t.checkVisibility()).length"
        )
        assert len(titles) == rows
        return titles

    every = len(synthetic.scorecard().reported)
    assert len(shown("")) == every
    assert shown("burglary distraction") == ["Distraction burglary", "Distraction burglary: detection rate"]
    assert tab.evaluate("document.getElementById('matches').textContent") == f"2 of {every} measures"
    assert len(shown("MEDIATION")) == 0
    assert tab.evaluate("[...document.querySelectorAll('.theme')].every(theme => !theme.checkVisibility())")
    assert len(shown(" ")) == every
