"""The newest edition of every paper is listed and opened; nothing else in the state folder is."""

from __future__ import annotations

import pytest

from sia.papers.editions import edition
from sia.release.manifest import FileDigest, publish_folder
from sia.storage.private_folder import write_private
from tests.desk import MEDIATION, UNIT, Desk

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
