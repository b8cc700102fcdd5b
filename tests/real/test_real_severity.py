"""The real Crime Severity Scores of England's authorities in 2022/23, compared with what the file's own notes say."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests import steps
from tests.conftest import Warehouse


def test_scores_of_our_districts_and_of_merged_councils(
    warehouse: Warehouse, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """300 rows of 293 authorities, of which four have several; 15 rows without a score."""
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    place = tmp_path / "inbox" / "crime_severity" / "2022-23Q4"
    place.mkdir(parents=True)
    shutil.copy(shared_data / "severity" / "england_crime_severity_2022_23.csv", place)
    (outcome,) = steps.take("crime_severity", "2022-23Q4")
    assert (outcome["status"], outcome["rows_loaded"]) == ("accepted", 300)
    with warehouse.connection, warehouse.connection.cursor() as cursor:
        cursor.execute("SELECT area_name, round(score, 3)::text FROM marts.crime_severity ORDER BY area_code")
        assert cursor.fetchall() == [
            ("Cherwell", "11.411"), ("Oxford", "15.983"), ("South Oxfordshire", "7.350"),
            ("Vale of White Horse", "8.004"), ("West Oxfordshire", "8.509"),
        ]  # fmt: skip
        cursor.execute(
            "SELECT count(*), count(DISTINCT authority_code), count(missing_reason) FROM"
            " warehouse.crime_severity_score_today"
        )
        assert cursor.fetchall() == [(300, 293, 15)]
        cursor.execute(
            "SELECT authority_code FROM warehouse.crime_severity_score_today GROUP BY 1 HAVING count(*) > 1 ORDER BY 1"
        )
        assert [code for (code,) in cursor.fetchall()] == ["E06000058", "E06000061", "E06000063", "E06000064"]
