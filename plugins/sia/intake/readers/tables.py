"""From sheets to a contract's tables: found by tag, kept by the allow-list, with every fault named at its cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice

from sia.calendar import Quarter
from sia.contract.model import Column, ColumnType, Contract, Table
from sia.finding import Finding
from sia.intake.readers.cells import ROW_LIMIT, Cell, Kind, Row, Sheet, is_plain_number, letter
from sia.intake.rejection import Refusal, fault
from sia.personal_data import Personal, found_in

_NUMERIC = {ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.MONEY}
_TOTAL = re.compile(
    r"all|overall|sums?|(grand|sub)?[ -]?totals?\b.*|.* (sub[ -]?)?totals?"
    r"|all (districts|areas|months|partnerships|csps|measures|rows)",
    re.IGNORECASE,
)
_LONGEST_HEADING = 60
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
    """One table as read.

    ``columns`` says where each of the contract's columns stood: its letter in a sheet, its number in a
    CSV file, nothing where it stood in no column. ``rows`` are (row of the sheet or line of the file plus
    ``offset``, texts in the order of ``columns``); a text is ``None`` where the cell is empty.
    """

    table: str
    sheet: str
    columns: dict[str, str | int | None]
    rows: list[tuple[int, list[str | None]]]
    offset: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a table lies in a sheet: the row of its headings, and the first row that is no longer its."""

    table: Table
    sheet: Sheet
    heading_row: int
    end: int | None
    tag: str
    addressed: bool

    def cell(self, row: int, column: int) -> str | None:
        """The address of a cell, or nothing where the file is no workbook."""
        return f"{letter(column)}{row}" if self.addressed else None

    def rows(self) -> Iterator[Row]:
        for row in self.sheet.rows:
            if row.number > self.heading_row and (self.end is None or row.number < self.end):
                yield row


def from_workbook(contract: Contract, quarter: Quarter, sheets: list[Sheet]) -> tuple[list[ReadTable], list[Finding]]:
    """The contract's tables in the sheets of a workbook, and what is wrong with their cells."""
    found: list[ReadTable] = []
    findings: list[Finding] = []
    for table in contract.tables:
        places = list(_places(contract, table, sheets))
        tag = contract.tag(table)
        if not places:
            findings.append(fault("INT-SHEET-01", table=table.name, sheet=table.sheet, tag=tag))
        elif len(places) > 1:
            findings.append(fault("INT-SHEET-02", table=table.name, sheet=table.sheet, tag=tag))
        else:
            read, faults = _read(places[0], quarter)
            found.append(read)
            findings += faults
    return found, findings


def from_csv(contract: Contract, quarter: Quarter, sheet: Sheet) -> tuple[list[ReadTable], list[Finding]]:
    """The contract's only table in a CSV file whose first line is the headings.

    Raises:
        Refusal: the first line is not the contract's headings, or less than half of them.
    """
    table = contract.tables[0]
    headings = sheet.rows[0].cells if sheet.rows and sheet.rows[0].number == 1 else {}
    if is_foreign(table, match_headings(table, quarter, {n: cell.text for n, cell in headings.items()})):
        raise Refusal(foreign_csv(contract, sheet.name))
    read, findings = _read(_Place(table, sheet, 1, None, contract.tag(table), addressed=False), quarter)
    width = max(headings)
    findings += [
        fault("INT-LINE-02", table=table.name, sheet=sheet.name, row=row.number)
        for row in sheet.rows
        if max(row.cells) > width
    ]
    return [read], findings


def heading_key(text: str) -> str:
    """Headings are the same if they differ in case and white space alone."""
    return " ".join(text.split()).casefold()


def match_headings(table: Table, quarter: Quarter, headings: dict[int, str]) -> dict[int, Column]:
    """Which column of the contract stands at which position; positions whose heading is unknown are left out."""
    known = {heading_key(heading): column for column in table.columns for heading in column.headings(quarter)}
    return {place: known[key] for place, text in headings.items() if (key := heading_key(text)) in known}


def is_foreign(table: Table, matched: dict[int, Column]) -> bool:
    """Whether so few headings are known that this is another table altogether."""
    return len({column.name for column in matched.values()}) * 2 < len(table.columns)


def foreign_csv(contract: Contract, sheet: str) -> Finding:
    """The finding about a CSV file that holds something else."""
    table = contract.tables[0]
    headings = ", ".join(column.label for column in table.columns)
    return fault("INT-TEMPLATE-04", table=table.name, sheet=sheet, row=1, title=contract.title, headings=headings)


def quotable(heading: str) -> bool:
    """Whether an unknown heading may be named in a finding: what is long is text, and no heading."""
    return 0 < len(heading) <= _LONGEST_HEADING


def _places(contract: Contract, table: Table, sheets: list[Sheet]) -> Iterator[_Place]:
    tags = {contract.tag(t).casefold(): t for t in contract.tables}
    for sheet in sheets:
        marks = [(row.number, tags.get(row.cells[1].text.casefold())) for row in sheet.rows if 1 in row.cells]
        marks = [(number, tagged) for number, tagged in marks if tagged is not None]
        for (number, tagged), (end, _) in zip(marks, [*marks, (None, None)][1:], strict=True):
            if tagged is table:
                yield _Place(table, sheet, number + 1, end, contract.tag(table), addressed=True)


def _read(place: _Place, quarter: Quarter) -> tuple[ReadTable, list[Finding]]:
    headings = next((row for row in place.sheet.rows if row.number == place.heading_row), None)
    texts = {n: cell.text for n, cell in headings.cells.items()} if headings else {}
    matched = match_headings(place.table, quarter, texts)
    rows = list(place.rows())
    findings = list(_heading_faults(place, quarter, texts, matched, rows))
    columns: dict[int, Column] = {}
    for n, column in matched.items():
        if not column.personal and column not in columns.values():
            columns[n] = column
    rows = [row for row in rows if not columns.keys().isdisjoint(row.cells)]
    findings += _layout_faults(place, columns, rows)
    for row in rows:
        findings += _row_faults(place, columns, row)
    read = ReadTable(
        table=place.table.name,
        sheet=place.sheet.name,
        columns={column.name: letter(n) if place.addressed else n for n, column in columns.items()},
        rows=[(row.number, [_staged(row.cells.get(n), column) for n, column in columns.items()]) for row in rows],
    )
    return read, findings


def _heading_faults(
    place: _Place, quarter: Quarter, texts: dict[int, str], matched: dict[int, Column], rows: list[Row]
) -> Iterator[Finding]:
    table, sheet, at = place.table, place.sheet.name, place.heading_row
    if not matched:
        yield fault("INT-HEADING-05", table=table.name, sheet=sheet, row=at, tag=place.tag)
        return
    # A row of figures where the headings should be must not be quoted as if it were headings.
    trusted = not is_foreign(table, matched)
    names = [column.name for column in matched.values()]
    renamed: set[int] = set()
    for expected, column in enumerate(table.columns, 1):
        here = partial(fault, table=table.name, sheet=sheet, row=at, column=column.name)
        standing = [n for n, found in matched.items() if found is column]
        if len(standing) > 1:
            yield here("INT-HEADING-03", cell=place.cell(at, standing[1]), heading=column.label)
        if column.name not in names and not column.personal:
            # Whatever stands in its place is this heading written otherwise, and not a column too many.
            renamed.add(expected)
            yield here(
                "INT-HEADING-01",
                cell=place.cell(at, expected),
                heading=column.headings(quarter)[0],
                place=_position(place, expected),
            )
    used = {n for row in rows for n in row.cells if place.addressed or n <= max(texts)}
    for n in sorted({*texts, *used} - matched.keys() - renamed):
        here = partial(fault, table=table.name, sheet=sheet, row=at, cell=place.cell(at, n))
        text = texts.get(n, "")
        if trusted and quotable(text):
            yield here("INT-HEADING-02", heading=text)
        else:
            yield here("INT-HEADING-04", place=_position(place, n))


def _position(place: _Place, column: int) -> str:
    if place.addressed:
        return f"column {letter(column)} of row {place.heading_row}, sheet {place.sheet.name}"
    return f"position {column} of the first line"


def _layout_faults(place: _Place, columns: dict[int, Column], rows: list[Row]) -> Iterator[Finding]:
    table, sheet = place.table.name, place.sheet
    if sheet.hidden:
        yield fault("INT-SHEET-03", table=table, sheet=sheet.name)
    if sheet.overlong:
        yield fault("INT-ROWS-01", table=table, sheet=sheet.name, rows=ROW_LIMIT)
    for n, column in columns.items():
        if n in sheet.hidden_columns and any(n in row.cells for row in rows):
            yield fault(
                "INT-HIDDEN-02",
                table=table,
                sheet=sheet.name,
                row=place.heading_row,
                column=column.name,
                cell=place.cell(place.heading_row, n),
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
            name = columns[n].name
            yield fault("INT-MERGED-01", table=table, sheet=sheet.name, row=row, column=name, cell=place.cell(row, n))


def _row_faults(place: _Place, columns: dict[int, Column], row: Row) -> Iterator[Finding]:
    filled = [(n, column, row.cells[n]) for n, column in columns.items() if n in row.cells]

    def at(rule_id: str, n: int, column: Column | None) -> Finding:
        return fault(
            rule_id,
            table=place.table.name,
            sheet=place.sheet.name,
            row=row.number,
            column=column.name if column else None,
            cell=place.cell(row.number, n),
        )

    if row.hidden:
        yield at("INT-HIDDEN-01", filled[0][0], None)
    total = next(((n, column) for n, column, cell in filled if _says_total(place.table, column, cell)), None)
    if total:
        yield at("INT-TOTAL-01", *total)
    for n, column, cell in filled:
        if cell.kind is Kind.ERROR:
            yield at("INT-ERROR-01", n, column)
        elif cell.formula:
            yield at("INT-FORMULA-02" if cell.text else "INT-FORMULA-01", n, column)
        figure = column.type in _NUMERIC and is_plain_number(cell.text)
        if cell.kind is Kind.TEXT and not figure and (personal := found_in(cell.text)):
            yield at(_PERSONAL_RULES[personal], n, column)
        if place.addressed and cell.kind is Kind.TEXT and column.type in _NUMERIC and is_plain_number(cell.text):
            yield at("INT-NUMBER-01", n, column)


def _says_total(table: Table, column: Column, cell: Cell) -> bool:
    free_text = column.type is ColumnType.TEXT and column.name not in table.key
    if free_text or cell.kind is not Kind.TEXT or not _TOTAL.fullmatch(cell.text):
        return False
    own = {heading_key(label) for choice in column.code_list() for label in (choice.label, *choice.synonyms)}
    return heading_key(cell.text) not in own


def _staged(cell: Cell | None, column: Column) -> str | None:
    if cell is None or cell.kind is Kind.ERROR:
        return None
    if column.type is ColumnType.MONTH and cell.kind is Kind.DATE and cell.text.endswith("-01"):
        # Spreadsheet programs turn a typed 2021-05 into the first of that month.
        return cell.text.removesuffix("-01")
    if column.type is ColumnType.YES_NO and cell.kind is Kind.BOOLEAN:
        return "Yes" if cell.text == "TRUE" else "No"
    return cell.text or None
