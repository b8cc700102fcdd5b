"""Accessible workbooks, after the checklist of the Analysis Function: cover, contents, notes, then one table a sheet.

Made with gptables. Every workbook that is published is put together here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from io import BytesIO
from textwrap import wrap

import pandas as pd
from gptables import Cover, GPTable, GPWorkbook, Theme, produce_workbook
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from sia.presentation import words
from sia.presentation.number_format import decimals, decimals_of, is_money
from sia.presentation.symbols import NOT_APPLICABLE, SYMBOLS
from sia.registers.measures import Measure
from sia.scorecard.amounts import Status
from sia.scorecard.line import Line
from sia.scorecard.registry import Quantity, Statistic
from sia.statistics.intervals import half_up

WIDE = 60
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
MAX_PRINTED = 10
_A3, _A4 = 8, 9
_WIDTH_OF_A4 = 190
_COVER = 100
_LINE_PIXELS, _TITLE_PIXELS = 21, 30
_NAME_LENGTH = 31
_CONTENTS_TEXT = "This worksheet contains one table. It lists the worksheets that have tables, with a link to each."
_NOTES_TEXT = "This worksheet contains one table. Other worksheets refer to these notes by their number."
_TABLE_TEXT = "This worksheet contains one table. Numbers in square brackets refer to the Notes worksheet."

CellValue = str | float
FormattedCell = tuple[CellValue, str]
"""The value of a cell, and its number format."""


@dataclass
class WorkbookSheet:
    """One sheet: its table, the widths of its columns, and by heading the reference of a note.

    ``formats``: of cells, by row (the first is 1) and column. ``printed``: how many columns are printed at most, which
    keeps letters readable; all if not given.
    """

    name: str
    title: str
    headings: tuple[str, ...]
    widths: tuple[int, ...]
    heading_notes: Mapping[str, str] = field(default_factory=dict)
    rows: list[tuple[CellValue, ...]] = field(default_factory=list)
    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    printed: int | None = None

    def __post_init__(self) -> None:
        self.name = self.name[:_NAME_LENGTH]

    def add(self, text: tuple[CellValue, ...], numbers: Sequence[FormattedCell] = ()) -> None:
        """Add a row: columns of text, then columns of numbers, each with its format."""
        self.rows.append((*text, *(value for value, _ in numbers)))
        for column, (_, number_format) in enumerate(numbers, start=len(text)):
            self.formats[len(self.rows), column] = number_format


@dataclass(frozen=True, slots=True)
class Front:
    """What a workbook says before its tables: on the cover, in its properties, and above every table.

    ``warnings`` are above every table; ``made_on`` is the day of its figures, never that on which it is written.
    """

    publisher: str
    title: str
    document_title: str
    subject: str
    intro: tuple[str, ...]
    about: tuple[str, ...]
    warnings: tuple[str, ...]
    comments: str
    made_on: date


def figure_cell(measure: Measure, line: Line, statistic: Statistic) -> FormattedCell:
    """A figure of a line as it is rounded for people, or the symbol that says why there is none."""
    places, money = decimals_of(measure, statistic), is_money(measure, statistic.quantity)
    if not statistic.concerns.includes(measure):
        return NOT_APPLICABLE, _number_format(places, money)
    figure = line.figures[statistic.id]
    return _cell(figure.value, figure.status, places, money)


def quantity_cell(measure: Measure, quantity: Quantity, value: float | None, status: Status) -> FormattedCell:
    """A quantity of a measure as it is rounded for people, or the symbol that says why there is none."""
    return _cell(value, status, decimals(measure, quantity), is_money(measure, quantity))


def _cell(value: float | None, status: Status, places: int, money: bool) -> FormattedCell:
    shown = words.symbol(status) if value is None else float(half_up(value, places))
    return shown, _number_format(places, money)


def _number_format(places: int, money: bool) -> str:
    digits = f"#,##0.{'0' * places}" if places else "#,##0"
    return f"£{digits};-£{digits}" if money else digits


def legend(used: Iterable[str]) -> list[str]:
    """The meaning of symbols, a sentence each."""
    return [f"{symbol} {SYMBOLS[symbol]}." for symbol in used]


def put_together(front: Front, sheets: Sequence[WorkbookSheet], notes: Mapping[str, str]) -> bytes:
    """A workbook as xlsx; the same content gives the same bytes.

    Args:
        front: cover and properties.
        sheets: the tables.
        notes: every note by the reference that sheets give.
    """
    cover = Cover(
        title=front.title,
        intro=list(front.intro),
        about=list(front.about),
        contact=[front.publisher],
        width=_COVER,
    )  # fmt: skip
    tables = {sheet.name: _gptable(front, sheet) for sheet in sheets}
    rows: dict[str, Sequence[Sequence[str]]] = {
        "Cover": cover_rows(cover),
        "Contents": [("Contents",), (_CONTENTS_TEXT,)],
        **{sheet.name: _rows_of_text(sheet, tables[sheet.name]) for sheet in sheets},
    }
    printed = {sheet.name: sheet.printed for sheet in sheets}
    widths = {"Cover": (_COVER,), "Contents": (WIDE, 80), "Notes": (WIDE, 100)} | {s.name: s.widths for s in sheets}
    buffer = BytesIO()
    book = produce_workbook(
        buffer,
        tables,
        theme=_THEME,
        cover=cover,
        contentsheet_options={"title": "Contents", "table_name": "contents", "instructions": _CONTENTS_TEXT},
        notes_table=pd.DataFrame({"reference": list(notes), "Note": list(notes.values())}),
        notesheet_options={"title": "Notes", "table_name": "notes", "instructions": _NOTES_TEXT},
        auto_width=False,
        workbook_options={"in_memory": True, "strings_to_formulas": False},
    )
    # gptables puts the notes into the order in which the tables refer to them.
    ordered = [("", notes[reference]) for reference in dict.fromkeys([*book._annotations, *notes])]
    rows["Notes"] = [("Notes",), (_NOTES_TEXT,), ("",), *ordered]
    book.set_properties(
        {
            "title": front.document_title,
            "subject": front.subject,
            "author": front.publisher,
            "company": front.publisher,
            "comments": front.comments,
            "created": datetime.combine(front.made_on, time(9), UTC),
        }
    )
    _write_numbers(book, sheets, rows)
    for worksheet in book.worksheets():
        name = worksheet.get_name()
        set_layout(worksheet, rows[name], widths[name], printed.get(name))
        # On every printed sheet: the marking, the document, the sheet, and its number.
        worksheet.set_header(f"&L{front.warnings[0].replace('&', '&&')}")
        worksheet.set_footer(f"&L{front.document_title.replace('&', '&&')}&C&A&RPage &P of &N")
    book.close()
    return buffer.getvalue()


def _write_numbers(
    book: GPWorkbook, sheets: Sequence[WorkbookSheet], rows: Mapping[str, Sequence[Sequence[str]]]
) -> None:
    """Write the cells that have number formats again, with them: gptables takes a format for each cell very slowly."""
    formats = {
        number_format: book.add_format(_FONT | _WRAPPED | {"align": "right", "num_format": number_format})
        for number_format in sorted({text for sheet in sheets for text in sheet.formats.values()})
    }
    for sheet in sheets:
        worksheet = book.get_worksheet_by_name(sheet.name)
        above = len(rows[sheet.name]) - len(sheet.rows) - 1
        for (row, column), number_format in sheet.formats.items():
            worksheet.write(above + row, column, sheet.rows[row - 1][column], formats[number_format])


def cover_rows(cover: Cover) -> list[tuple[str]]:
    """The text of each row of a cover, for its layout; a subtitle takes one line, whatever it says."""
    return [(text,) for text in (cover.title, "", *cover.intro, "", *cover.about, "", *cover.contact)]


def set_layout(
    worksheet: Worksheet, rows: Sequence[Sequence[str]], widths: Sequence[int], printed: int | None = None
) -> None:
    """Set widths, paper and heights, so that no wrapped text is cut by a program that does not fit rows itself.

    Args:
        worksheet: the sheet.
        rows: the text of each row from the title down, a cell for each column; what spans the sheet has one.
        widths: of the columns, in characters.
        printed: how many columns are printed at most; all if not given.
    """
    for column, width in enumerate(widths):
        worksheet.set_column(column, column, width)
    for number, row in enumerate(rows):
        lines = max(len(_wrap(text, width)) for text, width in zip(row, widths, strict=False))
        worksheet.set_row_pixels(number, _TITLE_PIXELS * lines if number == 0 else _LINE_PIXELS * lines)
        if len(row) > 1 and len(rows[number - 1]) == 1:
            worksheet.repeat_rows(number)
    worksheet.set_landscape()
    on_paper = widths[:printed]
    if len(on_paper) < len(widths):
        worksheet.print_area(0, 0, len(rows) - 1, len(on_paper) - 1)
    worksheet.set_paper(_A4 if sum(on_paper) <= _WIDTH_OF_A4 else _A3)
    worksheet.fit_to_pages(1, 0)


def with_references(title: str, notes: Iterable[str]) -> str:
    """A title with a reference to each of its notes."""
    return title + "".join(f" $${_reference(note)}$$" for note in notes)


def by_reference(notes: Iterable[str]) -> dict[str, str]:
    """Notes by what refers to them."""
    return {_reference(note): note for note in notes}


def _reference(note: str) -> str:
    # Dollar signs enclose a reference, and a note may have its own.
    return note.replace("$", "")


def _wrap(text: str, width: int) -> list[str]:
    """The number of lines of a text in a column, at a character for each unit of its width: a little more than most."""
    if len(text) <= width and "\n" not in text:
        return [text]
    return [line for part in text.split("\n") for line in wrap(part, width) or [""]]


def _rows_of_text(sheet: WorkbookSheet, table: GPTable) -> list[tuple[str, ...]]:
    """The text of each row of a sheet, from the title down."""
    above = [table.title, *table.subtitles, table.instructions, *table.legend]
    noted = [f"{heading}\n[note]" if heading in sheet.heading_notes else heading for heading in sheet.headings]
    shown = [tuple(re.sub(r"\$\$.*?\$\$", "[note 10]", str(cell)) for cell in row) for row in sheet.rows]
    return [*[(text,) for text in above], tuple(noted), *shown]


def _gptable(front: Front, sheet: WorkbookSheet) -> GPTable:
    text = {cell for row in sheet.rows for cell in row if isinstance(cell, str)}
    return GPTable(
        table=pd.DataFrame(sheet.rows, columns=list(sheet.headings)),
        table_name=re.sub(r"\W+", "_", sheet.name).lower(),
        title=sheet.title,
        subtitles=list(front.warnings),
        instructions=_TABLE_TEXT,
        legend=legend(symbol for symbol in SYMBOLS if any(symbol in cell for cell in text)),
        table_notes={heading: f"$${reference}$$" for heading, reference in sheet.heading_notes.items()},
        index_columns={2: 0},
        additional_formatting=[
            {"column": {"columns": sorted({column for _, column in sheet.formats}), "format": {"align": "right"}}}
        ],
    )
