"""Findings grouped by what to do: ten thousand of one kind are one thing to put right, in a few places."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from sia.contract import common_rules
from sia.contract.model import Contract, Severity
from sia.finding import Finding

_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class Place:
    """Neighbouring rows of one column, with findings of one kind.

    ``sheet`` is the sheet, or the file inside an archive. ``letter`` is the column's letter in a workbook and
    ``column`` the contract's name of it; what does not apply is ``None``.
    """

    table: str | None
    sheet: str | None
    column: str | None
    letter: str | None
    first: int | None
    last: int | None

    @property
    def count(self) -> int:
        """How many findings lie in it."""
        return 1 if self.first is None or self.last is None else self.last - self.first + 1

    @property
    def address(self) -> str | None:
        """The address in a workbook, such as ``D17`` or ``D17:D20``."""
        if self.letter is None:
            return None
        one = f"{self.letter}{self.first}"
        return one if self.count == 1 else f"{one}:{self.letter}{self.last}"


@dataclass(frozen=True, slots=True)
class Group:
    """One thing to do, and every place where it is to be done, in the order of the file."""

    rule_id: str
    severity: Severity
    tier: int
    message: str
    places: tuple[Place, ...]

    @property
    def count(self) -> int:
        """How many findings it stands for."""
        return sum(place.count for place in self.places)

    @property
    def must(self) -> bool:
        """Whether the return is refused until it is done."""
        return self.severity is Severity.CRITICAL

    @property
    def needs_new_workbook(self) -> bool:
        """Whether it is done in a new blank workbook, and not in the file that was sent."""
        rule = common_rules.rules().get(self.rule_id)
        return rule is not None and rule.needs_new_workbook


def group(findings: Iterable[Finding]) -> list[Group]:
    """Group findings by rule and words.

    Returns:
        What must be fixed before what is to be checked; then what concerns the file before what concerns cells,
        what is wrong more often before what is wrong once, and by rule.
    """
    kinds: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        kinds[finding.rule_id, finding.message].append(finding)
    groups = [
        Group(rule_id, found[0].severity, found[0].tier, message, tuple(_places(found)))
        for (rule_id, message), found in kinds.items()
    ]
    return sorted(groups, key=lambda g: (not g.must, g.tier, -g.count, g.rule_id, g.message))


def where(contract: Contract, places: Sequence[Place], most: int) -> str:
    """Some places in a partner's words, the first of them named: ``Jobs, cell D5, cells D17 to D20 (District)``."""
    columns = [
        _column(contract, list(each))
        for _, each in groupby(places[:most], key=lambda place: (place.sheet, place.table, place.column))
    ]
    rest = sum(place.count for place in places[most:])
    return "; ".join([*columns, *([f"and {rest:,} more"] if rest else [])])


def _column(contract: Contract, places: Sequence[Place]) -> str:
    """Places of one column of a sheet."""
    first = places[0]
    if first.sheet is None and first.first is None:
        return "The whole file"
    rows = [span(place) for place in places if place.first is not None]
    column = f" ({label(contract, first)})" if first.column else ""
    return f"{', '.join([first.sheet or 'The file', *rows])}{column}"


def span(place: Place) -> str:
    """The cells, rows or lines of a place: ``cell D17``, ``lines 4 to 9`` of a CSV file, or ``the whole sheet``."""
    if place.first is None:
        return "the whole file" if place.sheet is None else "the whole sheet"
    if place.letter:
        unit, before = "cell", place.letter
    else:
        unit, before = ("line" if (place.sheet or "").lower().endswith(".csv") else "row"), ""
    one = f"{before}{place.first}"
    return f"{unit} {one}" if place.count == 1 else f"{unit}s {one} to {before}{place.last}"


def label(contract: Contract, place: Place) -> str:
    """The heading of a place's column; nothing where it has none."""
    if place.table is None or place.column is None:
        return ""
    return contract.table(place.table).column(place.column).label


def _places(findings: Iterable[Finding]) -> Iterator[Place]:
    columns: dict[tuple[str | None, ...], set[int]] = defaultdict(set)
    for finding in findings:
        found = _ADDRESS.fullmatch(finding.cell or "")
        letter, row = (found[1], int(found[2])) if found else (None, finding.row)
        rows = columns[finding.table, finding.sheet, finding.column, letter]
        if row is not None:
            rows.add(row)
    for (table, sheet, column, letter), rows in columns.items():
        if not rows:
            yield Place(table, sheet, column, letter, None, None)
        for first, last in _runs(sorted(rows)):
            yield Place(table, sheet, column, letter, first, last)


def _runs(rows: list[int]) -> Iterator[tuple[int, int]]:
    first = last = None
    for row in rows:
        if last is not None and first is not None and row > last + 1:
            yield first, last
            first = row
        first = row if first is None else first
        last = row
    if first is not None and last is not None:
        yield first, last
