"""Another county, by its registers and contracts alone: from the returns of its partners to a release.

``tests/made_up_county`` has all that is its own: three districts in two partnerships, a police force, a shelter, a
higher threshold of disclosure control. Nothing that it publishes names the county whose registers come with the
software.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile, is_zipfile

import pytest

from sia import geography
from sia.calendar import Quarter, quarters_between
from sia.contract.model import contracts
from sia.feedback.reply import reply_to_return
from sia.local.postgres import Server
from sia.papers.make import board_paper, csp_reports
from sia.release import publishing
from sia.release.candidate import prepare
from sia.release.draft import draft
from sia.release.ledger import Decision
from sia.settings import overridden
from sia.warehouse import database, invariants, migrate
from tests.conftest import Warehouse
from tests.place_names import place_names
from tests.staged import Row
from tests.steps import take
from tests.submissions import query
from tests.workbooks import as_bytes, filled, put

COUNTY = Path(__file__).resolve().parents[1] / "made_up_county"
QUARTER = Quarter.parse("2021-22Q4")
QUARTERS = quarters_between(QUARTER.plus(-2), QUARTER)
APPROVED = Decision("approved", "chair", datetime(2022, 7, 4, 10, tzinfo=UTC), "As agreed by the Board")
KNIVES = {"marlcombe": 30, "high_moor": 12, "fenbridge": 25}
"""Knife crimes a month by the columns of the districts."""
STAYS = {"Marlcombe": 21, "High Moor": 4, "Fenbridge": 18}
"""Stays a quarter; fewer than ten may not be shown in Loamshire."""


@dataclass(frozen=True)
class Published:
    """What the county has published: the lines of its draft, its release, and the files of that and of its papers."""

    warehouse: Warehouse
    draft: dict[tuple[str, str], dict[str, str]]
    release: dict[str, Any]
    releases: Path
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def names_of_project() -> re.Pattern[str]:
    """The places of the registers and contracts that come with the software, before any test changes the settings."""
    return place_names()


@pytest.fixture(scope="module")
def county(
    server: Server, names_of_project: re.Pattern[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Published]:
    """The county's warehouse, which never knew another county, and what it published."""
    state = tmp_path_factory.mktemp("county")
    url = server.ensure_database("made_up_county")
    with (
        overridden(contracts=COUNTY / "contracts", registers=COUNTY / "registers", state=state, warehouse_url=url),
        database.connection() as connection,
    ):
        migrate.migrate(connection)
        for quarter in QUARTERS:
            for return_name, rows in (("constabulary_counts", _counts(quarter)), ("shelter", _stays(quarter))):
                book = filled(return_name, rows, quarter=quarter.key)
                put(state / "inbox", "return.xlsx", as_bytes(book), return_name=return_name, quarter=quarter.key)
                assert [outcome["status"] for outcome in take(return_name, quarter.key)] == ["accepted"]
                assert reply_to_return(connection, return_name, quarter.key) == 1
        drafted = draft(connection, QUARTER, state / "drafts")
        candidate = prepare(connection, QUARTER, state / "candidate")
        release = publishing.publish(connection, candidate["candidate"], APPROVED, state / "releases")
        csp_reports(QUARTER, state / "releases", state / "papers")
        board_paper(QUARTER, state / "releases", state / "papers")
        with drafted.data.open(encoding="utf-8", newline="") as file:
            lines = {(row["measure_id"], row["area_code"]): row for row in csv.DictReader(file)}
        files = {
            path.name: path.read_bytes()
            for folder in (Path(release["folder"]), state / "candidate", state / "papers")
            for path in folder.rglob("*")
            if path.is_file()
        }
        yield Published(Warehouse(url, connection), lines, release | candidate, state / "releases", files)


def _counts(quarter: Quarter) -> dict[str, list[Row]]:
    """Knife crimes of each month, and a third of them detected."""
    rows: list[Row] = []
    for month in quarter.months:
        for measure, share in (("Knife crime", 1), ("Knife crime: detected", 3)):
            counts = {column: number // share for column, number in KNIVES.items()}
            cells = {column: str(number) for column, number in counts.items()}
            rows.append({"month": month, "measure": measure, **cells, "loamshire": str(sum(counts.values()))})
    return {"counts": rows}


def _stays(quarter: Quarter) -> dict[str, list[Row]]:
    districts = [district for district, number in STAYS.items() for _ in range(number)]
    return {
        "stays": [
            {"stay_reference": f"ST-{n:05d}", "district": district, "began_on": str(quarter.start), "cost": "250.50"}
            for n, district in enumerate(districts)
        ]
    }


def test_the_settings_are_all_that_is_the_county_s(county: Published) -> None:
    assert list(contracts()) == ["constabulary_counts", "shelter"]
    assert [area.code for area in geography.districts()] == ["L11", "L12", "L13"]
    assert {path.suffix for path in COUNTY.rglob("*") if path.is_file()} == {".yml", ".csv", ".sql"}


def test_the_warehouse_is_sound_and_has_the_tables_of_its_contracts(county: Published) -> None:
    assert invariants.run(county.warehouse.connection) == []
    facts = (
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'warehouse' AND table_type ="
        " 'BASE TABLE' AND table_name IN ('shelter_stay', 'constabulary_count', 'sanctuary_job') ORDER BY 1"
    )
    assert query(county.warehouse.connection, facts) == [("constabulary_count",), ("shelter_stay",)]


def test_the_draft_adds_up_districts_partnerships_and_county(county: Published) -> None:
    # By hand: 30, 12 and 25 knife crimes a month.
    numbers = {area: county.draft["knife_crime", area]["quarter_number"] for area in ("L01", "L-COAST", "L-MOOR")}
    assert numbers == {"L01": "201", "L-COAST": "90", "L-MOOR": "111"}
    assert county.draft["stays_begun", "L01"]["quarter_number"] == "43"
    assert Decimal(county.draft["average_stay_cost", "L01"]["quarter_figure"]) == Decimal("250.50")


def test_the_release_hides_what_the_county_s_own_policy_hides(county: Published) -> None:
    text = county.files[f"scorecard-{QUARTER.key}.csv"].decode()
    released = {(row["measure_id"], row["area_code"]): row for row in csv.DictReader(io.StringIO(text))}
    assert released["knife_crime", "L-MOOR"]["quarter_number"] == "111"
    assert released["stays_begun", "L12"]["quarter_number"] == "[c]"
    assert "[c]" in {released["stays_begun", area]["quarter_number"] for area in ("L11", "L13")}
    assert county.release["suppressed"] > 0


def test_what_was_approved_is_published_and_verifies(county: Published) -> None:
    assert county.release["release"] == f"{QUARTER.key}/1"
    _, checked = publishing.verify(county.warehouse.connection, county.release["release"], county.releases)
    assert {check.file: check.problem for check in checked if check.problem} == {}
    ledger = query(county.warehouse.connection, "SELECT decided_by, remark FROM release.ledger")
    assert ledger == [(APPROVED.decided_by, APPROVED.remark)]


def test_no_text_names_another_county(county: Published, names_of_project: re.Pattern[str]) -> None:
    texts = dict(_texts(county.files))
    assert len(texts) > len(county.files)
    letters = query(
        county.warehouse.connection, "SELECT letter_id::text, subject || plain || html FROM feedback.letter"
    )
    assert len(letters) == 2 * len(QUARTERS)
    matches = {
        name: sorted({match.group() for match in names_of_project.finditer(text)})
        for name, text in (texts | dict(letters)).items()
    }
    assert {name: names for name, names in matches.items() if names} == {}


def test_its_page_names_the_county_and_its_owner(county: Published) -> None:
    page = county.files[f"scorecard-{QUARTER.key}.html"].decode()
    for name in ("Loamshire Community Safety Board", "Coast partnership", "Moor and Fen partnership", "Fenbridge"):
        assert name in page


def _texts(files: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """The text of each file, and of each part of a workbook."""
    for name, content in files.items():
        if is_zipfile(io.BytesIO(content)):
            with ZipFile(io.BytesIO(content)) as package:
                yield from (
                    (f"{name}/{part}", package.read(part).decode("utf-8", "replace")) for part in package.namelist()
                )
        elif name.endswith(".json"):
            yield name, json.dumps(json.loads(content), ensure_ascii=False)
        else:
            yield name, content.decode()
