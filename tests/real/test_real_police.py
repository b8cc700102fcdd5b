"""The real archives of data.police.uk, from the inbox to the observations.

The expected numbers are independent of the pipeline: they were counted from the files by a plain reading with the
csv module, district by LSOA name without its last word, and are counted so again here.
"""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from sia.warehouse import invariants
from tests.conftest import Warehouse
from tests.steps import take

DISTRICTS = {
    "Cherwell": "E07000177",
    "Oxford": "E07000178",
    "South Oxfordshire": "E07000179",
    "Vale of White Horse": "E07000180",
    "West Oxfordshire": "E07000181",
}
# Issue of the unit: all crime and ASB rows, January to March 2022.
WINTER_2022 = {
    "E07000178": 4000,
    "E07000177": 3119,
    "E07000180": 1867,
    "E07000179": 1861,
    "E07000181": 1514,
    "NO-LOCATION": 2074,
    "ELSEWHERE": 33980,
    "CSP-SOUTH-VALE": 1867 + 1861,
    "E10000025": 4000 + 3119 + 1867 + 1861 + 1514,
}


def ingest(
    file: Path, state: Path, monkeypatch: pytest.MonkeyPatch, quarter: str = "2021-22Q4"
) -> list[dict[str, object]]:
    monkeypatch.setenv("SIA_STATE", str(state))
    inbox = state / "inbox" / "tvp_crime" / quarter
    inbox.mkdir(parents=True)
    shutil.copy(file, inbox)
    return take("tvp_crime", quarter)


def counted_plainly(archive: Path, months: tuple[str, ...]) -> Counter[str]:
    """Rows by place, counted without any of the project's code."""
    places: Counter[str] = Counter()
    with zipfile.ZipFile(archive) as opened:
        for name in opened.namelist():
            if name.endswith("-street.csv") and name.split("/")[-1][:7] in months:
                with opened.open(name) as file:
                    for row in csv.DictReader(io.TextIOWrapper(file, "utf-8", newline="")):
                        district = row["LSOA name"].rpartition(" ")[0]
                        places[DISTRICTS.get(district, "ELSEWHERE") if district else "NO-LOCATION"] += 1
    return places


@pytest.mark.slow
def test_the_real_archive_gives_the_numbers_by_district(
    warehouse: Warehouse, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = shared_data / "police" / "thames-valley-2021-22.zip"
    (outcome,) = ingest(archive, tmp_path, monkeypatch)
    assert outcome["status"] == "accepted"
    assert outcome["rows_staged"] == outcome["rows_loaded"] == 134_244
    with warehouse.connection.cursor() as cursor:
        cursor.execute(
            "SELECT area_code, numerator, complete FROM marts.observation"
            " WHERE measure_id = 'street_records' AND quarter_key = '2021-22Q4'"
        )
        answered = {area: (int(count), complete) for area, count, complete in cursor.fetchall()}
        assert {area: answered[area] for area in WINTER_2022} == {area: (n, True) for area, n in WINTER_2022.items()}
        plainly = counted_plainly(archive, ("2022-01", "2022-02", "2022-03"))
        assert {area: answered[area][0] for area in plainly} == plainly
        # Only March 2021 of 2020/21 Q4, April and May of 2021/22 Q1, November and December of Q3 are in the archive.
        cursor.execute(
            "SELECT quarter_key, bool_or(complete) FROM marts.observation"
            " WHERE measure_id = 'street_records' GROUP BY quarter_key ORDER BY quarter_key"
        )
        assert cursor.fetchall() == [
            ("2020-21Q4", False),
            ("2021-22Q1", False),
            ("2021-22Q3", False),
            ("2021-22Q4", True),
        ]
        cursor.execute("SELECT DISTINCT message FROM quality.finding WHERE rule_id = 'INT-ARCHIVE-05'")
        assert "(10 in the archive)" in cursor.fetchone()[0]  # type: ignore[index]
    assert [broken.check for broken in invariants.run(warehouse.connection)] == []


@pytest.mark.slow
def test_equal_rows_of_antisocial_behaviour_all_count(
    warehouse: Warehouse, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = shared_data / "police" / "thames-valley-2018-19.zip"
    ingest(archive, tmp_path, monkeypatch, "2018-19Q4")
    with warehouse.connection.cursor() as cursor:
        # data.police.uk's rows of October 2018 to February 2019 without a Crime ID, counted by a plain reading: 8,776.
        cursor.execute(
            "SELECT count(*), count(crime_id) FROM warehouse.street_crime WHERE offence_code = 'anti_social_behaviour'"
        )
        assert cursor.fetchone() == (8776, 0)
        cursor.execute("SELECT count(*) FROM warehouse.street_crime")
        assert cursor.fetchone() == (75_169,)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gloucestershire-2021-22.zip", "original-city-of-london.zip"])
def test_another_forces_archive_is_refused_and_counts_nowhere(
    name: str, warehouse: Warehouse, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (outcome,) = ingest(shared_data / "police" / name, tmp_path, monkeypatch)
    assert outcome["status"] == "refused"
    with warehouse.connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM warehouse.street_crime), (SELECT count(*) FROM warehouse.return_version)"
        )
        assert cursor.fetchone() == (0, 0)
    assert [broken.check for broken in invariants.run(warehouse.connection)] == []
