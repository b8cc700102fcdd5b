"""A quarter in a browser alone: from a partner's first check to the Board's paper, each person in a tab of their own.

Nobody opens a terminal or a page of Airflow. What Airflow does in between, ``Pipeline`` does with the same steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from sia.calendar import LONDON, Quarter, quarters_between
from sia.feedback import outbox, reply
from sia.papers import make
from sia.release import approval, candidate, commentary, publishing
from sia.release.draft_folders import candidate_folder
from sia.release.ledger import Decision
from sia.warehouse import database
from tests import chromium, desk, few_measures, steps
from tests.browser.desk_in_browser import Place, enter, press, shows, tick
from tests.conftest import Warehouse
from tests.database.test_draft import DISTRICTS, add_version, submission
from tests.desk import ADDRESS, SANCTUARY, UNIT
from tests.own_registers import replace_register
from tests.staged import good_rows
from tests.waiting import wait_until
from tests.workbooks import FIRST_ROW, as_bytes, filled, sheet_of

pytestmark = [chromium.needed, pytest.mark.timeout(600)]

QUARTER = Quarter(2021, 4)
ODAS, LEAD, APPROVER = "odas-returns@example.org", "csp-returns@example.org", "board-chair@example.org"
APPROVERS = f"approvers: [{{id: chair, name: Chair of the Board, mailbox: {APPROVER}}}]\n"
# Referrals fell everywhere but in Oxford: in the county and in three of four partnerships.
BEFORE = 60
JOBS = {"Oxford": 60, "Cherwell": 20, "South Oxfordshire": 20, "Vale of White Horse": 20, "West Oxfordshire": 20}
WHY = "Why: The police referred fewer homes. Action: We meet them each month."
MORE = "Why: Two officers who referred have left. Action: Their successors are trained in May."


class Pipeline:
    """What Airflow does: it runs the steps of its DAGs, and sends letters."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.desk: desk.Desk | None = None

    def load(self, return_name: str) -> None:
        """Do what the ingest DAG does with the new files in the inbox."""
        steps.take(return_name, QUARTER.key)
        with database.connection() as connection:
            reply.reply_to_return(connection, return_name, QUARTER.key)
        self.send_letters()

    def start(self, dag_id: str, quarter_key: str) -> bool:
        """Do what a DAG does that the unit starts."""
        quarter = Quarter.parse(quarter_key)
        with database.connection() as connection:
            if dag_id == "commentary":
                for question in commentary.ask(connection, quarter):
                    commentary.write_to_lead(connection, question["requests"], "https://airflow.example")
            elif dag_id == "release":
                number = candidate.prepare(connection, quarter, candidate_folder(quarter))["candidate"]
                approval.write_to_approvers(connection, number, "https://airflow.example")
            elif dag_id == "board_paper":
                make.board_paper(quarter, self.state / "releases", self.state / "papers")
            else:
                return False
        self.send_letters()
        return True

    def decide(self, number: int, approved: bool, comment: str, decided_by: str) -> bool:
        """Do what the release DAG does with an approval."""
        assert approved
        with database.connection() as connection:
            decision = Decision("approved", decided_by, datetime.now(UTC), comment)
            publishing.publish(connection, number, decision, self.state / "releases")
        return True

    def send_letters(self) -> None:
        assert self.desk is not None
        with database.connection() as connection:
            outbox.send_due(connection, self.desk.mail_server)


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline(tmp_path)


@pytest.fixture
def place(warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pipeline: Pipeline) -> Iterator[Place]:
    """A desk with fifteen quarters of referrals, before the quarter that people work on."""
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    monkeypatch.setenv("SIA_DESK_ADDRESS", ADDRESS)
    replace_register(monkeypatch, tmp_path, "approvers.yml", APPROVERS)
    few_measures.use(monkeypatch, [m for m in few_measures.of_return("sanctuary") if m.id == "sanctuary_referrals"])
    for quarter in quarters_between(QUARTER.plus(-15), QUARTER.plus(-1)):
        sent = submission(warehouse.connection, "sanctuary", "sanctuary_contractor", quarter, "accepted", "2022-02-01")
        add_version(
            warehouse.connection, sent, quarter.start, quarter.end, {"referrals": dict.fromkeys(DISTRICTS, BEFORE)}
        )
    warehouse.connection.commit()
    with desk.running(warehouse, tmp_path, pipeline.decide, pipeline.start) as opened:
        pipeline.desk = opened
        with chromium.serving(opened.app) as address:
            yield Place(opened, address)


def return_with_a_mistake() -> Workbook:
    """The sanctuary return, in which two jobs have the same reference."""
    (example,) = good_rows("sanctuary", "jobs")
    (camera,) = good_rows("sanctuary", "cameras")
    districts = [district for district, count in JOBS.items() for _ in range(count)]
    jobs = [
        {
            **example, "district": district, "job_reference": f"SAN-2022-{max(number, 1):04d}",
            "referred_on": "2022-01-10", "completed_on": "2022-02-10",
        }
        for number, district in enumerate(districts)
    ]  # fmt: skip
    cameras = [{**camera, "event_on": "2022-02-10"}]
    return filled(rows={"jobs": jobs, "cameras": cameras}, quarter=QUARTER.key)


def check(place: Place, tab: chromium.Tab, file: Path) -> None:
    """Choose a file and check it."""
    place.open(tab, "/send")
    tab.choose_file("#file", file)
    press(tab, "Check")


def correct(marked: Path, corrected: Path) -> None:
    """What the partner does in Excel: give the first job a reference of its own."""
    book = load_workbook(marked)
    sheet = sheet_of(book, "Jobs")
    assert sheet.cell(FIRST_ROW, 1).value == sheet.cell(FIRST_ROW + 1, 1).value
    sheet.cell(FIRST_ROW, 1).value = "SAN-2022-0999"
    book.save(corrected)


def test_a_quarter_in_a_browser_alone(
    place: Place, browser: chromium.Chromium, pipeline: Pipeline, tmp_path: Path
) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "return.xlsx").write_bytes(as_bytes(return_with_a_mistake()))
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
        correct(marked, files / "corrected.xlsx")
        check(place, partner, files / "corrected.xlsx")
        shows(partner, "Ready to send")
        enter(partner, "signed_as", "Contract manager")
        tick(partner, "confirmed", "yes")
        press(partner, "Sign and send")
        shows(partner, "We load it within a minute")
        pipeline.load("sanctuary")
        shows(partner, "The return is accepted.")

        # The unit sees it, and reminds another.
        place.sign_in(unit, UNIT)
        shows(unit, "Today")
        place.open(unit, f"/returns?until={QUARTER.key}")
        shows(unit, "Accepted")
        press(unit, "Oxfordshire Domestic Abuse Service")
        shows(unit, "Agreement")
        place.open(unit, f"/senders/odas?until={QUARTER.key}")
        press(unit, f"Write to them about Domestic abuse service return, {QUARTER.label}")
        shows(unit, "We send this letter")
        press(unit, "Send the letter")
        shows(unit, "We send the letter now.")

        # That partner asks for more time, and gets it.
        place.follow(other, place.letter(ODAS, "Please send your return"), "/send")
        shows(other, "Sign in")
        place.sign_in(other, ODAS, f"/tell-us/odas/{QUARTER.key}")
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
        shows(unit, f"Extended to {later.day} {later:%b %Y}")

        # The unit takes a file that came by email. Nobody has signed it.
        (case,) = good_rows("mediation", "cases")
        rows = {"cases": [{**case, "offered_on": "2022-02-01"}]}
        (files / "by-email.xlsx").write_bytes(as_bytes(filled("mediation", rows, quarter=QUARTER.key)))
        check(place, unit, files / "by-email.xlsx")
        shows(unit, "When you received it")
        enter(unit, "received_on", "2022-04-12")
        press(unit, "Load it")
        shows(unit, "We load it within a minute")
        pipeline.load("mediation")
        shows(unit, "It still needs a signature.")

        # A lead comments on two of four exceptions.
        place.open(unit, f"/scorecard/{QUARTER.key}")
        press(unit, "Ask the leads")
        shows(unit, "0 of 4 exceptions with commentary")
        place.follow(lead, place.letter(LEAD, "Commentary on"), "/commentary")
        place.sign_in(lead, LEAD, "/commentary")
        fields = lead.evaluate("[...document.querySelectorAll('textarea')].map(field => field.id)")
        assert len(fields) == 4
        for field, text in zip(fields, (WHY, MORE), strict=False):
            enter(lead, field, text)
        press(lead, "Send what is filled in")
        shows(lead, "We have what you wrote.")
        place.open(unit, f"/scorecard/{QUARTER.key}")
        shows(unit, "2 of 4 exceptions with commentary")

        # An approver opens the candidate and approves it.
        press(unit, "Prepare the release")
        shows(unit, "waits for approval")
        place.follow(approver, place.letter(APPROVER, "waits for your approval"), "/approval")
        place.sign_in(approver, APPROVER, "/approval")
        shows(approver, "What you need to know")
        press(approver, f"exceptions-{QUARTER.key}.html")
        shows(approver, "Two officers who referred have left.")
        shows(approver, "We had received no commentary by")
        place.open(approver, "/approval")
        tick(approver, "read", "yes")
        press(approver, "Approve and publish")
        shows(approver, "was approved by Chair of the Board")

        # The Board's paper is opened from its link.
        place.open(unit, f"/scorecard/{QUARTER.key}")
        shows(unit, "was published on")
        press(unit, "Make the Board’s paper")
        paper = f"board-paper-{QUARTER.key}.html"
        shows(unit, paper)
        link = unit.evaluate(f"[...document.querySelectorAll('a')].find(e => e.textContent === {paper!r}).pathname")
        place.open(reader, link)
        shows(reader, "Sign in")
        place.sign_in(reader, LEAD, link)
        assert reader.evaluate("location.pathname") == link
        shows(reader, "Two officers who referred have left.")
