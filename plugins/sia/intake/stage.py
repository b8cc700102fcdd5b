"""Stage: copy an admitted file's tables into the database as text, each row with its place in the file."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import Json

from sia.calendar import LONDON, Quarter
from sia.contract import model
from sia.contract.model import Column, Contract
from sia.finding import Finding
from sia.geography import other_area_names
from sia.intake import new_entries, sandbox
from sia.intake.file_safety import PACKAGE_ERRORS, damaged_file, member_paths, open_package
from sia.intake.readers import monthly_archive, return_file
from sia.intake.readers.cells import heading_key
from sia.intake.readers.monthly_archive import ENCODINGS, MonthlyFile, MonthlyMember, Readable
from sia.intake.readers.tables import ReadTable
from sia.intake.rejection import FileRejected, format_names, make_finding
from sia.quality import findings
from sia.storage import landing
from sia.storage.folders import folder_at, landing_folder
from sia.warehouse import staging_tables
from sia.warehouse.register_decisions import AREAS, decided

if TYPE_CHECKING:
    from sia.storage.folders import Folder

MAX_TRIES = 2
"""A file at which this many processes ended before it was read is set aside, so that others need not wait for it."""

# psycopg2 asks for chunks of this size, so that a chunk of a monthly file goes to the database whole.
_COPY_SIZE = 2 * monthly_archive.STREAM_CHUNK_SIZE
# A day or a month as the readers write it.
_DAY_OR_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])(-[0-9]{2})?")
# PostgreSQL's codes for bytes that are no character of the encoding, or none that the database can store.
_ENCODING_ERRORS = ("22021", "22P05")


@dataclass(frozen=True, slots=True)
class _Submission:
    """What we need to know of the submission that is staged."""

    number: int
    contract: Contract
    quarter: Quarter
    source: str
    file_name: str
    nil_return: bool
    received_on: date

    def staging(self, table: str) -> sql.Identifier:
        """The staging table of one of its tables."""
        return sql.Identifier(
            "staging", staging_tables.staging_table(self.contract, self.contract.table(table), self.number)
        )


@dataclass(slots=True)
class _StagedRows:
    """The rows of a file, read and staged, by table, and the findings."""

    read: dict[str, int] = field(default_factory=dict)
    staged: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        return any(finding.refuses for finding in self.findings)


def stage(connection: Connection, submission_id: int, place: str | Folder | None = None) -> None:
    """Stage a received submission, or refuse it with a finding for each cell that cannot be read.

    Rows are staged in one transaction. It does nothing unless the submission is ``received``, or its staged rows are
    gone, so that it may run again. A file that ends the process twice is refused unread: others wait for it.

    Args:
        connection: to the warehouse; commits here.
        submission_id: the submission.
        place: the landing folder; the project's own if none is given.

    Raises:
        OSError: the landed file cannot be reached.
        psycopg2.OperationalError: the database cannot be reached.
    """
    if not _begin(connection, submission_id):
        return
    try:
        _stage(connection, submission_id, landing_folder() if place is None else folder_at(place))
    except MemoryError:
        raise
    except Exception:
        # Such an error is not the file's fault.
        with suppress(psycopg2.Error), connection, connection.cursor() as cursor:
            cursor.execute("UPDATE intake.submission SET tries = 0 WHERE submission_id = %s", (submission_id,))
        raise


def _begin(connection: Connection, submission_id: int) -> bool:
    """Whether a submission is to be staged now. Commits, so that a try counts even if the process ends."""
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT return_name, status, tries FROM intake.submission"
            " WHERE submission_id = %s AND decided_at IS NULL FOR UPDATE",
            (submission_id,),
        )
        row = cursor.fetchone()
        if row is None:
            return False
        return_name, status, tries = row
        contract = model.contract(return_name)
        if status != "received":
            if not staging_tables.is_staging_lost(connection, contract, submission_id):
                return False
            cursor.execute(
                "DELETE FROM quality.finding WHERE submission_id = %s AND table_name IS NOT NULL", (submission_id,)
            )
            cursor.execute("DELETE FROM intake.staged_file WHERE submission_id = %s", (submission_id,))
        is_set_aside = tries >= MAX_TRIES
        if is_set_aside:
            findings.store(connection, submission_id, [make_finding("INT-READ-01", formats=format_names(contract))])
        cursor.execute(
            "UPDATE intake.submission SET status = %s, decided_at = CASE WHEN %s THEN clock_timestamp() END,"
            " tries = tries + 1 WHERE submission_id = %s",
            ("refused" if is_set_aside else "received", is_set_aside, submission_id),
        )
    return not is_set_aside


def _stage(connection: Connection, submission_id: int, folder: Folder) -> None:
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT return_name, source, quarter_key, file_name, nil_return, received_at, landed_as"
            " FROM intake.submission WHERE submission_id = %s AND status = 'received' FOR UPDATE",
            (submission_id,),
        )
        row = cursor.fetchone()
        if row is None:
            return
        return_name, source, quarter_key, file_name, nil_return, received_at, landed_as = row
        contract = model.contract(return_name)
        submission = _Submission(
            submission_id, contract, Quarter.parse(quarter_key), source, file_name, nil_return,
            received_on=received_at.astimezone(LONDON).date(),
        )  # fmt: skip
        for table in contract.tables:
            staging_tables.create_staging(connection, contract, table, submission_id)
        with landing.open_file(folder, landed_as) as file:
            reader = _stage_months if contract.archive else _stage_tables
            staged_rows = reader(cursor, submission, file)
        _record(connection, cursor, submission, staged_rows)


def _record(connection: Connection, cursor: Cursor, submission: _Submission, staged_rows: _StagedRows) -> None:
    findings.store(connection, submission.number, staged_rows.findings)
    if staged_rows.refused:
        staging_tables.drop_staging(connection, submission.contract, submission.number)
        cursor.execute("DELETE FROM intake.staged_file WHERE submission_id = %s", (submission.number,))
    for table in submission.contract.tables:
        read = staged_rows.read.get(table.name, 0)
        staged = 0 if staged_rows.refused else staged_rows.staged.get(table.name, 0)
        cursor.execute(
            "INSERT INTO quality.row_reconciliation (submission_id, table_name, rows_read, rows_staged, rows_refused)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (submission_id, table_name) DO UPDATE SET"
            " rows_read = excluded.rows_read, rows_staged = excluded.rows_staged, rows_refused = excluded.rows_refused",
            (submission.number, table.name, read, staged, read - staged),
        )
    cursor.execute(
        "UPDATE intake.submission SET status = %s, decided_at = CASE WHEN %s THEN clock_timestamp() END, tries = 0"
        " WHERE submission_id = %s",
        ("refused" if staged_rows.refused else "staged", staged_rows.refused, submission.number),
    )


def _stage_tables(cursor: Cursor, submission: _Submission, file: BinaryIO) -> _StagedRows:
    contract, name, quarter = submission.contract, submission.file_name, submission.quarter
    known = other_area_names(decided(cursor, AREAS))
    other_names = [other_name for other_name in known if other_name.starts <= submission.received_on]
    try:
        tables, read_findings = sandbox.open_safely(
            contract, file, lambda content: return_file.read(content, name, contract, quarter, other_names)
        )
    except FileRejected as rejected:
        tables, read_findings = [], list(rejected.findings)
    staged_rows = _StagedRows(findings=read_findings)
    if not staged_rows.refused and not contract.published:
        staged_rows.findings += [*_nil_findings(submission, tables), *_quarter_findings(submission, tables)]
    parts: Counter[str] = Counter()
    for table in tables:
        name = table.table
        staged_rows.read[name] = staged_rows.read.get(name, 0) + len(table.rows)
        if not staged_rows.refused:
            staged_rows.staged[name] = staged_rows.staged.get(name, 0) + _copy_rows(cursor, submission, table)
            numbers = [number for number, _ in table.rows]
            rows = (min(numbers, default=1), max(numbers, default=0))
            parts[name] += 1
            _record_file(
                cursor,
                submission,
                name,
                sheet=table.sheet,
                rows=rows,
                columns=table.columns,
                number=parts[name],
                line_offset=-table.offset,
            )
    return staged_rows


def _nil_findings(submission: _Submission, tables: list[ReadTable]) -> Iterator[Finding]:
    """No rows mean that nothing happened only if the sender says so. Ready-made rows must all be there."""
    filled = {table.table for table in tables if table.rows}
    ready_made = {table.name for table in submission.contract.tables if table.prefill}
    for table in tables:
        if table.table in ready_made - filled:
            yield make_finding("INT-NIL-03", table=table.table, sheet=table.sheet)
        else:
            yield from _missing_rows(submission, table)
    cases = {table.name for table in submission.contract.case_tables}
    with_rows = [table for table in tables if table.table in cases and table.rows]
    if cases and not with_rows and not submission.nil_return:
        yield make_finding("INT-NIL-01")
    if submission.nil_return:
        yield from (make_finding("INT-NIL-02", table=table.table, sheet=table.sheet) for table in with_rows)


def _quarter_findings(submission: _Submission, tables: list[ReadTable]) -> Iterator[Finding]:
    """One finding if every row is dated in one other quarter: then it is rather the cover that is wrong."""
    of_rows = [quarters for table in tables for quarters in _quarters_of_rows(submission.contract, table) if quarters]
    if len(of_rows) > 1 and not any(submission.quarter in quarters for quarters in of_rows):
        for other in sorted(set.intersection(*of_rows))[-1:]:
            yield make_finding("INT-QUARTER-03", quarter=submission.quarter.label, other=other.label)


def _quarters_of_rows(contract: Contract, read_table: ReadTable) -> Iterator[set[Quarter]]:
    """For each row, the quarters in which its dates are."""
    names = [name for name in contract.table(read_table.table).dated_by if name in read_table.columns]
    positions = [list(read_table.columns).index(name) for name in names]
    for _, texts in read_table.rows:
        days = [text for n in positions if (text := texts[n]) and _DAY_OR_MONTH.fullmatch(text)]
        yield {Quarter.containing(date(int(day[:4]), int(day[5:7]), 1)) for day in days}


def _missing_rows(submission: _Submission, read_table: ReadTable) -> Iterator[Finding]:
    """A finding for each row of the blank workbook that was deleted: what it counted is missing, and is not zero."""
    table = submission.contract.table(read_table.table)
    if not table.prefill or not read_table.columns.keys() >= {*table.prefill}:
        return
    positions = [list(read_table.columns).index(name) for name in table.prefill]
    labels = [_labels_by_text(table.column(name)) for name in table.prefill]
    present = {
        tuple(
            known.get(heading_key(texts[n] or ""), texts[n] or "") for n, known in zip(positions, labels, strict=True)
        )
        for _, texts in read_table.rows
    }
    wanted = table.prefilled_rows(submission.quarter)
    # A rule names an invalid answer. It may be meant for the row that seems to be missing.
    if present <= {*wanted}:
        for row in wanted:
            if row not in present:
                yield make_finding("INT-NIL-04", table=table.name, sheet=read_table.sheet, missing=", ".join(row))


def _labels_by_text(column: Column) -> dict[str, str]:
    return {
        heading_key(text): choice.label for choice in column.code_list() for text in (choice.label, *choice.synonyms)
    }


def _copy_rows(cursor: Cursor, submission: _Submission, table: ReadTable) -> int:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([number, *texts] for number, texts in table.rows)
    buffer.seek(0)
    cursor.copy_expert(_copy(submission.staging(table.table), ["row_number", *table.columns], cursor), buffer)
    return int(cursor.rowcount)


def _copy(staging: sql.Identifier, columns: list[str], cursor: Cursor, encoding: str = "UTF8") -> str:
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    # An empty value is missing, with or without quotation marks.
    statement = sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT csv, NULL '', FORCE_NULL ({}), ENCODING {})")
    return str(statement.format(staging, listed, listed, sql.Literal(encoding)).as_string(cursor))


def _record_file(
    cursor: Cursor,
    submission: _Submission,
    table: str,
    *,
    sheet: str,
    rows: tuple[int, int],
    columns: Mapping[str, str | int | None],
    month: str | None = None,
    number: int = 1,
    line_offset: int = 0,
) -> None:
    cursor.execute(
        "INSERT INTO intake.staged_file"
        " (submission_id, table_name, file_number, sheet, file_month, first_row, last_row, line_offset, columns)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (submission.number, table, number, sheet, month, *rows, line_offset, Json(columns)),
    )


def _stage_months(cursor: Cursor, submission: _Submission, file: BinaryIO) -> _StagedRows:
    table = submission.contract.tables[0].name
    staged_rows = _StagedRows(read={table: 0}, staged={table: 0})
    for number, (member, opener) in enumerate(_members(submission, file), 1):
        first = staged_rows.staged[table] + 1
        try:
            month, rows = _stage_month(cursor, submission, member, opener, first)
        except FileRejected as refusal:
            staged_rows.findings += refusal.findings
            continue
        staged_rows.findings += month.findings
        archive = submission.contract.archive
        if archive and not archive.may_be_empty and not month.data.count:
            staged_rows.findings.append(
                make_finding("INT-ARCHIVE-08", sheet=member.name, month=member.month, publisher=archive.publisher)
            )
        staged_rows.read[table] += month.data.count
        staged_rows.staged[table] += rows
        if rows != month.data.count:
            staged_rows.findings.append(make_finding("INT-LINE-03", table=table, sheet=member.name))
        _record_file(
            cursor,
            submission,
            table,
            sheet=member.name,
            month=member.month,
            rows=(first, staged_rows.staged[table]),
            columns=month.columns,
            number=number,
            line_offset=2 - first,  # the first row of a file is its line 2, below the headings
        )
    if not staged_rows.refused:
        new_findings, left_out = new_entries.leave_out_months(cursor, submission.contract, submission.number)
        staged_rows.findings += new_findings
        staged_rows.staged[table] -= left_out
    return staged_rows


def _members(submission: _Submission, file: BinaryIO) -> Iterator[tuple[MonthlyMember, Callable[[], Readable]]]:
    contract, source, name = submission.contract, submission.source, submission.file_name
    if not name.lower().endswith(".zip"):
        for member in monthly_archive.plan_single(contract, source, name).members:
            yield member, partial(_from_start, file)
        return
    with open_package(file) as package:
        for member in monthly_archive.plan(contract, source, member_paths(file)).members:
            yield member, partial(package.open, member.path)


def _from_start(file: BinaryIO) -> BinaryIO:
    file.seek(0)
    return file


class _WrongEncoding(Exception):
    """The file is not in the encoding that was tried."""


def _stage_month(
    cursor: Cursor,
    submission: _Submission,
    member: MonthlyMember,
    opener: Callable[[], Readable],
    first_row: int,
) -> tuple[MonthlyFile, int]:
    """Stage one monthly file, with its rows numbered from ``first_row``; the file and the number of rows.

    Raises:
        FileRejected: the file cannot be read.
    """
    contract = submission.contract
    try:
        for encoding in ENCODINGS:
            month = monthly_archive.open_month(contract, submission.quarter, member.name, opener(), encoding)
            try:
                return month, _copy_month(cursor, submission, member, month, first_row)
            except _WrongEncoding:
                continue
    except PACKAGE_ERRORS:
        raise damaged_file(contract) from None
    raise FileRejected(make_finding("INT-TEXT-01", table=contract.tables[0].name, sheet=member.name))


def _copy_month(
    cursor: Cursor, submission: _Submission, member: MonthlyMember, month: MonthlyFile, first_row: int
) -> int:
    table = submission.contract.tables[0].name
    staging = submission.staging(table)
    # Each row gets its month and its number by default, so that the file's own bytes can be COPYed.
    cursor.execute(
        sql.SQL(
            "ALTER TABLE {} ALTER COLUMN file_month SET DEFAULT {}, ALTER COLUMN row_number RESTART WITH {}"
        ).format(staging, sql.Literal(member.month), sql.Literal(first_row))
    )
    copy = _copy(staging, list(month.columns), cursor, month.encoding)
    cursor.execute("SAVEPOINT month")
    try:
        cursor.copy_expert(copy, month.data, size=_COPY_SIZE)
    except psycopg2.Error as error:
        cursor.execute("ROLLBACK TO SAVEPOINT month")
        raise _meaning(error, month, table, member.name) from None
    rows = int(cursor.rowcount)
    cursor.execute("RELEASE SAVEPOINT month")
    return rows


def _meaning(error: psycopg2.Error, month: MonthlyFile, table: str, sheet: str) -> Exception:
    """What a failed COPY means. PostgreSQL's own message quotes the line, so it goes no further."""
    failure: Exception | None = month.data.failure
    if isinstance(failure, UnicodeDecodeError) or error.pgcode in _ENCODING_ERRORS:
        return _WrongEncoding()
    if failure is not None:
        return failure
    if isinstance(error, psycopg2.DataError):
        line = re.search(r"line (\d+)", error.diag.context or "")
        # COPY counts from the first row, the file from its headings. Quotation marks that are never closed are reported
        # after the end.
        row = min(int(line[1]), month.data.count) + 1 if line else None
        return FileRejected(make_finding("INT-LINE-01", table=table, sheet=sheet, row=row))
    unexpected: Exception = psycopg2.OperationalError(f"COPY of a monthly file failed: {error.diag.message_primary}")
    return unexpected
