"""The mail catcher's page: its responses, and a letter opened and read in a real browser."""

from __future__ import annotations

import os
import smtplib
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from sia.local import airflow, processes, services
from sia.local.ports import Ports
from sia.pages import mail
from sia.paths import PROJECT
from tests import axe
from tests.chromium import Tab, needed, serving
from tests.ports import free_port
from tests.waiting import wait_until

USER, PASSWORD = "unit", "synthetic-for-this-test"
NASTY = """<!DOCTYPE html><html lang="en-GB"><head><title>Read</title><style>p {{ color: rgb(1, 2, 3) }}</style>
<script>top.document.title = "taken over"; document.title = "ran"</script></head>
<body onload="top.location = 'http://127.0.0.1:{port}/stolen'"><p id="read">Dear partner, thank you.</p>
<img src="http://127.0.0.1:{port}/pixel.png" alt="" onerror="document.title = 'ran'">
<link rel="stylesheet" href="http://127.0.0.1:{port}/style.css">
<form action="http://127.0.0.1:{port}/form"><button>Send</button></form></body></html>"""


def letter(number: int = 1, html: str | None = None, attachment: str = "marked.xlsx") -> EmailMessage:
    email = EmailMessage()
    email["From"], email["To"] = "unit@example.org", "partner@example.org"
    email["Subject"] = f"Sanctuary <scheme> return, letter {number}"
    email["Date"] = "Wed, 21 Jul 2021 09:30:00 +0100"
    email.set_content(f"Dear partner,\n\nthis is letter {number}.\n" + "long" * 40 + "\n")
    if html is not None:
        email.add_alternative(html, subtype="html")
    email.add_attachment(b"what to fix", maintype="application", subtype="octet-stream", filename=attachment)
    return email


@pytest.fixture
def page() -> TestClient:
    letters = [letter(1), letter(2, "<p>Hello</p>", 'a "quoted"\u00e9.html')]
    client = TestClient(mail.create(lambda: letters, USER, PASSWORD), base_url="http://127.0.0.1")
    client.auth = (USER, PASSWORD)
    return client


def test_guessing_the_password_is_slowed_down(page: TestClient) -> None:
    page.auth = None
    for _ in range(mail.MAX_WRONG_PASSWORDS):
        assert page.get("/", auth=(USER, "wrong")).status_code == 401
    answer = page.get("/", auth=(USER, PASSWORD))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")


def test_nobody_reads_without_the_log_in_or_under_another_host_name(page: TestClient) -> None:
    places = ("/", "/1", "/2/html", "/1/attachments/1")
    assert {page.get(place).status_code for place in places} == {200}
    for auth in (None, (USER, "wrong"), ("wrong", PASSWORD), ("\u00e9", "\u00e9")):
        page.auth = auth
        assert {page.get(place).status_code for place in places} == {401}, auth
    page.auth = (USER, PASSWORD)
    assert page.get("/", headers={"Host": "rebound.example"}).status_code == 400
    assert {page.get(place).status_code for place in ("/docs", "/redoc", "/openapi.json")} <= {404, 422}


def test_letters_are_listed_newest_first_and_shown_as_untrusted_content(page: TestClient) -> None:
    listed = page.get("/").text
    assert listed.index("letter 2") < listed.index("letter 1")
    assert "Sanctuary &lt;scheme&gt; return" in listed
    assert "<iframe" not in page.get("/1").text, "a letter without HTML"
    assert '<iframe src="/2/html" sandbox=""' in page.get("/2").text
    assert {page.get(place).status_code for place in ("/0", "/3", "/1/html", "/1/attachments/2")} == {404}
    policy = page.get("/2/html").headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none';")
    assert "script" not in policy


def test_an_attachment_is_only_ever_downloaded(page: TestClient) -> None:
    answer = page.get("/2/attachments/1")
    assert answer.content == b"what to fix"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''a%20%22quoted%22%C3%A9.html"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.fixture
def caught(tmp_path: Path) -> Iterator[str]:
    """The catcher and its page as ``make up`` starts them, with two letters sent by SMTP; the page's address."""
    smtp, web = free_port(), free_port()
    environment = {
        **os.environ,
        "SIA_STATE": str(tmp_path),
        "PYTHONPATH": str(PROJECT / "plugins"),
    }
    try:
        processes.start(tmp_path, "mail", services.commands(Ports(mail=smtp, mail_page=web))["mail"], environment)
        wait_until(
            lambda: answers(f"http://127.0.0.1:{web}/") and sent(smtp, [letter(1), letter(2, NASTY.format(port=web))]),
            "the catcher and its page",
        )
        yield f"http://127.0.0.1:{web}/"
    finally:
        processes.stop(tmp_path, ["mail"])


def answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=5)
    except urllib.error.HTTPError as error:
        return error.code == 401
    except OSError:
        return False
    return True


def sent(port: int, letters: list[EmailMessage]) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as relay:
            for email in letters:
                relay.send_message(email)
    except ConnectionError:
        return False
    return True


@needed
def test_a_letter_is_opened_and_read(caught: str, tab: Tab, tmp_path: Path) -> None:
    tab.download_to(tmp_path / "down")
    # The browser keeps the log-in after it is entered once.
    log_in = f"{airflow.UNIT}:{airflow.password(tmp_path)}@"
    for address in (caught.replace("//", f"//{log_in}"), caught):
        tab.open(address)
        tab.wait_for(f"document.URL === '{address}' && document.querySelectorAll('.letters li').length === 2")
    assert tab.evaluate("getComputedStyle(document.querySelector('main')).backgroundColor") == "rgb(255, 255, 255)"
    picture(tab, tmp_path / "list.png")
    tab.evaluate("document.querySelector('.letters a').click()")
    tab.wait_for("document.title === 'Sanctuary <scheme> return, letter 2' && document.readyState === 'complete'")
    assert "this is letter 2." in tab.evaluate("document.querySelector('pre').innerText")
    # The frame has another origin, so the letter cannot reach the page.
    assert tab.evaluate("document.querySelector('iframe').contentDocument") is None
    frame = tab.frame(f"{caught}2/html")
    frame.wait_for("document.readyState === 'complete'")
    assert frame.evaluate("document.querySelector('#read').innerText") == "Dear partner, thank you."
    assert frame.evaluate("getComputedStyle(document.querySelector('#read')).color") == "rgb(1, 2, 3)"
    # None of its scripts ran, and the browser fetched nothing for it.
    assert frame.evaluate("document.title") == "Read"
    assert frame.evaluate("document.querySelector('img').naturalWidth") == 0
    assert (
        frame.evaluate("performance.getEntriesByType('resource').filter(entry => entry.transferSize > 0).length") == 0
    )
    assert tab.evaluate("location.href") == f"{caught}2"
    assert tab.evaluate("document.title") == "Sanctuary <scheme> return, letter 2"
    picture(tab, tmp_path / "letter.png")

    tab.evaluate("document.querySelector('.attached a').click()")
    wait_until((tmp_path / "down" / "marked.xlsx").exists, "the download")
    assert (tmp_path / "down" / "marked.xlsx").read_bytes() == b"what to fix"

    # On a screen of 320 pixels nothing has to be scrolled sideways.
    tab.resize(320)
    assert tab.evaluate("document.documentElement.scrollWidth") == 320
    picture(tab, tmp_path / "letter-320.png")
    tab.open(caught)
    tab.wait_for("document.querySelectorAll('.letters li').length === 2")
    assert tab.evaluate("document.documentElement.scrollWidth") == 320
    picture(tab, tmp_path / "list-320.png")


@needed
def test_the_page_has_no_violation(tab: Tab, engine: str) -> None:
    letters: list[EmailMessage] = []
    with serving(mail.create(lambda: letters, USER, PASSWORD)) as address:
        # The browser keeps the log-in after it is entered once.
        assert axe.violations_at_every_width(tab, engine, address.replace("//", f"//{USER}:{PASSWORD}@")) == []
        letters += [letter(1), letter(2, "<p>Hello</p>")]
        for place in ("", "1", "2"):
            assert axe.violations_at_every_width(tab, engine, address + place) == []


def picture(tab: Tab, path: Path) -> None:
    path.write_bytes(tab.screenshot())
    assert path.stat().st_size > 5_000
