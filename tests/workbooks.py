"""Return workbooks, filled cell by cell, so that a test can break one thing at a time."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from sia.calendar import Quarter
from sia.contract.model import Column, ColumnType, contract
from tests.staged import Row, whole_rows

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
    """A filled workbook that we accept, unless an argument breaks it."""
    return_contract = contract(return_name)
    book = Workbook()
    cover = book.worksheets[0]
    cover.title = "Cover"
    cover["A1"] = return_contract.title
    cover["A3"] = "#cover"
    answers = {
        "Return": return_name,
        "Template version": version or return_contract.version,
        "Source": source or next(iter(return_contract.senders)),
        "Quarter": quarter,
        "Made-up sample": synthetic,
        "Nil return": nil,
    }
    for n, (label, value) in enumerate(answers.items(), 4):
        cover.cell(n, 1, label)
        cover.cell(n, 2, value)
    book.create_sheet("Help").append(["Column", "What to enter"])
    for table in return_contract.tables:
        sheet = book.create_sheet(table.sheet)
        sheet["A1"], sheet["A2"], sheet["A3"] = table.title, table.help, return_contract.tag(table)
        for n, column in enumerate(table.columns, 1):
            sheet.cell(HEADING_ROW, n, column.label)
        table_rows = (rows or {}).get(table.name, whole_rows(return_name, table.name, quarter))
        for r, row in enumerate(table_rows, FIRST_ROW):
            for n, column in enumerate(table.columns, 1):
                sheet.cell(r, n, typed(column, row[column.name]))
    book.create_sheet("Lists").sheet_state = "hidden"
    return book


def typed(column: Column, text: str | None) -> object:
    """The value of a cell into which a person types a text."""
    if text is None:
        return None
    try:
        if column.type is ColumnType.INTEGER:
            return int(text)
        if column.type in (ColumnType.DECIMAL, ColumnType.MONEY):
            return float(text)
        if column.type is ColumnType.DATE:
            return date.fromisoformat(text)
    except ValueError:  # any other text stays a text
        return text
    return text


def sheet_of(book: Workbook, name: str) -> Worksheet:
    """A sheet by its name, typed as a worksheet."""
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
    """Write a file into the inbox, in folders of its sender or its day if any are given."""
    place = inbox.joinpath(return_name, Quarter.parse(quarter).key, *folders)
    place.mkdir(parents=True, exist_ok=True)
    path = place / name
    path.write_bytes(content)
    return path
