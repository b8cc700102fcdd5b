"""Stage: an admitted file's tables become text in the database, each row with its place in the file."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import Json

from sia.calendar import Quarter
from sia.contract import model
from sia.contract.model import Contract
from sia.finding import Finding
from sia.intake import file_safety
from sia.intake.file_safety import DAMAGE
from sia.intake.readers import monthly_archive, return_file
from sia.intake.readers.monthly_archive import ENCODINGS, Member, MonthlyFile, Readable
from sia.intake.readers.tables import ReadTable
from sia.intake.rejection import Refusal, fault
from sia.quality import findings as kept_findings
from sia.storage import landing
from sia.storage.folders import folder_at, landing_folder
from sia.warehouse import staging_tables

if TYPE_CHECKING:
    from sia.storage.folders import Folder

# psycopg2 asks for pieces of this size; a piece of a monthly file goes to the database whole.
_COPY_SIZE = 2 * monthly_archive.PIECE
# PostgreSQL's codes for bytes that are no letter of the coding, or of none that the database holds.
_LETTERS = ("22021", "22P05")


@dataclass(frozen=True, slots=True)
class _Submission:
    """What the steps need to know of a submission."""

    number: int
    contract: Contract
    quarter: Quarter
    source: str
    file_name: str
    nil_return: bool

    def staging(self, table: str) -> sql.Identifier:
        """The staging table of one of its tables."""
        return sql.Identifier(
            "staging", staging_tables.staging_table(self.contract, self.contract.table(table), self.number)
        )


@dataclass(slots=True)
class _Account:
    """What a submission's file held: rows read and staged by table, and what was found wrong."""

    read: dict[str, int] = field(default_factory=dict)
    staged: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        return any(finding.refuses for finding in self.findings)


def stage(connection: Connection, submission_id: int, place: str | Folder | None = None) -> None:
    """Bring a received submission into staging, or refuse it with the cells that cannot be read.

    One transaction. Does nothing unless the submission is ``received``, so that it may be run again.

    Args:
        connection: to the warehouse; commits here.
        submission_id: the submission.
        place: the landing folder; the project's own if none is given.

    Raises:
        OSError: the landed file cannot be reached.
        psycopg2.OperationalError: the database cannot be reached.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT return_name, source, quarter_key, file_name, nil_return, landed_as FROM intake.submission"
            " WHERE submission_id = %s AND status = 'received' FOR UPDATE",
            (submission_id,),
        )
        found = cursor.fetchone()
        if found is None:
            return
        return_name, source, quarter_key, file_name, nil_return, landed_as = found
        contract = model.contract(return_name)
        submission = _Submission(submission_id, contract, Quarter.parse(quarter_key), source, file_name, nil_return)
        for table in contract.tables:
            staging_tables.create_staging(connection, contract, table, submission_id)
        folder = landing_folder() if place is None else folder_at(place)
        with landing.open_file(folder, landed_as) as file:
            reader = _stage_months if contract.archive else _stage_tables
            account = reader(cursor, submission, file)
        _record(connection, cursor, submission, account)


def _record(connection: Connection, cursor: Cursor, submission: _Submission, account: _Account) -> None:
    kept_findings.store(connection, submission.number, account.findings)
    if account.refused:
        staging_tables.drop_staging(connection, submission.contract, submission.number)
        cursor.execute("DELETE FROM intake.staged_file WHERE submission_id = %s", (submission.number,))
    for table in submission.contract.tables:
        read = account.read.get(table.name, 0)
        staged = 0 if account.refused else account.staged.get(table.name, 0)
        cursor.execute(
            "INSERT INTO quality.row_reconciliation (submission_id, table_name, rows_read, rows_staged, rows_refused)"
            " VALUES (%s, %s, %s, %s, %s)",
            (submission.number, table.name, read, staged, read if account.refused else 0),
        )
    cursor.execute(
        "UPDATE intake.submission SET status = %s, decided_at = CASE WHEN %s THEN clock_timestamp() END"
        " WHERE submission_id = %s",
        ("refused" if account.refused else "staged", account.refused, submission.number),
    )


def _stage_tables(cursor: Cursor, submission: _Submission, file: BinaryIO) -> _Account:
    tables, findings = return_file.read(file, submission.file_name, submission.contract, submission.quarter)
    account = _Account(findings=findings)
    if not account.refused:
        account.findings += _nil_faults(submission, tables)
    parts: Counter[str] = Counter()
    for table in tables:
        name = table.table
        account.read[name] = account.read.get(name, 0) + len(table.rows)
        if not account.refused:
            account.staged[name] = account.staged.get(name, 0) + _copy_rows(cursor, submission, table)
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
    return account


def _nil_faults(submission: _Submission, tables: list[ReadTable]) -> Iterator[Finding]:
    """No rows mean nothing happened only where the sender says so."""
    cases = {table.name for table in submission.contract.case_tables}
    with_rows = [table for table in tables if table.table in cases and table.rows]
    if cases and not with_rows and not submission.nil_return:
        yield fault("INT-NIL-01")
    if submission.nil_return:
        yield from (fault("INT-NIL-02", table=table.table, sheet=table.sheet) for table in with_rows)


def _copy_rows(cursor: Cursor, submission: _Submission, table: ReadTable) -> int:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([number, *texts] for number, texts in table.rows)
    buffer.seek(0)
    cursor.copy_expert(_copy(submission.staging(table.table), ["row_number", *table.columns], cursor), buffer)
    return int(cursor.rowcount)


def _copy(staging: sql.Identifier, columns: list[str], cursor: Cursor, encoding: str = "UTF8") -> str:
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    # Empty is missing, whether or not a program put quotation marks around nothing.
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


def _stage_months(cursor: Cursor, submission: _Submission, file: BinaryIO) -> _Account:
    table = submission.contract.tables[0].name
    account = _Account(read={table: 0}, staged={table: 0})
    for number, (member, opener) in enumerate(_members(submission, file), 1):
        first = account.staged[table] + 1
        try:
            month, rows = _stage_month(cursor, submission, member, opener, first)
        except Refusal as refusal:
            account.findings += refusal.findings
            continue
        account.findings += month.findings
        account.read[table] += month.data.count
        account.staged[table] += rows
        if rows != month.data.count:
            account.findings.append(fault("INT-LINE-03", table=table, sheet=member.name))
        _record_file(
            cursor,
            submission,
            table,
            sheet=member.name,
            month=member.month,
            rows=(first, account.staged[table]),
            columns=month.columns,
            number=number,
            line_offset=2 - first,  # the first row of a file is its line 2, below the headings
        )
    return account


def _members(submission: _Submission, file: BinaryIO) -> Iterator[tuple[Member, Callable[[], Readable]]]:
    contract, source, name = submission.contract, submission.source, submission.file_name
    if not name.lower().endswith(".zip"):
        for member in monthly_archive.plan_single(contract, source, name).members:
            yield member, partial(_from_start, file)
        return
    with file_safety.opened(file) as package:
        for member in monthly_archive.plan(contract, source, file_safety.files_in(file)).members:
            yield member, partial(package.open, member.path)


def _from_start(file: BinaryIO) -> BinaryIO:
    file.seek(0)
    return file


class _OtherLetters(Exception):
    """The file's letters are not in the coding that was tried."""


def _stage_month(
    cursor: Cursor, submission: _Submission, member: Member, opener: Callable[[], Readable], first_row: int
) -> tuple[MonthlyFile, int]:
    """Stage one monthly file, its rows numbered from ``first_row``; the number of rows staged.

    Raises:
        Refusal: the file cannot be read.
    """
    contract = submission.contract
    try:
        for encoding in ENCODINGS:
            month = monthly_archive.open_month(contract, submission.quarter, member.name, opener(), encoding)
            try:
                return month, _copy_month(cursor, submission, member, month, first_row)
            except _OtherLetters:
                continue
    except DAMAGE:
        raise file_safety.damaged(contract) from None
    raise Refusal(fault("INT-TEXT-01", table=contract.tables[0].name, sheet=member.name))


def _copy_month(cursor: Cursor, submission: _Submission, member: Member, month: MonthlyFile, first_row: int) -> int:
    table = submission.contract.tables[0].name
    staging = submission.staging(table)
    # Every row of a file gets its month and its number by default, so that the file's own bytes are COPYed.
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
        raise _reason(error, month, table, member.name) from None
    rows = int(cursor.rowcount)
    cursor.execute("RELEASE SAVEPOINT month")
    return rows


def _reason(error: psycopg2.Error, month: MonthlyFile, table: str, sheet: str) -> Exception:
    """What a failed COPY means. PostgreSQL's own words quote the line, so they go no further than here."""
    failure: Exception | None = month.data.failure
    if isinstance(failure, UnicodeDecodeError) or error.pgcode in _LETTERS:
        return _OtherLetters()
    if failure is not None:
        return failure
    if isinstance(error, psycopg2.DataError):
        line = re.search(r"line (\d+)", error.diag.context or "")
        # COPY counts from the first row, the file from its headings. Quotation marks that are never closed
        # are reported after the end.
        row = min(int(line[1]), month.data.count) + 1 if line else None
        return Refusal(fault("INT-LINE-01", table=table, sheet=sheet, row=row))
    unexpected: Exception = psycopg2.OperationalError(f"COPY of a monthly file failed: {error.diag.message_primary}")
    return unexpected
