"""A received file becomes rows in staging and warnings at the right cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.intake import admit, stage
from sia.warehouse import staging_tables
from tests.broken_files import JOB, TWO_JOBS, as_ods, with_saved_result
from tests.conftest import Warehouse
from tests.staged import findings, status, whole_rows
from tests.workbooks import QUARTER, as_bytes, filled, put, sheet_of

JOBS = contract("sanctuary").table("jobs")


def staged(warehouse: Warehouse, folder: Path, name: str, content: bytes, return_name: str = "sanctuary") -> int:
    put(folder / "inbox", name, content, return_name=return_name)
    (number,) = admit.receive(
        warehouse.connection, contract(return_name), Quarter.parse(QUARTER), folder / "inbox", folder / "landing"
    )
    stage.stage(warehouse.connection, number, folder / "landing")
    return number


def query(warehouse: Warehouse, statement: str) -> list[tuple[Any, ...]]:
    with warehouse.connection, warehouse.connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def test_warnings_are_stored_and_the_return_is_staged(warehouse: Warehouse, tmp_path: Path) -> None:
    book = filled(rows=TWO_JOBS)
    jobs = sheet_of(book, "Jobs")
    jobs["J5"] = "86.50"
    jobs["K4"], jobs["K5"], jobs["L6"] = "Tenant's name", "Agnes Canary", "44 Example Road"
    number = staged(warehouse, tmp_path, "return.xlsx", as_bytes(book))
    assert status(warehouse.connection, number) == "staged"
    stored = [(f.rule_id, f.row, f.column, f.cell) for f in findings(warehouse.connection, number)]
    assert stored == [
        ("INT-HEADING-02", 4, None, "K4"),
        ("INT-HEADING-04", 4, None, "L4"),
        ("INT-NUMBER-01", 5, "works_cost", "J5"),
    ]
    kept = query(
        warehouse, f"SELECT s::text FROM staging.{staging_tables.staging_table(contract('sanctuary'), JOBS, number)} s"
    )
    messages = query(warehouse, "SELECT message FROM quality.finding")
    assert not [text for (text,) in [*kept, *messages] if "Canary" in text or "Example Road" in text]


def test_a_formula_with_its_result_is_read_and_reported(warehouse: Warehouse, tmp_path: Path) -> None:
    number = staged(warehouse, tmp_path, "return.xlsx", with_saved_result())
    (finding,) = findings(warehouse.connection, number)
    assert (finding.rule_id, finding.cell) == ("INT-FORMULA-02", "J5")
    assert query(warehouse, f"SELECT works_cost FROM staging.sanctuary_jobs_{number} WHERE row_number = 5") == [
        ("86.5",)
    ]


def test_a_good_workbook_is_staged_as_text_with_the_rows_of_its_sheets(warehouse: Warehouse, tmp_path: Path) -> None:
    book = filled(rows={"jobs": [JOB, dict.fromkeys(JOB), {**JOB, "works_cost": None}]})
    number = staged(warehouse, tmp_path, "return.xlsx", as_bytes(book))
    assert status(warehouse.connection, number) == "staged"
    assert findings(warehouse.connection, number) == []
    rows = query(
        warehouse,
        "SELECT row_number, job_reference, district, referred_on, secured, works_cost"
        f" FROM staging.sanctuary_jobs_{number}",
    )
    assert rows == [
        (5, "SAN-2021-0042", "Vale of White Horse", "2021-05-31", "Yes", "86.5"),
        (7, "SAN-2021-0042", "Vale of White Horse", "2021-05-31", "Yes", None),
    ]
    typed = query(
        warehouse, f"SELECT works_cost::text, district FROM staging.sanctuary_jobs_{number}_typed WHERE row_number = 5"
    )
    assert typed == [("86.5", "E07000180")]
    files = query(
        warehouse,
        "SELECT table_name, sheet, first_row, last_row, line_offset, columns->>'works_cost'"
        " FROM intake.staged_file ORDER BY 1",
    )
    assert files == [("cameras", "Cameras", 5, 5, 0, None), ("jobs", "Jobs", 5, 7, 0, "J")]
    accounts = query(
        warehouse, "SELECT table_name, rows_read, rows_staged, rows_refused FROM quality.row_reconciliation ORDER BY 1"
    )
    assert accounts == [("cameras", 1, 1, 0), ("jobs", 2, 2, 0)]


def test_staging_again_changes_nothing(warehouse: Warehouse, tmp_path: Path) -> None:
    number = staged(warehouse, tmp_path, "return.xlsx", as_bytes(filled()))
    stage.stage(warehouse.connection, number, tmp_path / "landing")
    assert query(warehouse, f"SELECT count(*) FROM staging.sanctuary_jobs_{number}") == [(1,)]


def test_a_nil_return_is_staged_with_no_rows(warehouse: Warehouse, tmp_path: Path) -> None:
    nothing = filled(rows={"jobs": [], "cameras": []}, nil="Yes")
    number = staged(warehouse, tmp_path, "return.xlsx", as_bytes(nothing))
    assert status(warehouse.connection, number) == "staged"
    assert query(warehouse, "SELECT nil_return FROM intake.submission") == [(True,)]
    assert query(warehouse, "SELECT DISTINCT first_row - last_row FROM intake.staged_file") == [(1,)]


def test_tables_are_found_wherever_they_are(warehouse: Warehouse, tmp_path: Path) -> None:
    book = filled()
    jobs = sheet_of(book, "Jobs")
    jobs.insert_rows(1, 3)
    jobs.title = "Our jobs"
    book.move_sheet("Cover", 3)
    number = staged(warehouse, tmp_path, "return.xlsx", as_bytes(book))
    assert status(warehouse.connection, number) == "staged"
    assert query(warehouse, "SELECT sheet, first_row FROM intake.staged_file WHERE table_name = 'jobs'") == [
        ("Our jobs", 8)
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_csv_file_of_any_program_is_staged_by_line(
    warehouse: Warehouse, tmp_path: Path, encoding: str, newline: str
) -> None:
    table = contract("tvp_counts").tables[0]
    lines = [[column.label for column in table.columns]] + [
        [row[name] or "" for name in table.names] for row in whole_rows("tvp_counts", "counts")
    ]
    lines[2][1] = " Robbery\u00a0"
    lines[0].append("Notes")
    lines[1].append("caf\u00e9")
    content = newline.join(",".join(line) for line in lines).encode(encoding)
    number = staged(warehouse, tmp_path, "counts.csv", content, "tvp_counts")
    assert status(warehouse.connection, number) == "staged"
    rows = query(warehouse, f"SELECT row_number, month, measure FROM staging.tvp_counts_counts_{number} ORDER BY 1")
    assert len(rows) == len(lines) - 1
    assert rows[:3] == [(2, "2021-04", "Robbery"), (3, "2021-05", "Robbery"), (4, "2021-06", "Robbery")]
    (finding,) = findings(warehouse.connection, number)
    assert (finding.rule_id, finding.sheet, finding.row, finding.cell) == ("INT-HEADING-02", "tvp_counts.csv", 1, None)


def test_an_ods_file_is_staged_like_a_workbook(warehouse: Warehouse, tmp_path: Path) -> None:
    book = filled(rows=TWO_JOBS)
    put(tmp_path / "inbox", "1.xlsx", as_bytes(book), "received-2021-07-01")
    put(tmp_path / "inbox", "2.ods", as_ods(book), "received-2021-07-02")
    numbers = admit.receive(
        warehouse.connection, contract("sanctuary"), Quarter.parse(QUARTER), tmp_path / "inbox", tmp_path / "landing"
    )
    for number in numbers:
        stage.stage(warehouse.connection, number, tmp_path / "landing")
    as_xlsx, as_opendocument = (
        query(warehouse, f"SELECT * FROM staging.sanctuary_jobs_{number}") for number in numbers
    )
    assert as_xlsx == as_opendocument
    assert len(as_xlsx) == 2
