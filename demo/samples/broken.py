"""Sample returns whose first attempt has one error, and whose second attempt is correct."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from sia.calendar import Quarter
from sia.contract.return_workbook import FIRST_ROW, HEADING_ROW


@dataclass(frozen=True, slots=True)
class Broken:
    """A first attempt with an error: the name of the error, the return and quarter, and how to break the workbook."""

    error: str
    return_name: str
    quarter: Quarter
    break_it: Callable[[Workbook], None]


def of(return_name: str, quarter: Quarter) -> Broken | None:
    """The error of the first attempt at a return; ``None`` if the first attempt is correct."""
    return next((b for b in BROKEN if (b.return_name, b.quarter) == (return_name, quarter)), None)


def _older_version(book: Workbook) -> None:
    _cover_value(book, "Template version").value = "2016.1"


def _quarter_before(book: Workbook) -> None:
    quarter = _cover_value(book, "Quarter")
    quarter.value = Quarter.parse(str(quarter.value)).plus(-1).key


def _renamed_column(book: Workbook) -> None:
    _heading(book["Counts"], "Vale of White Horse").value = "Vale of WH"


def _text_in_number(book: Workbook) -> None:
    services = book["Services"]
    line = next(cell.row for cell in services["A"] if cell.value == "Households in refuge")
    services.cell(line, _heading(services, "West Oxfordshire").column).value = "fewer than 5"


def _total_row(book: Workbook) -> None:
    cases = book["Cases"]
    fees = _below(cases, "Fee")
    below = _last_line(cases) + 1
    cases.cell(below, 1).value = "Total"
    cases.cell(below, fees[0].column).value = sum(_number(fee) for fee in fees)


def _negative_cost(book: Workbook) -> None:
    cost = next(cell for cell in _below(book["Jobs"], "Works cost") if cell.value is not None)
    cost.value = -_number(cost)


def _duplicate_case(book: Workbook) -> None:
    cases = book["Cases"]
    below = _last_line(cases) + 1
    for column, cell in enumerate(cases[FIRST_ROW + 1], start=1):
        cases.cell(below, column).value = cell.value


def _wrong_total(book: Workbook) -> None:
    counts = book["Counts"]
    line = next(cell.row for cell in counts["B"] if cell.value == "Criminal damage")
    total = _cell(counts, line, _heading(counts, "Oxfordshire total").column)
    total.value = _number(total) + 10


# None is in the newest quarter, so that its scorecard can be drafted alone.
BROKEN = (
    Broken("wrong-template-version", "sanctuary", Quarter(2020, 1), _older_version),
    Broken("negative-cost", "sanctuary", Quarter(2020, 2), _negative_cost),
    Broken("duplicate-case", "mediation", Quarter(2020, 2), _duplicate_case),
    Broken("renamed-column", "tvp_counts", Quarter(2020, 2), _renamed_column),
    Broken("wrong-quarter", "odas", Quarter(2020, 3), _quarter_before),
    Broken("text-in-number", "odas", Quarter(2020, 4), _text_in_number),
    Broken("total-row", "mediation", Quarter(2020, 4), _total_row),
    Broken("districts-and-total-differ", "tvp_counts", Quarter(2021, 3), _wrong_total),
)


def _cover_value(book: Workbook, label: str) -> Cell:
    """The cell to the right of a label on the Cover sheet."""
    cover = book["Cover"]
    return _cell(cover, next(cell.row for cell in cover["A"] if cell.value == label), 2)


def _heading(sheet: Worksheet, label: str) -> Cell:
    headings = [cell.value for cell in sheet[HEADING_ROW]]
    return _cell(sheet, HEADING_ROW, headings.index(label) + 1)


def _last_line(sheet: Worksheet) -> int:
    """The last line with a value in its first column. The blank workbook has formatted lines below it."""
    return max(int(cell.row) for cell in sheet["A"] if cell.value is not None)


def _below(sheet: Worksheet, label: str) -> list[Cell]:
    """The filled lines of a column."""
    column = _heading(sheet, label).column
    return [_cell(sheet, row, column) for row in range(FIRST_ROW, _last_line(sheet) + 1)]


def _cell(sheet: Worksheet, row: int, column: int) -> Cell:
    # Nothing is merged in our workbooks.
    return cast("Cell", sheet.cell(row, column))


def _number(cell: Cell) -> Decimal:
    return Decimal(str(cell.value or 0))
