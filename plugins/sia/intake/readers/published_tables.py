"""Tables that a publisher lays out its own way: found and read by what they say, never by where they stand.

What each contract looks for is its ``layout``. A figure of a table whose columns are offences, years or ranks becomes
a row of its own. Rows are numbered apart for each sheet and column that they come from, so that a number leads back
to one cell: ``row number = sheet row + offset``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from typing import Any

from sia.calendar import Quarter
from sia.contract.model import Choice, Column, ColumnType, Contract, Layout, NamedSheet, Table
from sia.finding import Finding
from sia.intake.readers.cells import ROW_LIMIT, Cell, Kind, Row, Sheet, clean, is_plain_number, letter, number_text
from sia.intake.readers.tables import ReadTable, heading_key
from sia.intake.rejection import Refusal, fault

# No row of a sheet may stand so low: the numbers of one part's rows would be those of the next's.
ROOM = 100_000
# How a publication introduces itself stands at the top of a sheet.
FIRST_LINES = 12
_NUMERIC = {ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.MONEY}
_Figures = Callable[[Row], list[str | None]]
_MONTH_WORDS = ("%B %Y", "%b %Y", "%b-%y", "%Y-%m")


def quarter_of(contract: Contract, lines: Iterable[str]) -> Quarter | None:
    """The quarter in which the period of a published file ends, or nothing if it is not this publication.

    Args:
        contract: the contract of a published table.
        lines: what stands in the first lines of its sheets.
    """
    if contract.published is None:
        return None
    for line in lines:
        if found := re.search(contract.published.title_pattern, line):
            said = found.groupdict()
            year = int(said["year"])
            month = _month_number(said["month"]) if said.get("month") else contract.published.month
            if month:
                return Quarter.containing(date(year if year > 99 else 2000 + year, month, 1))
    return None


def sheet_names(contract: Contract, quarter: Quarter) -> re.Pattern[str]:
    """What the names of the sheets that hold a publication's tables match, in a quarter."""
    names = [sheet.name for table in contract.tables for sheet in _sheets(table, quarter)]
    return re.compile("|".join(f"(?:{name})" for name in names), re.IGNORECASE)


def read(
    contract: Contract, quarter: Quarter, sheets: list[Sheet], *, delimited: bool = False
) -> tuple[list[ReadTable], list[Finding]]:
    """The tables of a publication, in parts by sheet and column, and what is wrong with their layout.

    Args:
        contract: the contract of a published table.
        quarter: the quarter in which the file's period ends, which dates sheets, headings and labels.
        sheets: the workbook's sheets of these names, or a CSV file as one sheet.
        delimited: whether it is a CSV file, whose columns have numbers and no letters.
    """
    parts: list[ReadTable] = []
    findings: list[Finding] = []
    for table in contract.tables:
        offsets = count(0, ROOM)
        try:
            for sheet in sheets if delimited else _chosen(table, quarter, sheets):
                found = _Reader(table, quarter, sheet, addressed=not delimited)
                findings += found.warnings
                parts += found.parts(offsets)
        except Refusal as refusal:
            findings += refusal.findings
    return parts, findings


def _sheets(table: Table, quarter: Quarter) -> list[NamedSheet]:
    layout = _layout(table)
    return [sheet for sheet in layout.sheets if sheet.holds_in(quarter)]


def _layout(table: Table) -> Layout:
    if table.layout is None:
        raise ValueError(f"table {table.name} has no layout of a publisher")
    return table.layout


def _chosen(table: Table, quarter: Quarter, sheets: list[Sheet]) -> Iterator[Sheet]:
    for wanted in _sheets(table, quarter):
        found = [s for s in sheets if re.fullmatch(wanted.name, clean(s.name), re.IGNORECASE)]
        if len(found) != 1:
            raise Refusal(fault("INT-PUBLISHED-03", table=table.name, title=table.title, count=len(found)))
        yield found[0]


@dataclass(frozen=True, slots=True)
class _Part:
    """One column of figures of a sheet: where it stands and what stands above it."""

    place: int
    message: str


class _Reader:
    """One sheet of one table."""

    def __init__(self, table: Table, quarter: Quarter, sheet: Sheet, *, addressed: bool) -> None:
        self.table, self.quarter, self.sheet, self._addressed = table, quarter, sheet, addressed
        self.layout = _layout(table)
        self.warnings: list[Finding] = []
        if sheet.overlong or (sheet.rows and sheet.rows[-1].number >= ROOM):
            raise self._refusal("INT-PUBLISHED-08", rows=ROW_LIMIT if addressed else ROOM - 1)
        self._start = self._headings_start()
        self._held = {name: self._first_holding(pattern) for name, pattern in self.layout.cell_patterns.items()}
        self._first = self._first_of_data()
        self._headings = self._joined()
        self._places = self._placed()
        self._said = {name: self._said_above(name, pattern) for name, pattern in self.layout.captions.items()}
        self._across = list(self._standing_across())
        self._warn_of_others()

    def parts(self, offsets: Iterator[int]) -> Iterator[ReadTable]:
        """The sheet's rows: one part for each column that stands across, or one altogether."""
        rows = list(self._data())
        if self.layout.unpivot is None:
            yield self._part(rows, next(offsets), {}, lambda _: [])
            return
        unpivot = self.layout.unpivot
        for part in self._across:
            place = self._address(part.place)
            columns = {unpivot.heading: place, unpivot.value: place} | (
                {unpivot.missing: place} if unpivot.missing else {}
            )

            def figures(row: Row, part: _Part = part) -> list[str | None]:
                value, mark = self._figure(row.cells.get(part.place))
                return [part.message, value, mark] if unpivot.missing else [part.message, value]

            yield self._part(rows, next(offsets), columns, figures)

    def _part(self, rows: list[Row], offset: int, columns: Mapping[str, str | int], figures: _Figures) -> ReadTable:
        return ReadTable(
            table=self.table.name,
            sheet=self.sheet.name,
            columns={
                **{name: self._address(place) for name, place in self._places.items()},
                **dict.fromkeys(self._said),
                **columns,
            },
            rows=[
                (
                    row.number + offset,
                    [
                        *(self._text(row.cells.get(n), self.table.column(name)) for name, n in self._places.items()),
                        *self._said.values(),
                        *figures(row),
                    ],
                )
                for row in rows
            ],
            offset=offset,
        )

    # Where things stand.

    def _headings_start(self) -> int:
        for row in self.sheet.rows:
            texts = [self._plain(cell.text) for cell in row.cells.values()]
            if all(any(re.fullmatch(wanted, text, re.IGNORECASE) for text in texts) for wanted in self.layout.headings):
                return row.number
        raise self._refusal("INT-PUBLISHED-04", headings="; ".join(self.layout.headings))

    def _first_holding(self, pattern: str) -> int:
        below = (row for row in self.sheet.rows if row.number > self._start)
        places = [n for row in below for n, cell in row.cells.items() if re.fullmatch(pattern, cell.text)]
        if not places:
            raise self._refusal("INT-PUBLISHED-04", headings="; ".join(self.layout.headings))
        return min(places)

    def _first_of_data(self) -> int:
        # The columns that tell a row of data stand in the first row of the headings, or have no heading.
        top = next(row for row in self.sheet.rows if row.number == self._start)
        above = {n: self._plain(cell.text) for n, cell in top.cells.items()}
        self._telling = {
            self._held.get(name) or self._only_place(self.table.column(name), above): re.compile(pattern)
            for name, pattern in self.layout.rows.items()
        }
        for row in self.sheet.rows:
            if row.number > self._start and self._is_data(row):
                return row.number
        raise self._refusal("INT-PUBLISHED-04", headings="; ".join(self.layout.headings))

    def _is_data(self, row: Row) -> bool:
        blank = Cell("")
        return all(pattern.fullmatch(row.cells.get(n, blank).text) for n, pattern in self._telling.items())

    def _joined(self) -> dict[int, str]:
        """By column what stands above its figures, the words of rows one above another joined."""
        joined: dict[int, list[str]] = {}
        for row in self.sheet.rows:
            if self._start <= row.number < self._first:
                texts = {n: self._plain(cell.text) for n, cell in row.cells.items()}
                for block in self.sheet.merged:
                    if block.first_row == row.number and block.first_column in texts:
                        texts |= dict.fromkeys(
                            range(block.first_column, block.last_column + 1), texts[block.first_column]
                        )
                for n, text in texts.items():
                    if text:
                        joined.setdefault(n, []).append(text)
        return {n: " > ".join(texts) for n, texts in joined.items()}

    def _placed(self) -> dict[str, int]:
        """Where each column stands that is one by itself."""
        unpivot, layout = self.layout.unpivot, self.layout
        elsewhere = {*layout.captions, *layout.cell_patterns, *layout.right_of}
        if unpivot:
            elsewhere |= {unpivot.heading, unpivot.value, unpivot.missing or unpivot.value}
        places = dict(self._held)
        for column in self.table.columns:
            if column.name not in elsewhere and not (
                column.name in layout.absent and not self._matching(column, self._headings)
            ):
                places[column.name] = self._only_place(column, self._headings)
        return places | {name: places[other] + 1 for name, other in layout.right_of.items()}

    def _only_place(self, column: Column, headings: Mapping[int, str]) -> int:
        found = self._matching(column, headings)
        if not found:
            raise self._refusal("INT-HEADING-01", heading=column.label, place=f"sheet {self.sheet.name}")
        if len(found) > 1:
            raise self._refusal("INT-HEADING-03", heading=column.label)
        return found[0]

    def _matching(self, column: Column, headings: Mapping[int, str]) -> list[int]:
        if pattern := self.layout.header_patterns.get(column.name):
            return [n for n, text in headings.items() if re.fullmatch(pattern, text, re.IGNORECASE)]
        known = {heading_key(heading) for heading in column.headings(self.quarter)}
        return [n for n, text in headings.items() if heading_key(text) in known]

    def _standing_across(self) -> Iterator[_Part]:
        unpivot = self.layout.unpivot
        if unpivot is None:
            return
        free = {n: text for n, text in self._headings.items() if n not in self._places.values()}
        if unpivot.matches:
            found = ((n, re.fullmatch(unpivot.matches, text)) for n, text in free.items())
            parts = [_Part(n, match[1]) for n, match in found if match]
            if not parts:
                raise self._refusal("INT-PUBLISHED-04", headings=self.table.column(unpivot.heading).label)
            yield from parts
            return
        for choice in self.table.column(unpivot.heading).code_list(self.quarter):
            labels = _labels(choice)
            places = [n for n, text in free.items() if heading_key(text) in labels]
            if not places:
                raise self._refusal("INT-HEADING-01", heading=choice.label, place=f"sheet {self.sheet.name}")
            if len(places) > 1:
                raise self._refusal("INT-HEADING-03", heading=choice.label)
            yield _Part(places[0], choice.label)

    def _warn_of_others(self) -> None:
        read = {*self._places.values(), *(part.place for part in self._across)}
        known = [re.compile(pattern, re.IGNORECASE) for pattern in self.layout.ignored_patterns]
        others = [
            n for n, text in self._headings.items() if n not in read and not any(k.fullmatch(text) for k in known)
        ]
        if others:
            self.warnings.append(self._fault("INT-PUBLISHED-05", count=len(others)))

    # What is read there.

    def _data(self) -> Iterator[Row]:
        # Where nothing stands across, the figures are in the columns of numbers.
        figures = {part.place for part in self._across} or {
            place for name, place in self._places.items() if self.table.column(name).type in _NUMERIC
        }
        for row in self.sheet.rows:
            if row.number < self._first:
                continue
            if self._is_data(row):
                yield row
            elif any(_is_figure(row.cells[n]) for n in figures & row.cells.keys()):
                raise Refusal(fault("INT-PUBLISHED-06", table=self.table.name, sheet=self.sheet.name, row=row.number))

    def _said_above(self, name: str, pattern: str) -> str:
        column = self.table.column(name)
        for row in self.sheet.rows:
            if row.number >= self._start:
                break
            for cell in row.cells.values():
                if found := re.search(pattern, cell.text):
                    return _as_month(found[1]) if column.type is ColumnType.MONTH else found[1]
        raise self._refusal("INT-PUBLISHED-07", heading=column.label)

    def _figure(self, cell: Cell | None) -> tuple[str | None, str | None]:
        """What a cell gives as a figure, and the mark that stands in its place."""
        if cell is None:
            return None, None
        key = cell.text.casefold()
        if key in {zero.casefold() for zero in self.layout.zeros}:
            return "0", None
        for mark, label in self._marks().items():
            if key == mark:
                return None, label
        return (number_text(cell.text) if is_plain_number(cell.text) else cell.text), None

    def _text(self, cell: Cell | None, column: Column) -> str | None:
        if column.type in _NUMERIC:
            return self._figure(cell)[0]
        return (self._plain(cell.text) or None) if cell else None

    def _marks(self) -> dict[str, str]:
        unpivot = self.layout.unpivot
        if unpivot is None or unpivot.missing is None:
            return {}
        choices = self.table.column(unpivot.missing).code_list(self.quarter)
        return {mark: choice.label for choice in choices for mark in _labels(choice)}

    def _plain(self, text: str) -> str:
        """Words without what leads to a footnote."""
        for pattern in self.layout.footnotes:
            text = re.sub(pattern, "", text)
        return clean(text)

    def _address(self, place: int) -> str | int:
        return letter(place) if self._addressed else place

    def _fault(self, rule_id: str, **words: Any) -> Finding:
        return fault(rule_id, table=self.table.name, sheet=self.sheet.name, **words)

    def _refusal(self, rule_id: str, **words: Any) -> Refusal:
        return Refusal(self._fault(rule_id, **words))


def _labels(choice: Choice) -> set[str]:
    return {heading_key(label) for label in (choice.label, *choice.synonyms)}


def _is_figure(cell: Cell) -> bool:
    return cell.kind is Kind.NUMBER or is_plain_number(cell.text)


def _month_number(word: str) -> int | None:
    for form in ("%m", "%B", "%b"):
        try:
            return datetime.strptime(word, form).month  # noqa: DTZ007 - a month, no moment
        except ValueError:
            continue
    return None


def _as_month(words: str) -> str:
    """A month in words as ``YYYY-MM``; what is none is left for the rules to find."""
    for form in _MONTH_WORDS:
        try:
            return datetime.strptime(clean(words), form).strftime("%Y-%m")  # noqa: DTZ007 - a month, no moment
        except ValueError:
            continue
    return words
