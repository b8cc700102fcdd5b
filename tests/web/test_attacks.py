"""Attacks on the desk over HTTP: each is refused, recorded, and changes nothing."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest

from tests.canaries import CANARIES
from tests.desk import ADDRESS, APPROVER, MEDIATION, SANCTUARY, UNIT, Desk, Visitor
from tests.own_registers import replace_register
from tests.staged import good_rows
from tests.submissions import hand_in, query
from tests.workbooks import QUARTER, as_bytes, filled

JOB = good_rows("sanctuary", "jobs")[0]
TWICE = as_bytes(filled(rows={"jobs": [JOB, JOB]}))
LEAD = "daat-returns@example.org"
ANALYST, PUBLISHER = "analyst@example.org", "publisher@example.org"
STAFF = {ANALYST, PUBLISHER}
REGISTER = f"""staff:
  - {{login: unit, role: steward, mailbox: {UNIT}}}
  - {{login: ann, role: analyst, mailbox: {ANALYST}}}
  - {{login: pat, role: publisher, mailbox: {PUBLISHER}}}
"""
NASTY = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
TABLES = (
    "desk.note",
    "desk.message",
    "desk.answer",
    "feedback.extension",
    "feedback.register_entry",
    "desk.commentary_draft",
    "feedback.letter",
    "feedback.signature",
)

PAGES = {
    "/returns": {UNIT, *STAFF},
    "/returns.csv": {UNIT, *STAFF},
    "/due-dates.ics": {UNIT, *STAFF},
    "/senders/mediation_bucks": {UNIT},
    f"/extensions/mediation/mediation_bucks/{QUARTER}": {UNIT},
    f"/reminders/mediation/mediation_bucks/{QUARTER}": {UNIT},
    "/scorecard/2021-22Q4": {UNIT},
    "/decisions/waivers": {UNIT},
    "/decisions/waivers/new": {UNIT},
    "/decisions": {UNIT, APPROVER},
    "/decisions/waivers.yml": {UNIT},
    "/decisions/contacts": {UNIT},
    "/decisions/contacts/odas": {UNIT},
    "/decisions/contacts.yml": {UNIT},
    "/decisions/agreements/new": {UNIT},
    "/decisions/leads/CSPs": {UNIT},
    "/decisions/approvers": {UNIT, APPROVER},
    "/decisions/approvers.yml": {UNIT, APPROVER},
    "/decisions/approvers/new": {APPROVER},
    "/decisions/settings": {UNIT, APPROVER},
    "/decisions/settings/new": {UNIT, APPROVER},
    "/decisions/settings.yml": {UNIT, APPROVER},
    "/decisions/targets": {UNIT},
    "/decisions/targets/new": {UNIT},
    "/decisions/areas": {UNIT},
    "/decisions/areas/new": {UNIT},
    "/messages": {UNIT},
    "/actions": {UNIT},
    "/commentary": {UNIT, LEAD},
    "/my-returns": {MEDIATION, LEAD},
    "/my-due-dates.ics": {MEDIATION, LEAD},
    f"/tell-us/mediation/{QUARTER}": {MEDIATION},
    f"/nil/mediation/{QUARTER}": {MEDIATION},
    f"/blank/mediation/mediation_bucks/{QUARTER}": {UNIT, MEDIATION},
    "/send": {UNIT, MEDIATION, LEAD},
    "/archives": {UNIT},
    "/uploads": {UNIT, MEDIATION, LEAD},
    "/released": {UNIT, MEDIATION, LEAD, APPROVER, *STAFF},
    "/approval": {UNIT, APPROVER},
}
"""Each page, and who may open it."""

FORMS = {
    "/senders/mediation_bucks/notes": {"note": "x"},
    f"/extensions/mediation/mediation_bucks/{QUARTER}": {"until": "2049-01-04", "allowed_by": "x", "why": "x"},
    f"/reminders/mediation/mediation_bucks/{QUARTER}": {},
    "/scorecard/2021-22Q4/release": {},
    "/receipts/SAN-2021-22Q1-000001": {"signed_as": "x", "confirmed": "yes"},
    "/decisions/waivers/new": {"rule": "x", "allowed_by": "x", "why": "x"},
    "/decisions/contacts/odas": {"mailbox": "x@example.org", "allowed_by": "x", "why": "x"},
    "/decisions/approvers/new": {"id": "x", "name": "x", "mailbox": "x@example.org", "allowed_by": "x", "why": "x"},
    "/decisions/settings/new": {"kind": "hide_zeros", "value": "Yes", "allowed_by": "x", "why": "x"},
    "/decisions/targets/new": {"measure": "robbery", "value": "1", "allowed_by": "x", "why": "x"},
    "/decisions/areas/new": {"area": "E07000178", "kind": "spelling", "text": "x", "allowed_by": "x", "why": "x"},
    "/messages/1": {"answer": "x"},
    f"/letters/{uuid4()}/again": {},
    "/commentary": {"commentary_1": "x"},
    f"/tell-us/mediation/{QUARTER}": {"subject": "question", "message": "x"},
    f"/nil/mediation/{QUARTER}": {"signed_as": "x", "confirmed": "yes"},
    "/uploads/guessed": {"signed_as": "x", "confirmed": "yes"},
    "/send": {},
    "/archives": {},
    "/sign-out": {},
    "/approval/1": {"decision": "approve", "read": "yes"},
}
"""Each form, with fields that would do."""


def counts(desk: Desk) -> list[Any]:
    return [query(desk.warehouse.connection, f"SELECT count(*) FROM {table}") for table in TABLES]


def refusals(desk: Desk) -> int:
    return int(query(desk.warehouse.connection, "SELECT count(*) FROM desk.action WHERE action = 'refused'")[0][0])


def test_every_page_is_closed_to_who_may_not_open_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_register(monkeypatch, desk.state, "staff.yml", REGISTER)
    nobody = desk.visitor()
    for path in PAGES:
        answer = nobody.client.get(path)
        assert (answer.status_code, answer.headers["location"][:9]) == (303, "/sign-in?"), path
    for mailbox in (UNIT, MEDIATION, LEAD, APPROVER, *STAFF):
        visitor = desk.visitor(mailbox)
        for path, allowed in PAGES.items():
            before = refusals(desk)
            status = visitor.client.get(path).status_code
            assert (status == 200) == (mailbox in allowed), (mailbox, path, status)
            assert status in {200, 403, 404}
            assert (refusals(desk) > before) == (status != 200), (mailbox, path)


def test_every_page_is_listed() -> None:
    from sia.web import app

    listed = app.create(lambda: None, ADDRESS)  # type: ignore[arg-type,return-value]
    known = {re.sub(r"[^/]+", "*", path) for path in {*PAGES, *FORMS}}
    others = {"/", "/sign-in", "/sign-in/{secret}"}
    # These have tests of their own.
    by_number = {"/receipts/", "/letters/", "/uploads/", "/released/", "/papers/", "/approval/"}
    for route in listed.routes:
        path = str(getattr(route, "path", ""))
        pattern = re.sub(r"[^/]+", "*", path)
        assert path in others or path.startswith(tuple(by_number)) or pattern in known, path


def test_another_site_cannot_send_a_form(desk: Desk) -> None:
    before = counts(desk)
    for mailbox in (UNIT, MEDIATION):
        visitor = desk.visitor(mailbox)
        token = visitor.token("/send")
        for path, fields in FORMS.items():
            for headers in (
                {"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
                {"Sec-Fetch-Site": "same-site"},
            ):  # fmt: skip
                answer = visitor.client.post(path, data={"token": token, **fields}, headers=headers)
                assert answer.status_code == 403, (mailbox, path, headers)
    assert counts(desk) == before


def test_a_form_without_the_session_s_token_is_refused(desk: Desk) -> None:
    before, other, nobody = counts(desk), desk.visitor(UNIT).token("/send"), desk.visitor()
    for mailbox in (UNIT, MEDIATION):
        visitor = desk.visitor(mailbox)
        for path, fields in FORMS.items():
            for token in ({}, {"token": ""}, {"token": other}):
                assert visitor.client.post(path, data={**token, **fields}).status_code == 403, (mailbox, path)
    for path, fields in FORMS.items():
        assert nobody.client.post(path, data=fields).status_code == 303, path
    assert counts(desk) == before


@pytest.fixture
def receipt(desk: Desk) -> str:
    """A refused return of the sanctuary scheme's contractor."""
    hand_in(desk.warehouse, desk.state, TWICE, "2021-07-05")
    return str(query(desk.warehouse.connection, "SELECT receipt FROM intake.submission")[0][0])


def test_another_sender_s_receipts_files_letters_and_messages_are_closed(desk: Desk, receipt: str) -> None:
    (letter,) = query(desk.warehouse.connection, "SELECT letter_id FROM feedback.letter")[0]
    owner, thief = desk.visitor(SANCTUARY), desk.visitor(MEDIATION)
    paths = [f"/receipts/{receipt}", f"/receipts/{receipt}/what-to-fix.xlsx", f"/letters/{letter}"]
    for path in paths:
        assert owner.client.get(path).status_code == 200
        before = refusals(desk)
        answer = thief.client.get(path)
        assert answer.status_code == 404
        assert receipt not in answer.text
        assert refusals(desk) == before + 1
    assert receipt not in thief.page("/my-returns")
    assert thief.post(f"/letters/{letter}/again", "/send").status_code == 403
    thief.page(f"/tell-us/sanctuary/{QUARTER}", 404)
    thief.page(f"/blank/sanctuary/sanctuary_contractor/{QUARTER}", 404)
    thief.page(f"/nil/sanctuary/{QUARTER}", 404)


def test_staff_who_do_not_look_after_returns_see_which_came_and_nothing_of_them(
    desk: Desk, receipt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_register(monkeypatch, desk.state, "staff.yml", REGISTER)
    (letter,) = query(desk.warehouse.connection, "SELECT letter_id FROM feedback.letter")[0]
    for mailbox in STAFF:
        visitor = desk.visitor(mailbox)
        board = visitor.page(f"/returns?until={QUARTER}")
        assert "Refused, 1 to correct" in board
        assert "/receipts/" not in board
        assert "/senders/" not in board
        for path in (f"/receipts/{receipt}", f"/receipts/{receipt}/what-to-fix.xlsx", f"/letters/{letter}"):
            assert visitor.client.get(path).status_code == 403
    unit = desk.visitor(UNIT)
    assert "what-to-fix" not in unit.page(f"/receipts/{receipt}")
    assert unit.client.get(f"/receipts/{receipt}/what-to-fix.xlsx").status_code == 403


MADE_UP = (
    "/receipts/..%2f..%2fetc%2fpasswd", "/receipts/%00", "/receipts/' OR 1=1 --", "/receipts/" + "A" * 5000,
    "/receipts/%00/what-to-fix.xlsx", "/letters/1", "/letters/' OR 'a'='a", "/letters/%00", "/senders/%00",
    "/released/2021-22Q4/1/..%2f..%2fsecrets.json", "/released/..%2f..%2f/1/x", "/released/2021-22Q4/-1/x",
    "/released/2021-22Q4/9999999999999999999999/x", "/uploads/../../x", "/uploads/x", "/senders/unit",
    "/senders/%3Cscript%3E", f"/extensions/mediation/odas/{QUARTER}", "/extensions/x/y/z",
    "/extensions/mediation/mediation_bucks/2021-22Q9", "/static/../app.py", "/docs", "/openapi.json", "/.env",
    "/blank/%00/%00/%00", "/released/%00/1/%00", "/uploads/%00", "/approval/1/scorecard.csv",
    "/approval/1/..%2fx", "/sign-in/%00/x", "/decisions/secrets", "/papers/board/2021-22Q4/1/..%2f..%2fsecrets.json",
    "/papers/..%2f../airflow/1/secrets.json", "/papers/%00/x/1/x", "/papers/board/2021-22Q4/1/manifest.json",
    "/decisions/%00", "/decisions/waivers/WAI-2021-99", "/reminders/%00/x/y",
    "/reminders/mediation/mediation_bucks/2021-22Q9", "/scorecard/%00",
    "/scorecard/1901-02Q1", "/scorecard/2021-22Q4/backup", "/scorecard/2098-99Q4",
)  # fmt: skip


def test_an_address_that_somebody_made_up_leads_nowhere(desk: Desk) -> None:
    for visitor in (desk.visitor(UNIT), desk.visitor(MEDIATION)):
        token = {"token": visitor.token("/send")}
        for path in MADE_UP:
            for answer in (visitor.client.get(path), visitor.client.post(path, data=token)):
                assert answer.status_code in {403, 404, 405, 422}, path
                assert "script>" not in answer.text
                assert "passwd" not in answer.text


def test_a_text_that_a_partner_writes_is_shown_and_not_run(desk: Desk) -> None:
    partner, unit = desk.visitor(MEDIATION), desk.visitor(UNIT)
    partner.post(f"/tell-us/mediation/{QUARTER}", subject="question", message=NASTY)
    unit.post("/senders/mediation_bucks/notes", "/senders/mediation_bucks", note=NASTY)
    unit.post(f"/extensions/mediation/mediation_bucks/{QUARTER}", until="2049-01-04", allowed_by=NASTY[:80], why=NASTY)
    (number,) = query(desk.warehouse.connection, "SELECT message_id FROM desk.message")[0]
    unit.post(f"/messages/{number}", "/messages", answer=NASTY)
    shown = [
        unit.page(path)
        for path in ("/messages", "/senders/mediation_bucks", "/returns", "/actions",
                     f"/extensions/mediation/mediation_bucks/{QUARTER}")
    ] + [partner.page("/my-returns")]  # fmt: skip
    assert sum("&lt;script&gt;alert(1)" in page for page in shown) >= 4
    assert not any("<script>" in page or "<img" in page for page in shown)
    letters = query(desk.warehouse.connection, "SELECT html FROM feedback.letter WHERE kind = 'answer'")
    assert letters
    assert not any("<script>" in html or "<img" in html for (html,) in letters)


def test_a_file_s_name_reaches_no_path_and_no_header(desk: Desk) -> None:
    partner = desk.visitor(MEDIATION)
    for name in (
        "../../x.xlsx",
        "..\\..\\x.xlsx",
        "a\r\nSet-Cookie: x=1.xlsx",
        "/etc/x.xlsx",
        f"{NASTY}.xlsx",
        "x" * 300 + ".xlsx",
    ):
        answer = partner.post("/send", files={"file": (name, b"not a workbook", "text/plain")})
        assert answer.status_code in {303, 400, 415, 422}
        assert "x=1" not in str(answer.headers)
    assert not any("<script>" in partner.page("/uploads") for _ in range(1))
    outside = [
        path for path in desk.state.rglob("*") if path.is_file() and not path.is_relative_to(desk.state / "desk")
    ]
    assert [path for path in outside if path.suffix in {".xlsx", ".age"}] == []


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [("x.exe", b"MZ", 415), ("x.html", b"<b>", 415), ("x", b"x", 415), ("x.xlsx", b"0" * 10_500_000, 413)],
)
def test_a_file_that_we_do_not_take_is_refused_before_it_is_kept(
    desk: Desk, name: str, content: bytes, status: int
) -> None:
    assert desk.visitor(MEDIATION).post("/send", files={"file": (name, content)}).status_code == status
    assert list((desk.state / "desk").rglob("*.age")) == []


def test_a_form_that_is_too_large_is_not_read(desk: Desk) -> None:
    partner = desk.visitor(MEDIATION)
    token = partner.token("/send")
    answer = partner.client.post(f"/tell-us/mediation/{QUARTER}", data={"token": token, "message": "x" * 200_000})
    assert answer.status_code == 413
    huge = partner.client.post("/send", headers={"Content-Length": str(10**12)}, content=b"x")
    assert huge.status_code == 413

    def endless() -> Any:
        yield b"x"

    assert partner.client.post("/send", content=endless()).status_code == 411


def test_many_files_at_once_are_refused(desk: Desk) -> None:
    partner = desk.visitor(MEDIATION)
    files = [("file", (f"{number}.xlsx", b"x")) for number in range(9)]
    answer = partner.client.post("/send", data={"token": partner.token("/send")}, files=files)
    assert answer.status_code in {400, 413, 422}
    assert list((desk.state / "desk").rglob("*.age")) == []


def test_an_email_address_cannot_add_a_header(desk: Desk) -> None:
    client = desk.visitor().client
    for mailbox in (f"{UNIT}\r\nBcc: thief@example.org", f"{UNIT},thief@example.org", f"{UNIT} thief@example.org"):
        client.post("/sign-in", data={"mailbox": mailbox})
    assert desk.mailbox.recipients in ([], [[UNIT]])
    assert not any("thief" in str(letter) for letter in desk.mailbox.letters)


def test_another_name_of_the_server_is_refused(desk: Desk) -> None:
    assert desk.visitor().client.get("/sign-in", headers={"Host": "elsewhere.example"}).status_code == 400


def test_every_page_forbids_frames_scripts_and_caches(desk: Desk, receipt: str) -> None:
    visitor = desk.visitor(UNIT)
    for path in ("/sign-in", "/returns", "/senders/odas", "/send", f"/receipts/{receipt}", "/no-such-page"):
        headers = visitor.client.get(path).headers
        policy = headers["content-security-policy"]
        for part in ("default-src 'none'", "frame-ancestors 'self'", "form-action 'self'", "base-uri 'none'"):
            assert part in policy, path
        assert "script-src" not in policy, path
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"


def test_nothing_that_a_person_sends_is_in_a_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    partner: Visitor = desk.visitor(MEDIATION)
    for canary in CANARIES:
        partner.post(f"/tell-us/mediation/{QUARTER}", subject="question", message=canary)
        partner.client.get(f"/receipts/{canary}")
        partner.post("/send", files={"file": (f"{canary}.xlsx", canary.encode())})
        desk.visitor().client.post("/sign-in", data={"mailbox": f"{canary.replace(' ', '')}@example.org"})
    actions = query(desk.warehouse.connection, "SELECT string_agg(a::text, ' ') FROM desk.action AS a")[0][0]
    own = [canary for canary in CANARIES if canary not in "canary@example.org"]
    assert not [canary for canary in own if canary in caplog.text or canary in actions]
