"""Extracts: the marts as CSV and Parquet files, with a manifest that shows whether a file was changed."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
from datetime import datetime, timedelta
from math import isclose
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from psycopg2.extensions import connection as Connection

from sia.calendar import LONDON
from sia.extracts import CHANGES, extract, marts
from sia.warehouse.load import load
from tests.conftest import Warehouse
from tests.database.test_load import job, submit

# Inputs of observations: analysts who need them can query the database.
LEFT_OUT = {
    "marts.component_total",
    "marts.component_total_today",
    "marts.measure_component",
    "marts.measure_component_value",
}


@pytest.fixture(scope="module")
def filled(warehouse_of_module: Warehouse) -> Connection:
    connection = warehouse_of_module.connection
    costs = ["85.33", "86.18", "1.00"]
    load(connection, submit(connection, "2019-04-23", [job(n, cost=cost) for n, cost in enumerate(costs)]))
    return connection


def records(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_mart_is_the_same_in_both_forms_and_in_the_database(filled: Connection, tmp_path: Path) -> None:
    written = {file.name: file.rows for file in extract(filled, tmp_path)}
    assert set(written) == {f"{m.split('.')[1]}.{form}" for m in marts() for form in ("csv", "parquet")}
    for mart in marts():
        name = mart.split(".")[1]
        with filled.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {mart}")
            (rows,) = cursor.fetchone() or (None,)
        as_csv, as_parquet = records(tmp_path / f"{name}.csv"), pq.read_table(tmp_path / f"{name}.parquet").to_pylist()
        assert len(as_csv) == len(as_parquet) == rows == written[f"{name}.csv"]
        for csv_row, parquet_row in zip(as_csv, as_parquet, strict=True):
            assert list(csv_row) == list(parquet_row)
            for column, value in parquet_row.items():
                match value:
                    case None:
                        assert csv_row[column] == ""
                    case bool():
                        assert csv_row[column] == str(value).lower()
                    case float():
                        assert isclose(float(csv_row[column]), value, rel_tol=1e-15)
                    case int() | str():
                        assert csv_row[column] == str(value)


def test_every_mart_and_dimension_is_in_an_extract_or_left_out_on_purpose(filled: Connection) -> None:
    with filled.cursor() as cursor:
        cursor.execute(
            "SELECT relnamespace::regnamespace || '.' || relname FROM pg_class WHERE relkind IN ('r', 'v', 'm')"
            " AND (relnamespace = 'marts'::regnamespace OR oid::regclass::text LIKE 'warehouse.dim\\_%')"
        )
        relations = {name for (name,) in cursor.fetchall()}
    assert relations == marts().keys() | LEFT_OUT
    assert not marts().keys() & LEFT_OUT


def test_the_cost_of_three_jobs_is_exact(filled: Connection, tmp_path: Path) -> None:
    extract(filled, tmp_path)
    costs = [row["numerator"] for row in records(tmp_path / "observation.csv")
             if (row["measure_id"], row["area_code"]) == ("security_works_spend", "E07000180")]  # fmt: skip
    assert costs == ["172.51"]


def test_the_same_warehouse_gives_the_same_bytes(filled: Connection, tmp_path: Path) -> None:
    extract(filled, tmp_path / "once")
    extract(filled, tmp_path / "twice")
    extract(filled, tmp_path / "twice")
    once, twice = ({p.name: p.read_bytes() for p in (tmp_path / name).iterdir()} for name in ("once", "twice"))
    assert once == twice


def test_the_manifest_describes_every_file_and_column(filled: Connection, tmp_path: Path) -> None:
    extract(filled, tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["synthetic"] is True
    assert manifest["newest_return_received_on"] == "2019-04-23"
    assert "not for publication" in manifest["note"]
    for file in manifest["files"]:
        content = (tmp_path / file["name"]).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (file["sha256"], file["size_bytes"])
    assert all(column["description"] for columns in manifest["columns"].values() for column in columns)


def test_the_checksums_are_those_that_sha256sum_reads(filled: Connection, tmp_path: Path) -> None:
    extract(filled, tmp_path)
    sha256sum = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path, capture_output=True, check=False
    )
    assert sha256sum.returncode == 0
    assert len(sha256sum.stdout.splitlines()) == 2 * len(marts()) + 1


def test_changes_since_a_day_are_written_with_the_marts_and_removed_when_nobody_asks_for_them(
    filled: Connection, tmp_path: Path
) -> None:
    today = datetime.now(LONDON).date()
    extract(filled, tmp_path, since=today)
    changes = records(tmp_path / "changes.csv")
    (referrals,) = [
        row for row in changes if (row["measure_id"], row["area_code"]) == ("sanctuary_referrals", "CSP-SOUTH-VALE")
    ]
    assert (referrals["change"], referrals["numerator_before"], referrals["numerator_now"]) == ("new", "", "3")
    assert referrals["receipts"] == "2019-04-23"
    (loaded,) = records(tmp_path / "returns_loaded.csv")
    assert (loaded["return_name"], loaded["starts_on"], loaded["change"]) == ("sanctuary", "2019-01-01", "new")
    assert pq.read_table(tmp_path / "changes.parquet").num_rows == len(changes)
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["changes_since"] == today.isoformat()
    assert all(column["description"] for view in CHANGES for column in manifest["columns"][view])
    assert "  changes.csv\n" in (tmp_path / "SHA256SUMS").read_text(encoding="utf-8")
    extract(filled, tmp_path / "none", since=today + timedelta(days=1))
    assert records(tmp_path / "none" / "changes.csv") == []
    extract(filled, tmp_path)
    assert not [*tmp_path.glob("changes.*"), *tmp_path.glob("returns_loaded.*")]


def test_files_are_read_only_and_nothing_else_is_left(filled: Connection, tmp_path: Path) -> None:
    extract(filled, tmp_path)
    assert all(path.stat().st_mode & 0o222 == 0 for path in tmp_path.iterdir())
    assert len(list(tmp_path.iterdir())) == 2 * len(marts()) + 2


def test_no_text_is_a_formula_in_a_spreadsheet_program(warehouse: Warehouse, tmp_path: Path) -> None:
    formulas = {"=cmd|'/C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1"}
    connection = warehouse.connection
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT area_code FROM warehouse.dim_area WHERE area_type = 'csp' ORDER BY area_code")
        codes = ["E10000025", *(code for (code,) in cursor.fetchall())]
        for code, text in zip(codes, sorted(formulas), strict=True):
            cursor.execute("UPDATE warehouse.dim_area SET area_name = %s WHERE area_code = %s", (text, code))
    load(connection, submit(connection, "2019-04-23", [job(1)]))
    extract(connection, tmp_path)
    names = {row["area_name"] for row in records(tmp_path / "scorecard_wide.csv")}
    assert {f"'{text}" for text in formulas} <= names
    assert not names & formulas
    assert formulas <= set(pq.read_table(tmp_path / "scorecard_wide.parquet")["area_name"].to_pylist())
