"""The sheet *What to fix*: every finding, grouped by what to do. It is the first sheet of a marked workbook.

It is the only sheet where we cannot mark the partner's own file: an OpenDocument, CSV or zip file, or a file that was
not safe to open. It never contains a value of the return.
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

from sia import geography
from sia.calendar import Quarter
from sia.contract.model import Contract
from sia.feedback.finding_groups import FindingGroup, Location, column_label, describe_location
from sia.feedback.wording import number_of

TITLE = "What to fix"
TABLE_NAME = "what_to_fix"
REQUIRED, TO_CHECK = "Must be fixed", "Please check"
HEADINGS = ("What to do", "Kind", "Sheet or file", "Where", "Column", "How many", "Rule")

_WIDTHS = (64, 16, 26, 26, 24, 12, 30)
# The first few locations are enough to see what is wrong; a marked workbook marks them all.
_MAX_LOCATIONS = 5
_HEADING_ROW = 4
_FONT = "Arial"
_SIZE = 12
_LINE_POINTS = 16


@dataclass(frozen=True, slots=True)
class FixListHeader:
    """The return that the sheet is header. ``marked`` says whether the sheet is in the partner's own workbook."""

    contract: Contract
    quarter: Quarter
    receipt: str
    synthetic: bool
    marked: bool


def findings_workbook(header: FixListHeader, groups: Sequence[FindingGroup]) -> bytes:
    """A workbook with only the sheet *What to fix*, as xlsx."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title = f"{TITLE}: {header.contract.title}, {header.quarter.label}"
    book.properties.creator = geography.owner()
    book.properties.language = "en-GB"
    # The same findings give the same bytes, so the file has no time of creation.
    book.properties.created = book.properties.modified = datetime.combine(header.quarter.start, time())
    add_list(book, header, groups, reachable=frozenset())
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def add_list(book: Workbook, header: FixListHeader, groups: Sequence[FindingGroup], reachable: frozenset[str]) -> None:
    """Add the sheet *What to fix* to a workbook, as its first sheet.

    Args:
        book: the workbook.
        header: the return that it is for.
        groups: the findings, grouped.
        reachable: the visible sheets of the workbook, whose cells the list may link to.
    """
    sheet = book.create_sheet(TITLE, 0)
    sample = " Made-up sample." if header.synthetic else ""
    _text(sheet, 1, 1, f"{TITLE}: {header.contract.title}, {header.quarter.label}", bold=True, size=16)
    _text(sheet, 2, 1, f"Receipt {header.receipt}. You have {summarise(groups)}.{sample}")
    _text(sheet, 3, 1, _instructions(header, needs_new_workbook=any(group.needs_new_workbook for group in groups)))
    for number, heading in enumerate(HEADINGS, start=1):
        cell = _text(sheet, _HEADING_ROW, number, heading, bold=True)
        cell.fill = PatternFill("solid", start_color="FFE4E9F0")
        cell.border = Border(bottom=Side("medium", color="FF1F3A5F"))
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS[number - 1]
    row = _HEADING_ROW
    for entry, location in _entries(header, groups):
        row += 1
        for number, value in enumerate(entry, start=1):
            _text(sheet, row, number, value)
        if location is not None and location.sheet in reachable and location.address:
            _link(sheet.cell(row, HEADINGS.index("Where") + 1), location)
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


def summarise(groups: Sequence[FindingGroup]) -> str:
    """How much there is to do: ``4 things to correct, in 17 places, and 1 thing to check, in 1 place``."""
    parts = []
    for is_required, verb in ((True, "correct"), (False, "check")):
        chosen = [group for group in groups if group.is_required is is_required]
        if chosen:
            places = sum(group.count for group in chosen)
            parts.append(f"{number_of(len(chosen), 'thing')} to {verb}, in {number_of(places, 'place')}")
    return ", and ".join(parts)


def _instructions(header: FixListHeader, *, needs_new_workbook: bool) -> str:
    if needs_new_workbook:
        return (
            "Copy your figures into the blank workbook for this return and send that to us: we cannot accept this one. "
            "If you do not have the blank workbook, reply to our email and we will send it."
        )
    if header.marked:
        return (
            "This is your own workbook. We have added this sheet and marked the cells to look at. "
            f"A cell that must be fixed has a thick border, a yellow fill and a note that begins “{REQUIRED}”. "
            f"A cell to check has a dashed border, a blue fill and a note that begins “{TO_CHECK}”. "
            "Use the links below to go to each cell. Correct the cells, save the workbook and send it to us. "
            "You can leave this sheet, the notes and the borders in it."
        )
    return "Correct these in your own file, save it and send it again. We do not repeat your figures here."


def _entries(
    header: FixListHeader, groups: Sequence[FindingGroup]
) -> Iterator[tuple[tuple[str | int, ...], Location | None]]:
    for group in groups:
        kind = REQUIRED if group.is_required else TO_CHECK
        for location in group.locations[:_MAX_LOCATIONS]:
            where = describe_location(location)
            where = where[0].upper() + where[1:]
            column = _column(header, location)
            yield (group.message, kind, _sheet(location), where, column, location.count, group.rule_id), location
        if rest := group.locations[_MAX_LOCATIONS:]:
            count = sum(location.count for location in rest)
            others = "Other places, all marked" if header.marked else f"Other places: {_describe(rest)}"
            sheets = ", ".join(sorted({_sheet(location) for location in rest}))
            columns = ", ".join(sorted({_column(header, location) for location in rest}))
            yield (group.message, kind, sheets, others, columns, count, group.rule_id), None


def _sheet(location: Location) -> str:
    return location.sheet or "The file"


def _column(header: FixListHeader, location: Location) -> str:
    return column_label(header.contract, location) or "No single column"


def _describe(locations: Sequence[Location], limit: int = 40) -> str:
    listed = "; ".join(describe_location(location) for location in locations[:limit])
    return listed if len(locations) <= limit else f"{listed}; and {len(locations) - limit:,} more"


def _text(sheet: Worksheet, row: int, column: int, value: str | int, *, bold: bool = False, size: int = _SIZE) -> Cell:
    cell = cast("Cell", sheet.cell(row, column))
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"  # so that a heading that begins with an equals sign is not a formula
    cell.font = Font(name=_FONT, size=size, bold=bold)
    cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
    return cell


def _link(cell: Cell | MergedCell, location: Location) -> None:
    # openpyxl's own setter makes a link to a file, not to a cell of this workbook.
    cell.hyperlink = Hyperlink(
        ref=cell.coordinate,
        location=f"{quote_sheetname(location.sheet or '')}!{location.address}",
        display=str(cell.value),
    )
    cell.font = Font(name=_FONT, size=_SIZE, underline="single", color="FF0B4F9E")


def _lines(values: Sequence[object], size: float = 1.0) -> int:
    """The number of lines that the longest of these texts needs in its column."""
    return max(
        sum(int(len(line) * 0.98 * size / width) + 1 for line in str(value).split("\n"))
        for value, width in zip(values, _WIDTHS, strict=False)
    )


def _table(sheet: Worksheet, last_row: int) -> None:
    table = Table(displayName=TABLE_NAME, ref=f"A{_HEADING_ROW}:{get_column_letter(len(HEADINGS))}{last_row}")
    # With columns given, openpyxl adds no filter: a filter hides rows, and nobody corrects a hidden row.
    table.tableColumns = [TableColumn(id=number, name=heading) for number, heading in enumerate(HEADINGS, start=1)]
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
    sheet.add_table(table)
