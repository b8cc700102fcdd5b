"""Accessible workbooks, after the checklist of the Analysis Function: a table a sheet, and what leads to it.

Made with gptables. A cover, contents and notes come first. Whatever is published as a workbook is put together here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from io import BytesIO
from math import isnan
from textwrap import wrap

import pandas as pd
from gptables import Cover, GPTable, Theme, produce_workbook
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from sia.presentation.figures import SYMBOLS, is_money, places, symbol
from sia.registers.measures import Measure
from sia.scorecard.scorecard import Line
from sia.statistics.intervals import half_up

WIDE = 60
OWNER = "Oxfordshire Safer Communities Partnership"
_FONT = {"font_name": "Arial", "font_size": 12}
_WRAPPED = {"text_wrap": True, "valign": "top"}
_THEME = Theme(
    {
        "global": _FONT | _WRAPPED,
        "cover_title": {"bold": True, "font_size": 18},
        "cover_subtitle": {"bold": True, "font_size": 14},
        "title": {"bold": True, "font_size": 16},
        "column_heading": {"bold": True, "bottom": 1},
        "description_order": ["instructions", "legend", "source", "scope"],
    }
)
_A3 = 8
_COVER = 100
_LINE_PIXELS, _TITLE_PIXELS = 21, 30
_NAME_LENGTH = 31
_CONTENTS_SAY = "This worksheet contains one table. It lists the worksheets that hold tables, with a link to each."
_NOTES_SAY = "This worksheet contains one table. Other worksheets refer to these notes by their number."
_TABLE_SAYS = "This worksheet contains one table. Numbers in square brackets refer to the Notes worksheet."

Cell = str | float
Formatted = tuple[Cell, str]
"""What stands in a cell, and the number format of it."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its table, the width of its columns, its cells' number formats, and the notes of its headings."""

    name: str
    title: str
    table: pd.DataFrame
    widths: tuple[int, ...]
    formats: Mapping[tuple[int, int], str] = field(default_factory=dict)
    heading_notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Front:
    """What a workbook says before its tables: on the cover, in its properties, and over every table.

    ``warnings`` stand over every table; ``made`` is the day of its figures, never that on which it is written.
    """

    title: str
    document_title: str
    subject: str
    intro: tuple[str, ...]
    about: tuple[str, ...]
    warnings: tuple[str, ...]
    comments: str
    made: date


class Table:
    """A table in the making: columns of words, then columns of numbers, each cell with its format."""

    def __init__(self, words: tuple[str, ...], numbers: tuple[str, ...]) -> None:
        self.headings = (*words, *numbers)
        self.rows: list[tuple[Cell, ...]] = []
        self.formats: dict[tuple[int, int], str] = {}

    def add(self, words: tuple[str, ...], cells: Sequence[Formatted]) -> None:
        """Add a row."""
        self.rows.append((*words, *(value for value, _ in cells)))
        for number, (_, number_format) in enumerate(cells, start=len(words)):
            self.formats[len(self.rows), number] = number_format

    def sheet(
        self, name: str, title: str, widths: tuple[int, ...], heading_notes: Mapping[str, str] | None = None
    ) -> Sheet:
        """The sheet; its name is cut to what a workbook allows."""
        table = pd.DataFrame(self.rows, columns=list(self.headings))
        return Sheet(name[:_NAME_LENGTH], title, table, widths, self.formats, heading_notes or {})


def cell(measure: Measure, line: Line, column: str) -> Formatted:
    """A number of a line as it is rounded for people, or the symbol that says why there is none."""
    value = line[column]
    shown = symbol(line, column) if isnan(value) else float(half_up(value, places(measure, column)))
    return shown, number_format(measure, column)


def number_format(measure: Measure, column: str) -> str:
    """The format of a number of a line."""
    decimals = places(measure, column)
    digits = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
    return f"£{digits};-£{digits}" if is_money(measure, column) else digits


def legend(marks: Iterable[str]) -> list[str]:
    """What symbols mean, a sentence each."""
    return [f"{mark} {SYMBOLS[mark]}." for mark in marks]


def put_together(front: Front, sheets: Sequence[Sheet], notes: Mapping[str, str]) -> bytes:
    """The workbook as xlsx; the same content gives the same bytes.

    Args:
        front: cover and properties.
        sheets: the tables.
        notes: every note by the reference that sheets give.
    """
    cover = Cover(
        title=front.title, intro=list(front.intro), about=list(front.about), contact=[OWNER], width=_COVER
    )  # fmt: skip
    tables = {sheet.name: _gptable(front, sheet) for sheet in sheets}
    rows: dict[str, Sequence[Sequence[str]]] = {
        "Cover": cover_rows(cover),
        "Contents": [("Contents",), (_CONTENTS_SAY,)],
        **{sheet.name: _rows_of_text(sheet, tables[sheet.name]) for sheet in sheets},
    }
    widths = {"Cover": (_COVER,), "Contents": (WIDE, 80), "Notes": (WIDE, 100)} | {s.name: s.widths for s in sheets}
    buffer = BytesIO()
    made = produce_workbook(
        buffer,
        tables,
        theme=_THEME,
        cover=cover,
        contentsheet_options={"title": "Contents", "table_name": "contents", "instructions": _CONTENTS_SAY},
        notes_table=pd.DataFrame({"reference": list(notes), "Note": list(notes.values())}),
        notesheet_options={"title": "Notes", "table_name": "notes", "instructions": _NOTES_SAY},
        auto_width=False,
        workbook_options={"in_memory": True, "strings_to_formulas": False},
    )
    # gptables puts the notes into the order in which the tables refer to them.
    ordered = [("", notes[each]) for each in dict.fromkeys([*made._annotations, *notes])]
    rows["Notes"] = [("Notes",), (_NOTES_SAY,), ("",), *ordered]
    made.set_properties(
        {
            "title": front.document_title,
            "subject": front.subject,
            "author": OWNER,
            "company": OWNER,
            "comments": front.comments,
            "created": datetime.combine(front.made, time(9), UTC),
        }
    )
    for worksheet in made.worksheets():
        lay_out(worksheet, rows[worksheet.get_name()], widths[worksheet.get_name()])
    made.close()
    return buffer.getvalue()


def cover_rows(cover: Cover) -> list[tuple[str]]:
    """The text of each row of a cover, to be laid out; a subtitle takes one line, whatever it says."""
    return [(text,) for text in (cover.title, "", *cover.intro, "", *cover.about, "", *cover.contact)]


def lay_out(worksheet: Worksheet, rows: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
    """Set widths, paper, and heights so that no wrapped text is cut where a program does not fit rows by itself.

    Args:
        worksheet: the sheet.
        rows: the text of each row from the title down, a cell for each column; what spans the sheet has one.
        widths: of the columns, in characters.
    """
    for column, width in enumerate(widths):
        worksheet.set_column(column, column, width)
    for number, row in enumerate(rows):
        lines = max(len(_wrap(text, width)) for text, width in zip(row, widths, strict=False))
        worksheet.set_row_pixels(number, _TITLE_PIXELS * lines if number == 0 else _LINE_PIXELS * lines)
        if len(row) > 1 and len(rows[number - 1]) == 1:
            worksheet.repeat_rows(number)
    worksheet.set_landscape()
    worksheet.set_paper(_A3)
    worksheet.fit_to_pages(1, 0)


def _wrap(text: str, width: int) -> list[str]:
    """The lines that a text takes in a column, at a character for each unit of its width: a little more than most."""
    return [line for part in text.split("\n") for line in wrap(part, width) or [""]]


def _rows_of_text(sheet: Sheet, table: GPTable) -> list[tuple[str, ...]]:
    """What stands in each row of a sheet, from the title down."""
    above = [table.title, *table.subtitles, table.instructions, *table.legend]
    noted = [f"{heading}\n[note]" if heading in sheet.heading_notes else heading for heading in sheet.table.columns]
    shown = [tuple(re.sub(r"\$\$.*?\$\$", "[note 10]", str(cell)) for cell in row) for row in sheet.table.to_numpy()]
    return [*[(text,) for text in above], tuple(noted), *shown]


def _gptable(front: Front, sheet: Sheet) -> GPTable:
    told = " ".join(str(cell) for cell in sheet.table.to_numpy().ravel())
    numbers = sorted({column for _, column in sheet.formats})
    return GPTable(
        table=sheet.table,
        table_name=re.sub(r"\W+", "_", sheet.name).lower(),
        title=sheet.title,
        subtitles=list(front.warnings),
        instructions=_TABLE_SAYS,
        legend=legend(mark for mark in SYMBOLS if mark in told),
        table_notes={heading: f"$${reference}$$" for heading, reference in sheet.heading_notes.items()},
        index_columns={2: 0},
        # A list of cells in one item formats only the last of them (gptables 2.0.2), so an item for each.
        additional_formatting=[
            {"cell": {"cells": cell, "format": {"num_format": number_format}}}
            for cell, number_format in sheet.formats.items()
        ]
        + [{"column": {"columns": numbers, "format": {"align": "right"}}}],
    )
