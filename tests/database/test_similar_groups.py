"""A list of most similar groups from the unit: ingested like a published table, and compared like neighbours."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from psycopg2.extensions import connection as Connection

from sia.calendar import Quarter
from sia.paths import PROJECT
from sia.presentation.scorecard_page import page
from sia.release import scorecard_inputs
from sia.scorecard.peers import PeerComparison, PeerList, PeerListKind, PeerTable
from tests import publications
from tests.conftest import Warehouse
from tests.database.test_published_tables import DECEMBER_2024, LOOKUP, NEIGHBOURS, ask, ingest_file
from tests.staged import findings, status
from tests.unit.presentation import synthetic

WEST, SWINDON, WILTSHIRE = ("E22000315", "West Oxfordshire"), ("E22000350", "Swindon"), ("E22000361", "Wiltshire")
CHERWELL, OXFORD, NOWHERE = ("E22000305", "Cherwell"), ("E22000308", "Oxford"), ("E22000999", "Nowhere")
SOUTH, VALE = ("E22000312", "South Oxfordshire"), ("E22000313", "Vale of White Horse")
GROUPS = {
    # In some lists an area is in its own group. One partnership here has no figures.
    "Cherwell": (WEST, SWINDON, CHERWELL, NOWHERE),
    "Oxford": (SWINDON, WILTSHIRE, CHERWELL),
    "South Oxfordshire": (VALE, WEST),
    "Vale of White Horse": (SOUTH, OXFORD, WEST),
}
ROWS = [(area, place, *partnership) for area, group in GROUPS.items() for place, partnership in enumerate(group, 1)]
NEAREST = PeerList(PeerListKind.NEAREST_NEIGHBOURS)
SUPPLIED = PeerList(PeerListKind.MOST_SIMILAR_GROUP, "Home Office", 2024)


@pytest.fixture(scope="module")
def warehouse_with_list(warehouse_of_module: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Connection:
    """A warehouse with synthetic crime and neighbours from 5 January, and a list of similar groups from 2 February."""
    connection, folder = warehouse_of_module.connection, tmp_path_factory.mktemp("similar")
    for content, return_name, quarter, name, day in (
        (publications.csp_crime(), "csp_crime", DECEMBER_2024, "csp.xlsx", "2026-01-05"),
        (publications.nearest_neighbours(NEIGHBOURS), "nearest_neighbours", "2025-26Q3", "near.xlsx", "2026-01-05"),
        (publications.lookup(LOOKUP), "csp_lookup", DECEMBER_2024, "lookup.csv", "2026-01-05"),
        (publications.similar_groups(ROWS), "similar_groups", DECEMBER_2024, "list.csv", "2026-02-02"),
    ):
        number = ingest_file(connection, folder, content, return_name, quarter, name, day)
        assert (status(connection, number), findings(connection, number)) == ("accepted", [])
    return connection


def test_partnerships_are_compared_with_their_most_similar_group(warehouse_with_list: Connection) -> None:
    rows = ask(
        warehouse_with_list,
        "SELECT area_code, list_made_by, list_year, peers_listed, peers, peers_higher, round(rate_per_1000, 4),"
        " round(peers_lowest_per_1000, 4), round(peers_median_per_1000, 4), round(peers_highest_per_1000, 4),"
        " round(peers_rate_per_1000, 4), england_and_wales_per_1000 FROM marts.peer_comparison_known_at('infinity')"
        " WHERE comparison = 'most_similar_group' AND offence = 'robbery' AND peers > 0 ORDER BY area_code",
    )
    # Per thousand, worked out by hand: Swindon 3 (600 in 200,000), Wiltshire 3 (300 in 100,000), West Oxfordshire 2,
    # Cherwell 2.5, Oxford 5. No area is in its own group. South and Vale has the groups of both, without either.
    assert [(*row[:6], *map(float, row[6:])) for row in rows] == [
        ("CSP-CHERWELL", "Home Office", 2024, 3, 2, 1, 2.5, 2.0, 2.5, 3.0, round(820 / 310, 4), 50.0),
        ("CSP-OXFORD", "Home Office", 2024, 3, 3, 0, 5.0, 2.5, 3.0, 3.0, round(1300 / 460, 4), 50.0),
        ("CSP-SOUTH-VALE", "Home Office", 2024, 2, 2, 2, 1.3103, 2.0, 3.5, 5.0, round(1020 / 270, 4), 50.0),
    ]


def test_the_scorecard_shows_the_list_from_the_day_of_its_receipt(warehouse_with_list: Connection) -> None:
    quarter = Quarter.parse(DECEMBER_2024)
    warehouse_with_list.rollback()
    without_list, with_list = (
        scorecard_inputs.read(warehouse_with_list, quarter, day).peers for day in ("2026-02-01", "2026-02-03")
    )
    assert [table.peers for table in without_list] == [NEAREST]
    assert [table.peers for table in with_list] == [NEAREST, SUPPLIED]
    assert with_list[0] == without_list[0]
    oxford = robbery_in_oxford(with_list[1])
    assert (oxford.compared, oxford.median, oxford.higher) == (3, 3.0, 0)
    assert robbery_in_oxford(with_list[0]).median == 2.75
    document = html.fromstring(page(replace(synthetic.scorecard(), peers=with_list)))
    assert document.xpath("//h2[@id='similar']/text()") == ["Most similar group (list supplied by Home Office, 2024)"]


def test_disclosure_control_knows_what_the_ons_has_published_of_our_districts(warehouse_with_list: Connection) -> None:
    quarter = Quarter.parse(DECEMBER_2024)
    warehouse_with_list.rollback()
    before, after = (
        scorecard_inputs.read(warehouse_with_list, quarter, day).elsewhere for day in ("2026-01-04", "2026-01-06")
    )
    assert before == []
    assert [
        (row.area_code, row.year_to.year, row.year_to.month, row.lowest, row.highest)
        for row in after
        if row.recorded_as == "robbery"
    ] == [
        (row[4], year, 12, number, number)
        for row in publications.CSP_ROWS
        if row[4] in publications.DISTRICTS
        for year, number in ((2023, row[7]), (2024, row[6]))
    ]


def robbery_in_oxford(table: PeerTable) -> PeerComparison:
    (comparison,) = (row for row in table.rows if (row.measure_id, row.area_code) == ("robbery", "CSP-OXFORD"))
    return comparison


def test_the_form_in_the_document_for_analysts_is_accepted_unchanged(warehouse: Warehouse, tmp_path: Path) -> None:
    (form,) = re.findall(r"```csv\n(.+?)```", (PROJECT / "docs" / "analysts.md").read_text(encoding="utf-8"), re.DOTALL)
    number = ingest_file(
        warehouse.connection, tmp_path, form.encode(), "similar_groups", DECEMBER_2024, "similar groups.csv"
    )
    assert (status(warehouse.connection, number), findings(warehouse.connection, number)) == ("accepted", [])


def test_a_workbook_is_accepted_like_a_csv_file(warehouse: Warehouse, tmp_path: Path) -> None:
    content = publications.similar_groups(ROWS, made_by="West Mercia Police", workbook=True)
    number = ingest_file(warehouse.connection, tmp_path, content, "similar_groups", DECEMBER_2024, "list.xlsx")
    assert (status(warehouse.connection, number), findings(warehouse.connection, number)) == ("accepted", [])
    query = "SELECT DISTINCT made_by, list_year FROM warehouse.similar_partnership_today"
    assert ask(warehouse.connection, query) == [("West Mercia Police", 2024)]


def test_a_release_never_shows_a_list_that_came_after_its_snapshot(warehouse: Warehouse, tmp_path: Path) -> None:
    """A later release shows the list, even though its year is after the release's quarter."""
    connection = warehouse.connection
    with connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO release.candidate (quarter_key, known_at) VALUES ('2021-22Q4', '2026-01-20')")
    ingest_file(
        connection, tmp_path, publications.similar_groups(ROWS), "similar_groups", DECEMBER_2024, "a.csv", "2026-01-05"
    )
    query = "SELECT count(*) FROM marts.peers_known_at(%s)"
    assert ask(connection, query, "2026-01-20") == [(0,)]
    assert ask(connection, query, "infinity") != [(0,)]


@pytest.mark.parametrize(
    ("rows", "rule", "place"),
    [
        ([("Cherwell", 1, "E07000181", "West Oxfordshire")], "SIM-PARTNERSHIPS-SIMILAR-CODE-PATTERN", "C4"),
        ([("Wiltshire", 1, *WEST)], "SIM-PARTNERSHIPS-PARTNERSHIP-CHOICE", "A4"),
        ([("Cherwell", None, *WEST)], "SIM-PARTNERSHIPS-PLACE-REQUIRED", "B4"),
        ([("Cherwell", 1, *WEST), ("Cherwell", 2, *WEST)], "SIM-TWICE-01", "C4"),
        ([("Cherwell", 1, *WEST), ("Cherwell", 1, *SWINDON)], "SIM-KEY-01", "A4"),
        # A line without its code is a finding, and is not skipped.
        ([("Cherwell", 1, *WEST), ("Cherwell", 2, None, "Swindon")], "INT-PUBLISHED-06", None),
    ],
)
def test_an_unclear_list_is_refused_with_the_cell(
    warehouse: Warehouse, tmp_path: Path, rows: list[tuple[Any, ...]], rule: str, place: str | None
) -> None:
    content = publications.similar_groups(rows, workbook=True)
    number = ingest_file(warehouse.connection, tmp_path, content, "similar_groups", DECEMBER_2024, "list.xlsx")
    assert status(warehouse.connection, number) == "refused"
    assert (rule, place) in {(finding.rule_id, finding.cell) for finding in findings(warehouse.connection, number)}
