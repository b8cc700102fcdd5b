"""The exception reports and the revision note in a real browser: they fit a wide screen and one of 320 pixels."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from sia.presentation.exception_reports import exceptions_page
from sia.registers.measures import measures
from sia.release.revision import Difference, Edition, Figure, Line, Turn
from sia.release.revision_note import note
from sia.scorecard.exceptions import Asked, exception_reports
from sia.scorecard.revisions import Revision
from sia.scorecard.scorecard import build
from tests import chromium
from tests.unit.presentation import synthetic
from tests.unit.presentation.test_exception_reports import COUNTY, DUE, MADE, NUMBERS, OXFORD
from tests.unit.scorecard.synthetic import QUARTER, measure, of_months, of_quarters, rules

pytestmark = chromium.needed

# Every element that reaches beyond the window, but for those that scroll in a region of their own.
MEASURED = """(() => {
  const beyond = [...document.querySelectorAll("body *")].filter((element) =>
    !element.closest(".scroll > *, .skip, .unseen, caption")
    && element.getBoundingClientRect().right > innerWidth + 0.5);
  const regions = [...document.querySelectorAll(".scroll")];
  const letters = [...document.querySelectorAll(".picture text")].map((text) => text.getBoundingClientRect().height);
  return {
    scroll: document.documentElement.scrollWidth,
    beyond: beyond.map((element) => element.outerHTML.slice(0, 80)),
    ground: getComputedStyle(document.querySelector(".top")).backgroundColor,
    scrolling: regions.filter((region) => region.scrollWidth > region.clientWidth).length,
    letters: Math.min(...letters, 100),
  };
})()"""


def exceptions() -> bytes:
    """An exception by quarter with commentary, and one by month, with long words, without."""
    months = of_months([20.0, 22] * 15 + [60.0] * 30, OXFORD)
    held = of_quarters(NUMBERS, COUNTY) | of_quarters([60.0, 66] * 10, OXFORD) | months
    watched = measure(title="Violent assault with injury against the person: detection", lead="CSPs")
    card = build(
        held,
        [watched],
        synthetic.population(),
        QUARTER,
        synthetic.returns(),
        rules(),
        kept=0.75,
        by_month=["synthetic"],
    )
    asked = {("synthetic", COUNTY): Asked(DUE, "Two new schemes opened, and more is reported. " * 8, date(2022, 5, 2))}
    reports = exception_reports(card, {"synthetic": Revision(8, 2, 1.5, -1, 4)}, MADE, DUE, {}, asked)
    assert [report.travel.by for report in reports] == ["quarter", "month"]
    return exceptions_page(card, reports)


def revision_note() -> bytes:
    place = (measures()[0].id, COUNTY)
    before, after = Edition("2021-22Q4/1", {}), Edition("2021-22Q4/2", {(*place, "rate"): Figure(1, "shown")})
    difference = Difference(before, after, (), (Turn(place, "no change", "deteriorating"),), (place,), ())
    line = Line(
        *place[:1], "All recorded crime", COUNTY, "Oxfordshire", "rate", "Rate for each 1,000 residents", "11.02",
        "12.41", "substantial", "[p] [r]",
        "Police counts return from Thames Valley Police for 2021/22 Q4, received 10 August 2022 (submission 41)",
    )  # fmt: skip
    return note(difference, QUARTER, [line] * 12, datetime(2022, 8, 11, 9, tzinfo=UTC))["revision-note.html"]


PAGES = {"exceptions": exceptions, "revision-note": revision_note}


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Browser]:
    with chromium.opened(tmp_path_factory.mktemp("release-pages") / "profile") as opened:
        opened.ask("Page.enable")
        yield opened


def opened_at(window: chromium.Browser, file: Path, width: int) -> dict[str, Any]:
    """A page open at a width, and what is measured of it."""
    window.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    window.ask("Page.navigate", url=file.as_uri())
    window.wait(f"document.readyState === 'complete' && location.href === '{file.as_uri()}'")
    window.value("document.querySelectorAll('details').forEach(each => { each.open = true })")
    found: dict[str, Any] = window.value(MEASURED)
    return found


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_its_screen(window: chromium.Browser, tmp_path: Path, name: str, width: int) -> None:
    file = tmp_path / f"{name}-{width}.html"
    file.write_bytes(PAGES[name]())
    measured = opened_at(window, file, width)
    assert measured["beyond"] == []
    assert measured["scroll"] <= width
    # The style sheet is allowed by the page's own policy.
    assert measured["ground"] == "rgb(18, 57, 91)"
    # Letters in pictures stay readable.
    assert measured["letters"] >= 11
    if name == "revision-note":
        # On a narrow screen the table scrolls inside its own region.
        assert (measured["scrolling"] > 0) is (width == 320)
