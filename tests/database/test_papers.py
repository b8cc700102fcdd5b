"""Papers are made from releases and nothing else, one edition for each; a quarter without a release is an error.

49 and 55 are the sanctuary referrals of South and Vale for 2018/19 as its reports of June 2019 and September 2020 say.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from lxml import html
from psycopg2.extensions import connection as Connection

from sia.calendar import Quarter
from sia.cli.papers import requested
from sia.errors import PermanentError
from sia.papers import make
from sia.papers.editions import Edition
from sia.registers.report_sections import sections
from sia.release import scorecard_inputs
from sia.scorecard import registry
from sia.warehouse import database
from sia.warehouse.load import load
from tests import few_measures
from tests.conftest import Warehouse
from tests.database.test_load import submit
from tests.database.test_release import QUARTER, jobs
from tests.database.test_release import released as release

CSPS = ["cherwell-csp", "oxford-city-csp", "south-and-vale-csp", "west-oxfordshire-csp"]


@dataclass(frozen=True)
class Shelf:
    """A warehouse with one release, the folder of all files, and the papers that were made from it."""

    connection: Connection
    folder: Path
    reports: Edition
    pack: Edition

    def make_reports(self, quarter: Quarter = QUARTER) -> Edition:
        return make.csp_reports(quarter, self.folder / "releases", self.folder / "papers")

    def make_pack(self) -> Edition:
        return make.assessment(QUARTER, self.folder / "releases", self.folder / "papers")


@pytest.fixture(scope="module", autouse=True)
def of_sanctuary() -> Iterator[None]:
    """Only the measures of the sanctuary return."""
    with pytest.MonkeyPatch.context() as patch:
        few_measures.use(patch, few_measures.of_return("sanctuary"))
        patch.setattr(make, "sections", lambda: sections()[:2])
        yield


@pytest.fixture(scope="module")
def shelf(of_sanctuary: None, warehouse_of_module: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """49 referrals: 45 in Vale, and 4 in South Oxfordshire, which is a small number."""
    connection, folder = warehouse_of_module.connection, tmp_path_factory.mktemp("shelf")
    load(connection, submit(connection, "2019-04-23", jobs(45, 4)))
    with pytest.raises(PermanentError, match=r"2018/19 Q4 has no release.*make approve QUARTER=2018-19Q4"):
        make.csp_reports(QUARTER, folder / "releases", folder / "papers")
    with pytest.raises(PermanentError, match=r"2018/19 Q4 has no release.*make approve QUARTER=2018-19Q4"):
        make.assessment(QUARTER, folder / "releases", folder / "papers")
    assert not (folder / "papers").exists()
    release(connection, folder)
    shelves = folder / "releases", folder / "papers"
    return Shelf(
        connection,
        folder,
        make.csp_reports(QUARTER, *shelves),
        make.assessment(QUARTER, *shelves),
    )


def test_a_report_for_each_partnership_with_its_manifest(shelf: Shelf) -> None:
    place = shelf.folder / "papers" / "csp-reports" / "2018-19Q4" / "1"
    assert (shelf.reports.folder, shelf.reports.made_from, shelf.reports.new) == (place, ("2018-19Q4/1",), True)
    files = {path.name for path in place.iterdir()}
    assert files == {f"{csp}-2018-19Q4.{kind}" for csp in CSPS for kind in ("html", "xlsx")} | {"manifest.json"}
    manifest = json.loads((place / "manifest.json").read_text())
    (made_from,) = manifest["made_from"]
    released_as = json.loads((shelf.folder / "releases/2018-19Q4/1/manifest.json").read_text())
    assert made_from == {"release": "2018-19Q4/1", "data_hash": released_as["data_hash"]}
    assert {file["name"] for file in manifest["files"]} | {"manifest.json"} == files


def test_a_report_hides_what_its_release_hides(shelf: Shelf) -> None:
    page = (shelf.reports.folder / "south-and-vale-csp-2018-19Q4.html").read_text()
    document = html.document_fromstring(page)
    (row,) = document.xpath("//table[caption='Sanctuary scheme: the districts']//tr[th='Sanctuary scheme referrals']")
    south, vale, both = (row.xpath("td")[number].text_content() for number in (0, 2, 4))
    # 45 is hidden too: with it and 49 the 4 could be worked out.
    assert (south, vale, both) == ("[c]", "[c]", "49")
    quarters = [cell.text_content() for cell in document.xpath("//tr[@id='data-sanctuary_referrals']/td")]
    assert quarters[-1] == "49"
    assert set(quarters[:-1]) == {"[x]"}


def test_the_board_s_paper_is_made_from_the_release_and_hides_what_it_hides(shelf: Shelf, tmp_path: Path) -> None:
    paper = make.board_paper(QUARTER, shelf.folder / "releases", tmp_path)
    assert (paper.folder, paper.made_from) == (tmp_path / "board" / "2018-19Q4" / "1", ("2018-19Q4/1",))
    page = html.document_fromstring((paper.folder / "board-paper-2018-19Q4.html").read_text())
    assert "2018/19 Q3 has no release" in page.text_content()
    (row,) = page.xpath("//table[@class='compared']//tr[th='Sanctuary scheme referrals']")
    # All 49 are of South and Vale; the contractor works in the whole county.
    assert [cell.text_content().strip() for cell in row.xpath("td")][-4:] == ["0", "0", "49", "0"]
    assert not make.board_paper(QUARTER, shelf.folder / "releases", tmp_path).new


def test_the_next_run_leaves_the_edition_as_it_is(shelf: Shelf) -> None:
    times = {path: path.stat().st_mtime_ns for path in shelf.reports.folder.iterdir()}
    again = shelf.make_reports()
    assert (again.folder, again.data_hash, again.new) == (shelf.reports.folder, shelf.reports.data_hash, False)
    assert {path: path.stat().st_mtime_ns for path in again.folder.iterdir()} == times
    assert not shelf.make_pack().new


def test_the_pack_of_a_year_names_the_quarters_without_release(shelf: Shelf) -> None:
    assert shelf.pack.folder == shelf.folder / "papers" / "assessment" / "2018-19" / "1"
    page = html.document_fromstring((shelf.pack.folder / "assessment-2018-19.html").read_text())
    assert len(page.xpath("//td[.='No release was made']")) == 3
    assert (shelf.pack.folder / "assessment-2018-19.xlsx").exists()


def test_a_quarter_without_release_has_no_report(shelf: Shelf) -> None:
    with pytest.raises(PermanentError, match="2018/19 Q3 has no release"):
        shelf.make_reports(Quarter(2018, 3))


def test_a_changed_edition_is_named(shelf: Shelf) -> None:
    path = shelf.reports.folder / "cherwell-csp-2018-19Q4.html"
    kept = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(b"x")
    with pytest.raises(PermanentError, match=r"cherwell-csp-2018-19Q4\.html in .* was changed after it was made"):
        shelf.make_reports()
    path.write_bytes(kept)
    assert not shelf.make_reports().new


def test_papers_need_neither_the_warehouse_nor_today_s_statistics(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A release has everything that its papers need, so a change of method does not affect old papers."""
    monkeypatch.setattr(database, "connect", lambda *_: pytest.fail("a paper asked the warehouse"))
    monkeypatch.setattr(scorecard_inputs, "registers", lambda *_: pytest.fail("a paper asked a register"))
    monkeypatch.setattr(registry, "STATISTICS", ())
    reports = make.csp_reports(QUARTER, shelf.folder / "releases", tmp_path)
    assert reports.data_hash == shelf.reports.data_hash
    assert make.assessment(QUARTER, shelf.folder / "releases", tmp_path).data_hash == shelf.pack.data_hash
    assert make.board_paper(QUARTER, shelf.folder / "releases", tmp_path).new


@pytest.mark.parametrize("harm", ["changed", "removed"])
def test_changed_release_data_is_refused_with_what_to_do(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, harm: str
) -> None:
    releases = tmp_path / "releases"
    shutil.copytree(shelf.folder / "releases", releases)
    data = releases / "2018-19Q4" / "1" / "release-data-2018-19Q4.json"
    content = data.read_bytes()
    data.chmod(0o644)
    data.write_bytes(content.replace(b'"value":49.0', b'"value":94.0'))
    assert data.read_bytes() != content
    words = r"release-data-2018-19Q4\.json was changed after it was published: bring it back from a backup"
    if harm == "removed":
        data.unlink()
        words = r"release-data-2018-19Q4\.json is missing: bring it back from a backup"
    for paper in (make.board_paper, make.csp_reports, make.assessment):
        with pytest.raises(PermanentError, match=words):
            paper(QUARTER, releases, tmp_path / "papers")
    assert not (tmp_path / "papers").exists()


def test_a_second_release_gives_a_second_edition_and_the_first_stays(shelf: Shelf) -> None:
    first = {path: path.read_bytes() for path in shelf.reports.folder.iterdir()}
    load(shelf.connection, submit(shelf.connection, "2020-08-10", jobs(51, 4)))
    # Loaded and not released: nothing changes.
    assert not shelf.make_reports().new
    release(shelf.connection, shelf.folder)
    second = shelf.make_reports()
    assert (second.folder.name, second.made_from, second.new) == ("2", ("2018-19Q4/2",), True)
    page = (second.folder / "south-and-vale-csp-2018-19Q4.html").read_text()
    assert "<td>49</td><td>55</td>" in page
    assert {path: path.read_bytes() for path in first} == first
    pack = shelf.make_pack()
    assert (pack.folder.name, pack.made_from) == ("2", ("2018-19Q4/1", "2018-19Q4/2"))


@pytest.mark.parametrize(
    ("quarter", "year", "message"),
    [
        ("", "", "make papers QUARTER=2021-22Q4"),
        ("soon", "", "write it as 2021-22Q4"),
        ("", "2021", "write it as 2021-22"),
    ],
)
def test_a_missing_or_unclear_period_gets_a_message_with_an_example(quarter: str, year: str, message: str) -> None:
    with pytest.raises(PermanentError, match=message):
        requested(quarter, year)
