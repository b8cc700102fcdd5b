"""Findings grouped by what to do: ten thousand of one kind are one correction, in a few locations."""

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
class Location:
    """Neighbouring rows of one column that fail the same rule.

    ``sheet`` is the sheet, or the file inside an archive. ``letter`` is the column's letter in a workbook and
    ``column`` its name in the contract. A field that does not apply is None.
    """

    table: str | None
    sheet: str | None
    column: str | None
    letter: str | None
    first: int | None
    last: int | None

    @property
    def count(self) -> int:
        """The number of findings at this location."""
        return 1 if self.first is None or self.last is None else self.last - self.first + 1

    @property
    def address(self) -> str | None:
        """The address in a workbook, for example ``D17`` or ``D17:D20``."""
        if self.letter is None:
            return None
        start = f"{self.letter}{self.first}"
        return start if self.count == 1 else f"{start}:{self.letter}{self.last}"


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """The findings that ask for the same correction, with every location in the order of the file."""

    rule_id: str
    severity: Severity
    tier: int
    message: str
    locations: tuple[Location, ...]

    @property
    def count(self) -> int:
        """The number of findings in the group."""
        return sum(location.count for location in self.locations)

    @property
    def is_required(self) -> bool:
        """Whether we refuse the return until this is corrected."""
        return self.severity is Severity.CRITICAL

    @property
    def is_question(self) -> bool:
        """Whether we ask about figures that may be right, so that the sender can answer without a new file."""
        rule = common_rules.rules().get(self.rule_id)
        return rule is not None and rule.is_question

    @property
    def needs_new_workbook(self) -> bool:
        """Whether the sender must copy the figures into a new blank workbook."""
        rule = common_rules.rules().get(self.rule_id)
        return rule is not None and rule.needs_new_workbook


def group_findings(findings: Iterable[Finding]) -> list[FindingGroup]:
    """Group findings by rule and message.

    Returns:
        Required corrections first; then by tier (the file before its cells), by number of findings (most first) and
        by rule.
    """
    same_message: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        same_message[finding.rule_id, finding.message].append(finding)
    groups = [
        FindingGroup(rule_id, members[0].severity, members[0].tier, message, tuple(_locations(members)))
        for (rule_id, message), members in same_message.items()
    ]
    return sorted(groups, key=lambda g: (not g.is_required, g.tier, -g.count, g.rule_id, g.message))


def describe_locations(contract: Contract, locations: Sequence[Location], limit: int) -> str:
    """The first ``limit`` locations and a count of the rest: ``Jobs, cell D5, cells D17 to D20 (District)``."""
    columns = [
        _describe_column(contract, list(neighbours))
        for _, neighbours in groupby(locations[:limit], key=lambda at: (at.sheet, at.table, at.column))
    ]
    rest = sum(location.count for location in locations[limit:])
    return "; ".join([*columns, *([f"and {rest:,} more"] if rest else [])])


def _describe_column(contract: Contract, locations: Sequence[Location]) -> str:
    """The locations of one column of a sheet."""
    first = locations[0]
    if first.sheet is None and first.first is None:
        return "The whole file"
    rows = [describe_location(location) for location in locations if location.first is not None]
    column = f" ({column_label(contract, first)})" if first.column else ""
    return f"{', '.join([first.sheet or 'The file', *rows])}{column}"


def describe_location(location: Location) -> str:
    """Cells, rows or lines: ``cell D17``, ``lines 4 to 9`` (of a CSV file) or ``the whole sheet``."""
    if location.first is None:
        return "the whole file" if location.sheet is None else "the whole sheet"
    if location.letter:
        unit, letter = "cell", location.letter
    else:
        unit, letter = ("line" if (location.sheet or "").lower().endswith(".csv") else "row"), ""
    start = f"{letter}{location.first}"
    return f"{unit} {start}" if location.count == 1 else f"{unit}s {start} to {letter}{location.last}"


def column_label(contract: Contract, location: Location) -> str:
    """The heading of a location's column; empty where it has none."""
    if location.table is None or location.column is None:
        return ""
    return contract.table(location.table).column(location.column).label


def _locations(findings: Iterable[Finding]) -> Iterator[Location]:
    columns: dict[tuple[str | None, ...], set[int]] = defaultdict(set)
    for finding in findings:
        address = _ADDRESS.fullmatch(finding.cell or "")
        letter, row = (address[1], int(address[2])) if address else (None, finding.row)
        rows = columns[finding.table, finding.sheet, finding.column, letter]
        if row is not None:
            rows.add(row)
    for (table, sheet, column, letter), rows in columns.items():
        if not rows:
            yield Location(table, sheet, column, letter, None, None)
        for first, last in _runs(sorted(rows)):
            yield Location(table, sheet, column, letter, first, last)


def _runs(rows: list[int]) -> Iterator[tuple[int, int]]:
    """The first and last row of each run of consecutive rows."""
    for _, run in groupby(enumerate(rows), key=lambda pair: pair[1] - pair[0]):
        members = [row for _, row in run]
        yield members[0], members[-1]
