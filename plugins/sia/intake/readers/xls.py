"""Excel workbooks of before 2007 (.xls), by xlrd, which runs no macro: publishers still give some out."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import xlrd

from sia.intake.readers.cells import COLUMN_LIMIT, ROW_LIMIT, Block, Cell, Kind, Row, Sheet, clean, number_text


def beginnings(file: BinaryIO, rows: int) -> Iterator[list[tuple[str, str]]]:
    """The texts in columns A and B of the first rows of each sheet."""
    with _opened(file) as book:
        for sheet in book.sheets():
            yield [
                (_at(book, sheet, row, 0).text, _at(book, sheet, row, 1).text) for row in range(min(rows, sheet.nrows))
            ]


def read_named(file: BinaryIO, names: re.Pattern[str]) -> list[Sheet]:
    """The sheets whose names match, with the values that were saved with them and what is merged."""
    with _opened(file, formatting_info=True) as book:
        return [_sheet(book, book.sheet_by_name(name)) for name in book.sheet_names() if names.fullmatch(clean(name))]


def _opened(file: BinaryIO, *, formatting_info: bool = False) -> Any:
    # xlrd says on its log what it finds odd, and would quote it: nobody reads this one.
    return xlrd.open_workbook(
        file_contents=file.read(), on_demand=True, formatting_info=formatting_info, logfile=io.StringIO()
    )


def _sheet(book: Any, sheet: Any) -> Sheet:
    found = Sheet(name=clean(sheet.name), overlong=sheet.nrows > ROW_LIMIT)
    for row in range(min(sheet.nrows, ROW_LIMIT)):
        cells = {n + 1: _at(book, sheet, row, n) for n in range(min(sheet.row_len(row), COLUMN_LIMIT))}
        if filled := {n: cell for n, cell in cells.items() if cell.text}:
            found.rows.append(Row(row + 1, filled))
    # xlrd counts from 0 and leaves the end out.
    found.merged = tuple(Block(top + 1, left + 1, below, right) for top, below, left, right in sheet.merged_cells)
    return found


def _at(book: Any, sheet: Any, row: int, column: int) -> Cell:
    if column >= sheet.row_len(row):
        return Cell("")
    cell = sheet.cell(row, column)
    return Cell(*_text(book, cell.ctype, cell.value))


def _text(book: Any, kind: int, value: Any) -> tuple[str, Kind]:
    match kind:
        case xlrd.XL_CELL_NUMBER:
            return number_text(value), Kind.NUMBER
        case xlrd.XL_CELL_BOOLEAN:
            return ("TRUE" if value else "FALSE"), Kind.BOOLEAN
        case xlrd.XL_CELL_ERROR:
            return xlrd.error_text_from_code.get(value, "#N/A"), Kind.ERROR
        case xlrd.XL_CELL_DATE:
            return xlrd.xldate_as_datetime(value, book.datemode).isoformat(sep=" "), Kind.DATE
        case _:  # text; what is empty has an empty one
            return clean(str(value)), Kind.TEXT
