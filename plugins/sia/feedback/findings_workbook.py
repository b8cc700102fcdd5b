"""The sheet *What to fix*: every finding, grouped by what to do. It leads a marked workbook, or stands alone.

It stands alone where the partner's own file cannot be given back marked: an OpenDocument, CSV or zip file, and
a file that was not safe to open. It never holds a value of the return.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from io import BytesIO
from typing import cast

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.table import Table, TableColumn, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from sia.calendar import Quarter
from sia.contract.model import Contract
from sia.feedback.finding_groups import Group, Place, label, span

TITLE = "What to fix"
TABLE_NAME = "what_to_fix"
MUST, CHECK = "Must be fixed", "Please check"
HEADINGS = ("What to do", "Kind", "Sheet or file", "Where", "Column", "How many", "Rule")

_WIDTHS = (64, 16, 26, 26, 24, 12, 30)
# A thing to do in a thousand places is understood from the first few; in a marked workbook all are marked.
_MOST_PLACES = 5
_HEADING_ROW = 4
_FONT = "Arial"
_SIZE = 12
_LINE_POINTS = 16


@dataclass(frozen=True, slots=True)
class About:
    """What a workbook of findings is about. ``marked`` says whether it leads the partner's own workbook."""

    contract: Contract
    quarter: Quarter
    receipt: str
    synthetic: bool
    marked: bool


def findings_workbook(about: About, groups: Sequence[Group]) -> bytes:
    """A workbook with the sheet *What to fix* alone, as xlsx."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title = f"{TITLE}: {about.contract.title}, {about.quarter.label}"
    book.properties.creator = "Oxfordshire Safer Communities Partnership"
    book.properties.language = "en-GB"
    # The same findings give the same bytes: the file carries no time of its own.
    book.properties.created = book.properties.modified = datetime.combine(about.quarter.start, time())
    add_list(book, about, groups, reachable=frozenset())
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def add_list(book: Workbook, about: About, groups: Sequence[Group], reachable: frozenset[str]) -> None:
    """Put the sheet *What to fix* first into a workbook.

    Args:
        book: the workbook.
        about: what it is about.
        groups: the findings, grouped.
        reachable: the sheets whose cells may be linked to: those that the workbook has and shows.
    """
    sheet = book.create_sheet(TITLE, 0)
    sample = " Made-up sample." if about.synthetic else ""
    _text(sheet, 1, 1, f"{TITLE}: {about.contract.title}, {about.quarter.label}", bold=True, size=16)
    _text(sheet, 2, 1, f"Receipt {about.receipt}. {summary(groups)}{sample}")
    _text(sheet, 3, 1, _instructions(about, needs_new_workbook=any(group.needs_new_workbook for group in groups)))
    for number, heading in enumerate(HEADINGS, start=1):
        cell = _text(sheet, _HEADING_ROW, number, heading, bold=True)
        cell.fill = PatternFill("solid", start_color="FFE4E9F0")
        cell.border = Border(bottom=Side("medium", color="FF1F3A5F"))
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS[number - 1]
    row = _HEADING_ROW
    for entry, place in _entries(about, groups):
        row += 1
        for number, value in enumerate(entry, start=1):
            _text(sheet, row, number, value)
        if place is not None and place.sheet in reachable and place.address:
            _link(sheet.cell(row, HEADINGS.index("Where") + 1), place)
        sheet.row_dimensions[row].height = _LINE_POINTS * _lines(entry) + 4
    for number in (1, 2, 3):
        sheet.row_dimensions[number].height = _LINE_POINTS * _lines((sheet.cell(number, 1).value,), 1.1) + 8
    _table(sheet, row)
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{_HEADING_ROW}:{_HEADING_ROW}"
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is sheet
    book.active = 0


def summary(groups: Sequence[Group]) -> str:
    """How much there is to do: ``4 things to put right, in 17 places; 1 thing to check, in 1 place.``."""
    parts = []
    for must, verb in ((True, "put right"), (False, "check")):
        mine = [group for group in groups if group.must is must]
        if mine:
            places = sum(group.count for group in mine)
            parts.append(f"{_number(len(mine), 'thing')} to {verb}, in {_number(places, 'place')}")
    return "; ".join(parts) + "."


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _instructions(about: About, *, needs_new_workbook: bool) -> str:
    if needs_new_workbook:
        return (
            "Copy your figures into the blank workbook of the return, and send that one; this one cannot be taken. "
            "If you do not have the blank workbook, answer our mail."
        )
    if about.marked:
        return (
            "This is your own workbook with this sheet added. A cell that must be fixed has a thick solid border, a "
            f"yellow fill and a note that begins “{MUST}”; a cell to check has a dashed border, a blue fill and a "
            f"note that begins “{CHECK}”. The links below lead to the cells. Correct them here, save, and send this "
            "workbook: marks, notes and this sheet need not be removed."
        )
    return "Correct these in your own file, save it, and send it again. Your figures are not repeated here."


def _entries(about: About, groups: Sequence[Group]) -> Iterator[tuple[tuple[str | int, ...], Place | None]]:
    for group in groups:
        kind = MUST if group.must else CHECK
        for place in group.places[:_MOST_PLACES]:
            where = span(place)
            column = label(about.contract, place) or "Not one column"
            file = place.sheet or "The file"
            yield (group.message, kind, file, where[0].upper() + where[1:], column, place.count, group.rule_id), place
        if rest := group.places[_MOST_PLACES:]:
            count = sum(place.count for place in rest)
            also = "Further places, all marked" if about.marked else f"Further places: {_spans(rest)}"
            files = ", ".join(sorted({place.sheet or "The file" for place in rest}))
            columns = ", ".join(sorted({label(about.contract, place) or "Not one column" for place in rest}))
            yield (group.message, kind, files, also, columns, count, group.rule_id), None


def _spans(places: Sequence[Place], most: int = 40) -> str:
    listed = "; ".join(span(place) for place in places[:most])
    return listed if len(places) <= most else f"{listed}; and {len(places) - most:,} more"


def _text(sheet: Worksheet, row: int, column: int, value: str | int, *, bold: bool = False, size: int = _SIZE) -> Cell:
    cell = cast("Cell", sheet.cell(row, column))
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"  # a heading that begins with an equals sign is no formula
    cell.font = Font(name=_FONT, size=size, bold=bold)
    cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
    return cell


def _link(cell: Cell | MergedCell, place: Place) -> None:
    # openpyxl's own setter makes a link to a file; a place in the workbook is a location.
    cell.hyperlink = Hyperlink(
        ref=cell.coordinate, location=f"{quote_sheetname(place.sheet or '')}!{place.address}", display=str(cell.value)
    )
    cell.font = Font(name=_FONT, size=_SIZE, underline="single", color="FF0B4F9E")


def _lines(values: Sequence[object], size: float = 1.0) -> int:
    """How many lines the longest of some texts takes in its column."""
    return max(
        sum(int(len(line) * 0.98 * size / width) + 1 for line in str(value).split("\n"))
        for value, width in zip(values, _WIDTHS, strict=False)
    )


def _table(sheet: Worksheet, last_row: int) -> None:
    table = Table(displayName=TABLE_NAME, ref=f"A{_HEADING_ROW}:{get_column_letter(len(HEADINGS))}{last_row}")
    # With its columns given, openpyxl adds no filter: filters hide rows, and a hidden row is not put right.
    table.tableColumns = [TableColumn(id=number, name=heading) for number, heading in enumerate(HEADINGS, start=1)]
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
    sheet.add_table(table)
