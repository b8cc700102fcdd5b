"""From sheets to a contract's tables: found by tag, reduced to the contract's columns, with findings at their cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from sia.calendar import Quarter
from sia.contract.model import WITHHELD, Column, ColumnType, Contract, Table
from sia.contract.return_workbook import LAST_TIME
from sia.finding import Finding
from sia.geography import OtherName
from sia.intake.readers import meaning
from sia.intake.readers.cells import (
    MAX_ROWS,
    CellKind,
    SheetCell,
    SheetContent,
    SheetRow,
    column_letter,
    heading_key,
    is_plain_number,
    number_text,
    plain_digits,
)
from sia.intake.readers.meaning import Answers, Meaning
from sia.intake.rejection import FileRejected, make_finding
from sia.personal_data import Personal, personal_data_in, personal_data_in_prose

_TOTAL = re.compile(
    r"all|overall|sums?|(grand|sub)?[ -]?totals?\b.*|.* (sub[ -]?)?totals?"
    r"|all (districts|areas|months|partnerships|csps|measures|rows)",
    re.IGNORECASE,
)
_NOT_NUMBERS = {CellKind.DATE: "INT-NUMBER-02", CellKind.PERCENTAGE: "INT-PERCENT-01"}
_MAX_HEADING_LENGTH = 60
# A table with as many required columns has no row with a single cell.
_MIN_REQUIRED = 3
# Spreadsheet programs keep no more digits of a number. A longer one stays as it was typed.
_EXACT_DIGITS = 15
# The database reads no longer whole number, and no count is as large.
_MOST_DIGITS = 9
_TELEPHONE_DIGITS = 10
# What we say in place of a sheet's name that looks like personal data.
_OTHER_NAME = "with another name"
_CONTACTS = {Personal.EMAIL, Personal.TELEPHONE, Personal.POSTCODE}
OWN_SHEETS = {"Cover", "Help", "Lists", LAST_TIME, "What to fix"}
"""The sheets of our own workbooks that are not part of a return. They say whom to write to, and what it had before."""
_PERSONAL_RULES = {
    Personal.NAME_AND_BIRTH: "INT-PERSONAL-01",
    Personal.POSTCODE: "INT-PERSONAL-02",
    Personal.TELEPHONE: "INT-PERSONAL-03",
    Personal.EMAIL: "INT-PERSONAL-04",
    Personal.NATIONAL_INSURANCE: "INT-PERSONAL-05",
    Personal.NHS_NUMBER: "INT-PERSONAL-06",
}


@dataclass(frozen=True, slots=True)
class ReadTable:
    """One table as it was read.

    ``columns`` says where each of the contract's columns was: its letter in a sheet, its number in a CSV file, or
    nothing if its values come from elsewhere. ``rows`` are pairs: the row of the sheet or line of the file plus
    ``offset``, and the texts in the order of ``columns``, ``None`` for an empty cell.
    """

    table: str
    sheet: str
    columns: dict[str, str | int | None]
    rows: list[tuple[int, list[str | None]]]
    offset: int = 0


@dataclass(frozen=True, slots=True)
class _TablePosition:
    """Where a table is in a sheet: the row of its headings, and the first row that is no longer part of it."""

    table: Table
    sheet: SheetContent
    heading_row: int
    end: int | None
    tag: str
    is_workbook: bool

    def address(self, row: int, column: int) -> str | None:
        """The address of a cell, or nothing if the file is not a workbook."""
        return f"{column_letter(column)}{row}" if self.is_workbook else None

    def headings(self) -> Iterator[SheetRow]:
        return (row for row in self.sheet.rows if row.number == self.heading_row)

    def rows(self) -> Iterator[SheetRow]:
        for row in self.sheet.rows:
            if row.number > self.heading_row and (self.end is None or row.number < self.end):
                yield row


def from_workbook(
    contract: Contract, quarter: Quarter, sheets: list[SheetContent], other_names: Sequence[OtherName] = ()
) -> tuple[list[ReadTable], list[Finding]]:
    """The contract's tables in the sheets of a workbook, and what is wrong with them.

    Args:
        contract: of the return.
        quarter: that the return is for.
        sheets: of the workbook.
        other_names: other names, codes and spellings of areas that a file may have.
    """
    tables: list[ReadTable] = []
    findings: list[Finding] = []
    read_cells: set[tuple[str, int, int]] = set()
    for sheet in sheets:
        if sheet.is_tagged and personal_data_in(sheet.name):
            findings.append(make_finding("INT-PERSONAL-08"))
            sheet.name = _OTHER_NAME
    for table in contract.tables:
        positions = list(_positions(contract, table, sheets))
        tag = contract.tag(table)
        if not positions:
            findings.append(make_finding("INT-SHEET-01", table=table.name, sheet=table.sheet, tag=tag))
        elif len(positions) > 1:
            findings.append(make_finding("INT-SHEET-02", table=table.name, sheet=table.sheet, tag=tag))
        else:
            read_table, table_findings = _read(positions[0], quarter, other_names)
            tables.append(read_table)
            findings += table_findings
            read_cells |= {
                (positions[0].sheet.name, row.number, n)
                for row in [*positions[0].rows(), *positions[0].headings()]
                for n in row.cells
                if row.number == positions[0].heading_row or column_letter(n) in read_table.columns.values()
            }
    findings += _unread_findings(sheets, read_cells)
    return tables, findings


def _unread_findings(sheets: list[SheetContent], read_cells: set[tuple[str, int, int]]) -> Iterator[Finding]:
    """Personal data where we read no figures. The file would be kept with it."""
    for sheet in sheets:
        places = _unread_personal_data(sheet, read_cells)
        if sheet.is_tagged:
            for row, n, personal in places:
                address = f"{column_letter(n)}{row}"
                yield make_finding(_PERSONAL_RULES[personal], sheet=sheet.name, row=row, cell=address)
        elif personal_data_in(sheet.name) or any(places):
            # Its name may be a person's, so the finding has no place.
            yield make_finding("INT-PERSONAL-07")


def _unread_personal_data(
    sheet: SheetContent, read_cells: set[tuple[str, int, int]]
) -> Iterator[tuple[int, int, Personal]]:
    """Row, column and kind of the personal data in the cells of a sheet that belong to no table."""
    for row in sheet.rows:
        for n, cell in row.cells.items():
            if (sheet.name, row.number, n) not in read_cells:
                personal = _personal_number(cell.text) or personal_data_in_prose(cell.text)
                if personal and not (sheet.name in OWN_SHEETS and personal in _CONTACTS):
                    yield row.number, n, personal


def from_csv(
    contract: Contract, quarter: Quarter, sheet: SheetContent, other_names: Sequence[OtherName] = ()
) -> tuple[list[ReadTable], list[Finding]]:
    """The contract's only table in a CSV file whose first line is the headings.

    Args:
        contract: of the return.
        quarter: that the return is for.
        sheet: the file.
        other_names: other names, codes and spellings of areas that a file may have.

    Raises:
        FileRejected: fewer than half of the contract's headings are in the first line.
    """
    table = contract.tables[0]
    headings = sheet.rows[0].cells if sheet.rows and sheet.rows[0].number == 1 else {}
    if is_another_table(table, match_headings(table, quarter, {n: cell.text for n, cell in headings.items()})):
        raise FileRejected(another_csv_file(contract, sheet.name))
    position = _TablePosition(table, sheet, 1, None, contract.tag(table), is_workbook=False)
    read_table, findings = _read(position, quarter, other_names)
    width = max(headings)
    findings += [
        make_finding("INT-LINE-02", table=table.name, sheet=sheet.name, row=row.number)
        for row in sheet.rows
        if max(row.cells) > width
    ]
    return [read_table], findings


def match_headings(table: Table, quarter: Quarter, headings: dict[int, str]) -> dict[int, Column]:
    """Which of the contract's columns is at which position. Positions with an unknown heading are left out."""
    known = {heading_key(heading): column for column in table.columns for heading in column.headings(quarter)}
    return {position: known[key] for position, text in headings.items() if (key := heading_key(text)) in known}


def is_another_table(table: Table, matched: dict[int, Column]) -> bool:
    """Whether so few headings are known that this is another table."""
    return len({column.name for column in matched.values()}) * 2 < len(table.columns)


def another_csv_file(contract: Contract, sheet: str) -> Finding:
    """The finding for a CSV file with another table."""
    table = contract.tables[0]
    headings = ", ".join(column.label for column in table.columns)
    return make_finding(
        "INT-TEMPLATE-04", table=table.name, sheet=sheet, row=1, title=contract.title, headings=headings
    )


def is_quotable(heading: str) -> bool:
    """Whether a finding may name an unknown heading: a long one is text, not a heading."""
    return 0 < len(heading) <= _MAX_HEADING_LENGTH


def _positions(contract: Contract, table: Table, sheets: list[SheetContent]) -> Iterator[_TablePosition]:
    tags = {contract.tag(tagged).casefold(): tagged for tagged in contract.tables}
    for sheet in sheets:
        candidates = [(row.number, tags.get(row.cells[1].text.casefold())) for row in sheet.rows if 1 in row.cells]
        tag_rows = [(number, tagged) for number, tagged in candidates if tagged is not None]
        for (number, tagged), (end, _) in zip(tag_rows, [*tag_rows, (None, None)][1:], strict=True):
            if tagged is table:
                yield _TablePosition(table, sheet, number + 1, end, contract.tag(table), is_workbook=True)


def _read(
    position: _TablePosition, quarter: Quarter, other_names: Sequence[OtherName]
) -> tuple[ReadTable, list[Finding]]:
    headings = next(position.headings(), None)
    texts = {n: cell.text for n, cell in headings.cells.items()} if headings else {}
    matched = match_headings(position.table, quarter, texts)
    rows = list(position.rows())
    findings = list(_heading_findings(position, quarter, texts, matched, rows))
    columns: dict[int, Column] = {}
    for n, column in matched.items():
        if not column.personal and column not in columns.values():
            columns[n] = column
    rows = [row for row in rows if not columns.keys().isdisjoint(row.cells)]
    findings += _layout_findings(position, columns, rows)
    answers = {
        name: Answers(column, quarter, other_names)
        for name, column in ((column.name, column) for column in columns.values())
        if column.type is ColumnType.CHOICE
    }
    meanings = [
        {n: _meaning(row.cells[n], column, answers) for n, column in columns.items() if n in row.cells} for row in rows
    ]
    for row, meant in zip(rows, meanings, strict=True):
        stray = list(_stray_findings(position, columns, row))
        findings += stray or _row_findings(position, columns, row, meant)
    read_table = ReadTable(
        table=position.table.name,
        sheet=position.sheet.name,
        columns={column.name: column_letter(n) if position.is_workbook else n for n, column in columns.items()},
        rows=[
            (row.number, [meant[n].text or None if n in meant else None for n in columns])
            for row, meant in zip(rows, meanings, strict=True)
        ],
    )
    return read_table, findings


def _heading_findings(
    position: _TablePosition,
    quarter: Quarter,
    texts: dict[int, str],
    matched: dict[int, Column],
    rows: list[SheetRow],
) -> Iterator[Finding]:
    table, heading_row = position.table, position.heading_row
    in_row = partial(make_finding, table=table.name, sheet=position.sheet.name, row=heading_row)
    if not matched:
        yield in_row("INT-HEADING-05", tag=position.tag)
        return
    # A row of figures in place of the headings must not be quoted as if it were headings.
    has_headings = not is_another_table(table, matched)
    names = [column.name for column in matched.values()]
    renamed: set[int] = set()
    for expected, column in enumerate(table.columns, 1):
        positions = [n for n, other in matched.items() if other is column]
        if len(positions) > 1:
            yield in_row(
                "INT-HEADING-03",
                column=column.name,
                cell=position.address(heading_row, positions[1]),
                heading=column.label,
            )
        if column.name not in names and not column.personal:
            # Another heading at this position is this one, renamed, and not a column too many.
            renamed.add(expected)
            yield in_row(
                "INT-HEADING-01",
                column=column.name,
                cell=position.address(heading_row, expected),
                heading=column.headings(quarter)[0],
                place=_place(position, expected),
            )
    used = {n for row in rows for n in row.cells if position.is_workbook or n <= max(texts)}
    for n in sorted({*texts, *used} - matched.keys() - renamed):
        cell, text = position.address(heading_row, n), texts.get(n, "")
        if personal := personal_data_in(text):
            yield in_row(_PERSONAL_RULES[personal], cell=cell)
        elif has_headings and is_quotable(text):
            yield in_row("INT-HEADING-02", cell=cell, heading=text)
        else:
            yield in_row("INT-HEADING-04", cell=cell, place=_place(position, n))


def _place(position: _TablePosition, column: int) -> str:
    if position.is_workbook:
        return f"column {column_letter(column)} of row {position.heading_row}, sheet {position.sheet.name}"
    return f"position {column} of the first line"


def _layout_findings(position: _TablePosition, columns: dict[int, Column], rows: list[SheetRow]) -> Iterator[Finding]:
    sheet = position.sheet
    in_sheet = partial(make_finding, table=position.table.name, sheet=sheet.name)
    if sheet.hidden:
        yield in_sheet("INT-SHEET-03")
    if sheet.is_overlong:
        yield in_sheet("INT-ROWS-01", rows=MAX_ROWS)
    for n, column in columns.items():
        if n in sheet.hidden_columns and any(n in row.cells for row in rows):
            yield in_sheet(
                "INT-HIDDEN-02",
                row=position.heading_row,
                column=column.name,
                cell=position.address(position.heading_row, n),
                heading=column.label,
            )
    numbers = [row.number for row in rows]
    for block in sheet.merged:
        inside = (
            (row, n)
            for row in numbers
            for n in sorted(columns)
            if block.first_row <= row <= block.last_row and block.first_column <= n <= block.last_column
        )
        for row, n in islice(inside, 1):
            yield in_sheet("INT-MERGED-01", row=row, column=columns[n].name, cell=position.address(row, n))


def _stray_findings(position: _TablePosition, columns: dict[int, Column], row: SheetRow) -> Iterator[Finding]:
    """One finding for a row that is not a row of the table: the headings again, or a single cell."""
    filled = [n for n in columns if n in row.cells]
    in_row = partial(make_finding, table=position.table.name, sheet=position.sheet.name, row=row.number)
    headings = {heading_key(heading) for column in columns.values() for heading in column.headings()}
    again = [n for n in filled if heading_key(row.cells[n].text) in headings]
    if len(again) > 1 and len(again) * 2 > len(filled):
        yield in_row("INT-ROW-02", cell=position.address(row.number, again[0]))
    elif len(filled) == 1 and sum(column.required for column in columns.values()) >= _MIN_REQUIRED:
        (n,) = filled
        if not _personal_data(row.cells[n], columns[n]):
            yield in_row(
                "INT-ROW-01",
                column=columns[n].name,
                cell=position.address(row.number, n),
                heading=columns[n].label,
            )


def _row_findings(
    position: _TablePosition, columns: dict[int, Column], row: SheetRow, meant: dict[int, Meaning]
) -> Iterator[Finding]:
    filled = [(n, column, row.cells[n]) for n, column in columns.items() if n in row.cells]

    def at(rule_id: str, n: int, column: Column | None, **words: object) -> Finding:
        return make_finding(
            rule_id,
            table=position.table.name,
            sheet=position.sheet.name,
            row=row.number,
            column=column.name if column else None,
            cell=position.address(row.number, n),
            **words,
        )

    if row.hidden:
        yield at("INT-HIDDEN-01", filled[0][0], None)
    total = next(((n, column) for n, column, cell in filled if _is_total(position.table, column, cell)), None)
    if total:
        yield at("INT-TOTAL-01", *total)
    for n, column, cell in filled:
        if cell.kind is CellKind.ERROR:
            yield at("INT-ERROR-01", n, column)
        elif cell.formula:
            yield at("INT-FORMULA-02" if cell.text else "INT-FORMULA-01", n, column)
        if column.type.is_number and cell.kind in _NOT_NUMBERS:
            yield at(_NOT_NUMBERS[cell.kind], n, column)
        is_number = column.type.is_number and is_plain_number(plain_digits(cell.text))
        if personal := _personal_data(cell, column):
            yield at(_PERSONAL_RULES[personal], n, column)
        elif rule_id := meant[n].rule_id:
            yield at(rule_id, n, column, answer=meant[n].answer, otherwise=_if_not_given(column))
        if cell.kind is CellKind.TEXT and is_number and position.is_workbook:
            yield at("INT-NUMBER-01", n, column)


def _personal_data(cell: SheetCell, column: Column) -> Personal | None:
    """Personal data in a cell of a column. A spreadsheet program may have made a number of what was typed."""
    digits = plain_digits(cell.text)
    if cell.kind is CellKind.NUMBER or (column.type.is_number and is_plain_number(digits)):
        return _personal_number(digits, is_figure=column.type.is_number)
    return personal_data_in(cell.text) if cell.kind is CellKind.TEXT else None


def _personal_number(digits: str, *, is_figure: bool = False) -> Personal | None:
    """A telephone number whose first 0 is gone, or an NHS number.

    A reference may begin with a year, as 2021000042 does, and look like a telephone number of London.
    """
    if len(digits) != _TELEPHONE_DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    return personal_data_in(digits) or (personal_data_in(f"0{digits}") if is_figure or digits[0] != "2" else None)


def _is_total(table: Table, column: Column, cell: SheetCell) -> bool:
    is_free_text = column.type is ColumnType.TEXT and column.name not in table.key
    if is_free_text or cell.kind is not CellKind.TEXT or not _TOTAL.fullmatch(cell.text):
        return False
    answers = {heading_key(label) for choice in column.code_list() for label in (choice.label, *choice.synonyms)}
    return heading_key(cell.text) not in answers


def _meaning(cell: SheetCell, column: Column, answers: dict[str, Answers]) -> Meaning:
    """What a cell means in its column. An error is nothing: it has a finding of its own."""
    if cell.kind is CellKind.ERROR or not cell.text:
        return Meaning("")
    if cell.kind is CellKind.TEXT:
        return _meaning_of_text(cell.text, column, answers)
    match column.type, cell.kind:
        case ColumnType.YES_NO, CellKind.BOOLEAN:
            meant = Meaning("Yes" if cell.text == "TRUE" else "No")
        case ColumnType.DATE, CellKind.DATE:
            # The day, without a time that the cell's format may hide.
            meant = Meaning(cell.text.partition(" ")[0])
        case ColumnType.MONTH, CellKind.DATE:
            # Spreadsheet programs turn a typed 2021-05 into the first day of that month.
            meant = Meaning(cell.text[:7], None if cell.text.endswith("-01") else "INT-DATE-01")
        case _:
            meant = Meaning(cell.text)
    is_number = column.type.is_number and is_plain_number(cell.text)
    return _meaning_of_number(meant, column) if is_number else meant


def _meaning_of_text(text: str, column: Column, answers: dict[str, Answers]) -> Meaning:
    if column.type.is_number:
        of_number = meaning.number(text, column)
        return _meaning_of_number(of_number, column) if is_plain_number(of_number.text) else of_number
    if column.type is ColumnType.DATE:
        return meaning.day(text)
    if column.type is ColumnType.MONTH:
        return meaning.month(text)
    return answers[column.name].meaning(text) if column.name in answers else Meaning(text)


def _if_not_given(column: Column) -> str:
    """What a sender does that may not give us a number."""
    if column.may_be_withheld:
        return f"enter {WITHHELD}"
    return "tell us before you send the return again, because each row here needs its number"


def _meaning_of_number(plain: Meaning, column: Column) -> Meaning:
    digits = plain.text
    # Digits after the point that no program keeps come from a binary fraction, as in 33.299999999999997.
    text = number_text(digits) if len(digits) <= _EXACT_DIGITS or "." in digits else digits
    is_too_large = column.type is ColumnType.INTEGER and len(text.removeprefix("-").partition(".")[0]) > _MOST_DIGITS
    return Meaning(text, "INT-NUMBER-08" if is_too_large else plain.rule_id)
