from __future__ import annotations

import io
import re
import string
import tracemalloc
import warnings
import zipfile
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from sia.intake.readers import xlsx
from sia.intake.readers.cells import CellKind, MergedBlock, SheetCell, SheetContent, clean


def read(book: Workbook) -> SheetContent:
    buffer = io.BytesIO()
    book.save(buffer)
    (sheet,) = xlsx.read(buffer)
    return sheet


def tagged() -> Workbook:
    book = Workbook()
    book.worksheets[0]["A1"] = "#x.y"
    return book


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (12, SheetCell("12", CellKind.NUMBER)),
        (86.5, SheetCell("86.5", CellKind.NUMBER)),
        (0.1 + 0.2, SheetCell("0.3", CellKind.NUMBER)),
        ("12", SheetCell("12")),
        (date(2021, 5, 31), SheetCell("2021-05-31", CellKind.DATE)),
        (datetime(2021, 5, 31, 14, 5), SheetCell("2021-05-31 14:05:00", CellKind.DATE)),  # noqa: DTZ001
        (True, SheetCell("TRUE", CellKind.BOOLEAN)),
        ("#DIV/0!", SheetCell("#DIV/0!", CellKind.ERROR)),
        ("=1+1", SheetCell("", formula=True)),
        (" a\u00a0b ", SheetCell("a b")),
    ],
)
def test_a_cell_is_read_as_what_it_is(value: object, cell: SheetCell) -> None:
    book = tagged()
    book.worksheets[0]["C7"] = value
    row = read(book).rows[-1]
    assert (row.number, row.cells) == (7, {3: cell})


def test_hidden_rows_and_columns_and_merged_cells_are_read() -> None:
    book = tagged()
    sheet = book.worksheets[0]
    for row in range(2, 6):
        sheet.append([row, row, row, row, row])
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions.group("C", "D", hidden=True)
    sheet.merge_cells("A4:B5")
    content = read(book)
    assert [row.number for row in content.rows if row.hidden] == [3]
    assert content.hidden_columns == {3, 4}
    assert content.merged == (MergedBlock(4, 1, 5, 2),)


def test_a_stray_cell_in_the_last_row_costs_nothing() -> None:
    book = tagged()
    book.worksheets[0]["C1048576"] = "x"
    tracemalloc.start()
    try:
        sheet = read(book)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert [row.number for row in sheet.rows] == [1, 1_048_576]


def test_a_sheet_ends_where_spreadsheet_programs_end_it() -> None:
    buffer, far = io.BytesIO(), io.BytesIO()
    tagged().save(buffer)
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(far, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, part.replace(b"</sheetData>", b'<row r="99999999999"/></sheetData>'))
    (sheet,) = xlsx.read_sheets_matching(far, re.compile("Sheet"))
    assert sheet.is_overlong
    assert [row.number for row in sheet.rows] == [1]


def test_a_hidden_sheet_is_read_and_a_sheet_without_a_tag_is_not() -> None:
    book = tagged()
    book.create_sheet("Other").append(["not ours"])
    hidden = book.create_sheet("Jobs")
    hidden.append(["#x.z"])
    hidden.sheet_state = "veryHidden"
    buffer = io.BytesIO()
    book.save(buffer)
    assert [(sheet.name, sheet.hidden) for sheet in xlsx.read(buffer)] == [("Sheet", False), ("Jobs", True)]


def test_no_warning_of_the_library_quotes_a_cell() -> None:
    book = tagged()
    cell = book.worksheets[0]["B2"]
    cell.value = 99_999_999_999
    cell.number_format = "yyyy-mm-dd"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read(book).rows[-1].cells[2].kind is CellKind.ERROR


@pytest.mark.parametrize("stated_size", ["A1", "A1:B2", "A1:XFD1048576"])
def test_a_published_sheet_is_read_in_full_whatever_size_it_states(stated_size: str) -> None:
    book = Workbook()
    for row in range(1, 6):
        book.worksheets[0].append([row, row, row])
    buffer, published = io.BytesIO(), io.BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as package, zipfile.ZipFile(published, "w") as other:
        for name in package.namelist():
            content = package.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert b'<dimension ref="A1:C5"' in content
                content = content.replace(b'ref="A1:C5"', f'ref="{stated_size}"'.encode())
            other.writestr(name, content)
    (sheet,) = xlsx.read_sheets_matching(published, re.compile(".*"))
    assert [(row.number, len(row.cells)) for row in sheet.rows] == [(row, 3) for row in range(1, 6)]


texts = st.text(string.printable.strip("\x0b\x0c\r") + "äß£éœ’", min_size=1, max_size=30).filter(
    lambda t: clean(t) and t[0] not in "=#"
)
numbers = st.integers(-(10**9), 10**9) | st.decimals(-(10**6), 10**6, places=2).map(float)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.lists(st.none() | texts | numbers | st.dates(date(1950, 1, 1), date(2090, 1, 1)), max_size=6), max_size=8
    )
)
def test_every_value_is_read_at_its_cell(rows: list[list[object]]) -> None:
    book = tagged()
    for r, values in enumerate(rows, 2):
        for n, value in enumerate(values, 1):
            if value is not None:
                cell = book.worksheets[0].cell(r, n, value)
                if isinstance(value, str):
                    cell.data_type = "s"
    texts = {(row.number, n): cell.text for row in read(book).rows[1:] for n, cell in row.cells.items()}
    expected = {
        (r, n): _expected(value)
        for r, values in enumerate(rows, 2)
        for n, value in enumerate(values, 1)
        if value is not None
    }
    assert texts == expected


def _expected(value: object) -> str:
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, float):
        exact = Decimal(str(value)).normalize()
        return format(exact or abs(exact), "f")
    return str(value)
