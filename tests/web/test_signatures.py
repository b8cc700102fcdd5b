"""Signatures: a partner confirms a file as it sends it, or later; until then everybody sees that it is not signed."""

from __future__ import annotations

from datetime import date

import pytest

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.feedback import outbox, reminders
from tests import mail_server
from tests.desk import MEDIATION, SANCTUARY, UNIT, Desk, load_new
from tests.staged import good_rows
from tests.submissions import hand_in, query
from tests.web.test_pages import check, in_inbox
from tests.workbooks import as_bytes, filled

# The first quarter whose sanctuary return is signed.
QUARTER = "2021-22Q4"
JOB = {"referred_on": "2022-01-10", "completed_on": "2022-02-10"}
SIGNATURES = "SELECT source, signed_as, signed_by FROM feedback.signature"
BOARD = f"/returns?until={QUARTER}"


def book(cost: str = "86.50") -> bytes:
    (job,), (camera,) = good_rows("sanctuary", "jobs"), good_rows("sanctuary", "cameras")
    rows = {"jobs": [{**job, **JOB, "works_cost": cost}], "cameras": [{**camera, "event_on": "2022-02-10"}]}
    return as_bytes(filled(rows=rows, quarter=QUARTER))


@pytest.fixture
def received(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> str:
    """The receipt of a return that came by email, which nobody has signed."""
    monkeypatch.setenv("SIA_DESK_ADDRESS", "https://desk.example")
    return receive(desk, book(), "2022-04-12")


def receive(desk: Desk, content: bytes, day: str) -> str:
    number = hand_in(desk.warehouse, desk.state, content, day, f"{day}.xlsx", quarter=QUARTER)
    (row,) = query(
        desk.warehouse.connection, "SELECT receipt, status FROM intake.submission WHERE submission_id = %s", (number,)
    )
    assert row[1] == "accepted"
    return str(row[0])


def test_a_contract_says_from_when_a_return_is_signed() -> None:
    assert [contract("sanctuary").must_be_signed(Quarter(2021, number)) for number in (3, 4)] == [False, True]
    assert not contract("tvp_counts").must_be_signed(Quarter(2021, 4))


def test_a_partner_signs_the_file_that_it_sends(desk: Desk) -> None:
    partner, unit = desk.visitor(SANCTUARY), desk.visitor(UNIT)
    path = check(partner, book())
    assert partner.post(path, signed_as="Manager").status_code == 422
    assert "Enter your job title" in partner.post(path, confirmed="yes").text
    assert "shorter" in partner.post(path, confirmed="yes", signed_as="x" * 81).text
    assert in_inbox(desk) == []
    assert partner.post(path, confirmed="yes", signed_as="Manager").status_code == 303
    assert query(desk.warehouse.connection, SIGNATURES) == [("sanctuary_contractor", "Manager", SANCTUARY)]
    load_new("sanctuary", QUARTER)
    assert "needs a signature" not in partner.page(path)
    (receipt,) = query(desk.warehouse.connection, "SELECT receipt FROM intake.submission")[0]
    for visitor in (partner, unit):
        assert "<dt>Signed</dt><dd>Manager, " in visitor.page(f"/receipts/{receipt}")
    assert "not signed" not in unit.page(BOARD)
    assert "signed a return" in unit.page("/actions")


def test_the_record_has_the_signature_that_counts(desk: Desk) -> None:
    partner, content = desk.visitor(SANCTUARY), book()
    for title in ("Manager", "Director"):
        assert partner.post(check(partner, content), confirmed="yes", signed_as=title).status_code == 303
    assert query(desk.warehouse.connection, SIGNATURES) == [("sanctuary_contractor", "Manager", SANCTUARY)]
    signed = "SELECT after ->> 'signed_as' FROM desk.action WHERE action = 'signed a return'"
    assert query(desk.warehouse.connection, signed) == [("Manager",)]


def test_somebody_else_signs_later(desk: Desk) -> None:
    partner = desk.visitor(SANCTUARY)
    path = check(partner, book())
    assert partner.post(path, action="sign_later").status_code == 303
    load_new("sanctuary", QUARTER)
    assert "It still needs a signature." in partner.page(path)
    assert query(desk.warehouse.connection, SIGNATURES) == []


def test_a_nil_return_is_signed(desk: Desk) -> None:
    partner, path = desk.visitor(SANCTUARY), f"/nil/sanctuary/{QUARTER}"
    assert partner.post(path, signed_as="Manager").status_code == 422
    assert partner.post(path, action="sign_later").status_code == 303
    load_new("sanctuary", QUARTER)
    assert "Nil return, not signed" in partner.page("/my-returns")
    assert partner.post(path, signed_as="Manager", confirmed="yes").status_code == 303
    load_new("sanctuary", QUARTER)
    assert "not signed" not in partner.page("/my-returns")


def test_a_return_that_nobody_signed_is_seen_and_reminded_of_until_it_is_signed(desk: Desk, received: str) -> None:
    partner, unit = desk.visitor(SANCTUARY), desk.visitor(UNIT)
    assert "Accepted, not signed" in unit.page(BOARD)
    assert "1 return: not signed" in unit.page(BOARD)
    assert "Sanctuary scheme contractor" in unit.page(f"{BOARD}&show=unsigned")
    assert f'<a href="/receipts/{received}">Sign it</a>' in partner.page("/my-returns")
    (accepted,) = query(desk.warehouse.connection, "SELECT plain FROM feedback.letter WHERE kind = 'accepted'")[0]
    assert f"https://desk.example/receipts/{received}" in accepted
    reminders.queue_reminders(desk.warehouse.connection, date(2022, 5, 3))
    reminder = "SELECT recipient, plain FROM feedback.letter WHERE kind = 'reminder'"
    letters = dict(query(desk.warehouse.connection, reminder))
    assert f"Sanctuary scheme return, {QUARTER[:4]}/22 Q4: receipt {received}." in " ".join(letters["unit"].split())

    path = f"/reminders/sanctuary/sanctuary_contractor/{QUARTER}"
    assert unit.post(path).status_code == 303
    assert unit.post(path, "/returns").status_code == 409
    with mail_server.running(desk.mailbox) as server:
        outbox.send_due(desk.warehouse.connection, server)
    (letter,) = [sent for sent in desk.mailbox.letters if sent["Subject"].startswith("Please sign")]
    assert letter["To"] == SANCTUARY

    assert partner.post(f"/receipts/{received}", signed_as="Manager").status_code == 422
    assert partner.post(f"/receipts/{received}", signed_as="Manager", confirmed="yes").status_code == 303
    assert "<dt>Signed</dt><dd>Manager, " in unit.page(f"/receipts/{received}")
    assert "not signed" not in unit.page(BOARD)
    assert "needs nothing" in unit.page(path, 409)
    again = partner.post(f"/receipts/{received}", "/my-returns", signed_as="Other", confirmed="yes")
    assert again.status_code == 409
    assert query(desk.warehouse.connection, SIGNATURES) == [("sanctuary_contractor", "Manager", SANCTUARY)]


def test_a_signature_is_for_one_file(desk: Desk, received: str) -> None:
    partner = desk.visitor(SANCTUARY)
    partner.post(f"/receipts/{received}", signed_as="Manager", confirmed="yes")
    later = receive(desk, book("90.00"), "2022-04-13")
    assert "Not signed" in partner.page(f"/receipts/{later}")
    assert "Accepted, not signed" in desk.visitor(UNIT).page(BOARD)


def test_nobody_signs_for_another(desk: Desk, received: str) -> None:
    for mailbox in (MEDIATION, UNIT):
        answer = desk.visitor(mailbox).post(f"/receipts/{received}", "/send", signed_as="Manager", confirmed="yes")
        assert answer.status_code in {403, 409}
    assert query(desk.warehouse.connection, SIGNATURES) == []


def test_a_job_title_with_personal_data_is_not_kept(desk: Desk, received: str) -> None:
    answer = desk.visitor(SANCTUARY).post(f"/receipts/{received}", signed_as="Manager 07700 900123", confirmed="yes")
    assert (answer.status_code, "personal data" in answer.text) == (422, True)
    assert query(desk.warehouse.connection, SIGNATURES) == []
