"""Every page of the desk in a real browser: accessible, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from sia.calendar import Quarter
from sia.geography import areas
from sia.registers.policy import policy
from sia.release import commentary, scorecard_inputs
from sia.web import council_sign_on
from sia.web.identity_provider import IdentityProvider
from tests import axe, chromium, desk, identity_provider
from tests.acceptance.test_questioned_figures import without_figures
from tests.browser.desk_in_browser import Place, press, shows
from tests.conftest import Warehouse
from tests.desk import APPROVER, MEDIATION, UNIT, propose
from tests.ports import free_port
from tests.staged import good_rows
from tests.submissions import hand_in, query
from tests.workbooks import QUARTER, as_bytes, filled

pytestmark = [chromium.needed, pytest.mark.timeout(600)]

JOB = good_rows("sanctuary", "jobs")[0]


@pytest.fixture
def desk_of(warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[desk.Desk]:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    with desk.running(warehouse, tmp_path) as opened:
        yield opened


@pytest.fixture
def place(desk_of: desk.Desk) -> Iterator[Place]:
    with chromium.serving(desk_of.app) as address:
        yield Place(address, lambda: desk_of.mailbox.letters)


def test_staff_sign_in_with_a_council_account_and_sign_out(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tab: chromium.Tab, engine: str
) -> None:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    port = free_port()
    callback = f"http://127.0.0.1:{port}{council_sign_on.CALLBACK}"
    with identity_provider.running(callback) as council:
        council.mailbox = UNIT
        provider = IdentityProvider(
            council.issuer, identity_provider.CLIENT_ID, identity_provider.CLIENT_SECRET, callback
        )
        with (
            desk.running(warehouse, tmp_path, provider=provider) as opened,
            chromium.serving(opened.app, port) as address,
        ):
            problems = axe.violations_at_every_width(tab, engine, f"{address}sign-in")
            press(tab, "Sign in with your council account")
            shows(tab, "Sign out")
            tab.evaluate("document.querySelector('header button').click()")
            shows(tab, "You have signed out")
            problems += axe.violations_at_every_width(tab, engine, f"{address}council-sign-on/signed-out")
            press(tab, "Sign out of your council account")
            shows(tab, "signed_out")
    assert problems == []


def test_every_page_is_accessible(
    desk_of: desk.Desk, place: Place, tab: chromium.Tab, engine: str, tmp_path: Path
) -> None:
    unit, partner = desk_of.visitor(UNIT), desk_of.visitor(MEDIATION)
    partner.post(f"/tell-us/mediation/{QUARTER}", subject="need_longer", message="We need two weeks more.")
    unit.post("/senders/mediation_bucks/notes", "/senders/mediation_bucks", note="Rang them.")
    contact = {"mailbox": "new@example.org", "escalation": "boss@example.org", "due_contact": "Case manager"}
    unit.post("/decisions/contacts/odas", **contact, allowed_by="Head of the unit", why="They moved.")
    book = as_bytes(filled(rows={"jobs": [JOB, JOB]}))

    hand_in(desk_of.warehouse, tmp_path, book, "2021-07-05")
    with desk_of.warehouse.connection as connection, connection.cursor() as cursor:
        commentary.record_request(
            cursor, Quarter.parse(QUARTER), ("robbery", "E10000025"), "deteriorating", "CSPs", date(2049, 1, 4),
            scorecard_inputs.registers(policy(), areas()), desk.shown_to_lead(),
        )  # fmt: skip
    propose(connection, Quarter(2021, 4), {"scorecard.csv": b"measure"}, "# Release\n\n## Returns missing\n\nNone.")
    (receipt,) = query(connection, "SELECT receipt FROM intake.submission")[0]
    (letter,) = query(connection, "SELECT letter_id FROM feedback.letter")[0]
    hand_in(desk_of.warehouse, tmp_path, filled("odas"), "2021-07-20", return_name="odas")
    zeros = without_figures("2021-22Q2")
    number = hand_in(desk_of.warehouse, tmp_path, zeros, "2021-10-20", return_name="odas", quarter="2021-22Q2")
    ((asked,),) = query(connection, "SELECT receipt FROM intake.submission WHERE submission_id = %s", (number,))
    problems = []
    for path in ("/sign-in", "/sign-in/x"):
        problems += axe.violations_at_every_width(tab, engine, place.address + path)
    for mailbox, paths in {
        UNIT: (
            f"/returns?until={QUARTER}", "/senders/mediation_bucks", "/messages", "/send", "/actions", "/released",
            f"/extensions/mediation/mediation_bucks/{QUARTER}", f"/receipts/{receipt}", f"/receipts/{asked}",
            f"/letters/{letter}", "/commentary", "/scorecard/2021-22Q4",
            f"/reminders/mediation/mediation_bucks/{QUARTER}", "/approval",
            "/decisions", "/decisions/waivers", "/decisions/waivers/new", "/decisions/contacts?done=yes",
            "/decisions/contacts/odas", "/decisions/agreements/new", "/decisions/leads",
            "/decisions/leads/CSPs", "/decisions/settings", "/decisions/settings/new", "/decisions/targets",
            "/decisions/targets/new", "/decisions/areas", "/decisions/areas/new", "/archives", "/no-such-page",
        ),
        APPROVER: ("/decisions/approvers", "/decisions/approvers/new"),
        MEDIATION: ("/my-returns", f"/tell-us/mediation/{QUARTER}", f"/nil/mediation/{QUARTER}",
                    "/nil/mediation/2021-22Q4"),
    }.items():  # fmt: skip
        place.sign_in(tab, mailbox)
        for path in paths:
            problems += [f"{path} {line}" for line in axe.violations_at_every_width(tab, engine, place.address + path)]
    assert problems == []
