"""Excel workbooks (.xlsx), by openpyxl."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, BinaryIO

from defusedxml.ElementTree import iterparse
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet

from sia.intake.file_safety import MERGED_CELL
from sia.intake.readers.cells import (
    LEAST_COLUMN_CHARACTERS,
    LEAST_ROW_POINTS,
    MAX_COLUMNS,
    MAX_ROW_NUMBER,
    MAX_ROWS,
    CellKind,
    MergedBlock,
    SheetCell,
    SheetContent,
    SheetRow,
    clean,
    is_error,
    number_text,
)

# openpyxl's types of a cell whose saved value is a text, also an empty one.
_TEXT_TYPES = frozenset({"s", "str", "inlineStr"})
# A number format's texts, colours and conditions: a percent sign in them multiplies nothing.
_LITERAL_IN_FORMAT = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.')


def peek_rows(file: BinaryIO, rows: int) -> Iterator[list[tuple[str, str]]]:
    """The texts in columns A and B of the first rows of each sheet, read without loading the workbook."""
    with _without_warnings():
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            yield [
                (_cell(first).text, _cell(second).text) for first, second in sheet.iter_rows(max_row=rows, max_col=2)
            ]


def read(file: BinaryIO) -> list[SheetContent]:
    """Every sheet, in full.

    A formula has the result that was saved with it. Nothing is calculated.
    """
    with _without_warnings():
        book = load_workbook(file, keep_links=False)
        sheets = {sheet.title: _sheet(sheet) for sheet in book.worksheets}
        tagged = [sheet for sheet in sheets.values() if sheet.is_tagged]
        if any(cell.formula for sheet in tagged for row in sheet.rows for cell in row.cells.values()):
            file.seek(0)
            results = load_workbook(file, data_only=True, keep_links=False)
            for title, sheet in sheets.items():
                sheet.rows = _with_results(sheet.rows, results[title])
        return list(sheets.values())


def read_sheets_matching(file: BinaryIO, names: re.Pattern[str]) -> list[SheetContent]:
    """The sheets whose names match, with saved values and merged cells.

    Sheets are read one by one: we want a few of a publication's thirty, and a whole workbook takes twenty seconds.
    """
    with _without_warnings():
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        return [_published(sheet) for sheet in book.worksheets if names.fullmatch(clean(sheet.title))]


def _published(sheet: Any) -> SheetContent:
    # Any: openpyxl's stubs do not know its read-only sheets.
    content = SheetContent(name=clean(sheet.title))
    # A sheet may state a wrong size, and openpyxl would silently leave out what is beyond it.
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(), 1):
        filled = {cell.column: _cell(cell) for cell in cells[:MAX_COLUMNS] if cell.value is not None}
        filled = {column: cell for column, cell in filled.items() if cell.text}
        if number > MAX_ROW_NUMBER or (filled and len(content.rows) == MAX_ROWS):
            content.is_overlong = True
            break
        if filled:
            content.rows.append(SheetRow(number, filled))
    # openpyxl knows merged cells only of workbooks that it reads whole.
    content.merged = tuple(_block(block) for block in _merged(sheet))
    return content


def _merged(sheet: Any) -> Iterator[str]:
    with sheet._get_source() as source:
        for _, element in iterparse(source, forbid_dtd=True):
            if element.tag == MERGED_CELL:
                yield element.get("ref", "")
            # Without this, the whole sheet would stay in memory at ten times its size.
            element.clear()


def _block(address: str) -> MergedBlock:
    first_column, first_row, last_column, last_row = (bound or 0 for bound in range_boundaries(address))
    return MergedBlock(first_row, first_column, last_row, last_column)


@contextmanager
def _without_warnings() -> Iterator[None]:
    # openpyxl's warnings quote cells, and would carry a partner's figures into the log.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _rows(sheet: Worksheet) -> Iterator[tuple[int, list[Any]]]:
    """The rows of the file, each with its cells."""
    # openpyxl's own iter_rows creates every cell in between: a single cell in the last row would fill the memory.
    for number, positions in groupby(sorted(sheet._cells), key=itemgetter(0)):
        yield number, [sheet._cells[position] for position in positions]


def _sheet(sheet: Worksheet) -> SheetContent:
    read_rows: list[SheetRow] = []
    is_overlong = False
    for number, cells in _rows(sheet):
        filled = {cell.column: _cell(cell) for cell in cells if cell.value is not None and cell.column <= MAX_COLUMNS}
        filled = {column: cell for column, cell in filled.items() if cell.text or cell.formula}
        if not filled:
            continue
        if len(read_rows) == MAX_ROWS:
            is_overlong = True
            break
        read_rows.append(SheetRow(number, filled, hidden=_hidden_row(sheet, number)))
    return SheetContent(
        name=sheet.title,
        rows=read_rows,
        hidden=sheet.sheet_state != "visible",
        hidden_columns=frozenset(_hidden_columns(sheet)),
        merged=tuple(
            MergedBlock(block.min_row, block.min_col, block.max_row, block.max_col)
            for block in sheet.merged_cells.ranges
        ),
        is_overlong=is_overlong,
    )


def _with_results(rows: Iterable[SheetRow], results: Worksheet) -> list[SheetRow]:
    """The rows with the saved results of their formulas. A formula that gave an empty text leaves the cell empty."""
    with_results = []
    for row in rows:
        for column in [column for column, cell in row.cells.items() if cell.formula]:
            result = results.cell(row.number, column)
            cell = _cell(result)
            if cell.text or result.data_type not in _TEXT_TYPES:
                kind = CellKind.ERROR if is_error(cell.text) else cell.kind
                row.cells[column] = SheetCell(cell.text, kind, formula=True)
            else:
                del row.cells[column]
        if row.cells:
            with_results.append(row)
    return with_results


def _cell(cell: Any) -> SheetCell:
    value = cell.value
    if cell.data_type == "f":
        return SheetCell("", formula=True)
    if cell.data_type == "e":
        return SheetCell(str(value), CellKind.ERROR)
    text, kind = _text(value)
    if kind is CellKind.NUMBER and "%" in _LITERAL_IN_FORMAT.sub("", cell.number_format or ""):
        kind = CellKind.PERCENTAGE
    return SheetCell(text, kind)


def _text(value: object) -> tuple[str, CellKind]:  # noqa: PLR0911 - one case for each type that openpyxl gives
    match value:
        case None:
            return "", CellKind.TEXT
        case bool():
            return ("TRUE" if value else "FALSE"), CellKind.BOOLEAN
        case int() | float():
            return number_text(value), CellKind.NUMBER
        case datetime() if value.time() == time():
            return value.date().isoformat(), CellKind.DATE
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds"), CellKind.DATE
        case date() | time():
            return value.isoformat(), CellKind.DATE
        case timedelta():
            return str(value), CellKind.DATE
        case _:
            # The format writes characters that XML cannot hold as _x000D_.
            return clean(unescape(str(value))), CellKind.TEXT


def _hidden_row(sheet: Worksheet, number: int) -> bool:
    # .get() rather than []: openpyxl creates an entry for every row that is asked for.
    dimension = sheet.row_dimensions.get(number)
    if dimension is None or dimension.height is None:
        return bool(sheet.sheet_format.zeroHeight or (dimension is not None and dimension.hidden))
    return bool(dimension.hidden) or dimension.height < LEAST_ROW_POINTS


def _hidden_columns(sheet: Worksheet) -> Iterable[int]:
    # openpyxl keeps a run of columns with the same format under its first column.
    for dimension in sheet.column_dimensions.values():
        first, last = dimension.min, dimension.max
        if (dimension.hidden or dimension.width < LEAST_COLUMN_CHARACTERS) and first and last:
            yield from range(first, min(last, MAX_COLUMNS) + 1)
