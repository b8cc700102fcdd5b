"""The publications as they were published. Golden numbers are read in the publication, whose table each test names."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.intake.identify import Details, identify
from sia.intake.readers import return_file
from sia.warehouse import invariants
from tests.conftest import SHARED_DATA, Warehouse
from tests.database.test_published_tables import ask, ingest_file
from tests.staged import findings, status

pytestmark = pytest.mark.skipif(
    not SHARED_DATA.is_dir(), reason="the public files (../shared/data) are not on this machine"
)

CRIME = SHARED_DATA / "csp" / "policeforceareatablesyedecember2024.xlsx"
NEIGHBOURS = SHARED_DATA / "similar_areas" / "localauthoritynearestneighboursengland.xlsx"
LOOKUP = SHARED_DATA / "lookups" / "lookup_ltla24_csp24_pfa24.csv"
SERIES = SHARED_DATA / "population" / "regionalpopulation.csv"
FIRST_2021 = SHARED_DATA / "population" / "ukpopestimatesmid2021on2021geographyfinal.xls"
TAKEN = {
    CRIME: ("csp_crime", "2024-25Q3"),
    NEIGHBOURS: ("nearest_neighbours", "2025-26Q3"),
    LOOKUP: ("csp_lookup", "2024-25Q3"),
    SERIES: ("population_midyear", "2023-24Q1"),
    FIRST_2021: ("population_midyear", "2021-22Q1"),
    SHARED_DATA / "homelessness" / "DetailedLA_201912.xlsx": ("homelessness", "2019-20Q3"),
    SHARED_DATA / "homelessness" / "Detailed_LA_202412.xlsx": ("homelessness", "2024-25Q3"),
}


@pytest.fixture(scope="module")
def published(warehouse_of_module: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Connection:
    """A warehouse with every publication, each through every step."""
    connection, folder = warehouse_of_module.connection, tmp_path_factory.mktemp("real")
    for path, (return_name, quarter) in TAKEN.items():
        number = ingest_file(connection, folder, path.read_bytes(), return_name, quarter, path.name)
        refusing = {finding.rule_id for finding in findings(connection, number)}
        assert status(connection, number) == "accepted", (path.name, refusing)
    return connection


@pytest.mark.parametrize("path", TAKEN, ids=lambda path: path.name)
def test_a_publication_is_identified_and_dated_automatically(path: Path) -> None:
    asked = identify(path, Details())
    assert (asked.contract.name, asked.quarter.key) == TAKEN[path]


def test_nothing_is_lost_and_every_check_holds(published: Connection) -> None:
    assert ask(
        published, "SELECT count(*) FROM quality.row_reconciliation WHERE rows_read <> rows_loaded OR rows_read = 0"
    ) == [(0,)]
    assert {invariant.check for invariant in invariants.run(published)} & {
        "published_rates_recomputed", "published_changes_recomputed", "published_totals_add_up",
        "published_countries_add_up", "population_register_published", "rows_accounted",
    } == set()  # fmt: skip


def test_thames_valley_s_total_is_the_sum_of_its_partnerships_and_unassigned_crimes(published: Connection) -> None:
    # Table C2: 173,288 for the force, 793 of them unassigned.
    # (The check published_totals_add_up adds up every force.)
    rows = ask(
        published,
        "SELECT level, sum(offences) FROM warehouse.csp_crime_number_today WHERE force_name = 'Thames Valley'"
        " AND source_table = 'C2' AND offence = 'all' GROUP BY level ORDER BY level",
    )
    assert rows == [("force", 173_288), ("partnership", 173_288 - 793), ("unassigned", 793)]


def test_south_and_vale_is_the_sum_of_two_partnerships(published: Connection) -> None:
    # Tables C2 and C4: 6,458 of 151,800 and 6,827 of 142,100; P3: 87.92 for England and Wales.
    ((offences, residents, rate, country),) = ask(
        published,
        "SELECT offences, residents, rate_per_1000, england_and_wales_per_1000 FROM marts.peer_comparison"
        " WHERE comparison = 'nearest_neighbours' AND area_code = 'CSP-SOUTH-VALE' AND offence = 'all'",
    )
    assert (offences, residents) == (6_458 + 6_827, 151_800 + 142_100)
    assert float(rate) == pytest.approx(1000 * 13_285 / 293_900)
    assert round(country, 2) == Decimal("87.92")


def test_the_neighbours_of_cherwell(published: Connection) -> None:
    # Table 1 of the nearest neighbours, first fifteen places.
    rows = ask(
        published,
        "SELECT peer_code FROM marts.peers_known_at('infinity')"
        " WHERE comparison = 'nearest_neighbours' AND area_code = 'CSP-CHERWELL' ORDER BY place",
    )
    assert [code for (code,) in rows] == [
        "E07000070", "E06000049", "E07000227", "E06000025", "E06000060", "E06000024", "E06000050", "E06000056",
        "E07000011", "E07000181", "E07000093", "E07000113", "E07000071", "E06000066", "E06000036",
    ]  # fmt: skip
    counts = ask(
        published,
        "SELECT area_code, peers_listed, peers FROM marts.peer_comparison"
        " WHERE comparison = 'nearest_neighbours' AND offence = 'all' ORDER BY area_code",
    )
    assert [(area, listed == compared) for area, listed, compared in counts] == [
        (area, True) for area in ("CSP-CHERWELL", "CSP-OXFORD", "CSP-SOUTH-VALE", "CSP-WEST")
    ]
    # Buckinghamshire is four partnerships there: 11,604 + 4,047 + 4,720 + 11,739 of table C2.
    buckinghamshire = ask(
        published,
        "SELECT partnerships, offences FROM marts.peer_crime_known_at('infinity')"
        " WHERE comparison = 'nearest_neighbours' AND peer_code = 'E06000060' AND area_code = 'CSP-CHERWELL'"
        " AND offence = 'all'",
    )
    assert buckinghamshire == [(4, 32_110)]


def test_the_first_estimate_of_mid_2021_and_the_one_that_replaced_it(published: Connection) -> None:
    # MYE4 of the mid-2021 publication, and the series to mid-2023.
    rows = ask(
        published,
        "SELECT area_name, published_with_mid_year, persons, rates_use_it FROM marts.population_by_publication"
        " WHERE mid_year = 2021 AND area_name IN ('Cherwell', 'Oxford', 'Oxfordshire') ORDER BY 1, 2",
    )
    assert rows == [
        ("Cherwell", 2021, 161_837, False),
        ("Cherwell", 2023, 161_830, True),
        ("Oxford", 2021, 160_021, False),
        ("Oxford", 2023, 160_379, True),
        # The county's own row of each; the register has its districts alone.
        ("Oxfordshire", 2021, 726_530, False),
        ("Oxfordshire", 2023, 726_727, True),
    ]


def test_homelessness_with_its_total(published: Connection) -> None:
    # Tables A2 and A2P, rows of Oxford.
    rows = ask(
        published,
        "SELECT quarter_key, duty, domestic_abuse_households, all_households FROM marts.homelessness_domestic_abuse"
        " WHERE area_name = 'Oxford' AND duty <> 'relief' ORDER BY quarter_key",
    )
    assert rows == [("2019-20Q3", "either", 9, 130), ("2024-25Q3", "prevention", 1, 105)]


# Tables A2, A2P and A2R, rows of Cherwell and Oxford: because of domestic abuse, and all who are owed the duty.
@pytest.mark.parametrize(
    ("name", "quarter", "golden"),
    [
        ("DetailedLA_201912.xlsx", "2019-20Q3", {("homelessness", "Oxford"): (9, 130)}),
        ("DetailedLA_202003.xlsx", "2019-20Q4", {("homelessness", "Cherwell"): (9, 124)}),
        ("DetailedLA_202012.xlsx", "2020-21Q3", {("prevention", "Cherwell"): (6, 33)}),
        ("Detailed_LA_202312.xlsx", "2023-24Q3", {("relief", "Cherwell"): (10, 43), ("relief", "Oxford"): (22, 144)}),
        ("Detailed_LA_202412.xlsx", "2024-25Q3", {("relief", "Cherwell"): (16, 61)}),
    ],
)  # fmt: skip
def test_domestic_abuse_as_a_reason_in_every_layout(
    name: str, quarter: str, golden: dict[tuple[str, str], tuple[int, int]]
) -> None:
    with (SHARED_DATA / "homelessness" / name).open("rb") as file:
        parts, faults = return_file.read(file, name, contract("homelessness"), Quarter.parse(quarter))
    assert faults == []
    by_area: dict[tuple[Any, ...], Any] = {}
    for part in parts:
        for _, texts in part.rows:
            row = dict(zip(part.columns, texts, strict=True))
            by_area[row["duty"], row["authority_name"], row["reason"]] = row["households"]
    for (duty, authority), (abuse, everybody) in golden.items():
        assert int(by_area[duty, authority, "Domestic abuse"]) == abuse
        assert int(by_area[duty, authority, "All reasons"]) == everybody


def test_an_ods_file_gives_the_same_as_its_workbook() -> None:
    quarter, agreed = Quarter.parse("2022-23Q4"), contract("homelessness")
    read = [
        return_file.read(io.BytesIO((SHARED_DATA / "homelessness" / name).read_bytes()), name, agreed, quarter)
        for name in ("Detailed_LA_202303.ods", "Detailed_LA_202303.xlsx")
    ]
    assert read[0] == read[1]
    assert read[0][1] == []
    assert sum(len(part.rows) for part in read[0][0]) == 1284
