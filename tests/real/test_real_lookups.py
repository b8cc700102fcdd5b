"""The real lookup of areas, and the districts of real crimes of both vintages.

The expected numbers are independent of the pipeline: the ONS's (407 areas of 2011 in Oxfordshire became 428), and
counted from the files by a plain reading with the csv module.
"""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sia.warehouse import invariants
from tests import steps
from tests.conftest import Warehouse

OXFORDSHIRE = {f"E0700017{n}" for n in (7, 8, 9)} | {"E07000180", "E07000181"}


def lookup(shared_data: Path, name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(shared_data / "lookups" / "lsoa-lookups.zip") as package:
        return list(csv.DictReader(io.StringIO(package.read(f"{name}.csv").decode("utf-8-sig"))))


def take(name: str, quarter: str, file: Path, state: Path) -> dict[str, Any]:
    place = state / "inbox" / name / quarter
    place.mkdir(parents=True)
    shutil.copy(file, place)
    (outcome,) = steps.take(name, quarter)
    return outcome


@pytest.mark.slow
def test_407_areas_became_428_and_every_crime_is_in_its_area_s_district(
    warehouse: Warehouse, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    with zipfile.ZipFile(shared_data / "lookups" / "lsoa-lookups.zip") as package:
        file = Path(package.extract("lookup_lsoa11_lsoa21_ltla22.csv", tmp_path))
    outcome = take("lsoa_lookup", "2022-23Q3", file, tmp_path)
    assert (outcome["status"], outcome["warnings"], outcome["rows_loaded"]) == ("accepted", 0, 35_795)
    ours = [row for row in lookup(shared_data, file.stem) if row["ltla22_code"] in OXFORDSHIRE]
    with warehouse.connection, warehouse.connection.cursor() as cursor:
        cursor.execute(
            "SELECT lsoa_vintage, count(*) FROM marts.lsoa WHERE area_code <> 'ELSEWHERE' GROUP BY 1 ORDER BY 1"
        )
        assert cursor.fetchall() == [(2011, 407), (2021, 428)]
        cursor.execute(
            "SELECT upper(left(change, 1)), count(*) FROM warehouse.lsoa_change_today"
            " WHERE area_code <> 'ELSEWHERE' GROUP BY 1"
        )
        assert dict(cursor.fetchall()) == Counter(row["change_code"] for row in ours) == {"U": 386, "S": 41, "M": 2}

    for quarter, years in (("2018-19Q4", "2018-19"), ("2025-26Q1", "2025")):
        archive = shared_data / "police" / f"thames-valley-{years}.zip"
        assert take("tvp_crime", quarter, archive, tmp_path)["status"] == "accepted"
    assert [broken.check for broken in invariants.run(warehouse.connection)] == []
    with warehouse.connection, warehouse.connection.cursor() as cursor:
        # Nor does the check pass because it finds nothing to compare.
        cursor.execute(
            "SELECT count(*) FILTER (WHERE l.lsoa_code IS NOT NULL) > 0.99 * count(*), count(*) > 140000"
            " FROM (SELECT lsoa_code FROM warehouse.street_crime WHERE lsoa_code IS NOT NULL) AS c"
            " LEFT JOIN (SELECT DISTINCT lsoa_code FROM marts.lsoa) AS l USING (lsoa_code)"
        )
        assert cursor.fetchone() == (True, True)


@pytest.mark.slow
def test_the_other_lookups_agree_except_for_one_best_fit(shared_data: Path) -> None:
    """Why we use the exact fit: the lookup by ward puts an area of West Northamptonshire in Cherwell."""
    exact = lookup(shared_data, "lookup_lsoa11_lsoa21_ltla22")
    of_2011 = {r["lsoa11_code"] for r in lookup(shared_data, "lookup_lsoa11_ltla21") if r["ltla21_code"] in OXFORDSHIRE}
    by_ward = {
        r["lsoa21_code"] for r in lookup(shared_data, "lookup_lsoa21_ward24_ltla24") if r["ltla24_code"] in OXFORDSHIRE
    }
    assert of_2011 == {row["lsoa11_code"] for row in exact if row["ltla22_code"] in OXFORDSHIRE}
    assert by_ward - {row["lsoa21_code"] for row in exact if row["ltla22_code"] in OXFORDSHIRE} == {"E01027305"}
