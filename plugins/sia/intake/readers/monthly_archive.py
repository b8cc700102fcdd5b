"""Monthly CSV files of a publisher: in a zip archive as it is downloaded, or one by one.

Nothing is unpacked on the disk: the bytes of a file stream from the archive into PostgreSQL's COPY.
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
from sia.intake.readers.tables import another_csv_file, is_another_table, is_quotable, match_headings
from sia.intake.rejection import FileRejected, make_finding

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

STREAM_CHUNK_SIZE = 1 << 18
SYNTHETIC = "synthetic-"
"""How the name of a file of made-up rows begins."""
ENCODINGS = {"utf-8": "UTF8", "cp1252": "WIN1252"}
"""The encodings that we try, in this order, with PostgreSQL's name of each."""
_MAX_LINE_BYTES = 1 << 20
_END_OF_FILE = b"\x1a"


class Readable(Protocol):
    """A file opened for reading bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most ``size``; none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class MonthlyMember:
    """A monthly file: its path in the archive, and its month, written ``YYYY-MM``."""

    path: str
    month: str

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class ArchivePlan:
    """Which files we take, in the order of their months, and the findings about the others."""

    members: tuple[MonthlyMember, ...]
    findings: tuple[Finding, ...]


def plan(contract: Contract, source: str, paths: list[str]) -> ArchivePlan:
    """Decide by name alone which files of an archive we take.

    Args:
        contract: a contract with an archive.
        source: its sender. An archive of other senders alone is rejected.
        paths: the paths of the archive's files.

    Raises:
        ValueError: the contract has no archive.
    """
    archive = _archive_of(contract)
    members: list[MonthlyMember] = []
    of_others: Counter[str] = Counter()
    ignored: dict[str, list[str]] = {}
    for path in sorted(paths):
        if name := archive.read_name(path):
            if name.sender is not None and archive.sender_names.get(name.sender) != source:
                of_others[name.sender] += 1
            else:
                members.append(MonthlyMember(path, name.month))
        else:
            known = (pattern for pattern in archive.ignored_patterns if re.fullmatch(pattern, path))
            ignored.setdefault(next(known, ""), []).append(path)
    findings = []
    if members and of_others:
        # The publisher's own archive has the files of every sender.
        findings.append(make_finding("INT-ARCHIVE-10", count=len(of_others), sender=contract.senders[source]))
    else:
        findings += [
            make_finding("INT-ARCHIVE-02", count=count, other=other, sender=contract.senders[source])
            for other, count in of_others.items()
        ]
    findings += _month_findings(contract, members)
    if not members and not of_others:
        findings.append(make_finding("INT-ARCHIVE-01", publisher=archive.publisher))
    for pattern, others in ignored.items():
        if pattern:
            example = others[0].rsplit("/", 1)[-1]
            findings.append(make_finding("INT-ARCHIVE-05", count=len(others), example=example, title=contract.title))
        else:
            findings.append(make_finding("INT-ARCHIVE-06", count=len(others)))
    return ArchivePlan(tuple(sorted(members, key=lambda member: member.month)), tuple(findings))


def plan_single(contract: Contract, source: str, file_name: str) -> ArchivePlan:
    """Decide the same for one monthly file that is sent on its own."""
    archive, name = _archive_of(contract), file_name.removeprefix(SYNTHETIC)
    if archive.read_name(name) is None:
        finding = make_finding("INT-ARCHIVE-07", publisher=archive.publisher, example=archive.example)
        return ArchivePlan((), (finding,))
    return plan(contract, source, [name])


def _archive_of(contract: Contract) -> MonthlyArchive:
    if contract.archive is None:
        raise ValueError(f"{contract.name} takes no archive")
    return contract.archive


def _month_findings(contract: Contract, members: list[MonthlyMember]) -> Iterator[Finding]:
    for month, count in Counter(member.month for member in members).items():
        of_month = [member for member in members if member.month == month]
        try:
            day = date.fromisoformat(f"{month}-01")
        except ValueError:
            day = None
        if day is None or not contract.covers(day):
            yield make_finding("INT-ARCHIVE-03", sheet=of_month[0].name, month=month)
        if count > 1:
            yield make_finding("INT-ARCHIVE-04", sheet=of_month[1].name, month=month, count=count)


@dataclass(frozen=True, slots=True)
class MonthlyFile:
    """One monthly file as it is read: where its columns are, and its rows as a file for COPY.

    ``columns`` gives, in the order of ``data``, the position of each column in the file, counted from 1. ``encoding``
    is PostgreSQL's name of the encoding of ``data``.
    """

    columns: dict[str, int]
    data: CountedLines
    encoding: str
    findings: tuple[Finding, ...]


def open_month(contract: Contract, quarter: Quarter, sheet: str, stream: Readable, encoding: str) -> MonthlyFile:
    """Read the headings of a monthly file, and prepare its rows for COPY.

    Args:
        contract: a contract with an archive.
        quarter: the quarter whose headings apply.
        sheet: the file's name without its folder.
        stream: the file.
        encoding: one of ``ENCODINGS``.

    Raises:
        FileRejected: a heading is missing or repeated, or the first line is not the headings.
    """
    table = contract.tables[0]
    chunks = _ChunkReader(_UsualText(stream))
    headings = _headings(chunks.first_line(), encoding)
    matched = match_headings(table, quarter, headings)
    if is_another_table(table, matched):
        raise FileRejected(another_csv_file(contract, sheet))
    findings = tuple(_heading_findings(table, sheet, headings, matched))
    if any(finding.refuses for finding in findings):
        raise FileRejected(*findings)
    kept = {n: column.name for n, column in matched.items() if not column.personal}
    columns = {name: n for n, name in kept.items()}
    if len(kept) == len(headings):
        return MonthlyFile(columns, CountedLines(chunks.rest()), ENCODINGS[encoding], findings)
    reader = csv.reader(_text_lines(chunks.rest(), encoding), strict=True)
    unreadable = partial(make_finding, "INT-LINE-01", table=table.name, sheet=sheet)
    chosen = _chosen_columns(reader, [n - 1 for n in kept], len(headings), unreadable)
    return MonthlyFile(columns, CountedLines(chosen), "UTF8", findings)


def read_columns(
    contract: Contract, member: MonthlyMember, stream: Readable, names: list[str]
) -> Iterator[tuple[str, ...]]:
    """The texts of some columns of a monthly file, row by row. Characters that are not ASCII are not decoded rightly.

    Raises:
        FileRejected: a heading is missing or repeated, or the first line is not the headings.
        csv.Error: a line cannot be read.
        IndexError: a line is too short.
    """
    quarter = Quarter.containing(date.fromisoformat(f"{member.month}-01"))
    month = open_month(contract, quarter, member.name, stream, "cp1252")
    positions = [list(month.columns).index(name) for name in names]
    chunks = iter(partial(month.data.read, STREAM_CHUNK_SIZE), b"")
    for row in csv.reader(_text_lines(chunks, "latin-1"), strict=True):
        yield tuple(row[n] for n in positions)


def _headings(line: bytes, encoding: str) -> dict[int, str]:
    try:
        text = line.removeprefix(codecs.BOM_UTF8).decode(encoding).rstrip("\r")
        return dict(enumerate(next(csv.reader([text], strict=True), []), 1))
    except (UnicodeDecodeError, csv.Error):
        return {}


def _heading_findings(
    table: Table, sheet: str, headings: dict[int, str], matched: dict[int, Column]
) -> Iterator[Finding]:
    in_line = partial(make_finding, table=table.name, sheet=sheet, row=1)
    times = Counter(column.name for column in matched.values())
    for expected, column in enumerate(table.columns, 1):
        if times[column.name] == 0 and not column.personal:
            place = f"position {expected} of the first line"
            yield in_line("INT-HEADING-01", column=column.name, heading=column.label, place=place)
        elif times[column.name] > 1:
            yield in_line("INT-HEADING-03", column=column.name, heading=column.label)
    for n in sorted(headings.keys() - matched.keys()):
        if is_quotable(headings[n]):
            yield in_line("INT-HEADING-02", heading=headings[n])
        else:
            yield in_line("INT-HEADING-04", place=f"number {n}")


class _UsualText:
    """A stream whose text has the usual form: UTF-16 becomes UTF-8, a line ends in LF where it ended in CR alone.

    A Ctrl-Z at the end, with which some systems mark it, is left out.
    """

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._is_begun = False
        self._decoder: codecs.IncrementalDecoder | None = None
        self._ends_in_return: bool | None = None
        self._held_back = b""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; none at the end."""
        while chunk := self._stream.read(size):
            text = self._held_back + self._decoded(chunk)
            # What the last character means shows only in the next chunk.
            self._held_back = text[-1:] if text.endswith((b"\r", _END_OF_FILE)) else b""
            if text := self._with_line_ends(text.removesuffix(self._held_back)):
                return text
        rest, self._held_back = self._held_back, b""
        return b"" if rest == _END_OF_FILE else self._with_line_ends(rest)

    def _decoded(self, chunk: bytes) -> bytes:
        if not self._is_begun and chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self._decoder = codecs.getincrementaldecoder("utf-16")()
        self._is_begun = True
        return self._decoder.decode(chunk).encode() if self._decoder else chunk

    def _with_line_ends(self, text: bytes) -> bytes:
        if self._ends_in_return is None and (b"\n" in text or b"\r" in text):
            self._ends_in_return = b"\n" not in text
        return text.replace(b"\r", b"\n") if self._ends_in_return else text


class _ChunkReader:
    """A stream read in chunks, with every CRLF made LF, also where a chunk ends between the two."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._buffer = b""

    def first_line(self) -> bytes:
        """The first line, without its end."""
        while b"\n" not in self._buffer and len(self._buffer) < _MAX_LINE_BYTES:
            chunk = self._stream.read(STREAM_CHUNK_SIZE)
            if not chunk:
                break
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def rest(self) -> Iterator[bytes]:
        """Everything after the first line."""
        chunk = self._buffer
        self._buffer = b""
        while True:
            ends_in_return = chunk.endswith(b"\r")
            if ends_in_return:
                chunk = chunk[:-1]
            if chunk:
                yield chunk.replace(b"\r\n", b"\n")
            following = self._stream.read(STREAM_CHUNK_SIZE)
            if not following:
                return
            chunk = b"\r" + following if ends_in_return else following


class CountedLines:
    """Chunks of CSV as a file for COPY. It counts the lines that it gives, and keeps the error if one is raised.

    psycopg2 reports an error in ``read`` as a cancelled query. ``failure`` is the error.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.failure: Exception | None = None
        self._chunks = chunks
        self._buffer = b""
        self._line_ends = 0
        self._last_byte = b"\n"

    @property
    def count(self) -> int:
        """How many lines were given. The last one need not end in a line end."""
        return self._line_ends + (self._last_byte != b"\n")

    def read(self, size: int) -> bytes:
        """The next bytes, at most ``size``; none at the end."""
        while not self._buffer:
            try:
                chunk = next(self._chunks, None)
            except Exception as failure:
                self.failure = failure
                raise
            if chunk is None:
                return b""
            self._line_ends += chunk.count(b"\n")
            self._last_byte = chunk[-1:] or self._last_byte
            self._buffer = chunk
        given, self._buffer = self._buffer[:size], self._buffer[size:]
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
            raise FileRejected(unreadable(row=line)) from None
        if values is None:
            break
        if len(values) != width:
            raise FileRejected(unreadable(row=line))
        writer.writerow([values[n] for n in positions])
        if buffer.tell() > STREAM_CHUNK_SIZE:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _text_lines(chunks: Iterator[bytes], encoding: str) -> Iterator[str]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (f"{line.decode(encoding)}\n" for line in whole)
    if rest:
        yield rest.decode(encoding)
