"""Every page is easy to read: its own sentences, without tables, charts and names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import closing
from email.message import EmailMessage

import psycopg2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.dictionary.content import dictionary
from sia.dictionary.pages import pages as dictionary_pages
from sia.feedback.dry_run import CheckResult
from sia.local.postgres import Server
from sia.pages import check, mail
from sia.pages.responses import html
from sia.paths import TEMPLATES
from sia.trace.figure import Option, Options, Part, Rule, Source, Traced
from tests.browser.test_axe import KINDS, pages_of
from tests.docs.readability import GRADE_7, all_names, long_sentences, masked, prose, rix


def own_text(page: str | bytes) -> str:
    return masked(prose(page), all_names())


def opened(app: FastAPI, path: str = "/", auth: tuple[str, str] | None = None) -> bytes:
    return TestClient(app, base_url="http://127.0.0.1").get(path, auth=auth).content


def check_pages() -> Mapping[str, bytes]:
    def result(*, refused: bool) -> bytes:
        outcome = CheckResult(contract("odas"), Quarter(2021, 4), "odas", refused, "1 correction to make", (), (), b"x")
        fields = {"returns": [], "senders": {}, "max_megabytes": 10, "extensions": "", "message": "", "workbook": ""}
        return bytes(html("check.html.j2", result=outcome, **fields).body)

    form = opened(check.create(lambda: None))
    return {"form": form, "refused": result(refused=True), "accepted": result(refused=False)}


def trace_pages() -> Mapping[str, bytes]:
    measure, area, quarter = Option("m", "Measure"), Option("a", "Area"), Option("2021-22Q4", "2021/22 Q4")
    options = Options({"Section": [measure]}, [area], [quarter])
    rule = Rule("SAN-COST-01", "Message.", "No findings", failed=False)
    source = Source("R-1", "Return", "Sender", "file.xlsx", "1 May 2022", "a quarter", "5", (), (rule,))
    traced = Traced(measure, area, Quarter(2021, 4), None, "5", (), (Part("The count", "5", (source,)),))
    asked = dict.fromkeys(("measure", "area", "quarter", "known"), "")
    more = {"message": "", "options": options, "asked": asked, "runs": str, "written": str, "max_runs_shown": 40}
    return {
        name: bytes(html("trace.html.j2", traced=figure, **more).body)
        for name, figure in (("form", None), ("figure", traced))
    }


def mail_pages() -> Mapping[str, bytes]:
    letter = EmailMessage()
    letter["Subject"] = "Letter"
    letter.set_content("Text.")
    app = mail.create(lambda: [letter], "unit", "password")
    return {path: opened(app, path, ("unit", "password")) for path in ("/", "/1")}


PAGES = {
    **{kind: lambda kind=kind: pages_of(kind) for kind in KINDS},
    "check": check_pages,
    "trace": trace_pages,
    "mail catcher": mail_pages,
}
TEMPLATES_OF_PAGES = {
    "assessment.html.j2", "board-paper.html.j2", "caught.html.j2", "caught_letter.html.j2", "check.html.j2",
    "csp-report.html.j2", "exceptions.html.j2", "revision-note.html.j2", "scorecard.html.j2", "trace.html.j2",
}  # fmt: skip
PARTS_OF_PAGES = {"caught_base.html.j2", "exception-chart.html.j2", "macros.html.j2", "page.html.j2", "paper.html.j2"}


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_is_easy_to_read(kind: str) -> None:
    for name, page in PAGES[kind]().items():
        text = own_text(page)
        assert not long_sentences(text), name
        assert rix(text) < GRADE_7, (name, text)


def test_the_dictionary_is_easy_to_read(server: Server, migrated: str) -> None:
    with closing(psycopg2.connect(server.database_url(migrated))) as connection:
        content = dictionary(connection)
    described = {schema.description for schema in content.schemas} | {
        relation.description for schema in content.schemas for relation in schema.relations
    }
    for name, page in dictionary_pages(content):
        # Not measured: lists of roles and tables ("facts"), and descriptions that are written elsewhere.
        sentences = re.sub(rb'<p class="facts">.*?</p>', b"", page, flags=re.DOTALL)
        text = masked(prose(sentences), {*all_names(), *(" ".join(text.rstrip(".").split()) for text in described)})
        assert not long_sentences(text), name
        assert rix(text) < GRADE_7, (name, text)


def test_every_page_is_measured() -> None:
    assert {path.name for path in TEMPLATES.glob("*.html.j2")} == TEMPLATES_OF_PAGES | PARTS_OF_PAGES
