"""Published tables go through the same steps as returns: history, rules, facts, and comparisons."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.intake import admit, stage
from sia.quality import validate
from sia.warehouse import invariants
from sia.warehouse.load import load
from tests import publications
from tests.conftest import Warehouse
from tests.staged import findings, status
from tests.workbooks import put

DECEMBER_2024 = "2024-25Q3"


def ingest_file(
    connection: Connection,
    folder: Path,
    content: bytes,
    return_name: str,
    quarter: str,
    name: str = "file.xlsx",
    received: str | None = None,
) -> int:
    """Put a file into the inbox, take it through every step, and return its submission."""
    agreed = contract(return_name)
    days = [f"received-{received}"] if received else []
    put(folder / "inbox", name, content, *days, return_name=return_name, quarter=quarter)
    admit.receive(connection, agreed, Quarter.parse(quarter), folder / "inbox", folder / "landing")
    ((number,),) = ask(connection, "SELECT max(submission_id) FROM intake.submission")
    stage.stage(connection, number, folder / "landing")
    validate.validate(connection, number)
    load(connection, number)
    connection.rollback()
    return int(number)


def ask(connection: Connection, query: str, *parameters: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows = list(cursor.fetchall())
    connection.rollback()
    return rows


LOOKUP = [
    ("E07000177", "Cherwell", "E22000305", "Cherwell"),
    ("E07000178", "Oxford", "E22000308", "Oxford"),
    ("E07000179", "South Oxfordshire", "E22000312", "South Oxfordshire"),
    ("E07000180", "Vale of White Horse", "E22000313", "Vale of White Horse"),
    ("E07000181", "West Oxfordshire", "E22000315", "West Oxfordshire"),
    # An authority with two partnerships, and one that has no figures.
    ("E06000030", "Swindon and Wiltshire", "E22000350", "Swindon"),
    ("E06000030", "Swindon and Wiltshire", "E22000361", "Wiltshire"),
    ("E06000099", "Nowhere", "E22000999", "Nowhere"),
]
NEIGHBOURS = {
    "E07000177": ["E07000181", "E06000030", "E06000099"],
    "E07000178": ["E06000030", "E07000177", "E06000099"],
    "E07000179": ["E07000180", "E06000030", "E07000181"],
    "E07000180": ["E07000179", "E07000178", "E06000030"],
    "E07000181": ["E07000177", "E06000099", "E06000030"],
}


@pytest.fixture(scope="module")
def loaded(warehouse_of_module: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Connection:
    """A warehouse with a synthetic publication of each kind, and a revised population."""
    connection, folder = warehouse_of_module.connection, tmp_path_factory.mktemp("published")
    for content, return_name, quarter, name in (
        (publications.csp_crime(), "csp_crime", DECEMBER_2024, "csp.xlsx"),
        (publications.nearest_neighbours(NEIGHBOURS), "nearest_neighbours", "2025-26Q3", "near.xlsx"),
        (publications.lookup(LOOKUP), "csp_lookup", DECEMBER_2024, "lookup.csv"),
        (publications.population_workbook(), "population_midyear", "2021-22Q1", "mye.xlsx"),
        (publications.population_csv(), "population_midyear", "2023-24Q1", "mye.csv"),
        (publications.homelessness(), "homelessness", "2023-24Q3", "detailed.xlsx"),
        (publications.homelessness("October to December 2019"), "homelessness", "2019-20Q3", "detailed.xlsx"),
    ):
        number = ingest_file(connection, folder, content, return_name, quarter, name, "2026-01-05")
        assert (status(connection, number), findings(connection, number)) == ("accepted", [])
    return connection


def test_every_row_is_accounted_for(loaded: Connection) -> None:
    assert ask(
        loaded, "SELECT count(*) FROM quality.row_reconciliation WHERE rows_read <> rows_loaded OR rows_read = 0"
    ) == [(0,)]
    broken = {invariant.check for invariant in invariants.run(loaded)}
    assert not {name for name in broken if name.startswith(("published_", "population_register", "rows_"))}


def test_a_partnership_is_its_district_and_unassigned_offences_have_no_location(loaded: Connection) -> None:
    rows = ask(
        loaded,
        "SELECT level, area_code, partnership_name, offences FROM warehouse.csp_crime_number_today"
        " WHERE force_code = 'E23000029' AND source_table = 'C2' AND offence = 'robbery' ORDER BY offences DESC",
    )
    assert rows == [
        ("force", "ELSEWHERE", None, 1830),
        ("partnership", "E07000178", "Oxford", 800),
        ("partnership", "E07000177", "Cherwell", 400),
        ("partnership", "E07000181", "West Oxfordshire", 220),
        ("partnership", "E07000179", "South Oxfordshire", 200),
        ("partnership", "E07000180", "Vale of White Horse", 180),
        ("unassigned", "NO-LOCATION", "Unassigned Thames Valley", 30),
    ]


def test_partnerships_are_compared_with_their_nearest_neighbours(loaded: Connection) -> None:
    rows = ask(
        loaded,
        "SELECT area_code, offences, residents, peers_listed, peers, peers_higher,"
        " round(rate_per_1000, 4), round(peers_lowest_per_1000, 4), round(peers_median_per_1000, 4),"
        " round(peers_highest_per_1000, 4), round(peers_rate_per_1000, 4), england_and_wales_per_1000"
        " FROM marts.peer_comparison WHERE comparison = 'nearest_neighbours' AND offence = 'robbery'"
        " AND year_to = '2024-12-01' ORDER BY area_code",
    )
    # By hand: Swindon with Wiltshire 900 of 300,000 is 3 a thousand, West Oxfordshire 2, Cherwell 2.5, Oxford 5;
    # South and Vale together 380 of 290,000, not compared with its own two districts.
    assert [row[:6] for row in rows] == [
        ("CSP-CHERWELL", 400, 160_000, 3, 2, 1),
        ("CSP-OXFORD", 800, 160_000, 3, 2, 0),
        ("CSP-SOUTH-VALE", 380, 290_000, 3, 3, 3),
        ("CSP-WEST", 220, 110_000, 3, 2, 2),
    ]
    rates = {row[0]: tuple(map(float, row[6:])) for row in rows}
    assert rates["CSP-CHERWELL"] == (2.5, 2.0, 2.5, 3.0, round(1000 * 1120 / 410_000, 4), 50.0)
    assert rates["CSP-SOUTH-VALE"] == (1.3103, 2.0, 3.0, 5.0, round(1000 * 1920 / 570_000, 4), 50.0)


def test_a_publication_is_not_compared_before_we_knew_it(loaded: Connection) -> None:
    count = "SELECT count(*) FROM marts.peer_comparison_known_at(%s) WHERE comparison = 'nearest_neighbours'"
    assert ask(loaded, count, "2026-01-04") == [(0,)]
    assert ask(loaded, count, "2026-01-06") == [(4 * 23,)]


def test_a_mart_compares_the_publications_of_one_year(loaded: Connection) -> None:
    rows = ask(
        loaded,
        "SELECT published_with_mid_year, persons, revised_by_persons, rates_use_it FROM marts.population_by_publication"
        " WHERE area_code = 'E07000177' AND mid_year = 2021 ORDER BY 1",
    )
    # The register has the figure of the series to mid-2023, which the ONS rebased to the 2021 census.
    assert rows == [(2021, 161_837, 0, False), (2023, 161_830, -7, True)]


def test_homelessness_because_of_domestic_abuse(loaded: Connection) -> None:
    rows = ask(
        loaded,
        "SELECT quarter_key, duty, domestic_abuse_households, all_households, round(domestic_abuse_percent, 1)"
        " FROM marts.homelessness_domestic_abuse WHERE area_name = 'Cherwell' ORDER BY 1, 2",
    )
    assert rows == [
        ("2019-20Q3", "either", 10, 43, Decimal("23.3")),
        ("2023-24Q3", "prevention", 10, 43, Decimal("23.3")),
        ("2023-24Q3", "relief", 10, 43, Decimal("23.3")),
    ]
    missing = (
        "SELECT DISTINCT households, missing_reason FROM warehouse.homelessness_duty WHERE authority_name = 'York'"
    )
    assert ask(loaded, missing) == [(None, "not_received")]


def test_crime_severity_counts_a_shared_score_once_and_none_of_several(warehouse: Warehouse, tmp_path: Path) -> None:
    """Two authorities share 9.5; a merged one has two scores and one that is not known; another has none at all."""
    scores = {
        "E07000177": ["11.25"], "E07000178": ["15.5", "9.25"], "E07000179": ["7.5"], "E07000180": ["8"],
        "E07000181": [":"], "E07000240": ["9.5"], "E07000241": ["9.5"], "E06000058": [":", "8.75", ":"],
        "E09000001": [":"], "E06000030": ["11.25"],
    }  # fmt: skip
    connection = warehouse.connection
    number = ingest_file(
        connection, tmp_path, publications.crime_severity(scores), "crime_severity", "2022-23Q4", "severity.csv"
    )
    assert status(connection, number) == "accepted"
    several = "SELECT count(*) FROM quality.finding WHERE submission_id = %s AND rule_id = 'SEV-SEVERAL-01'"
    assert ask(connection, several, number) == [(5,)]
    rows = ask(
        connection,
        "SELECT area_code, score, missing_reason, authorities_that_share_it, lower_scores, scores_compared"
        " FROM marts.crime_severity WHERE year_to = '2023-03-31' ORDER BY area_code",
    )
    # Of the scores 7.5, 8, 9.5 and 11.25.
    assert rows == [
        ("E07000177", Decimal("11.25"), None, 1, 3, 4),
        ("E07000178", None, "several_scores", None, None, None),
        ("E07000179", Decimal("7.5"), None, 0, 0, 4),
        ("E07000180", Decimal(8), None, 0, 1, 4),
        ("E07000181", None, "unavailable", None, None, None),
    ]


def test_a_revised_publication_replaces_the_earlier_one_and_keeps_its_history(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    connection = warehouse.connection
    ingest_file(
        connection, tmp_path, publications.homelessness(oxford=22), "homelessness", "2023-24Q3", "a.xlsx", "2024-05-01"
    )
    ingest_file(
        connection, tmp_path, publications.homelessness(oxford=20), "homelessness", "2023-24Q3", "b.xlsx", "2024-08-01"
    )
    oxford = (
        "SELECT households FROM warehouse.homelessness_duty_known_at(%s)"
        " WHERE authority_name = 'Oxford' AND duty = 'relief' AND reason = 'domestic_abuse'"
    )
    assert ask(connection, oxford, "2024-06-01") == [(22,)]
    assert ask(connection, oxford, "2024-09-01") == [(20,)]


@pytest.mark.parametrize(
    ("rows", "rule", "cell"),
    [
        # Thames Valley's total is one more than its parts: a finding for the total's cell in both sheets of numbers.
        ((("E23000029", "Thames Valley", None, None, None, None, 1831, 1701, 620_000), *publications.CSP_ROWS[1:]),
         "CSP-TOTAL-01", "G6"),
        ((*publications.CSP_ROWS, publications.CSP_ROWS[-1]), "CSP-KEY-01", "B15"),
        ((*publications.CSP_ROWS[:-1], ("E23000038", "Wiltshire", "Wiltshire", "Wiltshire", "E06000054", "Wiltshire",
                                        300, 350, 100_000)), "CSP-NUMBERS-PARTNERSHIP-CODE-PATTERN", "C15"),
    ],
)  # fmt: skip
def test_a_publication_with_contradictions_is_refused_with_the_cell(
    warehouse: Warehouse, tmp_path: Path, rows: tuple[Any, ...], rule: str, cell: str
) -> None:
    connection = warehouse.connection
    number = ingest_file(connection, tmp_path, publications.csp_crime(rows), "csp_crime", DECEMBER_2024)
    assert status(connection, number) == "refused"
    assert (rule, "Table C2", cell) in {(f.rule_id, f.sheet, f.cell) for f in findings(connection, number)}


@pytest.mark.parametrize(
    ("content", "return_name", "quarter", "rule"),
    [
        (publications.csp_crime(), "csp_crime", "2024-25Q2", "INT-PUBLISHED-02"),
        (publications.csp_crime(), "homelessness", DECEMBER_2024, "INT-PUBLISHED-01"),
        (publications.csp_crime(), "sanctuary", DECEMBER_2024, "INT-TEMPLATE-01"),
        (publications.homelessness(), "mediation", "2023-24Q3", "INT-TEMPLATE-01"),
    ],
)
def test_a_publication_is_refused_as_another_return_or_quarter(
    warehouse: Warehouse, tmp_path: Path, content: bytes, return_name: str, quarter: str, rule: str
) -> None:
    number = ingest_file(warehouse.connection, tmp_path, content, return_name, quarter)
    assert status(warehouse.connection, number) == "refused"
    assert [finding.rule_id for finding in findings(warehouse.connection, number)] == [rule]


def test_a_rate_that_does_not_follow_from_its_number_breaks_a_check(warehouse: Warehouse, tmp_path: Path) -> None:
    connection = warehouse.connection
    ingest_file(connection, tmp_path, publications.csp_crime(), "csp_crime", DECEMBER_2024)
    assert not {invariant.check for invariant in invariants.run(connection)} & {
        "published_rates_recomputed",
        "published_changes_recomputed",
    }
    for table, column in (("rate", "rate_per_1000"), ("change", "change_percent")):
        with connection, connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE warehouse.csp_crime_{table} SET {column} = {column} * 1.01"
                " WHERE partnership_name = 'Oxford' AND offence = 'robbery'"
            )
    broken = {invariant.check: invariant.rows for invariant in invariants.run(connection)}
    assert (broken["published_rates_recomputed"], broken["published_changes_recomputed"]) == (1, 1)


def test_a_lost_number_breaks_its_totals_rates_and_changes(warehouse: Warehouse, tmp_path: Path) -> None:
    connection = warehouse.connection
    ingest_file(connection, tmp_path, publications.csp_crime(), "csp_crime", DECEMBER_2024)
    watched = {
        "published_totals_add_up", "published_countries_add_up", "published_rates_recomputed",
        "published_changes_recomputed",
    }  # fmt: skip
    assert not watched & {invariant.check for invariant in invariants.run(connection)}
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM warehouse.csp_crime_number WHERE offence = 'robbery' AND year_to = '2024-12-01'"
            " AND coalesce(partnership_name, force_name) IN ('Oxford', 'British Transport Police')"
        )
    broken = {invariant.check: invariant.rows for invariant in invariants.run(connection)}
    # Oxford has a rate and a change. The British Transport Police has no published rate.
    assert {name: broken.get(name) for name in sorted(watched)} == {
        "published_changes_recomputed": 2,
        "published_countries_add_up": 1,
        "published_rates_recomputed": 1,
        "published_totals_add_up": 1,
    }
