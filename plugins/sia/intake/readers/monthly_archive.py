"""Monthly CSV files of a publisher: in a zip archive as it is downloaded, or one by one.

Nothing is unpacked: a file's bytes go from the archive into PostgreSQL's COPY, a piece at a time.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Protocol

from sia.calendar import Quarter
from sia.contract.model import Column, Contract, MonthlyArchive, Table
from sia.finding import Finding
from sia.intake.readers.tables import foreign_csv, is_foreign, match_headings, quotable
from sia.intake.rejection import Refusal, fault

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

PIECE = 1 << 18
_LONGEST_LINE = 1 << 20
SYNTHETIC = "synthetic-"


class Readable(Protocol):
    """A file opened for reading bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most ``size``; none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Member:
    """A monthly file: its path within the archive, its bare name and its month, written ``YYYY-MM``."""

    path: str
    month: str

    @property
    def name(self) -> str:
        """The file's name without its folder."""
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
        source: who sent it; another sender's file is refused.
        paths: the names of the archive's files.

    Raises:
        ValueError: the contract has no archive.
    """
    archive = _archive_of(contract)
    taken: list[Member] = []
    foreign: Counter[str] = Counter()
    left: dict[str, list[str]] = {}
    for path in sorted(paths):
        if name := archive.read_name(path):
            if name.sender is not None and archive.sender_names.get(name.sender) != source:
                foreign[name.sender] += 1
            else:
                taken.append(Member(path, name.month))
        else:
            known = (kind for kind in archive.ignored_patterns if re.fullmatch(kind, path))
            left.setdefault(next(known, ""), []).append(path)
    findings = [
        fault("INT-ARCHIVE-02", count=count, other=other, sender=contract.senders[source])
        for other, count in foreign.items()
    ]
    findings += _month_faults(contract, taken)
    if not taken and not foreign:
        findings.append(fault("INT-ARCHIVE-01", publisher=archive.publisher))
    for kind, others in left.items():
        if kind:
            example = others[0].rsplit("/", 1)[-1]
            findings.append(fault("INT-ARCHIVE-05", count=len(others), example=example, title=contract.title))
        else:
            findings.append(fault("INT-ARCHIVE-06", count=len(others)))
    return Plan(tuple(sorted(taken, key=lambda member: member.month)), tuple(findings))


def plan_single(contract: Contract, source: str, file_name: str) -> Plan:
    """The same for one monthly file that is sent on its own, by the file's name."""
    archive, name = _archive_of(contract), file_name.removeprefix(SYNTHETIC)
    if archive.read_name(name) is None:
        return Plan((), (fault("INT-ARCHIVE-07", publisher=archive.publisher, example=archive.example),))
    return plan(contract, source, [name])


def _archive_of(contract: Contract) -> MonthlyArchive:
    if contract.archive is None:
        raise ValueError(f"{contract.name} takes no archive")
    return contract.archive


def _month_faults(contract: Contract, taken: list[Member]) -> Iterator[Finding]:
    for month, count in Counter(member.month for member in taken).items():
        where = [member for member in taken if member.month == month]
        try:
            day = date.fromisoformat(f"{month}-01")
        except ValueError:
            day = None
        if day is None or not contract.covers(day):
            yield fault("INT-ARCHIVE-03", sheet=where[0].name, month=month)
        if count > 1:
            yield fault("INT-ARCHIVE-04", sheet=where[1].name, month=month, count=count)


@dataclass(frozen=True, slots=True)
class MonthlyFile:
    """One monthly file as it is read: where the columns stand in it, and its rows as a file for COPY.

    ``columns`` is in the order of ``data`` and says at which position, from 1, each stood. ``encoding`` is
    PostgreSQL's name of the coding of ``data``.
    """

    columns: dict[str, int]
    data: Lines
    encoding: str
    findings: tuple[Finding, ...]


ENCODINGS = {"utf-8": "UTF8", "cp1252": "WIN1252"}


def open_month(contract: Contract, quarter: Quarter, sheet: str, stream: Readable, encoding: str) -> MonthlyFile:
    """Read the headings of a monthly file and make its rows ready for COPY.

    Args:
        contract: a contract with an archive.
        quarter: whose headings are asked for.
        sheet: the file's bare name.
        stream: the file.
        encoding: how its letters are coded, one of ``ENCODINGS``.

    Raises:
        Refusal: a heading is missing or stands twice, or the first line is not the headings.
    """
    table = contract.tables[0]
    source = _Bytes(stream)
    headings = _headings(source.line(), encoding)
    matched = match_headings(table, quarter, headings)
    if is_foreign(table, matched):
        raise Refusal(foreign_csv(contract, sheet))
    findings = tuple(_heading_faults(table, sheet, headings, matched))
    if any(finding.refuses for finding in findings):
        raise Refusal(*findings)
    kept = {n: column.name for n, column in matched.items() if not column.personal}
    columns = {name: n for n, name in kept.items()}
    if len(kept) == len(headings):
        return MonthlyFile(columns, Lines(source.pieces()), ENCODINGS[encoding], findings)
    reader = csv.reader(_text_lines(source.pieces(), encoding), strict=True)
    unreadable = partial(fault, "INT-LINE-01", table=table.name, sheet=sheet)
    chosen = _chosen_columns(reader, [n - 1 for n in kept], len(headings), unreadable)
    return MonthlyFile(columns, Lines(chosen), "UTF8", findings)


def _headings(line: bytes, encoding: str) -> dict[int, str]:
    try:
        text = line.removeprefix(codecs.BOM_UTF8).decode(encoding).rstrip("\r")
        return dict(enumerate(next(csv.reader([text], strict=True), []), 1))
    except (UnicodeDecodeError, csv.Error):
        return {}


def _heading_faults(
    table: Table, sheet: str, headings: dict[int, str], matched: dict[int, Column]
) -> Iterator[Finding]:
    times = Counter(column.name for column in matched.values())
    for expected, column in enumerate(table.columns, 1):
        here = partial(fault, table=table.name, sheet=sheet, row=1, column=column.name, heading=column.label)
        if times[column.name] == 0 and not column.personal:
            yield here("INT-HEADING-01", place=f"position {expected} of the first line")
        elif times[column.name] > 1:
            yield here("INT-HEADING-03")
    for n in sorted(headings.keys() - matched.keys()):
        if quotable(headings[n]):
            yield fault("INT-HEADING-02", table=table.name, sheet=sheet, row=1, heading=headings[n])
        else:
            yield fault("INT-HEADING-04", table=table.name, sheet=sheet, row=1, place=f"number {n}")


class _Bytes:
    """A stream read by pieces, with CRLF made LF wherever a piece ends."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._held = b""

    def line(self) -> bytes:
        """The first line, without its end."""
        while b"\n" not in self._held and len(self._held) < _LONGEST_LINE:
            piece = self._stream.read(PIECE)
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
            more = self._stream.read(PIECE)
            if not more:
                return
            piece = b"\r" + more if ends_in_return else more


class Lines:
    """A file for COPY over pieces of CSV. It counts the lines that it gave, and keeps what went wrong.

    psycopg2 reports a fault in ``read`` as a cancelled query; ``failure`` is what it was.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.failure: Exception | None = None
        self._pieces = pieces
        self._held = b""
        self._counted = 0
        self._last = b"\n"

    @property
    def count(self) -> int:
        """How many lines were given; the last need not end in a line end."""
        return self._counted + (self._last != b"\n")

    def read(self, size: int) -> bytes:
        """The next bytes, at most ``size`` of them; nothing at the end."""
        while not self._held:
            try:
                piece = next(self._pieces, None)
            except Exception as failure:
                self.failure = failure
                raise
            if piece is None:
                return b""
            self._counted += piece.count(b"\n")
            self._last = piece[-1:] or self._last
            self._held = piece
        given, self._held = self._held[:size], self._held[size:]
        return given


def _chosen_columns(
    reader: CsvReader, positions: list[int], width: int, unreadable: Callable[..., Finding]
) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    while True:
        line = reader.line_num + 2  # the headings are line 1
        try:
            values = next(reader, None)
        except csv.Error:
            raise Refusal(unreadable(row=line)) from None
        if values is None:
            break
        if len(values) != width:
            raise Refusal(unreadable(row=line))
        writer.writerow([values[n] for n in positions])
        if buffer.tell() > PIECE:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _text_lines(pieces: Iterator[bytes], encoding: str) -> Iterator[str]:
    held = b""
    for piece in pieces:
        *whole, held = (held + piece).split(b"\n")
        yield from (f"{line.decode(encoding)}\n" for line in whole)
    if held:
        yield held.decode(encoding)
