"""Signing in: a link by email, once, in the browser that asked."""

from __future__ import annotations

import pytest

from sia.web import browser_sessions
from tests.desk import MEDIATION, UNIT, Desk
from tests.submissions import query


def test_staff_begin_at_the_returns_board_and_partners_at_their_own_returns(desk: Desk) -> None:
    assert desk.visitor(UNIT).client.get("/").headers["location"] == "/returns"
    assert desk.visitor(MEDIATION).client.get("/").headers["location"] == "/my-returns"


def test_a_page_asks_to_sign_in_and_comes_back(desk: Desk) -> None:
    visitor = desk.visitor()
    answer = visitor.client.get("/senders/odas")
    assert answer.headers["location"] == "/sign-in?after=%2Fsenders%2Fodas"
    assert 'value="/senders/odas"' in visitor.page(answer.headers["location"])
    visitor.client.post("/sign-in", data={"mailbox": UNIT, "after": "/senders/odas"})
    answer = visitor.client.post(desk.link(), data={"after": "/senders/odas"})
    assert answer.headers["location"] == "/senders/odas"


@pytest.mark.parametrize("after", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere", "javascript:x"])
def test_a_link_leads_to_our_own_pages_only(desk: Desk, after: str) -> None:
    assert 'name="after" value="/"' in desk.visitor().client.get("/sign-in", params={"after": after}).text


def test_the_answer_is_the_same_for_an_unknown_address(desk: Desk) -> None:
    known, unknown = (
        desk.visitor().client.post("/sign-in", data={"mailbox": mailbox}) for mailbox in (UNIT, "nobody@example.org")
    )
    strip = {"nonce": ""}
    assert known.status_code == unknown.status_code == 200
    assert len(known.content) == len(unknown.content), strip
    assert len(desk.mailbox.letters) == 1


def test_a_link_works_once(desk: Desk) -> None:
    visitor = desk.visitor(UNIT)
    assert visitor.client.post(desk.link()).status_code == 403


def test_opening_a_link_does_not_use_it(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.client.post("/sign-in", data={"mailbox": UNIT})
    assert "Press the button" in visitor.page(desk.link())
    assert visitor.client.post(desk.link()).status_code == 303


def test_a_link_works_only_in_the_browser_that_asked(desk: Desk) -> None:
    desk.visitor().client.post("/sign-in", data={"mailbox": UNIT})
    assert desk.visitor().client.post(desk.link()).status_code == 403


def test_a_link_ends_after_fifteen_minutes(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.client.post("/sign-in", data={"mailbox": UNIT})
    query(
        desk.warehouse.connection,
        "UPDATE desk.sign_in_link SET sent_at = sent_at - interval '16 min',"
        " expires_at = expires_at - interval '16 min' RETURNING 1",
    )
    assert visitor.client.post(desk.link()).status_code == 403


def test_a_link_printed_on_the_server_works_in_any_browser_once(desk: Desk) -> None:
    with desk.warehouse.connection as connection, connection.cursor() as cursor:
        secret = browser_sessions.new_link(cursor, UNIT, None)
    assert desk.visitor().client.post(f"/sign-in/{secret}").status_code == 303
    assert desk.visitor().client.post(f"/sign-in/{secret}").status_code == 403


def test_a_mailbox_gets_five_links_in_a_quarter_of_an_hour(desk: Desk) -> None:
    client = desk.visitor().client
    statuses = [client.post("/sign-in", data={"mailbox": UNIT}).status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    assert len(desk.mailbox.letters) == 5


def test_links_are_tried_twenty_times_in_a_quarter_of_an_hour(desk: Desk) -> None:
    client = desk.visitor().client
    statuses = [client.post(f"/sign-in/guess{number}").status_code for number in range(22)]
    assert statuses == [403] * 20 + [429] * 2


def test_no_secret_is_in_the_database(desk: Desk) -> None:
    visitor = desk.visitor(UNIT)
    secrets = [desk.link().rpartition("/")[2], visitor.client.cookies["desk_session"]]
    (text,) = query(
        desk.warehouse.connection,
        "SELECT (SELECT string_agg(l::text, ' ') FROM desk.sign_in_link AS l)"
        " || (SELECT string_agg(s::text, ' ') FROM desk.session AS s)"
        " || (SELECT string_agg(a::text, ' ') FROM desk.action AS a)",
    )[0]
    assert len(text) > 100
    assert not any(secret in text for secret in secrets)


def test_signing_in_gives_a_new_session(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.client.cookies.set("desk_session", "chosen-by-an-attacker")
    visitor.sign_in(UNIT)
    assert "chosen-by-an-attacker" not in visitor.client.cookies.get("desk_session", domain="127.0.0.1")


@pytest.mark.parametrize(
    "older", ["used_at = used_at - interval '121 min', began_at = began_at - interval '121 min'",
              "began_at = began_at - interval '721 min'", "ended_at = now()"],
)  # fmt: skip
def test_a_session_ends(desk: Desk, older: str) -> None:
    visitor = desk.visitor(UNIT)
    visitor.page("/returns")
    query(desk.warehouse.connection, f"UPDATE desk.session SET {older} RETURNING 1")
    assert visitor.client.get("/returns").headers["location"].startswith("/sign-in")


def test_signing_out_ends_the_session_on_the_server(desk: Desk) -> None:
    visitor = desk.visitor(UNIT)
    secret = visitor.client.cookies["desk_session"]
    visitor.post("/sign-out", "/returns")
    thief = desk.visitor()
    thief.client.cookies.set("desk_session", secret)
    assert thief.client.get("/returns").headers["location"].startswith("/sign-in")


def test_who_leaves_the_register_is_out_at_once(desk: Desk, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = desk.visitor(UNIT)
    visitor.page("/returns")
    monkeypatch.setattr("sia.web.visits.person", lambda *_: None)
    assert visitor.client.get("/returns").status_code == 303


def test_cookies_are_closed_to_scripts_and_other_sites(desk: Desk) -> None:
    client = desk.visitor().client
    cookie = client.post("/sign-in", data={"mailbox": UNIT}).headers["set-cookie"].lower()
    session = client.post(desk.link()).headers["set-cookie"].lower()
    assert all("httponly" in text and "samesite=lax" in text for text in (cookie, session))
