"""Restricted editions: a partnership's readers see its small numbers, and no published file ever has them.

49 are the sanctuary referrals of South and Vale for 2018/19: 45 in Vale, and 4, a small number, in South Oxfordshire.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from lxml import html
from openpyxl import load_workbook
from psycopg2.extensions import connection as Connection

from sia.errors import PermanentError
from sia.papers import make, restricted
from sia.papers.restricted import restricted_reports
from sia.register_file import RegisterError
from sia.registers.report_sections import sections
from sia.registers.restricted_editions import restricted_editions
from tests import few_measures
from tests.conftest import Warehouse
from tests.database.test_release import QUARTER, fill
from tests.database.test_release import released as release
from tests.own_registers import replace_register

BOARD, TODAY = date(2019, 7, 1), date(2026, 11, 28)
NAME = "south-and-vale-csp-2018-19Q4-restricted"


@dataclass(frozen=True)
class Shelf:
    """A warehouse with a release, the folder of all files, and the restricted edition of South and Vale."""

    connection: Connection
    folder: Path
    written: list[Path]
    public: dict[str, str]

    def hashes(self) -> dict[str, str]:
        return published(self.folder)

    def write(self, today: date = TODAY) -> list[Path]:
        return restricted_reports(self.connection, QUARTER, self.folder / "restricted", BOARD, today)


def published(folder: Path) -> dict[str, str]:
    """The hash of every published file."""
    files = [path for name in ("releases", "papers") for path in (folder / name).rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def shelf(warehouse_of_module: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    connection, folder = warehouse_of_module.connection, tmp_path_factory.mktemp("shelf")
    with pytest.MonkeyPatch.context() as patch:
        few_measures.use(patch, few_measures.of_return("sanctuary"))
        patch.setattr(make, "sections", lambda: sections()[:2])
        patch.setattr(restricted, "sections", lambda: sections()[:2])
        with pytest.raises(PermanentError, match=r"2018/19 Q4 has no release.*make approve QUARTER=2018-19Q4"):
            restricted_reports(connection, QUARTER, folder / "restricted", BOARD, TODAY)
        fill(connection)
        release(connection, folder)
        make.csp_reports(QUARTER, folder / "releases", folder / "papers")
        make.board_paper(QUARTER, folder / "releases", folder / "papers")
        public = published(folder)
        before = os.umask(0)
        written = restricted_reports(connection, QUARTER, folder / "restricted", BOARD, TODAY)
        os.umask(before)
        yield Shelf(connection, folder, written, public)


def text_of(path: Path) -> str:
    return " ".join(html.document_fromstring(path.read_text()).xpath("string(//body)").split())


def test_a_partnership_sees_its_own_numbers(shelf: Shelf) -> None:
    place = shelf.folder / "restricted" / "south_and_vale_csp" / "2018-19Q4" / "1"
    assert shelf.written == [place / f"{NAME}.html", place / f"{NAME}.xlsx"]
    document = html.document_fromstring(shelf.written[0].read_text())
    (row,) = document.xpath("//table[caption='Sanctuary scheme: the districts']//tr[th='Sanctuary scheme referrals']")
    south, vale, both = (row.xpath("td")[number].text_content() for number in (0, 2, 4))
    assert (south, vale, both) == ("4", "45", "49")
    districts = load_workbook(shelf.written[1])["Districts"]
    (cells,) = (cells for cells in districts.values if cells[0] == "Sanctuary scheme referrals")
    assert (cells[3], cells[5], cells[7]) == (4, 45, 49)


def test_it_is_marked_on_every_page_and_names_its_agreement_and_readers(shelf: Shelf) -> None:
    page, text = shelf.written[0].read_text(), text_of(shelf.written[0])
    (running,) = re.findall(r'--running: "(.*?)"', page)
    assert running.startswith("RESTRICTED. Do not pass on. Release 2018-19Q4/1. South and Vale CSP")
    (edition,) = restricted_editions(TODAY)
    assert all(words in text for words in (edition.agreement, *edition.readers))
    assert "Small numbers are hidden and marked" not in text
    assert "Numbers of other areas are hidden" in text


def test_each_sheet_of_the_workbook_is_marked_and_its_cover_names_the_readers(shelf: Shelf) -> None:
    book = load_workbook(shelf.written[1])
    for sheet in book:
        assert sheet.oddHeader.left.text.startswith("RESTRICTED. Do not pass on. Release 2018-19Q4/1.")
        assert "restricted edition" in sheet.oddFooter.left.text
    tables = [sheet for sheet in book if sheet.title not in {"Cover", "Contents", "Notes"}]
    assert all(sheet["A2"].value.startswith("RESTRICTED. Do not pass on.") for sheet in tables)
    cover = " ".join(str(cell) for (cell, *_) in book["Cover"].values if cell)
    (edition,) = restricted_editions(TODAY)
    assert all(words in cover for words in (edition.agreement, *edition.readers))
    assert "Small numbers are hidden and marked" not in cover


def test_only_its_owner_may_read_it_even_if_others_may_read_new_files(shelf: Shelf) -> None:
    paths = [shelf.folder / "restricted", *(shelf.folder / "restricted").rglob("*")]
    modes = {path.is_dir(): set() for path in paths}
    for path in paths:
        modes[path.is_dir()].add(oct(path.stat().st_mode & 0o777))
    assert modes == {True: {"0o700"}, False: {"0o600"}}


def test_no_published_file_changes_and_none_has_a_hidden_number(shelf: Shelf) -> None:
    assert shelf.hashes() == shelf.public
    assert len(shelf.public) > 10
    assert not [name for name in shelf.public if "restricted" in name]
    for path in (shelf.folder / "papers").rglob("south-and-vale*.html"):
        document = html.document_fromstring(path.read_text())
        (row,) = document.xpath(
            "//table[caption='Sanctuary scheme: the districts']//tr[th='Sanctuary scheme referrals']"
        )
        assert [row.xpath("td")[number].text_content() for number in (0, 2)] == ["[c]", "[c]"]


def test_the_next_run_gives_the_same(shelf: Shelf) -> None:
    content = [path.read_bytes() for path in shelf.written]
    assert shelf.write() == shelf.written
    assert [path.read_bytes() for path in shelf.written] == content


def test_what_readers_saw_is_on_record(shelf: Shelf) -> None:
    seen = (shelf.written[0].parent / "seen.json").read_text()
    assert "E07000179" in seen
    assert "E07000181" not in seen


def test_without_an_agreement_in_force_there_is_no_edition(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(PermanentError, match="no agreement in force today"):
        shelf.write(today=date(2050, 1, 1))
    entry = "{partnership: %s, agreement: A, signed: 2020-01-01, review_by: %s, readers: %s}"
    wrong = {
        "areas.yml has no partnership E10000025": entry % ("E10000025", "2030-01-01", "[B]"),
        "review_by is before signed": entry % ("CSP-OXFORD", "2019-01-01", "[B]"),
        "readers must not be empty": entry % ("CSP-OXFORD", "2030-01-01", "[]"),
    }
    for message, text in wrong.items():
        replace_register(monkeypatch, tmp_path, "restricted_editions.yml", f"restricted_editions: [{text}]")
        with pytest.raises(RegisterError, match=message):
            restricted_editions(TODAY)
