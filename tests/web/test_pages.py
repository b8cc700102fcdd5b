"""The unit's and the partners' pages: what we received, what is owed, and what people decide and tell us."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape
from openpyxl import load_workbook

from sia.calendar import LONDON, Quarter
from sia.contract.model import contract
from sia.registers.measures import measures
from tests.desk import ADDRESS, MEDIATION, SANCTUARY, UNIT, Desk, load_new, release
from tests.staged import good_rows
from tests.submissions import hand_in, query
from tests.waiting import wait_until
from tests.workbooks import QUARTER, as_bytes, filled

JOB = good_rows("sanctuary", "jobs")[0]
GOOD = as_bytes(filled())
TWICE = as_bytes(filled(rows={"jobs": [JOB, JOB]}))
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SINCE = f"/returns?until={QUARTER}"


def in_inbox(desk: Desk) -> list[Path]:
    return [path for path in (desk.state / "inbox").rglob("*") if path.is_file()]


def check(visitor: Any, content: bytes, name: str = "return.xlsx", **fields: str) -> str:
    """Upload a file, and wait for its check; the path of its page."""
    answer = visitor.post("/send", files={"file": (name, content, XLSX)}, **fields)
    assert answer.status_code == 303, answer.text
    path = str(answer.headers["location"])
    wait_until(lambda: "We are checking" not in visitor.page(path), "the check", timeout=60)
    return path


def test_the_board_says_what_was_received_and_what_is_late(desk: Desk) -> None:
    hand_in(desk.warehouse, desk.state, TWICE, "2021-07-05")
    unit = desk.visitor(UNIT)
    page = unit.page(SINCE)
    assert "Refused, 1 to correct" in page
    assert "1 return: refused" in page
    assert "Late " in page
    hand_in(desk.warehouse, desk.state, GOOD, "2021-07-06")
    assert "Refused" not in unit.page(SINCE)
    assert ">Accepted" in unit.page(SINCE)


def test_the_board_shows_only_what_is_asked_for(desk: Desk) -> None:
    hand_in(desk.warehouse, desk.state, TWICE, "2021-07-05")
    page = desk.visitor(UNIT).page(f"{SINCE}&show=refused")
    assert "Sanctuary" in page
    assert "Mediation" not in page


def test_a_return_that_is_not_due_is_not_late(desk: Desk) -> None:
    current = Quarter.containing(datetime.now(LONDON).date())
    page = desk.visitor(UNIT).page(f"/returns?until={current.key}")
    assert f"Not due until {current.due(contract('odas').due_working_days).day} " in page


def test_the_board_as_a_file_and_a_calendar(desk: Desk) -> None:
    unit = desk.visitor(UNIT)
    lines = list(csv.DictReader(io.StringIO(unit.page(f"/returns.csv?until={QUARTER}").removeprefix("\ufeff"))))
    assert {line["Quarter"] for line in lines} >= {QUARTER}
    calendar = unit.page("/due-dates.ics")
    assert calendar.startswith("BEGIN:VCALENDAR\r\n")
    assert calendar.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in calendar.split("\r\n"))
    assert "BEGIN:VEVENT" in calendar


def test_an_extension_counts_at_once_and_its_history_is_kept(desk: Desk) -> None:
    unit = desk.visitor(UNIT)
    path = f"/extensions/mediation/mediation_bucks/{QUARTER}"
    later = date(2049, 1, 4).isoformat()
    answer = unit.post(path, until=later, allowed_by="Head of the unit", why="Their system moves.", decision="extend")
    assert answer.headers["location"] == f"/senders/mediation_bucks?done=extension&until={QUARTER}"
    assert "Extended to 4 Jan 2049" in unit.page(SINCE)
    assert "Their system moves." in unit.page(path)
    unit.post(path, allowed_by="Head of the unit", why="It came.", decision="withdraw")
    assert "Extended to 4 Jan 2049" not in unit.page(SINCE)
    assert "Withdrawn" in unit.page(path)
    assert "changed a due date" in unit.page("/actions")


def test_an_extension_from_an_old_page_does_not_undo_a_later_one(desk: Desk) -> None:
    unit, colleague, path = desk.visitor(UNIT), desk.visitor(UNIT), f"/extensions/mediation/mediation_bucks/{QUARTER}"
    form = {"token": colleague.token(path), "earlier": "0", "allowed_by": "Head of the unit", "why": "They asked."}
    assert unit.post(path, until="2049-02-04", allowed_by="Head of the unit", why="Illness.").status_code == 303
    answer = colleague.client.post(path, data={**form, "until": "2049-01-04"}, headers={"Origin": ADDRESS})
    assert answer.status_code == 409
    assert query(desk.warehouse.connection, "SELECT until FROM feedback.extension") == [(date(2049, 2, 4),)]


@pytest.mark.parametrize(
    ("until", "why", "words"),
    [
        ("2021-07-01", "No.", "later than the usual due date"),
        ("soon", "No.", "Enter a date"),
        ("2049-01-04", "", "Enter the reason"),
        ("2049-01-04", "Call 07700 900123", "personal data"),
    ],
)
def test_an_extension_that_cannot_be_is_refused_with_the_reason(desk: Desk, until: str, why: str, words: str) -> None:
    path = f"/extensions/mediation/mediation_bucks/{QUARTER}"
    answer = desk.visitor(UNIT).post(path, until=until, allowed_by="Head", why=why, decision="extend")
    assert answer.status_code == 422
    assert words in answer.text
    assert query(desk.warehouse.connection, "SELECT count(*) FROM feedback.extension") == [(0,)]


def test_a_note_stays_with_the_unit(desk: Desk) -> None:
    unit = desk.visitor(UNIT)
    unit.post("/senders/mediation_bucks/notes", "/senders/mediation_bucks", note="Rang them: it comes on Friday.")
    assert "it comes on Friday" in unit.page("/senders/mediation_bucks")
    assert "it comes on Friday" not in desk.visitor(MEDIATION).page("/my-returns")


def test_a_partner_tells_us_something_and_gets_an_answer_by_email(desk: Desk) -> None:
    partner, unit = desk.visitor(MEDIATION), desk.visitor(UNIT)
    path = f"/tell-us/mediation/{QUARTER}"
    answer = partner.post(path, subject="need_longer", message="We need two weeks more.")
    assert answer.headers["location"] == "/my-returns?done=message"
    assert "1 message from partners to answer" in unit.page("/returns")
    (number,) = query(desk.warehouse.connection, "SELECT message_id FROM desk.message")[0]
    unit.post(f"/messages/{number}", "/messages", answer="Yes: until the 20th.")
    assert "until the 20th" in partner.page("/my-returns")
    letter = wait_until(
        lambda: next((mail for mail in desk.mailbox.letters if mail["Subject"].startswith("Our answer")), None),
        "the answer",
    )
    assert letter["To"] == MEDIATION
    assert "from partners to answer" not in unit.page("/returns")
    assert unit.post(f"/messages/{number}", "/returns", answer="Again.").status_code == 409


def test_a_message_with_personal_data_is_not_kept(desk: Desk) -> None:
    partner = desk.visitor(MEDIATION)
    answer = partner.post(f"/tell-us/mediation/{QUARTER}", subject="question", message="Write to canary@example.org")
    assert answer.status_code == 422
    assert query(desk.warehouse.connection, "SELECT count(*) FROM desk.message") == [(0,)]


def test_a_partner_checks_corrects_and_sends(desk: Desk) -> None:
    partner = desk.visitor(SANCTUARY)
    page = partner.page(path := check(partner, TWICE))
    assert "Not ready yet" in page
    assert "This job reference appears more than once" in page
    marked = partner.client.get(f"{path}/what-to-fix.xlsx")
    assert "Jobs" in load_workbook(io.BytesIO(marked.content)).sheetnames
    (kept,) = (desk.state / "desk" / "uploads").iterdir()
    assert kept.suffix == ".age"
    assert TWICE[:200] not in kept.read_bytes()
    assert "correct the file first" in partner.post(path, "/send").text
    assert in_inbox(desk) == []

    other = desk.visitor(MEDIATION)
    path = other.post("/send", files={"file": ("return.xlsx", GOOD, XLSX)}).headers["location"]
    assert "another organisation" in other.page(path, 403)
    assert other.post(path, "/send").status_code == 403
    assert in_inbox(desk) == []

    page = partner.page(path := check(partner, GOOD))
    assert "Ready to send" in page
    assert partner.post(path).status_code == 303
    assert "load it within a minute" in partner.page(path)
    (file,) = in_inbox(desk)
    assert file.read_bytes() == GOOD
    assert partner.post(path, "/send").status_code == 303
    assert len(in_inbox(desk)) == 1

    load_new("sanctuary", QUARTER)
    page = partner.page(path)
    assert "The return is accepted" in page
    (receipt,) = query(desk.warehouse.connection, "SELECT receipt FROM intake.submission")[0]
    assert receipt in page
    assert receipt in partner.page("/my-returns")
    sent = query(desk.warehouse.connection, "SELECT done_by FROM desk.action WHERE action = 'sent a return'")
    assert sent == [(SANCTUARY,)]


def test_the_unit_loads_a_file_that_came_by_email_some_days_ago(desk: Desk) -> None:
    unit = desk.visitor(UNIT)
    path = check(unit, GOOD)
    assert unit.post(path, received_on="2049-01-01").status_code == 422
    assert unit.post(path, received_on="2021-07-05").status_code == 303
    load_new("sanctuary", QUARTER)
    assert query(
        desk.warehouse.connection,
        "SELECT status, (received_at AT TIME ZONE 'Europe/London')::date FROM intake.submission",
    ) == [("accepted", date(2021, 7, 5))]


def test_the_unit_sends_a_bad_file_back_with_the_letter(desk: Desk) -> None:
    unit = desk.visitor(UNIT)
    path = check(unit, TWICE)
    assert "Refuse it and write to the sender" in unit.page(path)
    unit.post(path)
    load_new("sanctuary", QUARTER)
    assert "The return is refused" in unit.page(path)


def test_a_partner_with_nothing_to_report_sends_a_nil_return(desk: Desk) -> None:
    partner = desk.visitor(SANCTUARY)
    assert "nothing to report" in partner.page(f"/nil/sanctuary/{QUARTER}")
    answer = partner.post(f"/nil/sanctuary/{QUARTER}")
    load_new("sanctuary", QUARTER)
    assert "The return is accepted" in partner.page(answer.headers["location"])
    assert query(desk.warehouse.connection, "SELECT status, nil_return FROM intake.submission") == [("accepted", True)]


def test_the_blank_workbook_of_this_quarter_and_the_next(desk: Desk) -> None:
    partner = desk.visitor(SANCTUARY)
    current = Quarter.containing(datetime.now(LONDON).date())
    for quarter in (current, current.next()):
        assert f"/blank/sanctuary/sanctuary_contractor/{quarter.key}" in partner.page("/my-returns")
        answer = partner.client.get(f"/blank/sanctuary/sanctuary_contractor/{quarter.key}")
        assert load_workbook(io.BytesIO(answer.content))["Cover"]["B7"].value == quarter.key


def test_a_receipt_says_what_to_correct_and_gives_the_marked_workbook(desk: Desk) -> None:
    hand_in(desk.warehouse, desk.state, TWICE, "2021-07-05")
    (receipt,) = query(desk.warehouse.connection, "SELECT receipt FROM intake.submission")[0]
    partner, unit = desk.visitor(SANCTUARY), desk.visitor(UNIT)
    for visitor in (partner, unit):
        assert "This job reference appears more than once" in visitor.page(f"/receipts/{receipt}")
    answer = partner.client.get(f"/receipts/{receipt}/what-to-fix.xlsx")
    assert answer.headers["content-type"] == XLSX
    assert "Jobs" in load_workbook(io.BytesIO(answer.content)).sheetnames


def test_a_letter_is_read_and_sent_again(desk: Desk) -> None:
    hand_in(desk.warehouse, desk.state, TWICE, "2021-07-05")
    query(desk.warehouse.connection, "UPDATE feedback.letter SET state = 'sent', sent_at = now() RETURNING 1")
    (number,) = query(desk.warehouse.connection, "SELECT letter_id FROM feedback.letter")[0]
    assert "appears more than once" in desk.visitor(SANCTUARY).page(f"/letters/{number}")
    unit = desk.visitor(UNIT)
    unit.post(f"/letters/{number}/again", f"/letters/{number}")
    wait_until(lambda: any("please correct" in mail["Subject"] for mail in desk.mailbox.letters), "the letter")
    assert query(desk.warehouse.connection, "SELECT state FROM feedback.letter") == [("sent",)]


def test_a_partner_reads_which_releases_use_what_they_sent(desk: Desk) -> None:
    connection, current = desk.warehouse.connection, Quarter.parse(QUARTER)
    release(connection, current, ())
    hand_in(desk.warehouse, desk.state, GOOD, "2021-07-06")
    first = f"/receipts/{query(connection, 'SELECT receipt FROM intake.submission')[0][0]}"
    partner = desk.visitor(SANCTUARY)
    release(connection, current.plus(-1), ())
    release(connection, current.plus(20), ())
    assert "No release uses them yet." in partner.page(first)
    release(connection, current, (), 2)
    release(connection, current.plus(19), ())
    restated = as_bytes(filled(rows={"jobs": [{**JOB, "works_cost": "200"}]}))
    hand_in(desk.warehouse, desk.state, restated, "2021-07-07")
    release(connection, current, (), 3)
    page = partner.page(first)
    assert re.findall(r"<li>Scorecard (.+), released on", page) == [
        current.plus(19).label,
        f"{current.label}, release 2",
    ]
    (title, *_) = [measure.title for measure in measures() if measure.return_name == "sanctuary"]
    assert f"<li>{escape(title)}</li>" in page
    assert desk.visitor(MEDIATION).client.get(first).status_code == 404
