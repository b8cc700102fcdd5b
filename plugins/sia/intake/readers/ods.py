"""OpenDocument spreadsheets (.ods): ``content.xml``, parsed as a stream.

Libraries drop what the intake must see: hidden rows, merged cells, formulas. The names of elements and attributes are
those of OpenDocument 1.3, part 3, chapter 9 (tables) and section 19.385 (value types).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse

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

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_CALCEXT = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"

_NUMBER_TYPES = {"float", "percentage", "currency"}
_HIDDEN_STATES = {"collapse", "filter"}
# How a saved error looks if the program did not mark the cell as one.
_ERRORS = {"#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!"}


def peek_rows(file: BinaryIO, rows: int) -> Iterator[list[tuple[str, str]]]:
    """The texts in columns A and B of the first rows of each sheet."""
    for sheet in _sheets(file, last_row=rows):
        by_number = {row.number: row.cells for row in sheet.rows}
        blank = SheetCell("")
        yield [
            (by_number[n].get(1, blank).text, by_number[n].get(2, blank).text) if n in by_number else ("", "")
            for n in range(1, max(by_number, default=0) + 1)
        ]


def read(file: BinaryIO) -> list[SheetContent]:
    """The sheets with a tag (text in column A that begins with ``#``), in full."""
    return [
        sheet
        for sheet in _sheets(file)
        if any(1 in row.cells and row.cells[1].text.startswith("#") for row in sheet.rows)
    ]


def read_sheets_matching(file: BinaryIO, names: re.Pattern[str]) -> list[SheetContent]:
    """The sheets whose names match, in full."""
    return [sheet for sheet in _sheets(file) if names.fullmatch(clean(sheet.name))]


def _sheets(file: BinaryIO, last_row: int | None = None) -> Iterator[SheetContent]:
    hidden_styles: set[str] = set()
    with zipfile.ZipFile(file) as package, package.open("content.xml") as content:
        reader: _SheetReader | None = None
        depth = 0  # a drawing on a sheet may contain a table of its own
        for event, element in iterparse(content, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                if element.tag == f"{_TABLE}table":
                    depth += 1
                    if depth == 1:
                        reader = _SheetReader(element, hidden_styles, last_row)
            elif element.tag == f"{_STYLE}style":
                properties = element.find(f"{_STYLE}table-properties")
                if properties is not None and properties.get(f"{_TABLE}display") == "false":
                    hidden_styles.add(element.get(f"{_STYLE}name", ""))
                element.clear()
            elif element.tag == f"{_TABLE}table":
                depth -= 1
                if depth == 0 and reader is not None:
                    yield reader.finish()
                    element.clear()
            elif depth == 1 and reader is not None:
                if element.tag == f"{_TABLE}table-column":
                    reader.add_column(element)
                elif element.tag == f"{_TABLE}table-row":
                    reader.add_row(element)
                    element.clear()


class _SheetReader:
    """Collects one sheet from its elements, in the order in which they end."""

    def __init__(self, element: Element, hidden_styles: set[str], last_row: int | None) -> None:
        style = element.get(f"{_TABLE}style-name", "")
        self._sheet = SheetContent(element.get(f"{_TABLE}name", ""), hidden=style in hidden_styles)
        self._last_row = last_row
        self._next_row = 1
        self._next_column = 1
        self._hidden_columns: set[int] = set()
        self._merged: list[MergedBlock] = []

    def add_column(self, element: Element) -> None:
        count = _count(element, "number-columns-repeated")
        if element.get(f"{_TABLE}visibility") in _HIDDEN_STATES:
            self._hidden_columns |= set(range(self._next_column, min(self._next_column + count, MAX_COLUMNS + 1)))
        self._next_column += count

    def add_row(self, element: Element) -> None:
        number = self._next_row
        count = _count(element, "number-rows-repeated")
        self._next_row += count
        if self._sheet.is_overlong or (self._last_row is not None and number > self._last_row):
            return
        cells = self._cells(element, number)
        if not cells:
            return
        hidden = element.get(f"{_TABLE}visibility") in _HIDDEN_STATES
        room = MAX_ROWS - len(self._sheet.rows)
        self._sheet.is_overlong = count > room
        self._sheet.rows += [SheetRow(number + n, dict(cells), hidden) for n in range(min(count, room))]

    def _cells(self, element: Element, number: int) -> dict[int, SheetCell]:
        cells: dict[int, SheetCell] = {}
        column = 1
        for child in element:
            if child.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                continue
            count = _count(child, "number-columns-repeated")
            wide = _count(child, "number-columns-spanned")
            high = _count(child, "number-rows-spanned")
            if wide > 1 or high > 1:
                self._merged.append(MergedBlock(number, column, number + high - 1, column + wide - 1))
            cell = _cell(child)
            if cell.text or cell.formula:
                cells |= dict.fromkeys(range(column, min(column + count, MAX_COLUMNS + 1)), cell)
            column += count
            if column > MAX_COLUMNS:
                break
        return cells

    def finish(self) -> SheetContent:
        self._sheet.hidden_columns = frozenset(self._hidden_columns)
        self._sheet.merged = tuple(self._merged)
        return self._sheet


def _count(element: Element, name: str) -> int:
    return max(1, int(element.get(_TABLE + name, "1")))


def _cell(element: Element) -> SheetCell:
    formula = element.get(f"{_TABLE}formula") is not None
    kind = element.get(f"{_OFFICE}value-type") or element.get(f"{_CALCEXT}value-type")
    shown = clean("\n".join(_paragraph(p) for p in element.findall(f"{_TEXT}p")))
    if element.get(f"{_CALCEXT}value-type") == "error" or (formula and (shown in _ERRORS or shown.startswith("Err:"))):
        return SheetCell(shown or "#N/A", CellKind.ERROR, formula)
    if kind in _NUMBER_TYPES:
        return SheetCell(number_text(element.get(f"{_OFFICE}value", "")), CellKind.NUMBER, formula)
    if kind == "date":
        day, _, clock = element.get(f"{_OFFICE}date-value", "").partition("T")
        at_midnight = not clock.strip("0:.")
        return SheetCell(day if at_midnight else f"{day} {clock}", CellKind.DATE, formula)
    if kind == "time":
        return SheetCell(shown, CellKind.DATE, formula)
    if kind == "boolean":
        return SheetCell(element.get(f"{_OFFICE}boolean-value", "").upper(), CellKind.BOOLEAN, formula)
    if kind == "string" and not shown:
        shown = clean(element.get(f"{_OFFICE}string-value", ""))
    return SheetCell(shown, CellKind.TEXT, formula)


def _paragraph(element: Element) -> str:
    parts = [element.text or ""]
    for child in element:
        if child.tag in (f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"):
            parts.append(" ")
        elif child.tag != f"{_OFFICE}annotation":
            parts.append(_paragraph(child))
        parts.append(child.tail or "")
    return "".join(parts)
