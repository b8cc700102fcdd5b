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
from openpyxl.worksheet.worksheet import Worksheet

from sia.intake.file_safety import MERGED
from sia.intake.readers.cells import (
    COLUMN_LIMIT,
    LAST_ROW,
    ROW_LIMIT,
    Block,
    Cell,
    Kind,
    Row,
    Sheet,
    clean,
    number_text,
)


def beginnings(file: BinaryIO, rows: int) -> Iterator[list[tuple[str, str]]]:
    """The texts in columns A and B of the first rows of each sheet, read without loading the workbook."""
    with _quietly():
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            yield [
                (_cell(first).text, _cell(second).text) for first, second in sheet.iter_rows(max_row=rows, max_col=2)
            ]


def read(file: BinaryIO) -> list[Sheet]:
    """The sheets that hold a tag (text that begins with ``#`` in column A), with all that is in them.

    A formula counts with the result that was saved with it. Nothing is calculated.
    """
    with _quietly():
        book = load_workbook(file, keep_links=False)
        tagged = [sheet for sheet in book.worksheets if _is_tagged(sheet)]
        found = {sheet.title: _sheet(sheet) for sheet in tagged}
        if any(cell.formula for sheet in found.values() for row in sheet.rows for cell in row.cells.values()):
            file.seek(0)
            results = load_workbook(file, data_only=True, keep_links=False)
            for title, sheet in found.items():
                _fill_results(sheet, results[title])
        return list(found.values())


def read_named(file: BinaryIO, names: re.Pattern[str]) -> list[Sheet]:
    """The sheets whose names match, with the values that were saved with them and what is merged.

    A sheet at a time: of a publication's thirty sheets a few are wanted, and a whole workbook takes twenty seconds.
    """
    with _quietly():
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        return [_published(sheet) for sheet in book.worksheets if names.fullmatch(clean(sheet.title))]


def _published(sheet: Any) -> Sheet:
    # Any: what openpyxl gives of a sheet that it reads piece by piece, its stubs do not know.
    found = Sheet(name=clean(sheet.title))
    # A sheet may say wrongly how large it is: openpyxl would leave out what lies beyond without a word.
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(), 1):
        filled = {cell.column: _cell(cell) for cell in cells[:COLUMN_LIMIT] if cell.value is not None}
        filled = {column: cell for column, cell in filled.items() if cell.text}
        if number > LAST_ROW or (filled and len(found.rows) == ROW_LIMIT):
            found.overlong = True
            break
        if filled:
            found.rows.append(Row(number, filled))
    # openpyxl knows what is merged only of workbooks that it reads whole.
    found.merged = tuple(_block(block) for block in _merged(sheet))
    return found


def _merged(sheet: Any) -> Iterator[str]:
    with sheet._get_source() as source:
        for _, element in iterparse(source, forbid_dtd=True):
            if element.tag == MERGED:
                yield element.get("ref", "")
            # Else the whole sheet would be held once more, at ten times its size.
            element.clear()


def _block(address: str) -> Block:
    first_column, first_row, last_column, last_row = (bound or 0 for bound in range_boundaries(address))
    return Block(first_row, first_column, last_row, last_column)


@contextmanager
def _quietly() -> Iterator[None]:
    # openpyxl's warnings quote cells; a warning would carry a partner's figure into the log.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _is_tagged(sheet: Worksheet) -> bool:
    return any(
        column == 1 and isinstance(cell.value, str) and cell.value.strip().startswith("#")
        for (_, column), cell in sheet._cells.items()
    )


def _rows(sheet: Worksheet) -> Iterator[tuple[int, list[Any]]]:
    """The rows that the file holds, each with its cells."""
    # openpyxl's own iter_rows makes every cell between: one that was left in the last row would fill the memory.
    for number, placed in groupby(sorted(sheet._cells), key=itemgetter(0)):
        yield number, [sheet._cells[place] for place in placed]


def _sheet(sheet: Worksheet) -> Sheet:
    read_rows: list[Row] = []
    overlong = False
    for number, cells in _rows(sheet):
        filled = {cell.column: _cell(cell) for cell in cells if cell.value is not None and cell.column <= COLUMN_LIMIT}
        filled = {column: cell for column, cell in filled.items() if cell.text or cell.formula}
        if not filled:
            continue
        if len(read_rows) == ROW_LIMIT:
            overlong = True
            break
        read_rows.append(Row(number, filled, hidden=_hidden_row(sheet, number)))
    return Sheet(
        name=sheet.title,
        rows=read_rows,
        hidden=sheet.sheet_state != "visible",
        hidden_columns=frozenset(_hidden_columns(sheet)),
        merged=tuple(
            Block(block.min_row, block.min_col, block.max_row, block.max_col) for block in sheet.merged_cells.ranges
        ),
        overlong=overlong,
    )


def _fill_results(sheet: Sheet, results: Worksheet) -> None:
    for row in sheet.rows:
        for column, cell in row.cells.items():
            if cell.formula:
                result = _cell(results.cell(row.number, column))
                row.cells[column] = Cell(result.text, result.kind, formula=True)


def _cell(cell: Any) -> Cell:
    value = cell.value
    if cell.data_type == "f":
        return Cell("", formula=True)
    if cell.data_type == "e":
        return Cell(str(value), Kind.ERROR)
    return Cell(*_text(value))


def _text(value: object) -> tuple[str, Kind]:  # noqa: PLR0911 - one case for each type that openpyxl gives
    match value:
        case None:
            return "", Kind.TEXT
        case bool():
            return ("TRUE" if value else "FALSE"), Kind.BOOLEAN
        case int() | float():
            return number_text(value), Kind.NUMBER
        case datetime() if value.time() == time():
            return value.date().isoformat(), Kind.DATE
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds"), Kind.DATE
        case date() | time():
            return value.isoformat(), Kind.DATE
        case timedelta():
            return str(value), Kind.DATE
        case _:
            return clean(str(value)), Kind.TEXT


def _hidden_row(sheet: Worksheet, number: int) -> bool:
    # .get() rather than []: openpyxl makes an entry for every row that is asked for.
    dimension = sheet.row_dimensions.get(number)
    return dimension is not None and bool(dimension.hidden)


def _hidden_columns(sheet: Worksheet) -> Iterable[int]:
    # A run of columns with one format stands under the first column's letter alone.
    for dimension in sheet.column_dimensions.values():
        first, last = dimension.min, dimension.max
        if dimension.hidden and first and last:
            yield from range(first, min(last, COLUMN_LIMIT) + 1)
