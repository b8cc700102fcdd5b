"""Areas of both vintages: splits and merges are kept, and a crime's district agrees with its area code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from sia.warehouse import invariants
from sia.warehouse.load import load
from tests import steps
from tests.conftest import Warehouse
from tests.staged import good_rows, stage_rows

QUARTER = "2022-23Q3"
# Made-up changes of a few areas, with the ONS's own headings, in another order than in the file joined from them.
ONS = """\ufeffLAD22CD,LAD22NM,LSOA11CD,LSOA11NM,CHGIND,LSOA21CD,LSOA21NM,LAD22NMW,ObjectId
E07000178,Oxford,E01028522,Oxford 008A,U,E01028522,Oxford 008A,,1
E07000178,Oxford,E01028513,Oxford 001A,S,E01035700,Oxford 001E,,2
E07000178,Oxford,E01028513,Oxford 001A,S,E01035701,Oxford 001F,,3
E07000177,Cherwell,E01028443,Cherwell 001A,M,E01035702,Cherwell 001F,,4
E07000177,Cherwell,E01028444,Cherwell 001B,M,E01035702,Cherwell 001F,,5
E06000038,Reading,E01016355,Reading 001A,U,E01016355,Reading 001A,,6
E07000179,South Oxfordshire,E01028600,South Oxfordshire 001A,U,E01028600,South Oxfordshire 001A,,7
E07000180,Vale of White Horse,E01028650,Vale of White Horse 001A,U,E01028650,Vale of White Horse 001A,,8
E07000181,West Oxfordshire,E01028700,West Oxfordshire 001A,U,E01028700,West Oxfordshire 001A,,9
"""


def ask(connection: Connection, question: str) -> list[tuple[Any, ...]]:
    with connection, connection.cursor() as cursor:
        cursor.execute(question)
        return list(cursor.fetchall())


def take(content: str, state: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Submit the lookup. Returns its status."""
    monkeypatch.setenv("SIA_STATE", str(state))
    place = state / "inbox" / "lsoa_lookup" / QUARTER
    place.mkdir(parents=True)
    (place / "lookup.csv").write_text(content, encoding="utf-8")
    (outcome,) = steps.take("lsoa_lookup", QUARTER)
    return str(outcome["status"])


def test_both_vintages_and_their_changes_are_kept(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert take(ONS, tmp_path, monkeypatch) == "accepted"
    connection = warehouse.connection
    by_district = "SELECT lsoa_vintage, area_code, count(*) FROM marts.lsoa GROUP BY 1, 2 ORDER BY 1, 2"
    assert ask(connection, by_district) == [
        (2011, "E07000177", 2), (2011, "E07000178", 2), (2011, "E07000179", 1), (2011, "E07000180", 1),
        (2011, "E07000181", 1), (2011, "ELSEWHERE", 1),
        (2021, "E07000177", 1), (2021, "E07000178", 3), (2021, "E07000179", 1), (2021, "E07000180", 1),
        (2021, "E07000181", 1), (2021, "ELSEWHERE", 1),
    ]  # fmt: skip
    split = "SELECT lsoa_2021_name FROM warehouse.lsoa_change_today WHERE lsoa_2011_code = 'E01028513' ORDER BY 1"
    assert ask(connection, split) == [("Oxford 001E",), ("Oxford 001F",)]


def test_a_lookup_with_mixed_up_years_is_refused(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert take(ONS.replace(",S,", ",U,"), tmp_path, monkeypatch) == "refused"
    assert {rule for (rule,) in ask(warehouse.connection, "SELECT rule_id FROM quality.finding")} >= {"LSL-CHANGE-01"}


def test_a_crime_whose_area_code_is_in_another_district_is_found(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = warehouse.connection
    submission_id = stage_rows(connection, "tvp_crime", {"street": good_rows("tvp_crime", "street")})
    ask(
        connection,
        f"UPDATE intake.submission SET status = 'validated' WHERE submission_id = {submission_id} RETURNING 1",
    )
    load(connection, submission_id)
    take(ONS, tmp_path, monkeypatch)
    assert invariants.run(connection) == []
    ask(connection, "UPDATE warehouse.street_crime SET area_code = 'E07000177' WHERE row_number = 1 RETURNING 1")
    assert "lsoa_district" in [broken.check for broken in invariants.run(connection)]
