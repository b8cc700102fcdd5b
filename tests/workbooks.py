"""Filled workbooks in the layout of our blank ones, made cell by cell, so that a test can break one thing at a time."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from sia.calendar import Quarter
from sia.contract.model import Column, ColumnType, contract
from tests.staged import Row, good_rows

HEADING_ROW = 4
FIRST_ROW = 5
QUARTER = "2021-22Q1"


def filled(
    return_name: str = "sanctuary",
    rows: dict[str, list[Row]] | None = None,
    *,
    quarter: str = QUARTER,
    version: str | None = None,
    source: str | None = None,
    synthetic: str = "No",
    nil: str = "No",
) -> Workbook:
    """A workbook that no rule of the intake finds fault with, unless an argument says otherwise."""
    agreed = contract(return_name)
    book = Workbook()
    cover = book.worksheets[0]
    cover.title = "Cover"
    cover["A1"] = agreed.title
    cover["A3"] = "#cover"
    said = {
        "Return": return_name,
        "Template version": version or agreed.version,
        "Source": source or next(iter(agreed.senders)),
        "Quarter": quarter,
        "Made-up sample": synthetic,
        "Nil return": nil,
    }
    for n, (label, value) in enumerate(said.items(), 4):
        cover.cell(n, 1, label)
        cover.cell(n, 2, value)
    book.create_sheet("Help").append(["Column", "What to enter"])
    for table in agreed.tables:
        sheet = book.create_sheet(table.sheet)
        sheet["A1"], sheet["A2"], sheet["A3"] = table.title, table.help, agreed.tag(table)
        for n, column in enumerate(table.columns, 1):
            sheet.cell(HEADING_ROW, n, column.label)
        given = (rows or {}).get(table.name, good_rows(return_name, table.name))
        for r, row in enumerate(given, FIRST_ROW):
            for n, column in enumerate(table.columns, 1):
                sheet.cell(r, n, typed(column, row[column.name]))
    book.create_sheet("Lists").sheet_state = "hidden"
    return book


def typed(column: Column, text: str | None) -> object:
    """What a person's typing becomes in a spreadsheet program."""
    if text is None:
        return None
    try:
        if column.type is ColumnType.INTEGER:
            return int(text)
        if column.type in (ColumnType.DECIMAL, ColumnType.MONEY):
            return float(text)
        if column.type is ColumnType.DATE:
            return date.fromisoformat(text)
    except ValueError:  # what is no number and no date stays as it was typed
        return text
    return text


def sheet_of(book: Workbook, name: str) -> Worksheet:
    """A sheet by its name, as what it is."""
    sheet = book[name]
    assert isinstance(sheet, Worksheet)
    return sheet


def as_bytes(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def put(
    inbox: Path, name: str, content: bytes, *folders: str, return_name: str = "sanctuary", quarter: str = QUARTER
) -> Path:
    """Lay a file into the inbox, perhaps in a sender's or a day's folder."""
    place = inbox.joinpath(return_name, Quarter.parse(quarter).key, *folders)
    place.mkdir(parents=True, exist_ok=True)
    path = place / name
    path.write_bytes(content)
    return path
