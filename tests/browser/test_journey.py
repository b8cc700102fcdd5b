"""The demo, lived through in a browser alone: from a partner's first check to the Board's paper.

Airflow's real services run, and nobody opens a terminal or a page of Airflow. Each person has a tab of their own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from demo.samples.submissions import submissions
from sia.calendar import LONDON, Quarter
from sia.local import airflow, mail_catcher, postgres, processes, services
from sia.local.console import Console
from sia.paths import PROJECT
from tests import chromium
from tests.browser.desk_in_browser import Place, enter, press, shows, tick
from tests.conftest import Warehouse
from tests.dags.test_services import migrate_airflow
from tests.desk import APPROVER, SANCTUARY, UNIT
from tests.desk_log_ins import allowed
from tests.ports import service_ports
from tests.staged import good_rows
from tests.waiting import wait_until
from tests.workbooks import FIRST_ROW, as_bytes, filled, sheet_of

pytestmark = [chromium.needed, pytest.mark.slow, pytest.mark.timeout(1200)]

# The demo's last quarter, and the next, for which it has no return.
QUARTER, NEXT = Quarter(2021, 4), Quarter(2022, 1)
ODAS, LEAD = "odas-returns@example.org", "csp-returns@example.org"
# What people start, and what starts by what they do. The others would run too, and one downloads from the police.
DAGS = ("board_paper", "commentary", "ingest", "release", "scorecard", "send_outbox", "watch_inbox")
WHY = "Why: The police referred fewer homes. Action: We meet them each month."
MORE = "Why: Two officers who referred have left. Action: Their successors are trained in May."


@pytest.fixture
def state(server: postgres.Server, demo_copy: Warehouse, tmp_path: Path) -> Iterator[Path]:
    """What ``make up`` starts after ``make demo``, with a state folder of its own."""
    state, dags = tmp_path / "state", tmp_path / "dags"
    dags.mkdir()
    for name in DAGS:
        (dags / f"{name}.py").symlink_to(PROJECT / "dags" / f"{name}.py")
    patch, usual = pytest.MonkeyPatch(), airflow.environment
    for name in [name for name in os.environ if name.startswith(("AIRFLOW", "SIA_"))]:
        patch.delenv(name)

    def here(*given: Any) -> dict[str, str]:
        changed = {"AIRFLOW__CORE__DAGS_FOLDER": str(dags), "SIA_WAREHOUSE_URL": demo_copy.url}
        return usual(*given) | changed

    patch.setattr(airflow, "environment", here)
    patch.setenv("SIA_STATE", str(state))
    patch.setenv("SIA_WAREHOUSE_URL", demo_copy.url)
    ports = service_ports()
    with allowed(server, demo_copy):
        try:
            migrate_airflow(airflow.environment(state, postgres.start(state), ports))
            services.up(state, Console(state / "log"), ports)
            yield state
        finally:
            services.down(state)
            patch.undo()
    assert processes.running(state) == []


@pytest.fixture
def place(state: Path) -> Place:
    ports = services.Ports.kept(state)
    assert ports
    return Place(ports.desk_address, lambda: mail_catcher.caught(state), ports.desk_address)


def with_first_reference(content: Path, reference: str | None, to: Path) -> None:
    """What a partner does in Excel: give the first job another reference, or that of the second by mistake."""
    book = load_workbook(content)
    sheet = sheet_of(book, "Jobs")
    sheet.cell(FIRST_ROW, 1).value = reference or sheet.cell(FIRST_ROW + 1, 1).value
    book.save(to)


def check(place: Place, tab: chromium.Tab, file: Path) -> None:
    """Choose a file and check it."""
    place.open(tab, "/send")
    tab.choose_file("#file", file)
    press(tab, "Check")


def start(tab: chromium.Tab, words: str) -> None:
    """Start a step of the scorecard, and wait until the page says that it is started."""
    count = "document.body.innerText.split('Last started on').length"
    before = tab.evaluate(count)
    press(tab, words)
    tab.wait_for(f"document.body !== null && {count} > {before}")


def shows_later(place: Place, tab: chromium.Tab, path: str, words: str) -> None:
    """Open a page again and again, as a person does who waits, until it shows some words."""

    def is_there() -> bool:
        place.open(tab, path)
        return bool(tab.evaluate(f"document.body.innerText.includes({words!r})"))

    wait_until(is_there, f"{words!r} on {path}", timeout=400)


def test_a_quarter_in_a_browser_alone(place: Place, browser: chromium.Chromium, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    *_, sample = (returned for returned in submissions(QUARTER) if returned.return_name == "sanctuary")
    (files / "sample.xlsx").write_bytes(sample.content())
    with_first_reference(files / "sample.xlsx", None, files / "return.xlsx")
    with ExitStack() as tabs:
        partner, unit, other, lead, approver, reader = (tabs.enter_context(browser.tab()) for _ in range(6))

        # A partner checks, corrects, signs and sends.
        place.sign_in(partner, SANCTUARY)
        shows(partner, "your returns")
        check(place, partner, files / "return.xlsx")
        shows(partner, "Not ready yet")
        partner.download_to(files)
        press(partner, "Download the workbook that shows what to fix")
        marked = files / f"sanctuary-{QUARTER.key}-what-to-fix.xlsx"
        wait_until(marked.exists, "the marked workbook")
        with_first_reference(marked, "SAN-2022-9999", files / "corrected.xlsx")
        check(place, partner, files / "corrected.xlsx")
        shows(partner, "Ready to send")
        enter(partner, "signed_as", "Contract manager")
        tick(partner, "confirmed", "yes")
        press(partner, "Sign and send")
        shows(partner, "The return is accepted.")

        # The unit sees it, and reminds another.
        place.sign_in(unit, UNIT)
        shows(unit, "Today")
        place.open(unit, f"/returns?until={NEXT.key}")
        shows(unit, "Accepted")
        place.open(unit, f"/senders/odas?until={NEXT.key}")
        shows(unit, "Agreement")
        press(unit, f"Write to them about Domestic abuse service return, {NEXT.label}")
        shows(unit, "We send this letter")
        press(unit, "Send the letter")
        shows(unit, "We send the letter now.")

        # That partner asks for more time, and gets it.
        place.follow(other, place.letter(ODAS, "Please send your return"), "/send")
        shows(other, "Sign in")
        place.sign_in(other, ODAS, f"/tell-us/odas/{NEXT.key}")
        tick(other, "subject", "need_longer")
        enter(other, "message", "Our system moves. We need two weeks more.")
        press(other, "Send the message")
        shows(other, "We have your message.")
        place.open(unit, "/messages")
        press(unit, "Change the due date")
        later = datetime.now(LONDON).date() + timedelta(days=14)
        enter(unit, "until", later.isoformat())
        enter(unit, "allowed_by", "Head of the unit")
        enter(unit, "why", "Their system moves.")
        press(unit, "Change the due date")
        shows(unit, "The due date is changed.")
        place.open(unit, f"/senders/odas?until={NEXT.key}")
        shows(unit, f"Extended to {later.day} {later:%b %Y}")

        # The unit takes a file that came by email. Nobody has signed it.
        (case,) = good_rows("mediation", "cases")
        rows = {"cases": [{**case, "offered_on": "2022-05-03"}]}
        (files / "by-email.xlsx").write_bytes(as_bytes(filled("mediation", rows, quarter=NEXT.key)))
        check(place, unit, files / "by-email.xlsx")
        shows(unit, "When you received it")
        enter(unit, "received_on", "2022-07-12")
        press(unit, "Load it")
        shows(unit, "It still needs a signature.")

        # A lead comments on two of its exceptions.
        place.open(unit, f"/scorecard/{QUARTER.key}")
        start(unit, "Ask the leads")
        place.follow(lead, place.letter(LEAD, "Commentary on"), "/commentary")
        place.sign_in(lead, LEAD, "/commentary")
        shows(lead, "Commentary on exceptions")
        fields = lead.evaluate("[...document.querySelectorAll('textarea')].map(field => field.id)")
        assert len(fields) > 2
        for field, text in zip(fields, (WHY, MORE), strict=False):
            enter(lead, field, text)
        press(lead, "Send what is filled in")
        shows(lead, "We have what you wrote.")
        place.open(unit, f"/scorecard/{QUARTER.key}")
        assert re.search(r"\b2 of \d+ exceptions with commentary", unit.evaluate("document.body.innerText"))

        # An approver opens the candidate and approves it.
        start(unit, "Prepare the release")
        shows_later(place, unit, f"/scorecard/{QUARTER.key}", "waits for approval")
        place.follow(approver, place.letter(APPROVER, "waits for your approval"), "/approval")
        place.sign_in(approver, APPROVER, "/approval")
        shows(approver, "What you need to know")
        press(approver, f"exceptions-{QUARTER.key}.html")
        shows(approver, "Two officers who referred have left.")
        shows(approver, "We had received no commentary by")
        place.open(approver, "/approval")
        tick(approver, "read", "yes")
        press(approver, "Approve and publish")
        shows(approver, "was approved by")

        # The Board's paper is opened from its link.
        shows_later(place, unit, f"/scorecard/{QUARTER.key}", "was published on")
        start(unit, "Make the Board’s paper")
        paper = f"board-paper-{QUARTER.key}.html"
        shows_later(place, unit, f"/scorecard/{QUARTER.key}", paper)
        link = unit.evaluate(f"[...document.querySelectorAll('a')].find(e => e.textContent === {paper!r}).pathname")
        place.open(reader, link)
        shows(reader, "Sign in")
        place.sign_in(reader, LEAD, link)
        assert reader.evaluate("location.pathname") == link
        shows(reader, "What the Board needs to know")
