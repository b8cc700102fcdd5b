"""Monthly CSV files as data.police.uk publishes them: in a zip archive as it is downloaded, or one by one.

Nothing is unpacked: a file's bytes go from the archive into PostgreSQL's COPY, a piece at a time.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from sia.calendar import Quarter
from sia.contract.model import Column, Contract, Table
from sia.findings import Finding
from sia.intake.faults import Refusal, fault
from sia.intake.tables import is_foreign, match_headings

_PIECE = 1 << 18
_LONGEST_LINE = 1 << 20
MADE_UP = "made-up-"


class Readable(Protocol):
    """A file opened for reading bytes."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Member:
    """A monthly file: its path within the archive, its bare name and its month, written ``YYYY-MM``."""

    path: str
    month: str

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Plan:
    """Which files are taken, in the order of their months, and what is to be said about the others."""

    members: tuple[Member, ...]
    findings: tuple[Finding, ...]


def plan(contract: Contract, source: str, paths: list[str]) -> Plan:
    """Decide by name alone which files of an archive are taken.

    Args:
        contract: a contract with an archive.
        source: who sent it; a file of another force than theirs is refused.
        paths: the names of the archive's files.
    """
    assert contract.archive is not None, contract.name
    taken: list[Member] = []
    foreign: Counter[str] = Counter()
    left: dict[str, list[str]] = {}
    for path in sorted(paths):
        if found := re.fullmatch(contract.archive.member, path):
            if found["force"] != force_of(source):
                foreign[found["force"]] += 1
            else:
                taken.append(Member(path, found["month"]))
        else:
            known = (kind for kind in contract.archive.known_but_not_taken if re.fullmatch(kind, path))
            left.setdefault(next(known, ""), []).append(path)
    findings = [
        fault("INT-ARCHIVE-02", count=count, force=force, sender=contract.senders[source])
        for force, count in foreign.items()
    ]
    findings += _month_faults(contract, taken)
    if not taken and not foreign:
        findings.append(fault("INT-ARCHIVE-01"))
    for kind, others in left.items():
        if kind:
            example = others[0].rsplit("/", 1)[-1]
            findings.append(fault("INT-ARCHIVE-05", count=len(others), example=example, title=contract.title))
        else:
            findings.append(fault("INT-ARCHIVE-06", count=len(others)))
    return Plan(tuple(sorted(taken, key=lambda member: member.month)), tuple(findings))


def plan_single(contract: Contract, source: str, file_name: str) -> Plan:
    """The same for one monthly file that is sent on its own, by the file's name."""
    assert contract.archive is not None, contract.name
    name = file_name.removeprefix(MADE_UP)
    if not re.fullmatch(contract.archive.member, name):
        return Plan((), (fault("INT-ARCHIVE-07"),))
    return plan(contract, source, [name])


def force_of(source: str) -> str:
    """What data.police.uk calls a force in file names: ``thames_valley_police`` is ``thames-valley``."""
    return source.removesuffix("_police").replace("_", "-")


def _month_faults(contract: Contract, taken: list[Member]) -> Iterator[Finding]:
    for month, count in Counter(member.month for member in taken).items():
        where = [member for member in taken if member.month == month]
        try:
            day = date.fromisoformat(f"{month}-01")
        except ValueError:
            day = None
        if day is None or day < contract.begins or (contract.ends is not None and day > contract.ends):
            yield fault("INT-ARCHIVE-03", sheet=where[0].name, month=month)
        if count > 1:
            yield fault("INT-ARCHIVE-04", sheet=where[1].name, month=month, count=count)


@dataclass(slots=True)
class MonthlyFile:
    """One monthly file as it is read: ``columns`` in the order of the file, ``data`` to be given to COPY.

    ``data`` counts its ``lines``, so that what was staged can be compared with what the file holds.
    """

    sheet: str
    columns: dict[str, int]
    data: _Lines
    findings: list[Finding] = field(default_factory=list)


def open_month(contract: Contract, quarter: Quarter, member: Member, stream: Readable) -> MonthlyFile:
    """Read the headings of a monthly file and make its rows ready for COPY.

    Raises:
        Refusal: the headings cannot be read, or a heading is missing or stands twice.
    """
    table = contract.tables[0]
    source = _Bytes(stream)
    headings = _headings(source.line(), table, member.name)
    positions = dict(enumerate(headings, 1))
    matched = match_headings(table, quarter, positions)
    findings = list(_heading_faults(table, member.name, positions, matched))
    if critical := next((finding for finding in findings if finding.refuses), None):
        raise Refusal(critical)
    kept = {n: column for n, column in matched.items() if not column.personal}
    if len(kept) == len(headings):
        data: _Lines = _Lines(source.pieces())
    else:
        data = _ChosenColumns(source, [n - 1 for n in kept], len(headings), table.name, member.name)
    return MonthlyFile(member.name, {column.name: n for n, column in kept.items()}, data, findings)


def headings_of(line: bytes) -> list[str] | None:
    """The headings in the first line of a CSV file, or nothing if it cannot be read as one."""
    try:
        return next(csv.reader([line.decode("utf-8-sig").rstrip("\r\n")], strict=True), None)
    except (UnicodeDecodeError, csv.Error):
        return None


def _headings(line: bytes, table: Table, sheet: str) -> list[str]:
    headings = headings_of(line)
    if not headings:
        raise Refusal(_foreign(table, sheet))
    return headings


def _foreign(table: Table, sheet: str) -> Finding:
    labels = ", ".join(column.label for column in table.columns)
    return fault("INT-HEADING-06", table=table.name, sheet=sheet, row=1, headings=labels)


def _heading_faults(
    table: Table, sheet: str, positions: dict[int, str], matched: dict[int, Column]
) -> Iterator[Finding]:
    if is_foreign(table, matched):
        yield _foreign(table, sheet)
        return
    times = Counter(column.name for column in matched.values())
    for expected, column in enumerate(table.columns, 1):
        where = {"table": table.name, "sheet": sheet, "row": 1, "column": column.name, "heading": column.label}
        if times[column.name] == 0:
            yield fault("INT-HEADING-01", **where, place=f"position {expected} of the first line")
        elif times[column.name] > 1:
            yield fault("INT-HEADING-03", **where)
    for n in sorted(positions.keys() - matched.keys()):
        yield fault("INT-HEADING-02", table=table.name, sheet=sheet, row=1, heading=positions[n])


class _Bytes:
    """A stream read by pieces, with ``\\r\\n`` made ``\\n`` wherever a piece ends."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._held = b""

    def line(self) -> bytes:
        """The first line, without its end."""
        while b"\n" not in self._held and len(self._held) < _LONGEST_LINE:
            piece = self._stream.read(_PIECE)
            if not piece:
                break
            self._held += piece
        line, _, self._held = self._held.partition(b"\n")
        return line

    def pieces(self) -> Iterator[bytes]:
        """What follows."""
        piece = self._held
        self._held = b""
        while True:
            ends_in_return = piece.endswith(b"\r")
            if ends_in_return:
                piece = piece[:-1]
            if piece:
                yield piece.replace(b"\r\n", b"\n")
            more = self._stream.read(_PIECE)
            if not more:
                return
            piece = b"\r" + more if ends_in_return else more


class _Lines:
    """A file-like object for COPY over pieces of CSV; it counts the lines that it gave."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = b""
        self._counted = 0
        self._last = b"\n"

    @property
    def lines(self) -> int:
        """How many lines were given; a last line need not end in a line end."""
        return self._counted + (self._last != b"\n")

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most ``size`` of them; nothing at the end."""
        while not self._held:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._counted += piece.count(b"\n")
            self._last = piece[-1:]
            self._held = piece
        if size < 0:
            size = len(self._held)
        given, self._held = self._held[:size], self._held[size:]
        return given


class _ChosenColumns(_Lines):
    """The same for a file with columns that are not kept: they are left out line by line."""

    def __init__(self, source: _Bytes, positions: list[int], width: int, table: str, sheet: str) -> None:
        super().__init__(self._chosen(source, positions, width))
        self._table = table
        self._sheet = sheet

    def _chosen(self, source: _Bytes, positions: list[int], width: int) -> Iterator[bytes]:
        reader = csv.reader(_text_lines(source.pieces()), strict=True)
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        line = 2
        try:
            for values in reader:
                if len(values) != width:
                    raise self._unreadable(line)
                writer.writerow([values[n] for n in positions])
                line = reader.line_num + 2
                if buffer.tell() > _PIECE:
                    yield buffer.getvalue().encode()
                    buffer.seek(0)
                    buffer.truncate()
        except (csv.Error, UnicodeDecodeError):
            raise self._unreadable(line) from None
        yield buffer.getvalue().encode()

    def _unreadable(self, line: int) -> Refusal:
        return Refusal(fault("INT-LINE-01", table=self._table, sheet=self._sheet, row=line))


def _text_lines(pieces: Iterator[bytes]) -> Iterator[str]:
    held = b""
    for piece in pieces:
        *whole, held = (held + piece).split(b"\n")
        yield from (f"{line.decode()}\n" for line in whole)
    if held:
        yield held.decode()
