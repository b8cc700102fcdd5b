"""The mail catcher's page: asked as a program, and a letter opened and read in a real browser."""

from __future__ import annotations

import base64
import os
import smtplib
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from sia.local import airflow, processes, services
from sia.pages import mail
from sia.paths import PROJECT
from tests import axe
from tests.chromium import Browser, free_port, needed, serving

USER, PASSWORD = "unit", "synthetic-for-this-test"
NASTY = """<!DOCTYPE html><html lang="en-GB"><head><title>Read</title><style>p {{ color: rgb(1, 2, 3) }}</style>
<script>top.document.title = "taken over"; document.title = "ran"</script></head>
<body onload="top.location = 'http://127.0.0.1:{port}/stolen'"><p id="read">Dear partner, thank you.</p>
<img src="http://127.0.0.1:{port}/pixel.png" alt="" onerror="document.title = 'ran'">
<link rel="stylesheet" href="http://127.0.0.1:{port}/style.css">
<form action="http://127.0.0.1:{port}/form"><button>Send</button></form></body></html>"""


def letter(number: int = 1, html: str | None = None, attachment: str = "marked.xlsx") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"] = "unit@example.org", "partner@example.org"
    made["Subject"] = f"Sanctuary <scheme> return, letter {number}"
    made["Date"] = "Wed, 21 Jul 2021 09:30:00 +0100"
    made.set_content(f"Dear partner,\n\nthis is letter {number}.\n" + "long" * 40 + "\n")
    if html is not None:
        made.add_alternative(html, subtype="html")
    made.add_attachment(b"what to fix", maintype="application", subtype="octet-stream", filename=attachment)
    return made


@pytest.fixture
def page() -> TestClient:
    mails = [letter(1), letter(2, "<p>Hello</p>", 'a "quoted"\u00e9.html')]
    made = TestClient(mail.create(lambda: mails, USER, PASSWORD), base_url="http://127.0.0.1")
    made.auth = (USER, PASSWORD)
    return made


def test_nobody_reads_without_the_log_in_nor_under_another_name(page: TestClient) -> None:
    places = ("/", "/1", "/2/html", "/1/attachments/1")
    assert {page.get(place).status_code for place in places} == {200}
    for auth in (None, (USER, "wrong"), ("wrong", PASSWORD), ("\u00e9", "\u00e9")):
        page.auth = auth
        assert {page.get(place).status_code for place in places} == {401}, auth
    page.auth = (USER, PASSWORD)
    assert page.get("/", headers={"Host": "rebound.example"}).status_code == 400
    assert {page.get(place).status_code for place in ("/docs", "/redoc", "/openapi.json")} <= {404, 422}


def test_letters_are_listed_the_newest_first_and_nothing_is_taken_for_our_own_page(page: TestClient) -> None:
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
    """The catcher and its page as ``make up`` starts them, with two letters that came by SMTP; the page's address."""
    smtp, web = free_port(), free_port()
    environment = {
        **os.environ,
        "SIA_STATE": str(tmp_path),
        "SIA_MAIL_PORT": str(smtp),
        "SIA_MAIL_PAGE_PORT": str(web),
        "PYTHONPATH": str(PROJECT / "plugins"),
    }
    names = ["mail", "mail-page"]
    try:
        for name in names:
            processes.start(tmp_path, name, services.SERVICES[name], environment)
        until = time.monotonic() + 120
        while not (answers(f"http://127.0.0.1:{web}/") and sent(smtp, [letter(1), letter(2, NASTY.format(port=web))])):
            assert time.monotonic() < until
            time.sleep(0.2)
        yield f"http://127.0.0.1:{web}/"
    finally:
        processes.stop(tmp_path, names)


def answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=5)
    except urllib.error.HTTPError as asked:
        return asked.code == 401
    except OSError:
        return False
    return True


def sent(port: int, mails: list[EmailMessage]) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as relay:
            for one in mails:
                relay.send_message(one)
    except ConnectionError:
        return False
    return True


@needed
def test_a_letter_is_opened_and_read(caught: str, browser: Browser, tmp_path: Path) -> None:
    browser.ask("Page.enable")
    browser.ask("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path / "down"))
    # The log-in is given once, and kept by the browser.
    log_in = f"{airflow.USER}:{airflow.password(tmp_path)}@"
    for address in (caught.replace("//", f"//{log_in}"), caught):
        browser.ask("Page.navigate", url=address)
        browser.wait(f"document.URL === '{address}' && document.querySelectorAll('.letters li').length === 2")
    assert browser.value("getComputedStyle(document.querySelector('main')).backgroundColor") == "rgb(255, 255, 255)"
    picture(browser, tmp_path / "list.png")
    browser.value("document.querySelector('.letters a').click()")
    browser.wait("document.title === 'Sanctuary <scheme> return, letter 2' && document.readyState === 'complete'")
    assert "this is letter 2." in browser.value("document.querySelector('pre').innerText")
    # The frame is of another origin, so that the letter reaches nothing of the page, and shows what it says.
    assert browser.value("document.querySelector('iframe').contentDocument") is None
    frame = browser.frame(f"{caught}2/html")
    frame.wait("document.readyState === 'complete'")
    assert frame.value("document.querySelector('#read').innerText") == "Dear partner, thank you."
    assert frame.value("getComputedStyle(document.querySelector('#read')).color") == "rgb(1, 2, 3)"
    # None of its scripts ran, and nothing was fetched for it.
    assert frame.value("document.title") == "Read"
    assert frame.value("document.querySelector('img').naturalWidth") == 0
    assert frame.value("performance.getEntriesByType('resource').filter(one => one.transferSize > 0).length") == 0
    assert browser.value("location.href") == f"{caught}2"
    assert browser.value("document.title") == "Sanctuary <scheme> return, letter 2"
    picture(browser, tmp_path / "letter.png")

    browser.value("document.querySelector('.attached a').click()")
    until = time.monotonic() + 30
    while not (tmp_path / "down" / "marked.xlsx").exists():
        assert time.monotonic() < until
        time.sleep(0.2)
    assert (tmp_path / "down" / "marked.xlsx").read_bytes() == b"what to fix"

    # On a screen of 320 pixels nothing has to be scrolled sideways.
    browser.ask("Emulation.setDeviceMetricsOverride", width=320, height=800, deviceScaleFactor=1, mobile=True)
    assert browser.value("document.documentElement.scrollWidth") == 320
    picture(browser, tmp_path / "letter-320.png")
    browser.ask("Page.navigate", url=caught)
    browser.wait("document.querySelectorAll('.letters li').length === 2")
    assert browser.value("document.documentElement.scrollWidth") == 320
    picture(browser, tmp_path / "list-320.png")


@needed
def test_the_page_has_no_violation(browser: Browser, engine: str) -> None:
    browser.ask("Page.enable")
    mails: list[EmailMessage] = []
    with serving(mail.create(lambda: mails, USER, PASSWORD)) as address:
        # The browser keeps the log-in that it was given once.
        assert axe.faults(browser, engine, address.replace("//", f"//{USER}:{PASSWORD}@")) == []
        mails += [letter(1), letter(2, "<p>Hello</p>")]
        for place in ("", "1", "2"):
            assert axe.faults(browser, engine, address + place) == []


def picture(browser: Browser, path: Path) -> None:
    path.write_bytes(base64.b64decode(browser.ask("Page.captureScreenshot")["data"]))
    assert path.stat().st_size > 5_000
