"""Contacts, agreements, leads and approvers as people decide about them on the desk: the pipeline follows at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest

from sia.errors import PermanentError
from sia.feedback import outbox
from sia.feedback.letter import Letter
from sia.register_file import RegisterError
from sia.registers.agreements import agreements
from sia.registers.approvers import approvers
from sia.registers.leads import leads
from sia.registers.partners import contacts
from sia.release import approval
from sia.warehouse.register_decisions import decided
from sia.web import actions
from tests import mail_server
from tests.desk import ADDRESS, APPROVER, MEDIATION, SANCTUARY, UNIT, Desk, Visitor
from tests.own_registers import replace_register
from tests.submissions import hand_in, query
from tests.web.test_pages import check
from tests.workbooks import as_bytes, filled

HEAD, DEPUTY = "head@example.org", "deputy@example.org"
WHO = {"allowed_by": "Head of the unit", "why": "As agreed on the telephone."}
CONTACT = {"mailbox": "new@example.org", "escalation": "boss@example.org", "due_contact": "Case manager", **WHO}
AGREEMENT = {
    "reference": "DSA-11/2 (renewed)", "source": "sanctuary_contractor", "signed": "2021-07-06",
    "review_by": "2090-07-31", **WHO,
}  # fmt: skip
NEW_APPROVER = {"id": "7", "name": "Head of service", "mailbox": HEAD, **WHO}
NO_AGREEMENT = """agreements:
  - {source: odas, reference: DSA-05, signed: 2017-03-20, review_by: 2049-03-31}
"""


def entries(desk: Desk, register: str) -> dict[str, Any]:
    with desk.warehouse.connection as connection, connection.cursor() as cursor:
        return decided(cursor, register)


def objected(visitor: Visitor, path: str, **fields: Any) -> str:
    """The page that says why a decision cannot be; nothing is saved."""
    answer = visitor.post(path, **fields)
    assert answer.status_code == 422, answer.text
    return str(answer.text)


@pytest.fixture
def head(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visitor:
    """One of two approvers."""
    text = (
        f"approvers:\n  - {{id: '5', name: Head, mailbox: {HEAD}}}\n  - {{id: '6', name: Deputy, mailbox: {DEPUTY}}}\n"
    )
    replace_register(monkeypatch, desk.state, "approvers.yml", text)
    return desk.visitor(HEAD)


def test_a_new_contact_gets_the_letters_and_signs_in_and_the_old_one_is_out(desk: Desk) -> None:
    unit, old = desk.visitor(UNIT), desk.visitor(MEDIATION)
    old.page("/my-returns")
    assert unit.post("/decisions/contacts/mediation_bucks", **CONTACT).status_code == 303
    assert old.client.get("/my-returns").headers["location"].startswith("/sign-in")
    assert "your returns" in desk.visitor("New@example.org").page("/my-returns")
    desk.visitor("boss@example.org").page("/my-returns")
    sender = unit.page("/senders/mediation_bucks")
    assert "Case manager" in sender
    assert MEDIATION not in sender
    connection = desk.warehouse.connection
    with connection, connection.cursor() as cursor:
        for kind in ("digest", "escalation"):
            for recipient in ("mediation_bucks", "unit"):
                letter = Letter(kind, "About you", "x\n", "<p>x</p>\n")
                outbox.queue(cursor, recipient, letter, about_day=date(2021, 7, 20))
    mailbox = mail_server.Mailbox()
    with mail_server.running(mailbox) as server:
        assert outbox.send_due(connection, server) == outbox.SendResult(4, 0)
    assert sorted(mailbox.recipients) == sorted([["boss@example.org"], ["new@example.org"], [UNIT], [UNIT]])


def removed(desk: Desk) -> list[tuple[str, str]]:
    """The letters to addresses that were removed: to whom, and their text."""
    letters = [letter for letter in desk.mailbox.letters if letter["Subject"].startswith("We removed")]
    return [(letter["To"], " ".join(mail_server.words_of(letter, "plain").split())) for letter in letters]


def test_an_address_that_was_removed_gets_a_letter_which_does_not_name_the_new_one(desk: Desk) -> None:
    unit = desk.visitor(UNIT)
    path = "/decisions/contacts/mediation_bucks"
    unit.post(path, **{**CONTACT, "escalation": MEDIATION})
    ((to, text),) = removed(desk)
    assert to == "mediation-manager@example.org"
    assert "Dear Mediation Bucks, We no longer send letters about returns to this address." in text
    assert CONTACT["mailbox"] not in text
    unit.post(path, **CONTACT)
    unit.post(path, **{**CONTACT, "due_contact": "Director"})
    assert [to for to, _ in removed(desk)] == ["mediation-manager@example.org", MEDIATION]
    assert unit.page("/actions").count("wrote to a former address of a contact") == 2


def test_the_record_says_that_a_removed_address_could_not_be_written_to(desk: Desk) -> None:
    unit = desk.visitor(UNIT)
    desk.mailbox.answer = "451 try again"
    assert unit.post("/decisions/contacts/mediation_bucks", **CONTACT).status_code == 303
    assert unit.page("/actions").count("could not write to a former address of a contact") == 2


def test_the_history_shows_what_was_decided(desk: Desk) -> None:
    unit = desk.visitor(UNIT)
    path = "/decisions/contacts/mediation_bucks"
    unit.post(path, **CONTACT)
    unit.post(path, **{**CONTACT, "mailbox": "newer@example.org", "why": "They moved."})
    page = unit.page(path)
    assert 'value="newer@example.org"' in page
    history = page[page.index("History") :]
    assert history.index("They moved.") < history.index("newer@example.org") < history.index("As agreed")
    assert history.index("As agreed") < history.index("<dd>new@example.org</dd>")
    (action,) = query(
        desk.warehouse.connection,
        "SELECT done_by, about, before ->> 'mailbox', after ->> 'mailbox' FROM desk.action"
        " WHERE action = 'decided on a contact' ORDER BY action_id LIMIT 1",
    )
    assert action == (UNIT, "mediation_bucks", MEDIATION, "new@example.org")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("mailbox", "returns", "Email address for returns must be one email address"),
        ("mailbox", "a@example.org, b@example.org", "must be one email address"),
        ("mailbox", "a@example.org\r\nBcc: b@example.org", "must be one email address"),
        ("mailbox", "", "must be one email address"),
        ("escalation", "x" * 250 + "@example.org", "enter at most 200 characters"),
        ("due_contact", "", "Contact must not be empty"),
        ("mailbox", UNIT, "belongs to the unit, a member of staff or an approver"),
        ("escalation", UNIT.upper(), "belongs to the unit, a member of staff or an approver"),
        ("mailbox", SANCTUARY, "Another partner has this address"),
        ("escalation", "odas-manager@example.org", "Another partner has this address"),
        ("allowed_by", "", "Enter who allowed it."),
        ("why", "", "Enter the reason."),
    ],
)
def test_a_contact_that_cannot_be_is_not_saved(desk: Desk, field: str, value: str, words: str) -> None:
    page = objected(desk.visitor(UNIT), "/decisions/contacts/mediation_bucks", **{**CONTACT, field: value})
    assert words in page
    assert 'value="Case manager"' in page or field == "due_contact"
    assert entries(desk, "contacts") == {}


def test_two_people_cannot_give_one_address_to_two_partners_at_the_same_moment(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitors = [desk.visitor(UNIT), desk.visitor(UNIT)]
    partners_of = dict(zip(visitors, ("odas", "mediation_bucks"), strict=True))
    tokens = {visitor: visitor.token(f"/decisions/contacts/{key}") for visitor, key in partners_of.items()}
    record, both = actions.record, Barrier(2)

    def recorded(cursor: Any, done_by: str | None, action: str, *given: Any, **values: Any) -> None:
        record(cursor, done_by, action, *given, **values)
        if action.startswith("decided"):
            # Neither has committed, and each has seen that nobody has the address.
            both.wait(60)

    monkeypatch.setattr(actions, "record", recorded)

    def decide(visitor: Visitor) -> int:
        data = {"token": tokens[visitor], "earlier": "0", **CONTACT}
        return int(visitor.client.post(f"/decisions/contacts/{partners_of[visitor]}", data=data).status_code)

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(decide, visitors)) == [303, 409]
    assert len(entries(desk, "contacts")) == 1


def test_a_page_that_is_older_than_a_decision_undoes_nothing(desk: Desk) -> None:
    unit, colleague, path = desk.visitor(UNIT), desk.visitor(UNIT), "/decisions/contacts/mediation_bucks"
    token = colleague.token(path)
    assert unit.post(path, **CONTACT).status_code == 303
    other = {**CONTACT, "due_contact": "Team leader"}
    for earlier in ({"earlier": "0"}, {}):
        answer = colleague.client.post(path, data={"token": token, **earlier, **other}, headers={"Origin": ADDRESS})
        assert answer.status_code == 409
        assert "Somebody else has decided since you opened the page" in answer.text
    assert entries(desk, "contacts")["mediation_bucks"]["due_contact"] == CONTACT["due_contact"]
    assert colleague.post(path, **other).status_code == 303
    assert entries(desk, "contacts")["mediation_bucks"]["due_contact"] == "Team leader"


def test_an_approver_cannot_become_a_contact(desk: Desk, head: Visitor) -> None:
    page = objected(desk.visitor(UNIT), "/decisions/contacts/mediation_bucks", **{**CONTACT, "mailbox": HEAD})
    assert "belongs to the unit, a member of staff or an approver" in page


@pytest.mark.parametrize("register", ["contacts/mediation_bucks", "leads/CSPs"])
def test_what_must_be_there_cannot_be_withdrawn(desk: Desk, register: str) -> None:
    unit = desk.visitor(UNIT)
    assert "Withdraw it" not in unit.page(f"/decisions/{register}")
    assert unit.post(f"/decisions/{register}", decision="withdraw", **WHO).status_code == 404
    unit.page(f"/decisions/{register.partition('/')[0]}/new", 404)


def test_a_file_counts_once_an_agreement_is_signed_and_until_it_ends(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_register(monkeypatch, desk.state, "agreements.yml", NO_AGREEMENT)
    unit = desk.visitor(UNIT)
    hand_in(desk.warehouse, desk.state, filled(), "2021-07-05", sender="sanctuary_contractor")
    assert "Not ready yet" in unit.page(check(unit, as_bytes(filled())))
    assert "There is no data-sharing agreement." in unit.page("/senders/sanctuary_contractor")

    assert unit.post("/decisions/agreements/new", **AGREEMENT).status_code == 303
    hand_in(desk.warehouse, desk.state, filled(), "2021-07-06", sender="sanctuary_contractor")
    assert "Ready to send" in unit.page(check(unit, as_bytes(filled())))
    assert "In force until 31 July 2090." in unit.page("/senders/sanctuary_contractor")

    ended = {**AGREEMENT, "review_by": "2021-07-07", "why": "It ended early."}
    path = "/decisions/agreements/DSA-11/2%20%28renewed%29"
    assert f'href="{path}"' in unit.page("/decisions/agreements")
    assert unit.post(path, **ended).status_code == 303
    assert "Ended on 7 July 2021." in unit.page("/senders/sanctuary_contractor")
    rows = query(
        desk.warehouse.connection,
        "SELECT s.status, array_agg(f.rule_id) FILTER (WHERE f.rule_id LIKE 'INT-AGREEMENT%%')"
        " FROM intake.submission AS s LEFT JOIN quality.finding AS f USING (submission_id)"
        " GROUP BY s.submission_id ORDER BY s.received_at",
    )
    assert rows == [("refused", ["INT-AGREEMENT-01"]), ("accepted", None)]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("reference", "", "Reference must not be empty"),
        ("reference", "DSA-05 (made-up example)", "There is already an agreement with this name"),
        ("reference", "new", "There is already an agreement with this name"),
        ("source", "nobody", "Sender: choose from the list."),
        ("source", "", "Sender: choose from the list."),
        ("signed", "2090-08-01", "the last day (review_by) is before the first (signed)"),
        ("review_by", "soon", "Last day must be a date"),
    ],
)
def test_an_agreement_that_cannot_be_is_not_saved(desk: Desk, field: str, value: str, words: str) -> None:
    assert words in objected(desk.visitor(UNIT), "/decisions/agreements/new", **{**AGREEMENT, field: value})
    assert entries(desk, "agreements") == {}


def test_a_new_entry_has_nothing_chosen_for_it(desk: Desk) -> None:
    unit = desk.visitor(UNIT)
    assert unit.page("/decisions/waivers/new").count('<option value="">') == 2
    assert " selected" not in unit.page("/decisions/agreements/new")
    assert '<option value="">' not in unit.page("/decisions/leads/CSPs")


def test_an_agreement_entered_by_mistake_is_withdrawn(desk: Desk) -> None:
    unit = desk.visitor(UNIT)
    path = "/decisions/agreements/DSA-05%20(made-up%20example)"
    assert unit.post(path, decision="withdraw", **WHO).status_code == 303
    assert "There is no data-sharing agreement." in unit.page("/senders/odas")


def test_a_new_lead_writes_the_commentary(desk: Desk) -> None:
    unit = desk.visitor(UNIT)
    desk.visitor(MEDIATION).page("/commentary", 403)
    lead = {"partner": "mediation_bucks", "log_ins": "unit,  kim ", **WHO}
    assert unit.post("/decisions/leads/CSPs", **lead).status_code == 303
    desk.visitor(MEDIATION).page("/commentary")
    desk.visitor("csp-returns@example.org").page("/commentary", 403)
    assert leads(entries(desk, "leads"))["CSPs"].log_ins == ("unit", "kim")
    for field, value, words in (
        ("partner", "nobody", "Partner: choose from the list."),
        ("log_ins", " , ", "Log-ins must not be empty"),
    ):
        assert words in objected(unit, "/decisions/leads/CSPs", **{**lead, field: value})


def test_a_new_approver_may_approve_and_one_who_left_may_not(desk: Desk, head: Visitor) -> None:
    new = {**NEW_APPROVER, "mailbox": "new@example.org"}
    assert head.post("/decisions/approvers/new", **new).status_code == 303
    desk.visitor("new@example.org").page("/approval")
    deputy = desk.visitor(DEPUTY)
    deputy.page("/approval")
    assert head.post("/decisions/approvers/6", decision="withdraw", **WHO).status_code == 303
    assert deputy.client.get("/approval").headers["location"].startswith("/sign-in")
    ((to, text),) = removed(desk)
    assert to == DEPUTY
    assert "Dear Deputy, This address can no longer sign in to approve releases." in text
    for who in ("5", "7", "New@example.org"):
        approval.check_approver(desk.warehouse.connection, who)
    for who in ("6", DEPUTY, "unit", ""):
        with pytest.raises(PermanentError, match="is not an approver now"):
            approval.check_approver(desk.warehouse.connection, who)


def test_the_unit_reads_who_approves_and_does_not_decide_it(desk: Desk, head: Visitor) -> None:
    unit = desk.visitor(UNIT)
    page = unit.page("/decisions/approvers")
    assert "Deputy" not in page.split("<h1>")[0]
    assert DEPUTY in page
    assert "Add an approver" not in page
    unit.page("/decisions/approvers/new", 403)
    for path in ("new", "5"):
        for fields in (NEW_APPROVER, {**NEW_APPROVER, "mailbox": UNIT, "id": "unit"}):
            assert unit.post(f"/decisions/approvers/{path}", "/decisions", **fields).status_code == 403
    assert head.client.get("/decisions/contacts").status_code == 403
    assert [form in head.page("/decisions") for form in ("Approvers", "Waivers", "Contacts")] == [True, False, False]
    assert entries(desk, "approvers") == {}


@pytest.mark.parametrize(
    ("path", "fields", "words"),
    [
        # Herself, under another name, or in the place of somebody else.
        ("new", {"mailbox": HEAD}, "You cannot decide about yourself."),
        ("5", {}, "You cannot decide about yourself."),
        ("5", {"decision": "withdraw"}, "You cannot decide about yourself."),
        ("6", {"mailbox": HEAD.upper()}, "You cannot decide about yourself."),
        # The unit, by its address or by its log-in in Airflow.
        ("new", {"mailbox": UNIT}, "A member of the unit prepares releases, and cannot approve them."),
        ("new", {"mailbox": UNIT.upper()}, "A member of the unit prepares releases, and cannot approve them."),
        ("new", {"mailbox": "x@example.org", "id": "unit"}, "A member of the unit prepares releases"),
        # A partner.
        ("new", {"mailbox": MEDIATION}, "This address sends a partner&#39;s returns"),
        ("new", {"mailbox": DEPUTY}, "Another approver has this address."),
        ("new", {"mailbox": "x@example.org", "id": "6"}, "There is already an approver with this name."),
        ("new", {"mailbox": "x@example.org", "id": ""}, "Log-in must not be empty"),
    ],
)
def test_no_right_is_granted_to_oneself_or_to_who_prepares_a_release(
    desk: Desk, head: Visitor, path: str, fields: dict[str, str], words: str
) -> None:
    assert words in objected(head, f"/decisions/approvers/{path}", **{**NEW_APPROVER, **fields})
    assert entries(desk, "approvers") == {}


def test_a_right_that_was_taken_away_meanwhile_decides_nothing(desk: Desk, head: Visitor) -> None:
    deputy = desk.visitor(DEPUTY)
    token = deputy.token("/decisions/approvers/5")
    assert head.post("/decisions/approvers/6", decision="withdraw", **WHO).status_code == 303
    answer = deputy.client.post("/decisions/approvers/5", data={"token": token, "decision": "withdraw", **WHO})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")
    assert [approver.id for approver in approvers(entries(desk, "approvers"))] == ["5"]


def test_a_register_without_approvers_is_refused(desk: Desk, head: Visitor) -> None:
    with pytest.raises(RegisterError, match="must not be empty"):
        approvers({"5": None, "6": None})


def test_a_saved_register_is_the_register_of_another_server(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = desk.visitor(UNIT)
    unit.post("/decisions/contacts/mediation_bucks", **CONTACT)
    unit.post("/decisions/agreements/new", **AGREEMENT)
    unit.post("/decisions/leads/CSPs", partner="odas", log_ins="kim", **WHO)
    desk.visitor(APPROVER).post("/decisions/approvers/new", **NEW_APPROVER)
    readers = {
        "partners.yml": ("contacts", contacts),
        "agreements.yml": ("agreements", agreements),
        "leads.yml": ("leads", leads),
        "approvers.yml": ("approvers", approvers),
    }
    now: dict[str, Any] = {name: read(entries(desk, register)) for name, (register, read) in readers.items()}
    seeds: dict[str, Any] = {name: read({}) for name, (_, read) in readers.items()}
    for name, (register, _) in readers.items():
        replace_register(monkeypatch, desk.state, name, unit.page(f"/decisions/{register}.yml"))
    for name, (_, read) in readers.items():
        assert read({}) == now[name] != seeds[name]
