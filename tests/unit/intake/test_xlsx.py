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
        ("Oxford_x000D_\n", SheetCell("Oxford")),
        ("_x005F_x000D_", SheetCell("_x000D_")),
    ],
)
def test_a_cell_is_read_as_what_it_is(value: object, cell: SheetCell) -> None:
    book = tagged()
    book.worksheets[0]["C7"] = value
    row = read(book).rows[-1]
    assert (row.number, row.cells) == (7, {3: cell})


@pytest.mark.parametrize(
    ("number_format", "kind"),
    [
        ("0%", CellKind.PERCENTAGE),
        ("0.00%;[Red]-0.00%", CellKind.PERCENTAGE),
        ('0.0" %"', CellKind.NUMBER),
        ("0\\%", CellKind.NUMBER),
        ("General", CellKind.NUMBER),
    ],
)
def test_a_number_that_shows_as_a_percentage_is_one(number_format: str, kind: CellKind) -> None:
    book = tagged()
    book.worksheets[0]["A2"] = 0.45
    book.worksheets[0]["A2"].number_format = number_format
    assert read(book).rows[-1].cells == {1: SheetCell("0.45", kind)}


def formula_with(saved: str) -> SheetContent:
    """A sheet whose cell A2 has a formula, with this in the file for its saved result."""
    book = tagged()
    book.worksheets[0]["A2"] = "=x"
    buffer = io.BytesIO()
    book.save(buffer)
    changed = io.BytesIO()
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                content, replaced = re.subn(r'<c r="A2">.*?</c>', saved, content)
                assert replaced == 1
            new.writestr(name, content)
    (sheet,) = xlsx.read(changed)
    return sheet


@pytest.mark.parametrize("saved", ['<c r="A2" t="str"><f>x</f><v></v></c>', '<c r="A2" t="str"><f>x</f></c>'])
def test_a_formula_that_gave_an_empty_text_leaves_its_cell_empty(saved: str) -> None:
    assert [row.number for row in formula_with(saved).rows] == [1]


@pytest.mark.parametrize(
    ("saved", "cell"),
    [
        ('<c r="A2"><f>x</f></c>', SheetCell("", formula=True)),
        ('<c r="A2" t="str"><f>x</f><v>#N/A</v></c>', SheetCell("#N/A", CellKind.ERROR, formula=True)),
        ('<c r="A2" t="str"><f>x</f><v>yes</v></c>', SheetCell("yes", formula=True)),
        ('<c r="A2"><f>x</f><v>2</v></c>', SheetCell("2", CellKind.NUMBER, formula=True)),
    ],
)
def test_a_formula_has_its_saved_result(saved: str, cell: SheetCell) -> None:
    assert formula_with(saved).rows[-1].cells == {1: cell}


def test_what_is_too_small_to_read_is_hidden() -> None:
    book = tagged()
    sheet = book.worksheets[0]
    for height in (0.5, 0.75, 15, None):
        sheet.append(["x", "y", "z"])
        sheet.row_dimensions[sheet.max_row].height = height
    for letter, width in {"A": 0.1, "B": 8.43}.items():
        sheet.column_dimensions[letter].width = width
    content = read(book)
    assert [row.hidden for row in content.rows] == [False, True, True, False, False]
    assert content.hidden_columns == {1}


def test_rows_without_a_height_are_hidden_where_the_sheet_says_so() -> None:
    book = tagged()
    sheet = book.worksheets[0]
    sheet.append(["x"])
    sheet.append(["y"])
    sheet.row_dimensions[3].height = 15
    sheet.sheet_format.zeroHeight = True
    assert [row.hidden for row in read(book).rows] == [True, True, False]


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


def test_hidden_sheets_and_sheets_without_a_tag_are_read_too() -> None:
    """Personal data may be on any of them."""
    book = tagged()
    book.create_sheet("Other").append(["not ours"])
    hidden = book.create_sheet("Jobs")
    hidden.append(["#x.z"])
    hidden.sheet_state = "veryHidden"
    buffer = io.BytesIO()
    book.save(buffer)
    sheets = [(sheet.name, sheet.hidden, sheet.is_tagged) for sheet in xlsx.read(buffer)]
    assert sheets == [("Sheet", False, True), ("Other", False, False), ("Jobs", True, True)]


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
