"""The newest edition of every paper is listed and opened; nothing else in the state folder is."""

from __future__ import annotations

import pytest

from sia.papers.editions import edition
from sia.release.manifest import FileDigest, publish_folder
from sia.storage.private_folder import write_private
from tests.desk import MEDIATION, UNIT, Desk
from tests.own_registers import replace_register
from tests.submissions import query
from tests.web.test_attacks import ANALYST, REGISTER

PAGE, BOOK = b"<!DOCTYPE html><p>Paper</p>", b"PK"
BOARD = "/papers/board/2021-22Q4/1/board-paper-2021-22Q4.html"
ASSESSMENT = "/papers/assessment/2021-22/1/assessment-2021-22.xlsx"


@pytest.fixture
def papers(desk: Desk) -> Desk:
    """Two papers, and a restricted edition of a report."""
    shelves = desk.state / "papers"
    edition(shelves / "board" / "2021-22Q4", [], "test", lambda: {"board-paper-2021-22Q4.html": PAGE})
    edition(shelves / "assessment" / "2021-22", [], "test", lambda: {"assessment-2021-22.xlsx": BOOK})
    write_private(desk.state / "restricted", "oxford/2021-22Q4/1", {"oxford-2021-22Q4-restricted.html": PAGE})
    return desk


@pytest.mark.parametrize("mailbox", [UNIT, MEDIATION])
def test_everybody_who_reads_releases_opens_the_papers_made_from_them(papers: Desk, mailbox: str) -> None:
    visitor = papers.visitor(mailbox)
    page = visitor.page("/released")
    assert (BOARD in page, ASSESSMENT in page, "restricted" in page) == (True, True, False)
    opened, saved = visitor.client.get(BOARD), visitor.client.get(ASSESSMENT)
    assert (opened.content, opened.headers["content-disposition"][:6]) == (PAGE, "inline")
    assert (saved.content, saved.headers["content-disposition"][:10]) == (BOOK, "attachment")
    assert opened.headers["content-security-policy"].startswith("sandbox allow-scripts;")
    for path in ("oxford/2021-22Q4/1", "restricted/2021-22Q4/1", "board/2021-22Q4/2", "board/2021-22Q3/1"):
        assert visitor.client.get(f"/papers/{path}/oxford-2021-22Q4-restricted.html").status_code == 404
    assert papers.visitor().client.get(BOARD).status_code == 303


def test_a_newer_edition_takes_the_place_of_the_earlier(papers: Desk) -> None:
    shelf = papers.state / "papers" / "board" / "2021-22Q4"
    name, newer = "board-paper-2021-22Q4.html", BOARD.replace("/1/", "/2/")
    publish_folder(
        shelf / "2", {name: b"newer"}, {"files": [{"name": name, "sha256": FileDigest.of(b"newer").sha256, "size": 5}]}
    )
    visitor = papers.visitor(UNIT)
    page = visitor.page("/released")
    assert (BOARD in page, newer in page) == (False, True)
    assert visitor.page(newer) == "newer"
    assert "newer edition" in visitor.page(BOARD, 404)


def test_a_paper_that_was_changed_is_not_shown(papers: Desk) -> None:
    path = papers.state / "papers" / "board" / "2021-22Q4" / "1" / "board-paper-2021-22Q4.html"
    path.chmod(0o644)
    path.write_bytes(b"other")
    assert "other" not in papers.visitor(UNIT).page(BOARD, 410)


@pytest.fixture
def shelves(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A data dictionary and an extract, as their commands write them, and an analyst who may sign in."""
    replace_register(monkeypatch, desk.state, "staff.yml", REGISTER)
    for folder, names in {"dictionary": ("index.html", "measures.html"), "extracts": ("scorecard.csv",)}.items():
        (desk.state / folder).mkdir()
        for name in (*names, ".new"):
            (desk.state / folder / name).write_text(f"what {name} says", encoding="utf-8")
    return desk


def test_the_dictionary_is_open_to_everybody_who_reads_releases(shelves: Desk) -> None:
    partner = shelves.visitor(MEDIATION)
    assert "/dictionary/index.html" in partner.page("/released")
    assert partner.page("/dictionary/measures.html") == "what measures.html says"
    for path in ("/dictionary/.new", "/dictionary/scorecard.csv", "/dictionary/..%2Fextracts%2Fscorecard.csv"):
        partner.page(path, 404)


def test_extracts_are_for_staff_and_each_is_recorded(shelves: Desk) -> None:
    path = "/extracts/scorecard.csv"
    for mailbox in (UNIT, ANALYST):
        visitor = shelves.visitor(mailbox)
        assert path in visitor.page("/released")
        answer = visitor.client.get(path)
        assert answer.text == "what scorecard.csv says"
        assert answer.headers["content-disposition"] == 'attachment; filename="scorecard.csv"'
    saved = query(shelves.warehouse.connection, "SELECT done_by FROM desk.action WHERE action = 'saved an extract'")
    assert {mailbox for (mailbox,) in saved} == {UNIT, ANALYST}
    partner = shelves.visitor(MEDIATION)
    assert "extracts" not in partner.page("/released").lower()
    partner.page(path, 403)
    shelves.visitor(UNIT).page("/extracts/.new", 404)


def test_the_unit_gets_every_blank_workbook(shelves: Desk) -> None:
    unit = shelves.visitor(UNIT)
    (path, *_) = [part.split('"')[0] for part in unit.page("/released").split('href="') if part.startswith("/blank/")]
    assert unit.client.get(path).content.startswith(b"PK")
    assert "/blank/" not in shelves.visitor(MEDIATION).page("/released")
