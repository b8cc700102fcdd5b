"""A workbook in, findings at the right cells out: one workbook for each kind of fault, made here."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from openpyxl import Workbook

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.intake import admit, stage
from sia.warehouse import staging_tables
from tests.conftest import Warehouse
from tests.staged import Row, findings, good_rows, status
from tests.workbooks import QUARTER, as_bytes, filled, put, sheet_of

JOBS = contract("sanctuary").table("jobs")
JOB = good_rows("sanctuary", "jobs")[0]
TWO_JOBS = {"jobs": [JOB, {**JOB, "job_reference": "SAN-2021-0043"}]}


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


def formula(book: Workbook) -> None:
    sheet_of(book, "Jobs")["J5"] = "=80+6.5"


def merged(book: Workbook) -> None:
    sheet_of(book, "Jobs").merge_cells("B5:B6")


def merged_from_headings(book: Workbook) -> None:
    sheet_of(book, "Jobs").merge_cells("J3:J5")


def hidden_row(book: Workbook) -> None:
    sheet_of(book, "Jobs").row_dimensions[6].hidden = True


def hidden_column(book: Workbook) -> None:
    sheet_of(book, "Jobs").column_dimensions["C"].hidden = True


def hidden_sheet(book: Workbook) -> None:
    sheet_of(book, "Cameras").sheet_state = "hidden"


def error_value(book: Workbook) -> None:
    sheet_of(book, "Jobs")["J6"] = "#DIV/0!"


def total_row(book: Workbook) -> None:
    sheet_of(book, "Jobs").append([None, "Total", None, None, None, None, None, None, None, 173])


def renamed_column(book: Workbook) -> None:
    sheet_of(book, "Jobs")["J4"] = "Cost (net)"


def column_twice(book: Workbook) -> None:
    sheet_of(book, "Jobs")["K4"] = "District"


def sheet_gone(book: Workbook) -> None:
    del book["Cameras"]


def tag_gone(book: Workbook) -> None:
    sheet_of(book, "Cameras")["A3"] = None


def sheet_twice(book: Workbook) -> None:
    book.copy_worksheet(sheet_of(book, "Jobs"))


def headings_gone(book: Workbook) -> None:
    sheet_of(book, "Jobs").insert_rows(4)


Place = tuple[str, str | None, int | None, str | None, str | None]

FAULTS: list[tuple[Callable[[Workbook], None], list[Place]]] = [
    (formula, [("INT-FORMULA-01", "Jobs", 5, "works_cost", "J5")]),
    (merged, [("INT-MERGED-01", "Jobs", 5, "district", "B5")]),
    (hidden_row, [("INT-HIDDEN-01", "Jobs", 6, None, "A6")]),
    (hidden_column, [("INT-HIDDEN-02", "Jobs", 4, "referred_on", "C4")]),
    (hidden_sheet, [("INT-SHEET-03", "Cameras", None, None, None)]),
    (error_value, [("INT-ERROR-01", "Jobs", 6, "works_cost", "J6")]),
    (total_row, [("INT-TOTAL-01", "Jobs", 7, "district", "B7")]),
    (renamed_column, [("INT-HEADING-01", "Jobs", 4, "works_cost", "J4")]),
    (column_twice, [("INT-HEADING-03", "Jobs", 4, "district", "K4")]),
    (sheet_gone, [("INT-SHEET-01", "Cameras", None, None, None)]),
    (tag_gone, [("INT-SHEET-01", "Cameras", None, None, None)]),
    (sheet_twice, [("INT-SHEET-02", "Jobs", None, None, None)]),
    (headings_gone, [("INT-HEADING-05", "Jobs", 4, None, None)]),
    (merged_from_headings, [("INT-HEADING-01", "Jobs", 4, "works_cost", "J4")]),
]


@pytest.mark.parametrize(("break_it", "expected"), FAULTS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_workbook_that_hides_something_is_refused_at_the_cell(
    warehouse: Warehouse, tmp_path: Path, break_it: Callable[[Workbook], None], expected: list[Place]
) -> None:
    book = filled(rows=TWO_JOBS)
    break_it(book)
    number = staged(warehouse, tmp_path, "return.xlsx", as_bytes(book))
    assert status(warehouse.connection, number) == "refused"
    found = [(f.rule_id, f.sheet, f.row, f.column, f.cell) for f in findings(warehouse.connection, number)]
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert query(warehouse, "SELECT 1 FROM pg_tables WHERE schemaname = 'staging' AND tablename ~ '_[0-9]+$'") == []
    assert query(warehouse, "SELECT 1 FROM intake.staged_file") == []
    accounts = query(warehouse, "SELECT rows_staged, rows_refused = rows_read FROM quality.row_reconciliation")
    assert accounts == [(0, True), (0, True)]


def test_warnings_are_stored_and_the_return_goes_on(warehouse: Warehouse, tmp_path: Path) -> None:
    book = filled(rows=TWO_JOBS)
    jobs = sheet_of(book, "Jobs")
    jobs["J5"] = "86.50"
    jobs["K4"], jobs["K5"], jobs["L6"] = "Tenant's name", "Agnes Canary", "44 Example Road"
    number = staged(warehouse, tmp_path, "return.xlsx", as_bytes(book))
    assert status(warehouse.connection, number) == "staged"
    found = [(f.rule_id, f.row, f.column, f.cell) for f in findings(warehouse.connection, number)]
    assert found == [
        ("INT-HEADING-02", 4, None, "K4"),
        ("INT-HEADING-04", 4, None, "L4"),
        ("INT-NUMBER-01", 5, "works_cost", "J5"),
    ]
    kept = query(
        warehouse, f"SELECT s::text FROM staging.{staging_tables.staging_table(contract('sanctuary'), JOBS, number)} s"
    )
    said = query(warehouse, "SELECT message FROM quality.finding")
    assert not [text for (text,) in [*kept, *said] if "Canary" in text or "Example Road" in text]


def with_saved_result(content: bytes) -> bytes:
    """The workbook as a spreadsheet program leaves it: openpyxl writes a formula without its result."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            member = old.read(name)
            if b"<f>80+6.5</f>" in member:
                member = member.replace(b"<f>80+6.5</f><v></v>", b"<f>80+6.5</f><v>86.5</v>").replace(
                    b"<f>80+6.5</f><v />", b"<f>80+6.5</f><v>86.5</v>"
                )
                assert b"<v>86.5</v>" in member
            new.writestr(name, member)
    return buffer.getvalue()


def test_a_formula_with_its_result_is_read_and_reported(warehouse: Warehouse, tmp_path: Path) -> None:
    book = filled(rows=TWO_JOBS)
    formula(book)
    number = staged(warehouse, tmp_path, "return.xlsx", with_saved_result(as_bytes(book)))
    (found,) = findings(warehouse.connection, number)
    assert (found.rule_id, found.cell) == ("INT-FORMULA-02", "J5")
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


@pytest.mark.parametrize(
    ("jobs", "nil", "rule"), [([], "No", "INT-NIL-01"), (good_rows("sanctuary", "jobs"), "Yes", "INT-NIL-02")]
)
def test_no_rows_are_nothing_only_where_the_sender_says_so(
    warehouse: Warehouse, tmp_path: Path, jobs: list[Row], nil: str, rule: str
) -> None:
    book = filled(rows={"jobs": jobs, "cameras": []}, nil=nil)
    number = staged(warehouse, tmp_path, "return.xlsx", as_bytes(book))
    assert status(warehouse.connection, number) == "refused"
    assert query(warehouse, "SELECT rule_id FROM quality.finding") == [(rule,)]


def test_tables_are_found_wherever_they_stand(warehouse: Warehouse, tmp_path: Path) -> None:
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
def test_a_csv_of_any_program_is_staged_by_line(
    warehouse: Warehouse, tmp_path: Path, encoding: str, newline: str
) -> None:
    table = contract("tvp_counts").tables[0]
    lines = [[column.label for column in table.columns]] + [
        [row[name] or "" for name in table.names] for row in good_rows("tvp_counts", "counts")
    ]
    lines[2][1] = " Robbery\u00a0"
    lines[0].append("Notes")
    lines[1].append("caf\u00e9")
    content = newline.join(",".join(line) for line in lines).encode(encoding)
    number = staged(warehouse, tmp_path, "counts.csv", content, "tvp_counts")
    assert status(warehouse.connection, number) == "staged"
    rows = query(warehouse, f"SELECT row_number, month, measure FROM staging.tvp_counts_counts_{number} ORDER BY 1")
    assert rows == [(2, "2021-04", "Robbery"), (3, "2021-05", "Robbery"), (4, "2021-06", "Robbery")]
    (found,) = findings(warehouse.connection, number)
    assert (found.rule_id, found.sheet, found.row, found.cell) == ("INT-HEADING-02", "tvp_counts.csv", 1, None)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,b\n1,2\n", ("INT-TEMPLATE-04", 1)),
        (b"Month;Measure;Cherwell;Oxford\n", ("INT-TEMPLATE-04", 1)),
        (b"\n\n", ("INT-TEMPLATE-04", 1)),
        ('"Month"\n'.encode("utf-16"), ("INT-TEXT-01", None)),
        (b'Month,Measure\n2021-04,"Robbery\n', ("INT-LINE-01", 2)),
    ],
)
def test_a_csv_that_is_something_else_is_refused_with_one_reason(
    warehouse: Warehouse, tmp_path: Path, content: bytes, expected: tuple[str, int | None]
) -> None:
    number = staged(warehouse, tmp_path, "counts.csv", content, "tvp_counts")
    assert [(f.rule_id, f.row) for f in findings(warehouse.connection, number)] == [expected]
    assert status(warehouse.connection, number) == "refused"


SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def as_ods(book: Workbook) -> bytes:
    """The same workbook as an OpenDocument spreadsheet, every cell as text or number."""

    def cell(value: object) -> str:
        if value is None:
            return "<table:table-cell/>"
        kind = f'office:value-type="float" office:value="{value}"' if isinstance(value, int | float) else ""
        day = getattr(value, "isoformat", None)
        kind = f'office:value-type="date" office:date-value="{day()[:10]}"' if day else kind
        return f"<table:table-cell {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"

    tables = "".join(
        f'<table:table table:name="{sheet.title}">'
        + "".join(
            f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in sheet.iter_rows(values_only=True)
        )
        + "</table:table>"
        for sheet in book.worksheets
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr(
            "content.xml",
            f"<office:document-content {SPACES}><office:body><office:spreadsheet>{tables}</office:spreadsheet>"
            "</office:body></office:document-content>",
        )
    return buffer.getvalue()


def test_an_ods_is_staged_as_the_workbook_is(warehouse: Warehouse, tmp_path: Path) -> None:
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
