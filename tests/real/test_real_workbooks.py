"""Real files as returns: other files are refused with one reason, and police files are staged line by line."""

from __future__ import annotations

import time
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sia.calendar import Quarter
from sia.contract.model import contract, returns
from sia.finding import Finding
from sia.intake import admit, stage
from tests.conftest import SHARED_DATA, Warehouse
from tests.staged import findings, status
from tests.workbooks import put

QUARTER = Quarter(2021, 4)
FOREIGN = sorted(path for folder in ("workbooks", "homelessness") for path in (SHARED_DATA / folder).glob("*.*"))
ARCHIVES = ["thames-valley-2018-19.zip", "thames-valley-2021-22.zip", "thames-valley-2025.zip"]

pytestmark = pytest.mark.skipif(
    not SHARED_DATA.is_dir(), reason="the public files (../shared/data) are not on this machine"
)


def reasons(path: Path, return_name: str) -> tuple[Finding, ...]:
    agreed = contract(return_name)
    with path.open("rb") as file:
        return admit.inspect(
            file,
            path.name,
            agreed,
            source=next(iter(agreed.senders)),
            quarter=QUARTER,
            received_on=date(2022, 4, 21),
        ).findings


def query(warehouse: Warehouse, statement: str) -> list[tuple[Any, ...]]:
    with warehouse.connection, warehouse.connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


@pytest.mark.parametrize("return_name", returns())
@pytest.mark.parametrize("path", FOREIGN, ids=lambda path: path.name)
def test_a_foreign_workbook_is_refused_within_seconds_with_one_reason(path: Path, return_name: str) -> None:
    before = time.process_time()
    (reason,) = reasons(path, return_name)
    assert time.process_time() - before < 10
    takes_workbooks = path.suffix.lstrip(".") in contract(return_name).formats
    assert reason.rule_id == ("INT-TEMPLATE-01" if takes_workbooks else "INT-FORMAT-01")
    assert reason.refuses
    assert contract(return_name).title in reason.message


def test_nothing_of_a_foreign_workbook_is_loaded(warehouse: Warehouse, tmp_path: Path) -> None:
    assert FOREIGN
    for path in FOREIGN:
        put(tmp_path / "inbox", path.name, path.read_bytes(), quarter=QUARTER.key)
    assert not admit.receive(
        warehouse.connection, contract("sanctuary"), QUARTER, tmp_path / "inbox", tmp_path / "landing"
    )
    assert query(warehouse, "SELECT count(*), min(status), max(status) FROM intake.submission") == [
        (len(FOREIGN), "refused", "refused")
    ]
    assert query(warehouse, "SELECT count(*), count(DISTINCT submission_id) FROM quality.finding") == [
        (len(FOREIGN), len(FOREIGN))
    ]
    for table in (
        "intake.staged_file",
        "quality.row_reconciliation",
        "warehouse.return_version",
        "marts.component_total",
    ):
        assert query(warehouse, f"SELECT count(*) FROM {table}") == [(0,)]
    assert query(warehouse, "SELECT 1 FROM pg_tables WHERE schemaname = 'staging' AND tablename ~ '_[0-9]+$'") == []


def lines(package: zipfile.ZipFile, name: str) -> tuple[int, bool]:
    """An independent count: line ends after the headings' in the file's bytes, and whether they are CRLF."""
    content = package.read(name)
    assert content.endswith(b"\n")
    return content.count(b"\n") - 1, b"\r\n" in content


@pytest.mark.parametrize("name", ARCHIVES)
def test_every_line_of_a_real_archive_is_staged_once(warehouse: Warehouse, tmp_path: Path, name: str) -> None:
    real = SHARED_DATA / "police" / name
    put(tmp_path / "inbox", name, real.read_bytes(), return_name="tvp_crime", quarter=QUARTER.key)
    (number,) = admit.receive(
        warehouse.connection, contract("tvp_crime"), QUARTER, tmp_path / "inbox", tmp_path / "landing"
    )
    stage.stage(warehouse.connection, number, tmp_path / "landing")
    assert status(warehouse.connection, number) == "staged"
    with zipfile.ZipFile(real) as package:
        members = package.namelist()
        counted = {Path(n).name: lines(package, n) for n in sorted(members) if n.endswith("-street.csv")}
    staged = query(warehouse, "SELECT sheet, last_row - first_row + 1 FROM intake.staged_file ORDER BY file_number")
    assert staged == [(sheet, count) for sheet, (count, _) in counted.items()]
    total = sum(count for count, _ in counted.values())
    assert query(warehouse, "SELECT rows_read, rows_staged FROM quality.row_reconciliation") == [(total, total)]
    table = f"staging.tvp_crime_street_{number}"
    assert query(warehouse, f"SELECT count(*), min(row_number), max(row_number) FROM {table}") == [(total, 1, total)]
    assert query(
        warehouse, f"SELECT count(*) FROM {table} WHERE context LIKE '%' || chr(13) OR month <> file_month"
    ) == [(0,)]
    not_taken = [n for n in members if n.endswith("-outcomes.csv")]
    assert [f.rule_id for f in findings(warehouse.connection, number)] == ["INT-ARCHIVE-05"] * bool(not_taken)


def test_the_real_archives_have_both_kinds_of_line_ends() -> None:
    kinds = set()
    for name in ARCHIVES:
        with zipfile.ZipFile(SHARED_DATA / "police" / name) as package:
            kinds |= {lines(package, n)[1] for n in package.namelist() if n.endswith("-street.csv")}
    assert kinds == {True, False}


@pytest.mark.parametrize("name", ["gloucestershire-2021-22.zip", "original-city-of-london.zip"])
def test_another_forces_archive_is_refused_with_one_reason(name: str) -> None:
    (reason,) = reasons(SHARED_DATA / "police" / name, "tvp_crime")
    assert reason.rule_id == "INT-ARCHIVE-02"
