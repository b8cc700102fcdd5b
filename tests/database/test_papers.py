"""Papers are made of releases and of nothing else, once for each; what is not released is asked for.

49 and 55 are the sanctuary referrals of South and Vale for 2018/19 as its reports of June 2019 and September 2020 say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from lxml import html
from psycopg2.extensions import connection as Connection

from sia.calendar import Quarter
from sia.cli.papers import requested
from sia.errors import PermanentError
from sia.papers import csp_report, make
from sia.papers.editions import Edition
from sia.registers.measures import measures
from sia.registers.report_sections import sections
from sia.release import contents, scorecard_inputs
from sia.warehouse.load import load
from tests.conftest import Warehouse
from tests.database.test_load import submit
from tests.database.test_release import QUARTER, jobs
from tests.database.test_release import released as release

CSPS = ["cherwell-csp", "oxford-city-csp", "south-and-vale-csp", "west-oxfordshire-csp"]


@dataclass(frozen=True)
class Shelf:
    """A warehouse with one release, the folder in which all lies, and the papers that were made of it."""

    connection: Connection
    folder: Path
    reports: Edition
    pack: Edition

    def make_reports(self, quarter: Quarter = QUARTER) -> Edition:
        return make.csp_reports(self.connection, quarter, self.folder / "releases", self.folder / "papers")

    def make_pack(self) -> Edition:
        return make.assessment(self.connection, QUARTER, self.folder / "releases", self.folder / "papers")


@pytest.fixture(scope="module", autouse=True)
def few_measures() -> Iterator[None]:
    """What the sanctuary return counts: to judge every measure of the register would take minutes and say no more."""
    some = tuple(measure for measure in measures() if measure.return_name == "sanctuary")
    with pytest.MonkeyPatch.context() as patch:
        for module in (contents, scorecard_inputs):
            patch.setattr(module, "measures", lambda: some)
        patch.setattr(csp_report, "sections", lambda: sections()[:2])
        yield


@pytest.fixture(scope="module")
def shelf(few_measures: None, warehouse_of_module: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """49 referrals: 45 in Vale, 4, and so a small number, in South Oxfordshire."""
    connection, folder = warehouse_of_module.connection, tmp_path_factory.mktemp("shelf")
    load(connection, submit(connection, "2019-04-23", jobs(45, 4)))
    with pytest.raises(PermanentError, match=r"2018/19 Q4 has no release.*make approve QUARTER=2018-19Q4"):
        make.csp_reports(connection, QUARTER, folder / "releases", folder / "papers")
    with pytest.raises(PermanentError, match=r"2018/19 Q4 has no release.*make approve QUARTER=2018-19Q4"):
        make.assessment(connection, QUARTER, folder / "releases", folder / "papers")
    assert not (folder / "papers").exists()
    release(connection, folder)
    shelves = folder / "releases", folder / "papers"
    return Shelf(
        connection,
        folder,
        make.csp_reports(connection, QUARTER, *shelves),
        make.assessment(connection, QUARTER, *shelves),
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
    assert {each["name"] for each in manifest["files"]} | {"manifest.json"} == files


def test_what_the_release_hides_the_report_hides(shelf: Shelf) -> None:
    page = (shelf.reports.folder / "south-and-vale-csp-2018-19Q4.html").read_text()
    document = html.document_fromstring(page)
    (row,) = document.xpath("//table[caption='Sanctuary scheme: the districts']//tr[th='Sanctuary scheme referrals']")
    south, vale, both = (row.xpath("td")[number].text_content() for number in (0, 2, 4))
    # 45 is hidden too: with it and 49 the 4 could be worked out.
    assert (south, vale, both) == ("[c]", "[c]", "49")
    quarters = document.xpath("//tr[@id='data-sanctuary_referrals']/td/text()")
    assert quarters[-1] == "49"
    assert set(quarters[:-1]) == {"[x]"}


def test_made_again_it_is_the_same_edition_untouched(shelf: Shelf) -> None:
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


def test_an_edition_that_was_changed_is_named(shelf: Shelf) -> None:
    path = shelf.reports.folder / "cherwell-csp-2018-19Q4.html"
    kept = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(b"x")
    with pytest.raises(PermanentError, match=r"cherwell-csp-2018-19Q4\.html in .* is not what was made"):
        shelf.make_reports()
    path.write_bytes(kept)
    assert not shelf.make_reports().new


def test_no_paper_says_otherwise_than_was_released(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where this code gives other figures, or a released file was changed, nothing is made."""
    usual = contents.figures
    with monkeypatch.context() as patch:
        patch.setattr(contents, "figures", lambda card: usual(card).assign(status="another"))
        with pytest.raises(PermanentError, match="other figures for it"):
            make.csp_reports(shelf.connection, QUARTER, shelf.folder / "releases", tmp_path)
    exceptions = shelf.folder / "releases/2018-19Q4/1/exceptions-2018-19Q4.csv"
    kept = exceptions.read_bytes()
    exceptions.chmod(0o644)
    exceptions.write_bytes(kept + b"x")
    with pytest.raises(PermanentError, match="is not what was released"):
        make.assessment(shelf.connection, QUARTER, shelf.folder / "releases", tmp_path)
    exceptions.write_bytes(kept)
    assert list(tmp_path.iterdir()) == []


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
def test_the_command_says_what_it_needs(quarter: str, year: str, message: str) -> None:
    with pytest.raises(PermanentError, match=message):
        requested(quarter, year)
