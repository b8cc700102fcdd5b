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
    LEAST_ROW_POINTS,
    MAX_COLUMNS,
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

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_CALCEXT = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"

_NUMBER_TYPES = {"float": CellKind.NUMBER, "currency": CellKind.NUMBER, "percentage": CellKind.PERCENTAGE}
_HIDDEN_STATES = {"collapse", "filter"}
_GROUPS = {f"{_TABLE}table-row-group", f"{_TABLE}table-column-group"}
_LENGTH = re.compile(r"([0-9.]+)(cm|mm|in|pt|pc|px)")
_POINTS = {"cm": 72 / 2.54, "mm": 7.2 / 2.54, "in": 72.0, "pt": 1.0, "pc": 12.0, "px": 0.75}


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
    """Every sheet, in full."""
    return list(_sheets(file))


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
                elif reader is not None:
                    reader.start(element)
            elif element.tag == f"{_STYLE}style":
                if _hides(element):
                    hidden_styles.add(element.get(f"{_STYLE}name", ""))
                element.clear()
            elif element.tag == f"{_TABLE}table":
                depth -= 1
                if depth == 0 and reader is not None:
                    yield reader.finish()
                    element.clear()
            elif depth == 1 and reader is not None:
                reader.end(element)


def _hides(style: Element) -> bool:
    """Whether a style hides its sheet, row or column, by saying so or by a size that nobody can read."""
    sheet = style.find(f"{_STYLE}table-properties")
    row = style.find(f"{_STYLE}table-row-properties")
    column = style.find(f"{_STYLE}table-column-properties")
    return (
        (sheet is not None and sheet.get(f"{_TABLE}display") == "false")
        or (row is not None and _is_tiny(row.get(f"{_STYLE}row-height")))
        or (column is not None and _is_tiny(column.get(f"{_STYLE}column-width")))
    )


def _is_closed_group(element: Element) -> bool:
    return element.tag in _GROUPS and element.get(f"{_TABLE}display") == "false"


def _is_tiny(length: str | None) -> bool:
    match = _LENGTH.fullmatch(length or "")
    return match is not None and float(match[1]) * _POINTS[match[2]] < LEAST_ROW_POINTS


class _SheetReader:
    """Collects one sheet from its elements, in the order in which they end."""

    def __init__(self, element: Element, hidden_styles: set[str], last_row: int | None) -> None:
        style = element.get(f"{_TABLE}style-name", "")
        self._sheet = SheetContent(element.get(f"{_TABLE}name", ""), hidden=style in hidden_styles)
        self._hidden_styles = hidden_styles
        self._closed_groups = 0
        self._last_row = last_row
        self._next_row = 1
        self._next_column = 1
        self._hidden_columns: set[int] = set()
        self._merged: list[MergedBlock] = []

    def start(self, element: Element) -> None:
        """An element of the sheet starts."""
        if _is_closed_group(element):
            self._closed_groups += 1

    def end(self, element: Element) -> None:
        """An element of the sheet ends, with all that is in it."""
        if _is_closed_group(element):
            self._closed_groups -= 1
        elif element.tag == f"{_TABLE}table-column":
            self._add_column(element)
        elif element.tag == f"{_TABLE}table-row":
            self._add_row(element)
            element.clear()

    def _add_column(self, element: Element) -> None:
        count = _count(element, "number-columns-repeated")
        if self._is_hidden(element):
            self._hidden_columns |= set(range(self._next_column, min(self._next_column + count, MAX_COLUMNS + 1)))
        self._next_column += count

    def _add_row(self, element: Element) -> None:
        number = self._next_row
        count = _count(element, "number-rows-repeated")
        self._next_row += count
        if self._sheet.is_overlong or (self._last_row is not None and number > self._last_row):
            return
        cells = self._cells(element, number)
        if not cells:
            return
        hidden = self._is_hidden(element)
        room = MAX_ROWS - len(self._sheet.rows)
        self._sheet.is_overlong = count > room
        self._sheet.rows += [SheetRow(number + n, dict(cells), hidden) for n in range(min(count, room))]

    def _is_hidden(self, element: Element) -> bool:
        return (
            self._closed_groups > 0
            or element.get(f"{_TABLE}style-name", "") in self._hidden_styles
            or element.get(f"{_TABLE}visibility") in _HIDDEN_STATES
        )

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
    if element.get(f"{_CALCEXT}value-type") == "error" or (formula and _shows_error(shown, kind)):
        return SheetCell(shown or "#N/A", CellKind.ERROR, formula)
    if kind in _NUMBER_TYPES:
        return SheetCell(number_text(element.get(f"{_OFFICE}value", "")), _NUMBER_TYPES[kind], formula)
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
        # A formula that gave an empty text leaves the cell empty.
        formula = formula and bool(shown)
    return SheetCell(shown, CellKind.TEXT, formula)


def _shows_error(shown: str, kind: str | None) -> bool:
    """Whether a formula's cell shows an error, in any language: the text ``#WERT!`` with the saved number 0 is one."""
    is_word = kind in _NUMBER_TYPES and bool(shown) and not any(character.isdigit() for character in shown)
    return is_error(shown) or shown.startswith("Err:") or (is_word and shown.startswith("#"))


def _paragraph(element: Element) -> str:
    parts = [element.text or ""]
    for child in element:
        if child.tag in (f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"):
            parts.append(" ")
        elif child.tag != f"{_OFFICE}annotation":
            parts.append(_paragraph(child))
        parts.append(child.tail or "")
    return "".join(parts)
