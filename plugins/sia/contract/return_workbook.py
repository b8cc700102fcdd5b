"""The workbook of a return, made blank from its contract, and filled for a sample.

It has a cover, a sheet for each table, drop-downs with the answers that apply in the quarter, and help at every
heading. It follows the Analysis Function's advice on accessible spreadsheets: no merged cells, nothing frozen, one
heading row, a plain 12 point font. The same contract, quarter and rows always give the same bytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from math import ceil
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from sia import geography
from sia.calendar import Quarter
from sia.contract.model import COVER_TAG, WITHHELD, Column, ColumnType, Contract, RuleKind, Table
from sia.contract.rules import BETWEEN, CompiledRule, compile_rules, written_as
from sia.settings import settings

CellValue = str | int | float | Decimal | bool | date | None
RowValues = Mapping[str, CellValue]

TITLE_ROW, NOTE_ROW, TAG_ROW, HEADING_ROW, FIRST_ROW = 1, 2, 3, 4, 5
INPUT_ROWS = 500
LAST_TIME = "Last time"
"""The sheet with the sender's figures of its last return."""
SAMPLE_NOTE = "Made-up sample. Every figure is invented or made to fit a published total; none is about a real case."

_FONT = "Arial"
_SIZE = 12
_LINE_POINTS = 16
_ROW_POINTS, _TITLE_POINTS = 18, 26
_MAX_MESSAGE_LENGTH, _MAX_TITLE_LENGTH = 255, 32  # of a validation in Excel
_NUMBER_FORMATS = {
    ColumnType.INTEGER: "0",
    ColumnType.MONEY: "0.00",
    ColumnType.DATE: "yyyy-mm-dd",
    ColumnType.TEXT: "@",
    ColumnType.MONTH: "@",
}
_WIDTHS = {
    ColumnType.TEXT: 22,
    ColumnType.DATE: 15,
    ColumnType.MONTH: 13,
    ColumnType.YES_NO: 14,
    ColumnType.MONEY: 14,
    ColumnType.DECIMAL: 14,
    ColumnType.INTEGER: 14,
}
_NO_LIMIT = 1_000_000_000


@dataclass(frozen=True, slots=True)
class LastTime:
    """What a sender's own blank workbook has of its last return.

    ``totals``: sheet, what was added up, and its total. ``rows``: by table, what rows that come again have in the
    columns that the contract carries over.
    """

    quarter: Quarter
    synthetic: bool
    totals: Sequence[tuple[str, str, str]]
    rows: Mapping[str, Sequence[RowValues]]


def workbook(
    contract: Contract,
    quarter: Quarter,
    source: str,
    *,
    synthetic: bool = False,
    nil: bool = False,
    last_time: LastTime | None = None,
) -> Workbook:
    """The blank workbook that a sender fills for a quarter.

    Args:
        contract: the contract of the return.
        quarter: the quarter. Drop-downs offer the answers that apply in it.
        source: the key of the sender.
        synthetic: whether it will be filled with made-up figures. Every sheet then says so.
        nil: whether its Cover says that there is nothing to report.
        last_time: the sender's last return, in a workbook for nobody else.

    Raises:
        ValueError: the return is not sent as a workbook, or not by this sender.
    """
    if "xlsx" not in contract.formats:
        raise ValueError(f"the return {contract.name} is not sent as a workbook")
    if source not in contract.senders:
        raise ValueError(f"{source} does not send the return {contract.name}")
    book = Workbook()
    book.remove(book.worksheets[0])
    for style in _styles():
        book.add_named_style(style)
    _set_properties(book, contract, quarter, source)
    _add_cover(book, contract, quarter, source, synthetic=synthetic, nil=nil)
    lists = _list_ranges(contract, quarter)
    for table in contract.tables:
        _add_table_sheet(book, contract, table, quarter, lists, synthetic=synthetic)
        if last_time:
            fill(book, table, last_time.rows.get(table.name, ()))
    if last_time:
        _add_last_time(book, last_time)
    _add_help_sheet(book, contract, quarter, synthetic=synthetic)
    _add_lists_sheet(book, lists, synthetic=synthetic)
    return book


def fill(book: Workbook, table: Table, rows: Iterable[RowValues]) -> None:
    """Enter rows into a table of a workbook that :func:`workbook` made, as a partner would.

    A row gives values by the names of columns: a choice by its code, yes or no as a ``bool``, a month as ``YYYY-MM``.
    Text that is not a code is entered as it is. If the workbook has prefilled rows, a row goes to the one with the same
    prefilled values.

    Raises:
        ValueError: the workbook has no such prefilled row, or there are too many rows.
        KeyError: the workbook has no sheet for the table.
    """
    sheet = book[table.sheet]
    codes = {column.name: {c.code: c.label for c in column.code_list()} for column in table.columns}

    def as_entered(name: str, value: CellValue) -> CellValue:
        if isinstance(value, bool):
            return "Yes" if value else "No"
        return codes[name].get(value, value) if isinstance(value, str) else value

    positions = {column.name: number for number, column in enumerate(table.columns, start=1)}
    prefilled_lines = {
        tuple(sheet.cell(line, positions[name]).value for name in table.prefill): line
        for line in range(FIRST_ROW, sheet.max_row + 1)
    }
    for number, row in enumerate(rows):
        values = {name: as_entered(name, value) for name, value in row.items()}
        if table.prefill:
            line = prefilled_lines.get(tuple(values[name] for name in table.prefill), 0)
        else:
            line = FIRST_ROW + number
        if not FIRST_ROW <= line <= sheet.max_row:
            raise ValueError(f"the sheet {table.sheet} has no line for row {number + 1}")
        for name, value in values.items():
            if name not in table.prefill:
                sheet.cell(line, positions[name]).value = value


def to_bytes(book: Workbook) -> bytes:
    """The workbook as an xlsx file; the same workbook always gives the same bytes."""
    content = BytesIO()
    # openpyxl's own save() writes the time of saving into the file.
    ExcelWriter(book, _UndatedZip(content, "w", ZIP_DEFLATED)).save()
    return content.getvalue()


def file_name(contract: Contract, quarter: Quarter, source: str) -> str:
    """The name of the blank workbook, with the sender if there are several."""
    sender = f"-{source}" if len(contract.senders) > 1 else ""
    return f"{contract.name}{sender}-{quarter.key}.xlsx"


class _UndatedZip(ZipFile):
    """A zip archive whose entries all have the same time."""

    def writestr(self, zinfo_or_arcname: str | ZipInfo, data: Any, *_: Any, **__: Any) -> None:
        name = zinfo_or_arcname.filename if isinstance(zinfo_or_arcname, ZipInfo) else zinfo_or_arcname
        super().writestr(ZipInfo(name), data, compress_type=ZIP_DEFLATED)

    def write(self, filename: str | os.PathLike[str], arcname: Any = None, *_: Any, **__: Any) -> None:
        self.writestr(str(arcname or filename), Path(filename).read_bytes())


def _styles() -> list[NamedStyle]:
    plain = Font(name=_FONT, size=_SIZE)
    thin = Side(style="thin", color="808080")
    grid = Border(left=thin, right=thin, top=thin, bottom=thin)
    grey = PatternFill("solid", fgColor="EDEDED")
    level = Alignment(vertical="center")
    wrapped = Alignment(wrap_text=True, vertical="center")
    top = Alignment(wrap_text=True, vertical="top")
    return [
        NamedStyle("SIA title", font=Font(name=_FONT, size=16, bold=True), alignment=level),
        NamedStyle("SIA note", font=plain, alignment=level),
        NamedStyle("SIA tag", font=Font(name=_FONT, size=_SIZE, color="595959"), alignment=level),
        NamedStyle(
            "SIA heading",
            font=Font(name=_FONT, size=_SIZE, bold=True, color="FFFFFF"),
            fill=PatternFill("solid", fgColor="1F3864"),
            border=grid,
            alignment=wrapped,
        ),
        NamedStyle("SIA prefilled", font=plain, fill=grey, border=grid, alignment=wrapped, number_format="@"),
        NamedStyle("SIA text", font=plain, border=grid, alignment=top),
        *(
            NamedStyle(
                _input_style(kind),
                font=plain,
                border=grid,
                alignment=Alignment(horizontal="left", vertical="center") if kind is ColumnType.DATE else level,
                number_format=_NUMBER_FORMATS.get(kind, "General"),
                protection=Protection(locked=False),
            )
            for kind in ColumnType
        ),
    ]


def _input_style(kind: ColumnType) -> str:
    return f"SIA input {kind.value}"


def _set_properties(book: Workbook, contract: Contract, quarter: Quarter, source: str) -> None:
    about = book.properties
    about.title = f"{contract.title}: {quarter.label}"
    about.subject = contract.about
    about.creator = geography.owner()
    about.description = f"Workbook for {contract.senders[source]}, template version {contract.version}"
    about.language = "en-GB"
    about.created = about.modified = datetime.combine(quarter.start, time())


def _add_sheet(book: Workbook, name: str, title: str, note: str, tag: str | None, *, synthetic: bool) -> Worksheet:
    sheet: Worksheet = book.create_sheet(name)
    _write(sheet, TITLE_ROW, 1, title, "SIA title")
    _write(sheet, NOTE_ROW, 1, f"{SAMPLE_NOTE} {note}" if synthetic else note, "SIA note")
    if tag:
        _write(sheet, TAG_ROW, 1, tag, "SIA tag")
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False
    sheet.sheet_format.defaultRowHeight = _ROW_POINTS
    sheet.sheet_format.customHeight = True
    sheet.row_dimensions[TITLE_ROW].height = _TITLE_POINTS
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    return sheet


def _write(sheet: Worksheet, row: int, column: int, value: CellValue, style: str) -> Cell:
    cell: Cell = sheet.cell(row, column, value)
    cell.style = style
    return cell


def _write_headings(sheet: Worksheet, labels: Iterable[str], widths: Iterable[float]) -> None:
    lines = 1
    for number, (label, width) in enumerate(zip(labels, widths, strict=True), start=1):
        _write(sheet, HEADING_ROW, number, label, "SIA heading")
        sheet.column_dimensions[get_column_letter(number)].width = width
        longest_word = max(len(word) for word in label.split())
        characters = max(width / 1.35, longest_word)  # how many characters of bold 12 point fit into a line
        lines = max(lines, ceil(len(label) / characters))
    sheet.row_dimensions[HEADING_ROW].height = lines * _LINE_POINTS + 4


def _add_cover(
    book: Workbook, contract: Contract, quarter: Quarter, source: str, *, synthetic: bool, nil: bool
) -> None:
    due = quarter.due(contract.due_working_days)
    sheet = _add_sheet(
        book,
        "Cover",
        f"{contract.title}: {quarter.label}",
        f"{contract.senders[source]}. Please send it by {due.day} {due:%B %Y}. How to fill it in: see Help."
        + (f" Check it and send it here: {address}" if (address := settings().desk_address) else ""),
        COVER_TAG,
        synthetic=synthetic,
    )
    lines = {
        "Return": contract.name,
        "Template version": contract.version,
        "Source": source,
        "Quarter": quarter.key,
        "Made-up sample": "Yes" if synthetic else "No",
    }
    for number, (label, value) in enumerate(lines.items(), start=HEADING_ROW):
        _write(sheet, number, 1, label, "SIA heading")
        _write(sheet, number, 2, value, "SIA prefilled")
    if contract.case_tables:
        _add_nil_return(sheet, HEADING_ROW + len(lines), contract, nil=nil)
    sheet.column_dimensions["A"].width = 26
    sheet.column_dimensions["B"].width = 34


def _add_nil_return(sheet: Worksheet, row: int, contract: Contract, *, nil: bool) -> None:
    """Add the line for a nil return: an empty table alone does not say that there was nothing to report."""
    _write(sheet, row, 1, "Nil return", "SIA heading")
    _write(sheet, row, 2, "Yes" if nil else "No", _input_style(ColumnType.YES_NO))
    listed = " and ".join(table.sheet for table in contract.case_tables)
    validation = DataValidation(type="list", formula1='"Yes,No"', allow_blank=False, showErrorMessage=True)
    validation.promptTitle, validation.prompt = "Nil return", f"Yes if there was nothing to report in {listed}"
    validation.errorTitle, validation.error = "Nil return", "Choose Yes or No."
    validation.showInputMessage = True
    validation.add(f"B{row}")
    sheet.add_data_validation(validation)


def _add_table_sheet(
    book: Workbook,
    contract: Contract,
    table: Table,
    quarter: Quarter,
    lists: Mapping[tuple[str, ...], str],
    *,
    synthetic: bool,
) -> None:
    sheet = _add_sheet(book, table.sheet, table.title, table.help, contract.tag(table), synthetic=synthetic)
    prefilled_rows = table.prefilled_rows(quarter)
    last_row = HEADING_ROW + (len(prefilled_rows) if table.prefill else INPUT_ROWS)
    _write_headings(sheet, (c.label for c in table.columns), (_width(c, quarter) for c in table.columns))
    rules = compile_rules(contract, table, quarter)
    for number, column in enumerate(table.columns, start=1):
        comment = Comment(_help_text(column), "Template", width=320, height=150)
        sheet.cell(HEADING_ROW, number).comment = comment
        prefilled = column.name in table.prefill
        style = "SIA prefilled" if prefilled else _input_style(column.type)
        for row in range(FIRST_ROW, last_row + 1):
            sheet.cell(row, number).style = style
        if not prefilled:
            letter = get_column_letter(number)
            validation = _validation(column, quarter, rules, lists, f"{letter}{FIRST_ROW}")
            validation.add(f"{letter}{FIRST_ROW}:{letter}{last_row}")
            sheet.add_data_validation(validation)
    positions = [[c.name for c in table.columns].index(name) + 1 for name in table.prefill]
    for row, labels in enumerate(prefilled_rows, start=FIRST_ROW):
        for position, label in zip(positions, labels, strict=True):
            sheet.cell(row, position).value = label
    sheet.print_title_rows = f"{HEADING_ROW}:{HEADING_ROW}"


def _add_last_time(book: Workbook, last_time: LastTime) -> None:
    note = f"Your figures for {last_time.quarter.label}, to compare with. We do not read this sheet."
    sheet = _add_sheet(book, LAST_TIME, "Last time", note, None, synthetic=last_time.synthetic)
    _write_headings(sheet, ("Sheet", "What", "Total"), (30, 56, 20))
    for row, line in enumerate(last_time.totals, start=FIRST_ROW):
        for number, text in enumerate(line, start=1):
            _write(sheet, row, number, text, "SIA text")


def _width(column: Column, quarter: Quarter) -> float:
    longest_word = max(len(word) for word in column.label.split())
    if column.type is ColumnType.CHOICE:
        return min(60, max(len(label) for label in (column.label, *column.answers(quarter))) * 1.1 + 4)
    return max(_WIDTHS[column.type], longest_word * 1.35 + 3)


def _help_text(column: Column) -> str:
    needed = "Required." if column.required else "Leave it empty if it does not apply."
    example = f" For example: {column.example}." if column.example else ""
    withheld = f" Enter {WITHHELD} if you may not give us the number." if column.may_be_withheld else ""
    return f"{column.help} {needed}{example}{withheld}"


def _validation(
    column: Column,
    quarter: Quarter,
    rules: Iterable[CompiledRule],
    lists: Mapping[tuple[str, ...], str],
    first_cell: str,
) -> DataValidation:
    """What Excel checks as a partner types, with the messages of the contract's rules."""
    validation = _check(column, quarter, rules, lists, first_cell)
    title = column.label[:_MAX_TITLE_LENGTH]
    validation.allow_blank = True
    validation.promptTitle = validation.errorTitle = title
    validation.prompt = _help_text(column)[:_MAX_MESSAGE_LENGTH]
    validation.showInputMessage = True
    validation.showErrorMessage = validation.type is not None
    return validation


def _check(
    column: Column,
    quarter: Quarter,
    rules: Iterable[CompiledRule],
    lists: Mapping[tuple[str, ...], str],
    first_cell: str,
) -> DataValidation:
    column_rules = [rule for rule in rules if rule.columns == (column.name,)]
    wrong_kind = f"{column.label} must be {written_as(column)}."
    if column.type in (ColumnType.CHOICE, ColumnType.YES_NO):
        message = next((rule.message for rule in column_rules if rule.kind is RuleKind.CHOICE), wrong_kind)
        words = message if len(message) <= _MAX_MESSAGE_LENGTH else wrong_kind
        return DataValidation(type="list", formula1=lists[column.answers(quarter)], error=words)
    if column.type.is_number:
        limits = [rule for rule in column_rules if rule.expect == BETWEEN]
        low = max((rule.arguments.get("min_value", -_NO_LIMIT) for rule in limits), default=-_NO_LIMIT)
        high = min((rule.arguments.get("max_value", _NO_LIMIT) for rule in limits), default=_NO_LIMIT)
        is_whole = column.type is ColumnType.INTEGER
        words = (limits[0].message if limits and not column.may_be_withheld else wrong_kind)[:_MAX_MESSAGE_LENGTH]
        if column.may_be_withheld:
            whole = f",{first_cell}=INT({first_cell})" if is_whole else ""
            between = f"AND({first_cell}>={low:.12g},{first_cell}<={high:.12g}{whole})"
            return DataValidation(
                type="custom",
                formula1=f'IF(ISNUMBER({first_cell}),{between},TRIM({first_cell})="{WITHHELD}")',
                error=words,
            )
        return DataValidation(
            type="whole" if is_whole else "decimal",
            operator="between",
            formula1=f"{low:.12g}",
            formula2=f"{high:.12g}",
            error=words,
        )
    if column.type is ColumnType.DATE:
        return DataValidation(
            type="date", operator="greaterThan", formula1="DATE(2000,1,1)", error=wrong_kind[:_MAX_MESSAGE_LENGTH]
        )
    if column.max_length is not None:
        too_long = next(rule.message for rule in column_rules if rule.kind is RuleKind.LENGTH)
        return DataValidation(
            type="textLength", operator="lessThanOrEqual", formula1=str(column.max_length), error=too_long
        )
    return DataValidation()


def _list_ranges(contract: Contract, quarter: Quarter) -> dict[tuple[str, ...], str]:
    """Every list of answers, with its range on the sheet Lists."""
    ranges: dict[tuple[str, ...], str] = {}
    for table in contract.tables:
        for column in table.columns:
            if column.type in (ColumnType.CHOICE, ColumnType.YES_NO) and column.name not in table.prefill:
                answers = column.answers(quarter)
                letter = get_column_letter(len(ranges) + 1)
                last = HEADING_ROW + len(answers)
                ranges.setdefault(answers, f"Lists!${letter}${FIRST_ROW}:${letter}${last}")
    return ranges


def _add_lists_sheet(book: Workbook, lists: Mapping[tuple[str, ...], str], *, synthetic: bool) -> None:
    sheet = _add_sheet(book, "Lists", "Lists", "The answers that the drop-downs offer.", None, synthetic=synthetic)
    sheet.sheet_state = "hidden"
    _write_headings(sheet, (f"List {number + 1}" for number in range(len(lists))), (30 for _ in lists))
    for number, answers in enumerate(lists, start=1):
        for row, answer in enumerate(answers, start=FIRST_ROW):
            _write(sheet, row, number, answer, "SIA prefilled")


def _add_help_sheet(book: Workbook, contract: Contract, quarter: Quarter, *, synthetic: bool) -> None:
    sheet = _add_sheet(
        book,
        "Help",
        "Help",
        "Fill in the white cells; grey cells are filled in already. Do not rename, add or remove sheets or columns.",
        None,
        synthetic=synthetic,
    )
    widths = (16, 30, 56, 44, 12, 36)
    _write_headings(sheet, ("Sheet", "Column", "What to enter", "Written as", "Required", "Example"), widths)
    columns = [(table, column) for table in contract.tables for column in table.columns]
    for row, (table, column) in enumerate(columns, start=FIRST_ROW):
        if column.name in table.prefill:
            written = "Filled in already"
        elif column.type is ColumnType.CHOICE:
            written = "One of: " + "; ".join(column.answers(quarter))
        else:
            words = written_as(column)
            written = words[0].upper() + words[1:]
        required = "Yes" if column.required else "No"
        line = (table.sheet, column.label, column.help, written, required, column.example or "None")
        for number, text in enumerate(line, start=1):
            _write(sheet, row, number, text, "SIA text")
        needed = max(ceil(len(text) * 0.95 / width) for text, width in zip(line, widths, strict=True))
        sheet.row_dimensions[row].height = needed * _LINE_POINTS + 4
