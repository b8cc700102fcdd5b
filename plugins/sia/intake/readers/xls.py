"""Excel 97 to 2003 workbooks (.xls), which some publishers still use, by xlrd, which runs no macro."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import xlrd

from sia.intake.readers.cells import (
    MAX_COLUMNS,
    MAX_ROWS,
    CellKind,
    MergedBlock,
    SheetCell,
    SheetContent,
    SheetRow,
    clean,
    number_text,
)


def peek_rows(file: BinaryIO, rows: int) -> Iterator[list[tuple[str, str]]]:
    """The texts in columns A and B of the first rows of each sheet."""
    with _opened(file) as book:
        for sheet in book.sheets():
            yield [
                (_at(book, sheet, row, 0).text, _at(book, sheet, row, 1).text) for row in range(min(rows, sheet.nrows))
            ]


def read_sheets_matching(file: BinaryIO, names: re.Pattern[str]) -> list[SheetContent]:
    """The sheets whose names match, with saved values and merged cells."""
    with _opened(file, formatting_info=True) as book:
        return [_sheet(book, book.sheet_by_name(name)) for name in book.sheet_names() if names.fullmatch(clean(name))]


def _opened(file: BinaryIO, *, formatting_info: bool = False) -> Any:
    # xlrd writes what it finds odd to this log, and would quote cells.
    return xlrd.open_workbook(
        file_contents=file.read(), on_demand=True, formatting_info=formatting_info, logfile=io.StringIO()
    )


def _sheet(book: Any, sheet: Any) -> SheetContent:
    content = SheetContent(name=clean(sheet.name), is_overlong=sheet.nrows > MAX_ROWS)
    for row in range(min(sheet.nrows, MAX_ROWS)):
        cells = {n + 1: _at(book, sheet, row, n) for n in range(min(sheet.row_len(row), MAX_COLUMNS))}
        if filled := {n: cell for n, cell in cells.items() if cell.text}:
            content.rows.append(SheetRow(row + 1, filled))
    # xlrd counts from 0 and excludes the end.
    content.merged = tuple(
        MergedBlock(top + 1, left + 1, below, right) for top, below, left, right in sheet.merged_cells
    )
    return content


def _at(book: Any, sheet: Any, row: int, column: int) -> SheetCell:
    if column >= sheet.row_len(row):
        return SheetCell("")
    cell = sheet.cell(row, column)
    return SheetCell(*_text(book, cell.ctype, cell.value))


def _text(book: Any, kind: int, value: Any) -> tuple[str, CellKind]:
    match kind:
        case xlrd.XL_CELL_NUMBER:
            return number_text(value), CellKind.NUMBER
        case xlrd.XL_CELL_BOOLEAN:
            return ("TRUE" if value else "FALSE"), CellKind.BOOLEAN
        case xlrd.XL_CELL_ERROR:
            return xlrd.error_text_from_code.get(value, "#N/A"), CellKind.ERROR
        case xlrd.XL_CELL_DATE:
            return xlrd.xldate_as_datetime(value, book.datemode).isoformat(sep=" "), CellKind.DATE
        case _:  # text, or an empty cell, whose value is empty
            return clean(str(value)), CellKind.TEXT
