"""The desk in a real browser: a partner corrects and sends a return, the unit sees it, and every page is accessible."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from sia.calendar import Quarter
from sia.release import commentary, scorecard_inputs
from tests import axe, chromium, desk
from tests.conftest import Warehouse
from tests.desk import MEDIATION, SANCTUARY, UNIT, Desk, load_new, propose
from tests.staged import good_rows
from tests.submissions import hand_in, query
from tests.waiting import wait_until
from tests.workbooks import QUARTER, as_bytes, filled

pytestmark = [chromium.needed, pytest.mark.timeout(600)]

JOB = good_rows("sanctuary", "jobs")[0]
READY = "document.readyState === 'complete'"


class Place:
    """A desk that a browser can reach."""

    def __init__(self, opened: Desk, address: str) -> None:
        self.desk, self.address = opened, address.rstrip("/")

    def sign_in(self, tab: chromium.Tab, mailbox: str) -> None:
        """Sign in as a person does."""
        letters = self.desk.mailbox.letters
        before = len(letters)
        tab.open(f"{self.address}/sign-in")
        enter(tab, "mailbox", mailbox)
        press(tab, "Send me a link")
        shows(tab, "Check your email")
        wait_until(lambda: len(letters) > before, "the link")
        tab.open(self.address + self.desk.link())
        press(tab, "Sign in")
        shows(tab, "Sign out")


@pytest.fixture
def place(warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    with desk.running(warehouse, tmp_path) as opened, chromium.serving(opened.app) as address:
        yield Place(opened, address)


def enter(tab: chromium.Tab, field: str, text: str) -> None:
    tab.evaluate(f"document.getElementById({field!r}).value = {text!r}")


def press(tab: chromium.Tab, words: str) -> None:
    """Press a button, or follow a link, by its words."""
    script = f"[...document.querySelectorAll('main button, main a')].find(e => e.textContent.trim() === {words!r})"
    tab.wait_for(f"{READY} && !!{script}")
    tab.evaluate(f"{script}.click()")


def shows(tab: chromium.Tab, words: str) -> None:
    tab.wait_for(f"document.body !== null && document.body.innerText.includes({words!r})")


def test_a_partner_corrects_and_sends_a_return_and_the_unit_sees_it(
    place: Place, browser: chromium.Chromium, tmp_path: Path
) -> None:
    files = {"bad.xlsx": filled(rows={"jobs": [JOB, JOB]}), "good.xlsx": filled()}
    for name, book in files.items():
        (tmp_path / name).write_bytes(as_bytes(book))
    with browser.tab() as partner, browser.tab() as unit:
        place.sign_in(partner, SANCTUARY)
        shows(partner, "your returns")
        for name, verdict in (("bad.xlsx", "Not ready yet"), ("good.xlsx", "Ready to send")):
            partner.open(f"{place.address}/send")
            partner.choose_file("#file", tmp_path / name)
            press(partner, "Check")
            shows(partner, verdict)
        enter(partner, "signed_by", "Contract administrator")
        partner.evaluate("document.querySelector('input[name=confirmed]').click()")
        press(partner, "Send the return")
        shows(partner, "Sent.")
        load_new("sanctuary", QUARTER)
        shows(partner, "The return is accepted")

        place.sign_in(unit, UNIT)
        unit.open(f"{place.address}/returns?until={QUARTER}")
        shows(unit, "Accepted")
        unit.open(f"{place.address}/extensions/mediation/mediation_bucks/{QUARTER}")
        enter(unit, "until", "2049-01-04")
        enter(unit, "allowed_by", "Head of the unit")
        enter(unit, "why", "Their system moves.")
        press(unit, "Change the due date")
        shows(unit, "The due date is changed.")
        shows(unit, "Extended to 4 Jan 2049")


def test_every_page_is_accessible(place: Place, tab: chromium.Tab, engine: str, tmp_path: Path) -> None:
    unit, partner = place.desk.visitor(UNIT), place.desk.visitor(MEDIATION)
    desk_of = place.desk
    partner.post(f"/tell-us/mediation/{QUARTER}", subject="need_longer", message="We need two weeks more.")
    unit.post("/senders/mediation_bucks/notes", "/senders/mediation_bucks", note="Rang them.")
    book = as_bytes(filled(rows={"jobs": [JOB, JOB]}))

    hand_in(desk_of.warehouse, tmp_path, book, "2021-07-05")
    with desk_of.warehouse.connection as connection, connection.cursor() as cursor:
        commentary.record_request(
            cursor, Quarter.parse(QUARTER), ("robbery", "E10000025"), "deteriorating", "CSPs", date(2049, 1, 4),
            scorecard_inputs.registers(),
        )  # fmt: skip
    propose(connection, Quarter(2021, 4), {"scorecard.csv": b"measure"}, "# Release\n\n## Returns missing\n\nNone.")
    (receipt,) = query(connection, "SELECT receipt FROM intake.submission")[0]
    (letter,) = query(connection, "SELECT letter_id FROM feedback.letter")[0]
    problems = []
    for path in ("/sign-in", "/sign-in/x"):
        problems += axe.violations_at_every_width(tab, engine, place.address + path)
    for mailbox, paths in {
        UNIT: (
            f"/returns?until={QUARTER}", "/senders/mediation_bucks", "/messages", "/send", "/actions", "/released",
            f"/extensions/mediation/mediation_bucks/{QUARTER}", f"/receipts/{receipt}", f"/letters/{letter}",
            "/commentary", "/approval", "/decisions/waivers", "/decisions/waivers/new", "/no-such-page",
        ),
        MEDIATION: ("/my-returns", f"/tell-us/mediation/{QUARTER}", f"/nil/mediation/{QUARTER}"),
    }.items():  # fmt: skip
        place.sign_in(tab, mailbox)
        for path in paths:
            problems += [f"{path} {line}" for line in axe.violations_at_every_width(tab, engine, place.address + path)]
    assert problems == []
