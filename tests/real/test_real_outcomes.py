"""The real archive, downloaded over a connection that breaks, to the outcomes of its crimes.

The expected numbers are independent of the pipeline: they were counted from the files by a plain reading with the csv
module, and are counted so again here.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from sia.calendar import Quarter
from sia.data_police_uk import delivery
from sia.storage.folders import inbox_folder
from sia.warehouse import database, invariants
from tests.conftest import Warehouse
from tests.http_server import serving
from tests.steps import take


def rows(archive: bytes, kind: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(archive)) as package:
        return [
            row
            for name in package.namelist()
            if name.endswith(f"-{kind}.csv")
            for row in csv.DictReader(io.StringIO(package.read(name).decode(), newline=""))
        ]


def quarter_of(row: dict[str, str]) -> str:
    year, month = row["Month"].split("-")
    return Quarter((int(year) if int(month) > 3 else int(year) - 1), (int(month) - 4) % 12 // 3 + 1).key


def but_for_the_outcome(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(text for name, text in row.items() if name != "Last outcome category")


def fetched(state: Path) -> dict[str, str]:
    """The quarter under which each return was put into the inbox."""
    with database.connection() as connection:
        delivered = delivery.deliver(connection, inbox_folder(), state / "fetched" / "police")
    return {archive.return_name: archive.quarter_key for archive in delivered}


@pytest.mark.slow
def test_the_real_archive_is_fetched_and_its_outcomes_find_their_crimes(
    warehouse: Warehouse, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = (shared_data / "police" / "thames-valley-2021-22.zip").read_bytes()
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    with serving(archive) as site:
        monkeypatch.setenv("SIA_POLICE_ARCHIVE", site.address)
        site.close_after_bytes = len(archive) // 2
        with pytest.raises(ConnectionError):
            fetched(tmp_path)
        assert fetched(tmp_path) == {"tvp_crime": "2021-22Q4", "tvp_outcomes": "2021-22Q3"}
        assert (site.statuses, site.bytes_sent) == ([200, 206], len(archive))
        for name, quarter in (("tvp_crime", "2021-22Q4"), ("tvp_outcomes", "2021-22Q3")):
            (outcome,) = take(name, quarter)
            assert (outcome["status"], outcome["warnings"]) == ("accepted", 0)
        assert fetched(tmp_path) == {}
    assert {agreed.name for agreed in delivery.brought_returns()} == {"tvp_crime", "tvp_outcomes"}

    crimes = {row["Crime ID"] for row in rows(archive, "street")}
    outcomes = rows(archive, "outcomes")
    assert (len(outcomes), sum(row["Crime ID"] in crimes for row in outcomes)) == (141_014, 54_784)
    by_quarter = Counter((quarter_of(row), row["Crime ID"] in crimes) for row in outcomes)
    with warehouse.connection, warehouse.connection.cursor() as cursor:
        cursor.execute(
            "SELECT quarter_key, offence_code IS NOT NULL, sum(outcomes) FROM marts.outcome_by_offence GROUP BY 1, 2"
        )
        assert {(quarter, is_found): int(number) for quarter, is_found, number in cursor.fetchall()} == by_quarter
        cursor.execute("SELECT sum(value) FROM marts.component_total WHERE component = 'all_outcomes'")
        assert cursor.fetchone() == (141_014,)
    assert [broken.check for broken in invariants.run(warehouse.connection)] == []


@pytest.mark.slow
def test_only_outcomes_differ_in_a_month_that_was_published_again(shared_data: Path) -> None:
    """What a restatement of crimes is about: the files of the same months, published twice."""
    before, after = (
        rows((shared_data / "police" / f"{which}-city-of-london.zip").read_bytes(), "street")
        for which in ("original", "revised")
    )
    assert Counter(map(but_for_the_outcome, before)) == Counter(map(but_for_the_outcome, after))
    assert Counter(row["Last outcome category"] for row in before) != Counter(
        row["Last outcome category"] for row in after
    )
