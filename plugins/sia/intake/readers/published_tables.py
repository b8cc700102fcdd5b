"""Tables in a publisher's own layout, found and read by what they say and never by where they are.

The contract's ``layout`` says what to look for. Where each of several columns is an offence, a year or a rank, each of
their figures becomes a row. Rows are numbered apart for each sheet and each such column, so that a number leads back to
one cell: ``row number = row of the sheet + offset``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from typing import Any

from sia import geography
from sia.calendar import Quarter
from sia.contract.model import Choice, Column, ColumnType, Contract, Layout, NamedSheet, Table
from sia.finding import Finding
from sia.geography import OtherName
from sia.intake.readers.cells import (
    MAX_ROWS,
    CellKind,
    SheetCell,
    SheetContent,
    SheetRow,
    clean,
    column_letter,
    heading_key,
    is_plain_number,
    number_text,
)
from sia.intake.readers.tables import ReadTable
from sia.intake.rejection import FileRejected, make_finding

# How far apart the row numbers of two parts are. A sheet with a row below this would reach into the next part's.
ROW_NUMBER_STRIDE = 100_000
# The lines by which we know a publication are at the top of a sheet.
MAX_TITLE_ROWS = 12
_BLANK = SheetCell("")
# The marks by which publishers point to a note: [note 2], [r], a raised number, an asterisk or a dagger at the end.
_MARK = re.compile(r"\s*(\[(notes? ?[\d, ]+|[a-z])\]|[*†‡⁰¹²³⁴-⁹]+)$", re.IGNORECASE)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_MONTH_FORMATS = ("%B %Y", "%b %Y", "%b-%y", "%Y-%m")
_FiguresOfRow = Callable[[SheetRow], list[str | None]]


def quarter_of(contract: Contract, lines: Iterable[str]) -> Quarter | None:
    """The quarter in which the period of a published file ends, or nothing if the file is not this publication.

    Args:
        contract: the contract of a published table.
        lines: the texts at the top of the file's sheets.
    """
    if contract.published is None:
        return None
    for line in lines:
        if match := re.search(contract.published.title_pattern, _without_marks(line)):
            groups = match.groupdict()
            year = int(groups["year"])
            month = _month_number(groups["month"]) if groups.get("month") else contract.published.month
            if month:
                return Quarter.containing(date(year if year > 99 else 2000 + year, month, 1))
    return None


def has_headings(contract: Contract, lines: Collection[str]) -> bool:
    """Whether the texts at the top of a file have the headings of any table of a published table's contract."""
    return any(
        all(any(re.fullmatch(heading, line, re.IGNORECASE) for line in lines) for heading in table.layout.headings)
        for table in contract.tables
        if table.layout
    )


def sheet_names(contract: Contract, quarter: Quarter) -> re.Pattern[str]:
    """What the names of the sheets that we read match, in a quarter."""
    names = [sheet.name for table in contract.tables for sheet in _sheets_of(table, quarter)]
    return re.compile("|".join(f"(?:{name})" for name in names), re.IGNORECASE)


def read(
    contract: Contract,
    quarter: Quarter,
    sheets: list[SheetContent],
    other_names: Sequence[OtherName] = (),
    *,
    is_workbook: bool,
) -> tuple[list[ReadTable], list[Finding]]:
    """The tables of a publication, in parts by sheet and column, and what is wrong with their layout.

    Args:
        contract: the contract of a published table.
        quarter: the quarter in which the file's period ends, which dates sheets, headings and labels.
        sheets: the workbook's sheets of these names, or a CSV file as one sheet.
        other_names: other names, codes and spellings of our areas that a publisher may use.
        is_workbook: whether columns have letters. Those of a CSV file have numbers.
    """
    parts: list[ReadTable] = []
    findings: list[Finding] = []
    for table in contract.tables:
        offsets = count(0, ROW_NUMBER_STRIDE)
        try:
            for sheet in _chosen(table, quarter, sheets) if is_workbook else sheets:
                published_sheet = _PublishedSheet(table, quarter, sheet, is_workbook=is_workbook)
                findings += published_sheet.warnings
                parts += published_sheet.parts(offsets)
        except FileRejected as rejected:
            findings += rejected.findings
        else:
            own = [part for part in parts if part.table == table.name]
            findings += _under_our_names(table, own, other_names)
            findings += _districts_left_out(table, own)
    return parts, findings


def _under_our_names(table: Table, parts: list[ReadTable], other_names: Sequence[OtherName]) -> Iterator[Finding]:
    """Give our own name or code to each area that a table has under another, and say so.

    A table that has both is refused: two places would count as one area.
    """
    for other in other_names:
        area = geography.areas()[other.area]
        own = area.code if other.kind == "code" else area.name
        places = list(_places(table, parts))
        wanted = [(row, n) for row, n in places if heading_key(row[n] or "") == heading_key(other.text)]
        if not wanted:
            continue
        has_both = any(heading_key(row[n] or "") == heading_key(own) for row, n in places)
        rule_id = "INT-AREA-02" if has_both else "INT-AREA-01"
        yield make_finding(rule_id, table=table.name, sheet=parts[0].sheet, place=other.text, answer=area.name)
        for row, n in wanted:
            row[n] = own


def _places(table: Table, parts: list[ReadTable]) -> Iterator[tuple[list[str | None], int]]:
    """The rows of a table and the positions in which they name a place."""
    for part in parts:
        positions = [n for n, name in enumerate(part.columns) if name in _layout_of(table).every_district]
        yield from ((texts, n) for _, texts in part.rows for n in positions)


def _districts_left_out(table: Table, parts: list[ReadTable]) -> Iterator[Finding]:
    """Our districts that the table must name and does not: their figures would count as those of a place elsewhere.

    A district is known by its code. Only where a file gives no codes is it known by its name.
    """
    wanted = _layout_of(table).every_district
    given = [name for name in wanted if any(name in part.columns for part in parts)]
    if not given:
        return
    columns = [(part, list(part.columns).index(given[0])) for part in parts if given[0] in part.columns]
    places = {heading_key(texts[n] or "") for part, n in columns for _, texts in part.rows}
    for district in geography.districts():
        if places.isdisjoint({heading_key(district.code), heading_key(district.name)}):
            yield make_finding("INT-PUBLISHED-09", table=table.name, sheet=parts[0].sheet, place=district.name)


def _sheets_of(table: Table, quarter: Quarter) -> list[NamedSheet]:
    return [sheet for sheet in _layout_of(table).sheets if sheet.holds_in(quarter)]


def _layout_of(table: Table) -> Layout:
    if table.layout is None:
        raise ValueError(f"table {table.name} has no layout of a publisher")
    return table.layout


def _chosen(table: Table, quarter: Quarter, sheets: list[SheetContent]) -> Iterator[SheetContent]:
    for wanted in _sheets_of(table, quarter):
        named = [sheet for sheet in sheets if re.fullmatch(wanted.name, clean(sheet.name), re.IGNORECASE)]
        if len(named) != 1:
            raise FileRejected(make_finding("INT-PUBLISHED-03", table=table.name, title=table.title, count=len(named)))
        yield named[0]


@dataclass(frozen=True, slots=True)
class _FigureColumn:
    """One of several columns of figures: its position, and what its heading says."""

    position: int
    heading: str


class _PublishedSheet:
    """One sheet of one table."""

    def __init__(self, table: Table, quarter: Quarter, sheet: SheetContent, *, is_workbook: bool) -> None:
        self._table, self._quarter, self._sheet, self._is_workbook = table, quarter, sheet, is_workbook
        self._layout = _layout_of(table)
        self.warnings: list[Finding] = []
        if sheet.is_overlong or (sheet.rows and sheet.rows[-1].number >= ROW_NUMBER_STRIDE):
            raise self._rejected("INT-PUBLISHED-08", rows=MAX_ROWS if is_workbook else ROW_NUMBER_STRIDE - 1)
        self._first_heading_row = self._find_headings()
        self._by_content = {name: self._first_match(pattern) for name, pattern in self._layout.cell_patterns.items()}
        self._first_data_row = self._find_data()
        self._headings = self._joined_headings()
        self._positions = self._find_columns()
        self._captions = {name: self._caption(name, pattern) for name, pattern in self._layout.captions.items()}
        self._figure_columns = list(self._find_figure_columns())
        self._warn_of_other_columns()

    def parts(self, offsets: Iterator[int]) -> Iterator[ReadTable]:
        """The sheet's rows: one part for each column of figures if there are several, else one part."""
        rows = list(self._data_rows())
        unpivot = self._layout.unpivot
        if unpivot is None:
            yield self._part(rows, next(offsets), {}, lambda _: [])
            return
        for figure_column in self._figure_columns:
            place = self._place(figure_column.position)
            names = [unpivot.heading, unpivot.value, *([unpivot.missing] if unpivot.missing else [])]

            def figures(row: SheetRow, figure_column: _FigureColumn = figure_column) -> list[str | None]:
                value, mark = self._figure(row.cells.get(figure_column.position))
                return [figure_column.heading, value, *([mark] if unpivot.missing else [])]

            yield self._part(rows, next(offsets), dict.fromkeys(names, place), figures)

    def _part(
        self, rows: list[SheetRow], offset: int, columns: Mapping[str, str | int], figures: _FiguresOfRow
    ) -> ReadTable:
        return ReadTable(
            table=self._table.name,
            sheet=self._sheet.name,
            columns={
                **{name: self._place(position) for name, position in self._positions.items()},
                **dict.fromkeys(self._captions),
                **columns,
            },
            rows=[
                (
                    row.number + offset,
                    [
                        *(
                            self._text(row.cells.get(n), self._table.column(name))
                            for name, n in self._positions.items()
                        ),
                        *self._captions.values(),
                        *figures(row),
                    ],
                )
                for row in rows
            ],
            offset=offset,
        )

    # Where headings, rows and columns are.

    def _find_headings(self) -> int:
        for row in self._sheet.rows:
            texts = [self._without_footnotes(cell.text) for cell in row.cells.values()]
            if all(
                any(re.fullmatch(wanted, text, re.IGNORECASE) for text in texts) for wanted in self._layout.headings
            ):
                return row.number
        raise self._no_table()

    def _first_match(self, pattern: str) -> int:
        below = (row for row in self._sheet.rows if row.number > self._first_heading_row)
        positions = [n for row in below for n, cell in row.cells.items() if re.fullmatch(pattern, cell.text)]
        if not positions:
            raise self._no_table()
        return min(positions)

    def _find_data(self) -> int:
        # The columns that mark a row of data have their heading in the first row of the headings, or have none.
        top = next(row for row in self._sheet.rows if row.number == self._first_heading_row)
        headings = {n: self._without_footnotes(cell.text) for n, cell in top.cells.items()}
        self._data_patterns = {
            self._by_content.get(name) or self._only_position(self._table.column(name), headings): re.compile(pattern)
            for name, pattern in self._layout.rows.items()
        }
        for row in self._sheet.rows:
            if row.number > self._first_heading_row and self._is_data(row):
                return row.number
        raise self._no_table()

    def _is_data(self, row: SheetRow) -> bool:
        return all(pattern.fullmatch(row.cells.get(n, _BLANK).text) for n, pattern in self._data_patterns.items())

    def _joined_headings(self) -> dict[int, str]:
        """The heading of each column, with the texts of rows one above another joined."""
        joined: dict[int, list[str]] = {}
        for row in self._sheet.rows:
            if self._first_heading_row <= row.number < self._first_data_row:
                texts = {n: self._without_footnotes(cell.text) for n, cell in row.cells.items()}
                for block in self._sheet.merged:
                    if block.first_row == row.number and block.first_column in texts:
                        texts |= dict.fromkeys(
                            range(block.first_column, block.last_column + 1), texts[block.first_column]
                        )
                for n, text in texts.items():
                    if text:
                        joined.setdefault(n, []).append(text)
        return {n: " > ".join(texts) for n, texts in joined.items()}

    def _find_columns(self) -> dict[str, int]:
        """The position of each column that is not one of several columns of figures."""
        unpivot, layout = self._layout.unpivot, self._layout
        elsewhere = {*layout.captions, *layout.cell_patterns, *layout.right_of}
        if unpivot:
            elsewhere |= {unpivot.heading, unpivot.value, unpivot.missing or unpivot.value}
        positions = dict(self._by_content)
        for column in self._table.columns:
            is_absent = column.name in layout.absent and not self._matching(column, self._headings)
            if column.name not in elsewhere and not is_absent:
                positions[column.name] = self._only_position(column, self._headings)
        return positions | {name: positions[other] + 1 for name, other in layout.right_of.items()}

    def _only_position(self, column: Column, headings: Mapping[int, str]) -> int:
        return self._only(self._matching(column, headings), column.label)

    def _only(self, positions: list[int], heading: str) -> int:
        if not positions:
            raise self._rejected("INT-HEADING-01", heading=heading, place=f"sheet {self._sheet.name}")
        if len(positions) > 1:
            raise self._rejected("INT-HEADING-03", heading=heading)
        return positions[0]

    def _matching(self, column: Column, headings: Mapping[int, str]) -> list[int]:
        if pattern := self._layout.header_patterns.get(column.name):
            return [n for n, text in headings.items() if re.fullmatch(pattern, text, re.IGNORECASE)]
        known = {heading_key(heading) for heading in column.headings(self._quarter)}
        return [n for n, text in headings.items() if heading_key(text) in known]

    def _find_figure_columns(self) -> Iterator[_FigureColumn]:
        unpivot = self._layout.unpivot
        if unpivot is None:
            return
        free = {n: text for n, text in self._headings.items() if n not in self._positions.values()}
        column = self._table.column(unpivot.heading)
        if unpivot.matches is None:
            for choice in column.code_list(self._quarter):
                labels = _labels(choice)
                positions = [n for n, text in free.items() if heading_key(text) in labels]
                yield _FigureColumn(self._only(positions, choice.label), choice.label)
            return
        matches = {n: re.fullmatch(unpivot.matches, text) for n, text in free.items()}
        columns = [_FigureColumn(n, match[1]) for n, match in matches.items() if match]
        if not columns:
            raise self._rejected("INT-PUBLISHED-04", headings=column.label)
        yield from columns

    def _warn_of_other_columns(self) -> None:
        read_positions = {*self._positions.values(), *(column.position for column in self._figure_columns)}
        ignored = [re.compile(pattern, re.IGNORECASE) for pattern in self._layout.ignored_patterns]
        others = [
            n
            for n, text in self._headings.items()
            if n not in read_positions and not any(pattern.fullmatch(text) for pattern in ignored)
        ]
        if others:
            self.warnings.append(self._finding("INT-PUBLISHED-05", count=len(others)))

    # What is read there.

    def _data_rows(self) -> Iterator[SheetRow]:
        figures = {column.position for column in self._figure_columns} or {
            position for name, position in self._positions.items() if self._table.column(name).type.is_number
        }
        for row in self._sheet.rows:
            if row.number < self._first_data_row:
                continue
            if self._is_data(row):
                yield row
            elif any(_is_figure(row.cells[n]) for n in figures & row.cells.keys()):
                raise FileRejected(self._finding("INT-PUBLISHED-06", row=row.number))

    def _caption(self, name: str, pattern: str) -> str:
        column = self._table.column(name)
        for row in self._sheet.rows:
            if row.number >= self._first_heading_row:
                break
            for cell in row.cells.values():
                if match := re.search(pattern, cell.text):
                    return _as_month(match[1]) if column.type is ColumnType.MONTH else match[1]
        raise self._rejected("INT-PUBLISHED-07", heading=column.label)

    def _figure(self, cell: SheetCell | None) -> tuple[str | None, str | None]:
        """The figure in a cell, and the mark in its place."""
        if cell is None:
            return None, None
        key = cell.text.casefold()
        if key in {zero.casefold() for zero in self._layout.zeros}:
            return "0", None
        for mark, label in self._marks().items():
            if key == mark:
                return None, label
        figure = _without_marks(cell.text)
        return (number_text(figure) if is_plain_number(figure) else cell.text), None

    def _text(self, cell: SheetCell | None, column: Column) -> str | None:
        if column.type.is_number:
            return self._figure(cell)[0]
        return (self._without_footnotes(cell.text) or None) if cell else None

    def _marks(self) -> dict[str, str]:
        unpivot = self._layout.unpivot
        if unpivot is None or unpivot.missing is None:
            return {}
        choices = self._table.column(unpivot.missing).code_list(self._quarter)
        return {mark: choice.label for choice in choices for mark in _labels(choice)}

    def _without_footnotes(self, text: str) -> str:
        for pattern in self._layout.footnotes:
            text = re.sub(pattern, "", text)
        return _without_marks(text)

    def _place(self, position: int) -> str | int:
        return column_letter(position) if self._is_workbook else position

    def _no_table(self) -> FileRejected:
        return self._rejected("INT-PUBLISHED-04", headings="; ".join(self._layout.headings))

    def _finding(self, rule_id: str, **words: Any) -> Finding:
        return make_finding(rule_id, table=self._table.name, sheet=self._sheet.name, **words)

    def _rejected(self, rule_id: str, **words: Any) -> FileRejected:
        return FileRejected(self._finding(rule_id, **words))


def _without_marks(text: str) -> str:
    """A heading or name without marks of notes at its end, and with plain hyphens."""
    text = clean(text).translate(_DASHES)
    while (shorter := _MARK.sub("", text)) != text:
        text = shorter
    return text


def _labels(choice: Choice) -> set[str]:
    return {heading_key(label) for label in (choice.label, *choice.synonyms)}


def _is_figure(cell: SheetCell) -> bool:
    return cell.kind in (CellKind.NUMBER, CellKind.PERCENTAGE) or is_plain_number(cell.text)


def _month_number(text: str) -> int | None:
    for form in ("%m", "%B", "%b"):
        try:
            return datetime.strptime(text, form).month  # noqa: DTZ007 - a month, not a moment
        except ValueError:
            continue
    return None


def _as_month(text: str) -> str:
    """A month in words as ``YYYY-MM``. Any other text is left for the rules to find."""
    for form in _MONTH_FORMATS:
        try:
            return datetime.strptime(clean(text), form).strftime("%Y-%m")  # noqa: DTZ007 - a month, not a moment
        except ValueError:
            continue
    return text
