"""One new entry in the registry of statistics, a three-year average, shows wherever figures show.

Nothing but the entry is added. 49 referrals, then 55 after a correction, follow eleven quarters of 91: 1,050 and then
1,056 in three years, which is 350 and then 352 a year.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from lxml import html
from openpyxl import load_workbook
from psycopg2.extensions import connection as Connection

from sia.papers import make
from sia.registers.report_sections import sections
from sia.release import draft, ledger, scorecard_inputs
from sia.scorecard.estimates import figure_of
from sia.scorecard.periods import ReportingPeriod
from sia.scorecard.protection import sums_among
from sia.scorecard.registry import STATISTICS, Basis, Outlet, Quantity, Statistic
from sia.warehouse.load import load
from tests import few_measures
from tests.conftest import Warehouse
from tests.database.test_load import submit
from tests.database.test_release import MEASURES, QUARTER, fill, jobs, problems, released
from tests.submissions import query
from tests.unit.disclosure.ranges import attack

COUNTY, CSP = "E10000025", "CSP-SOUTH-VALE"
HEADING = "Yearly average, 36 months to Mar 2019"


def three_year_average(basis: Basis) -> float:
    """A third of the total of three years."""
    return figure_of(basis.measure, basis.amounts[0]) / 3


AVERAGE = Statistic(
    id="three_year_average",
    periods=(ReportingPeriod("three_years", "three years", quarters=12),),
    quantity=Quantity.FIGURE,
    name="{unit} in a year, on average over three years",
    description="A third of the total of three years",
    heading="Yearly average, {0}",
    key_figure="a year, over {0}",
    shows_in=tuple(Outlet),
    decimals=1,
    work_out=three_year_average,
)


@dataclass(frozen=True)
class Published:
    """Two releases with their papers and their warehouse."""

    connection: Connection
    folder: Path

    def file(self, name: str, release: str = "2018-19Q4/1") -> bytes:
        return (self.folder / "releases" / release / name).read_bytes()

    def paper(self, name: str) -> bytes:
        return (self.folder / "papers" / name).read_bytes()


@pytest.fixture(scope="module")
def published(warehouse_of_module: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    connection, folder = warehouse_of_module.connection, tmp_path_factory.mktemp("published")
    with pytest.MonkeyPatch.context() as patch:
        few_measures.use(patch, MEASURES, statistics=(*STATISTICS, AVERAGE))
        patch.setattr(make, "sections", lambda: sections()[:1])
        fill(connection, vale=87)
        released(connection, folder)
        make.csp_reports(QUARTER, folder / "releases", folder / "papers")
        make.assessment(QUARTER, folder / "releases", folder / "papers")
        load(connection, submit(connection, "2020-08-10", jobs(51, 4)))
        released(connection, folder)
        yield Published(connection, folder)


def row_of(content: bytes, area_code: str) -> dict[str, str]:
    (row,) = (row for row in csv.DictReader(StringIO(content.decode())) if row["area_code"] == area_code)
    return row


def cells_under(content: bytes, heading: str) -> set[str]:
    """The cells below a heading, in every table of a page that has it."""
    cells = set()
    for table in html.document_fromstring(content.decode()).xpath("//table"):
        headings = [cell.text_content().strip() for cell in table.xpath("(.//tr)[1]/th")]
        for row in table.xpath(".//tr[td]"):
            texts = [cell.text_content().strip() for cell in row]
            cells |= {text for name, text in zip(headings, texts, strict=False) if name.endswith(heading)}
    return cells


def numbers_under(content: bytes, heading: str) -> set[object]:
    """The cells below a heading, in every sheet of a workbook that has it."""
    cells: set[object] = set()
    for sheet in load_workbook(BytesIO(content)):
        rows = list(sheet.iter_rows(values_only=True))
        for number, headings in enumerate(rows):
            for column, text in enumerate(headings):
                if str(text).split(" [")[0].endswith(heading):
                    cells |= {row[column] for row in rows[number + 1 :]}
    return cells


def test_the_data_file_has_its_column_and_the_status_of_its_period(published: Published) -> None:
    before, after = (
        row_of(published.file("scorecard-2018-19Q4.csv", release), COUNTY) for release in ("2018-19Q4/1", "2018-19Q4/2")
    )
    assert (before["three_years_status"], before["three_year_average"]) == ("reported", "350")
    assert after["three_year_average"] == "352"
    small = row_of(published.file("scorecard-2018-19Q4.csv"), "E07000177")
    assert small["three_year_average"] == "0"


def test_the_page_shows_it_as_a_column_and_a_key_figure(published: Published) -> None:
    page = published.file("scorecard-2018-19Q4.html")
    assert "350.0" in cells_under(page, HEADING)
    assert "a year, over 36 months to Mar 2019" in html.document_fromstring(page.decode()).text_content()


def test_the_workbook_shows_it(published: Published) -> None:
    assert 350 in numbers_under(published.file("scorecard-2018-19Q4.xlsx"), HEADING)


def test_the_release_data_has_it(published: Published) -> None:
    data = json.loads(published.file("release-data-2018-19Q4.json"))
    (line,) = (line for line in data["scorecard"]["lines"] if line["area_code"] == COUNTY)
    assert line["figures"]["three_year_average"] == {"value": 350.0, "status": "reported"}
    assert AVERAGE.id in [statistic["id"] for statistic in data["scorecard"]["statistics"]]


def test_the_ledger_records_it(published: Published) -> None:
    rows = query(
        published.connection,
        "SELECT amount, status FROM release.figure WHERE figure = 'three_year_average' AND area_code = 'E10000025'"
        " ORDER BY release_id",
    )
    assert [(float(amount), status) for amount, status in rows] == [(350.0, "reported"), (352.0, "reported")]


def test_the_revision_note_names_it(published: Published) -> None:
    note = published.file("revision-note.csv", "2018-19Q4/2").decode()
    (line,) = (
        line
        for line in csv.DictReader(StringIO(note))
        if (line["figure"], line["area_code"]) == ("three_year_average", COUNTY)
    )
    assert line["figure_name"] == "Referrals in a year, on average over three years"
    assert (line["before"], line["after"]) == ("350.0", "352.0")


def test_the_papers_show_it(published: Published) -> None:
    report = "csp-reports/2018-19Q4/1/south-and-vale-csp-2018-19Q4"
    assert "350.0" in cells_under(published.paper(f"{report}.html"), HEADING)
    assert 350 in numbers_under(published.paper(f"{report}.xlsx"), HEADING)
    pack = "assessment/2018-19/1/assessment-2018-19"
    assert "350.0" in cells_under(published.paper(f"{pack}.html"), HEADING)
    assert 350 in numbers_under(published.paper(f"{pack}.xlsx"), HEADING)


def test_no_hidden_count_can_be_worked_out_with_it(published: Published) -> None:
    """The total of three years and eleven shown quarters would give away the twelfth quarter."""
    with published.connection, published.connection.cursor() as cursor:
        first, *_ = ledger.disclosed_counts(cursor, ledger.releases(cursor))
        registers = scorecard_inputs.registers_known_at(cursor, QUARTER.end)
    counts = {**first.published, **first.hidden}
    assert any(cell.span.after - cell.span.first == 36 for cell in first.published)
    assert {4, 45} <= set(first.hidden.values())
    every, groups = sums_among(counts, registers.measures, registers.areas)
    ranges = attack(first.published, groups, first.hidden)
    assert set(first.hidden) <= set(ranges)
    assert all(ranges[cell].width >= 5 for cell in ranges if cell in first.hidden or 0 < every[cell] < 5)


def test_both_releases_still_verify(published: Published) -> None:
    assert problems(published.connection, "2018-19Q4/1", published.folder) == {}
    assert problems(published.connection, "2018-19Q4/2", published.folder) == {}


def test_a_draft_has_it(published: Published) -> None:
    scorecard = draft.read(published.connection, QUARTER)
    assert scorecard.line("sanctuary_referrals", COUNTY).value(AVERAGE) == 352.0
