"""The page *Check a return*: its responses, and its use in a real browser."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from fastapi import HTTPException
from openpyxl import load_workbook
from starlette.testclient import TestClient

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.feedback.dry_run import CheckResult
from sia.feedback.reply_letter import Correction
from sia.feedback.totals import Total, TotalsTable
from sia.local.postgres import Server
from sia.pages import check
from sia.pages.responses import html
from tests import chromium
from tests.staged import good_rows
from tests.waiting import wait_until
from tests.workbooks import as_bytes, filled

JOB = good_rows("sanctuary", "jobs")[0]
TWICE = as_bytes(filled(rows={"jobs": [JOB, JOB]}))


@pytest.fixture(scope="module")
def warehouse_url(server: Server, migrated: str) -> Iterator[str]:
    """A warehouse on the server that checks use, set for the processes that check."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIA_WAREHOUSE_URL", server.database_url(migrated))
        yield server.url


def databases(url: str) -> set[str]:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor.fetchall()}


@pytest.fixture
def page() -> TestClient:
    return TestClient(check.create(lambda: None), base_url="http://testserver")


def send(page: TestClient, content: bytes, name: str = "Florence Nightingale.xlsx", **more: Any) -> Any:
    return page.post("/", files={"file": (name, content)}, **more)


def test_nobody_gets_in_without_signing_in() -> None:
    def nobody() -> None:
        raise HTTPException(401)

    page = TestClient(check.create(nobody))
    assert page.get("/").status_code == page.post("/").status_code == 401
    assert {page.get(path).status_code for path in ("/docs", "/redoc", "/openapi.json")} == {404}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
    ],
)
def test_another_site_cannot_send_a_file(page: TestClient, headers: dict[str, str]) -> None:
    assert send(page, TWICE, headers=headers).status_code == 403


def test_a_file_that_is_too_large_or_not_a_return_is_not_read(page: TestClient) -> None:
    assert send(page, b"0" * (check.max_megabytes() * 1_000_000 + 70_000)).status_code == 413
    assert (
        page.post("/", content=iter([b"x"]), headers={"Content-Type": "multipart/form-data; boundary=x"}).status_code
        == 411
    )
    assert send(page, b"MZ", "return.exe").status_code == 415
    assert page.post("/", files={"other": ("x.xlsx", b"x")}).status_code == 400


def test_a_return_comes_back_marked_and_nothing_remains(warehouse_url: str, page: TestClient, tmp_path: Path) -> None:
    answer = send(page, TWICE)
    assert answer.status_code == 200
    assert "not ready yet" in answer.text
    assert "This job reference appears more than once" in answer.text
    (coded,) = re.findall(r'download="sanctuary-2021-22Q1-what-to-fix.xlsx" href="data:[^,]*,([^"]*)"', answer.text)
    book = load_workbook(io.BytesIO(base64.b64decode(coded)))
    assert book.sheetnames[0] == "What to fix"
    assert "this was a check" in str(book["What to fix"]["A2"].value)
    assert [cell.coordinate for row in book["Jobs"].iter_rows(min_row=5) for cell in row if cell.comment] == [
        "A5",
        "A6",
    ]
    good = send(page, as_bytes(filled()))
    assert "ready to send" in good.text
    assert "We found no problems" in good.text
    left = {name for name in databases(warehouse_url) if name.startswith("migrated_check_")}
    assert left == set()
    with closing(psycopg2.connect(f"{warehouse_url.rpartition('/')[0]}/migrated")) as real, real.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM intake.submission")
        assert cursor.fetchone() == (0,)
    assert "Nightingale" not in answer.text + good.text
    assert answer.headers["cache-control"] == "no-store"


def test_what_a_file_says_is_shown_and_not_run() -> None:
    nasty = '<img src=x onerror="alert(1)">'
    result = CheckResult(
        contract=contract("odas").model_copy(update={"title": nasty, "name": nasty}),
        quarter=Quarter(2021, 4),
        source="odas",
        refused=True,
        summary=nasty,
        corrections=(Correction(nasty, nasty, is_required=True), Correction(nasty, nasty, is_required=False)),
        totals=(TotalsTable(nasty, (Total(nasty, nasty, "", ""),)),),
        workbook=b"",
    )
    response = html(
        "check.html.j2",
        message=nasty, result=result, workbook='"><b>', returns=[], senders={}, max_megabytes=10, extensions="",
    )  # fmt: skip
    text = bytes(response.body).decode()
    assert text.count("&lt;img src=x onerror=&#34;alert(1)&#34;&gt;") >= 11
    assert not re.search(r"<(img|b|script)\b", text)
    assert re.match(r"default-src 'none'; style-src 'nonce-[\w-]+';", response.headers["content-security-policy"])


def test_a_file_that_does_not_say_what_it_is(warehouse_url: str, page: TestClient) -> None:
    csv = b"Indicator,Area,Number,Out of\nFirst-time entrants to the youth justice system,Oxfordshire,18,\n"
    unknown = send(page, csv, "x.csv")
    assert unknown.status_code == 422
    assert "We could not tell which return this is" in unknown.text
    details = {"return": "indicators", "source": "youth_offending_service", "quarter": "2021/22 Q1"}
    assert "ready to send" in send(page, csv, "x.csv", data=details).text


@pytest.fixture
def served() -> Iterator[str]:
    with chromium.serving(check.create(lambda: None)) as address:
        yield address


@chromium.needed
def test_a_person_drops_a_workbook_and_gets_it_back(
    warehouse_url: str, served: str, tab: chromium.Tab, tmp_path: Path
) -> None:
    path = tmp_path / "return.xlsx"
    path.write_bytes(TWICE)
    tab.download_to(tmp_path / "down")
    tab.open(served)
    # Every field has a label, and the policy allows the page's own style.
    assert tab.evaluate("[...document.querySelectorAll('input, select')].every(field => field.labels.length === 1)")
    assert tab.evaluate("getComputedStyle(document.querySelector('main')).backgroundColor") == "rgb(255, 255, 255)"
    tab.choose_file("#file", path)
    tab.evaluate("document.querySelector('button').click()")
    tab.wait_for("document.querySelector('#answer') !== null")
    assert tab.evaluate("document.title") == "Sanctuary scheme return, 2021/22 Q1: not ready"
    assert "appears more than once" in tab.evaluate("document.querySelector('#answer').innerText")
    tab.evaluate("document.querySelector('.download').click()")
    down = tmp_path / "down" / "sanctuary-2021-22Q1-what-to-fix.xlsx"
    wait_until(down.exists, "the download")
    assert load_workbook(down).sheetnames[0] == "What to fix"
    # On a screen of 320 pixels nothing has to be scrolled sideways.
    tab.resize(320)
    assert tab.evaluate("document.documentElement.scrollWidth") == 320
