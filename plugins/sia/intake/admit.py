"""Admit: files in the inbox become submissions, each with a receipt. A file that is not safe or not ours is refused."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, BinaryIO

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.calendar import LONDON, Quarter
from sia.contract.model import Contract
from sia.finding import Finding
from sia.intake import inbox, sandbox
from sia.intake.file_safety import check_file, member_paths
from sia.intake.inbox import InboxFile, Problem
from sia.intake.readers import monthly_archive, published_tables, return_file
from sia.intake.readers.cover import Cover
from sia.intake.rejection import FileRejected, make_finding
from sia.quality import findings
from sia.registers.agreements import agreements
from sia.storage.folders import folder_at
from sia.storage.landing import StillChangingError, extension, fingerprint, landed_name, open_file, store_once
from sia.warehouse import locks
from sia.warehouse.locks import Lock
from sia.warehouse.register_decisions import AGREEMENTS, decided

if TYPE_CHECKING:
    from sia.storage.folders import Folder

log = logging.getLogger(__name__)

# A file that was received on an earlier day counts as received when the office opened.
_OFFICE_OPENS = time(9, 0)


@dataclass(frozen=True, slots=True)
class _OpenedFile:
    """A file that was opened once: its format, its cover if it is a return workbook, and whether it has links."""

    format: str
    cover: Cover | None = None
    has_links: bool = False


@dataclass(frozen=True, slots=True)
class Inspection:
    """What we know of a file once it was looked at."""

    synthetic: bool
    findings: tuple[Finding, ...]
    nil_return: bool = False

    @property
    def refused(self) -> bool:
        """Whether a finding refuses the file."""
        return any(finding.refuses for finding in self.findings)


def receive(
    connection: Connection,
    contract: Contract,
    quarter: Quarter,
    place: str | Folder,
    landing: str | Folder,
    settled: Collection[str] | None = None,
) -> list[int]:
    """Receive every new file of a return for a quarter, in the order in which they came.

    Each file is one transaction, so that a run that is killed loses none and receives none twice. The same bytes again
    are the submission that they were before, unless they were sent again after another file or after a refusal.

    Args:
        connection: to the warehouse; commits here.
        contract: the return's contract.
        quarter: the quarter for which the files were sent.
        place: the inbox, which holds ``<return>/<quarter>/[<source>/][received-YYYY-MM-DD/]<file>``.
        landing: where files are kept, each written once.
        settled: keys of files that are known to have stopped changing. We watch any other new file for some seconds
            first. Without this argument, every file counts as settled.

    Returns:
        The ids of all submissions for this return and quarter that are not decided yet, oldest first: new ones that are
        not refused, and those that an interrupted run left.
    """
    top = folder_at(place)

    def list_files() -> list[InboxFile]:
        return inbox.scan(contract, quarter, top)

    if settled is None:
        new_files = list_files()
    else:
        known = {*settled, *(stamp.key for stamp in inbox.noted(connection))}
        new_files = inbox.settled_files(list_files, known)
    for waiting in new_files:
        try:
            _receive_file(connection, contract, quarter, waiting, folder_at(landing))
        except StillChangingError:
            log.warning("a file for %s %s is still being written; the next run receives it", contract.name, quarter)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT submission_id FROM intake.submission WHERE return_name = %s AND quarter_key = %s"
            " AND decided_at IS NULL ORDER BY received_at, submission_id",
            (contract.name, quarter.key),
        )
        return [row[0] for row in cursor.fetchall()]


def _receive_file(
    connection: Connection, contract: Contract, quarter: Quarter, waiting: InboxFile, landing: Folder
) -> None:
    if waiting.problem is not None:
        _note_problem(connection, waiting, waiting.problem)
        return
    content_hash, size = fingerprint(waiting.path, contract.max_bytes)
    name, source, opened = waiting.path.name, waiting.source, None
    if source is None:
        opened = _opened_in_inbox(contract, waiting.path)
        source = opened.cover.source if opened and opened.cover else ""
    if source not in contract.senders:
        _note_problem(connection, waiting, Problem.NO_SENDER)
        return
    with connection, connection.cursor() as cursor:
        locks.take(cursor, Lock.RECEIVE, contract.name, source, quarter.key)
        inbox.note(cursor, waiting, None)
        received_at = _received_at(cursor, contract, source, quarter, waiting.received_on)
        received_on = received_at.astimezone(LONDON).date()
        # A published table needs no agreement: its licence is in the contract.
        is_agreed = contract.published is not None or agreements(decided(cursor, AGREEMENTS)).in_force(
            source, received_on
        )
        is_kept = is_agreed and size <= contract.max_bytes
        if _was_received(cursor, contract, source, quarter, content_hash, waiting, is_kept=is_kept):
            return
        landed_as = None
        if is_kept:
            landed_as = landed_name(contract.name, content_hash, name)
            # Fails if the file changed after its hash was computed, and so after it was opened.
            store_once(waiting.path, landing / landed_as, content_hash)
            with open_file(landing, landed_as) as file:
                inspection = inspect(
                    file, name, contract, source=source, quarter=quarter, received_on=received_on, opened=opened
                )
        else:
            finding = (
                make_finding("INT-SIZE-01", megabytes=contract.max_megabytes)
                if is_agreed
                else make_finding("INT-AGREEMENT-01", sender=contract.senders[source])
            )
            inspection = Inspection(_is_named_synthetic(name), (finding,))
        cursor.execute("SELECT nextval(pg_get_serial_sequence('intake.submission', 'submission_id'))")
        (submission_id,) = cursor.fetchone() or (0,)
        cursor.execute(
            "INSERT INTO intake.submission (submission_id, receipt, return_name, source, quarter_key, file_name,"
            " landed_as, content_hash, size_bytes, received_at, synthetic, nil_return, status, decided_at)"
            " OVERRIDING SYSTEM VALUE"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, CASE WHEN %s THEN clock_timestamp() END)",
            (
                submission_id,
                f"{contract.code}-{quarter.key}-{submission_id:06d}",
                contract.name,
                source,
                quarter.key,
                _recorded_name(contract, name),
                landed_as,
                content_hash,
                waiting.stamp.size_bytes,
                received_at,
                inspection.synthetic,
                inspection.nil_return,
                "refused" if inspection.refused else "received",
                inspection.refused,
            ),
        )
        findings.store(connection, submission_id, inspection.findings)


def _was_received(
    cursor: Cursor,
    contract: Contract,
    source: str,
    quarter: Quarter,
    content_hash: str,
    waiting: InboxFile,
    *,
    is_kept: bool,
) -> bool:
    """Whether these bytes were received before, and need not be received again.

    They are received again if they were sent again after another file, or after they or some of their months were
    refused: the newest file counts, and the reason for a refusal may have been removed since. A file that was in the
    inbox before, as when a folder is mounted again, was not sent again.
    """
    cursor.execute(
        "SELECT s.content_hash, s.status = 'refused' OR EXISTS (SELECT FROM quality.row_reconciliation AS r"
        " WHERE r.submission_id = s.submission_id AND r.rows_refused > 0), s.landed_as IS NOT NULL, s.recorded_at"
        " FROM intake.submission AS s"
        " WHERE s.return_name = %s AND s.source = %s AND s.quarter_key = %s ORDER BY s.submission_id DESC",
        (contract.name, source, quarter.key),
    )
    earlier = cursor.fetchall()
    # A file that was refused for want of an agreement was not kept, and may come again once there is one.
    if not any(known == content_hash and (was_kept or not is_kept) for known, _, was_kept, _ in earlier):
        return False
    last_hash, has_refused_rows, _, last_recorded = earlier[0]
    is_in_force = last_hash == content_hash and not has_refused_rows
    return bool(is_in_force or waiting.stamp.modified_at <= last_recorded)


def _note_problem(connection: Connection, waiting: InboxFile, problem: Problem) -> None:
    log.warning("a file in the inbox cannot be matched to a return (%s): the next digest tells the unit", problem)
    with connection, connection.cursor() as cursor:
        inbox.note(cursor, waiting, problem)


def _opened_in_inbox(contract: Contract, path: Folder) -> _OpenedFile | None:
    """A file whose folder does not say who sent it, opened to read its cover; nothing if it is not safe."""
    try:
        with open_file(path.parent, path.name) as file:
            return _open(file, path.name, contract)
    except FileRejected:
        return None


def _open(file: BinaryIO, name: str, contract: Contract) -> _OpenedFile:
    if file.seek(0, os.SEEK_END) > contract.max_bytes:
        raise FileRejected(make_finding("INT-SIZE-01", megabytes=contract.max_megabytes))
    return sandbox.open_safely(contract, file, lambda content: _read_cover(content, name, contract))


def _read_cover(file: BinaryIO, name: str, contract: Contract) -> _OpenedFile:
    checked = check_file(file, name, contract)
    # Most foreign workbooks are large, and reading one takes ten times as long as looking for the tag.
    has_cover = contract.is_template_return and checked.has_cover_tag
    cover = return_file.read_cover(file, checked.format, contract) if has_cover else None
    return _OpenedFile(checked.format, cover, checked.has_links)


def _recorded_name(contract: Contract, name: str) -> str:
    """The name in our records: a sender's own name for a file may name a person, a publisher's does not."""
    monthly = contract.archive and contract.archive.read_name(name.removeprefix(monthly_archive.SYNTHETIC))
    return name if monthly else f"{contract.name}{extension(name)}"


def _is_named_synthetic(name: str) -> bool:
    return name.casefold().startswith(monthly_archive.SYNTHETIC)


def _received_at(cursor: Cursor, contract: Contract, source: str, quarter: Quarter, day: date | None) -> datetime:
    moment = datetime.combine(day, _OFFICE_OPENS, LONDON) if day else datetime.now(UTC)
    cursor.execute(
        "SELECT received_at FROM intake.submission WHERE return_name = %s AND source = %s AND quarter_key = %s",
        (contract.name, source, quarter.key),
    )
    taken = {row[0] for row in cursor.fetchall()}
    while moment in taken:
        moment += timedelta(seconds=1)
    return moment


def inspect(
    file: BinaryIO,
    name: str,
    contract: Contract,
    *,
    source: str,
    quarter: Quarter,
    received_on: date,
    opened: _OpenedFile | None = None,
) -> Inspection:
    """Find out whether a file is safe, and whether it is this return, from this sender, for this quarter.

    Args:
        file: the file, opened for reading bytes, seekable.
        name: its name as it was sent.
        contract: the return's contract.
        source: its sender.
        quarter: the quarter for which it was sent.
        received_on: the day on which it was received. Older templates are accepted until a day.
        opened: what is known of the file if it was opened before.
    """
    synthetic, nil_return = _is_named_synthetic(name), False
    try:
        opened = opened or _open(file, name, contract)
        file_findings = list(_dates_findings(contract, quarter, source))
        if contract.published:
            file_findings += _publication_findings(file, opened.format, contract, quarter)
            file_findings += [make_finding("INT-LINK-02")] if opened.has_links else []
        elif contract.archive:
            archive_plan = _plan(file, opened.format, name, contract, source)
            file_findings += [*archive_plan.findings, *_future_findings(archive_plan, received_on)]
        elif opened.format in ("xlsx", "ods"):
            cover = opened.cover
            if cover is None:
                raise FileRejected(make_finding("INT-TEMPLATE-01", title=contract.title, version=contract.version))
            synthetic, nil_return = synthetic or cover.synthetic, cover.nil_return
            file_findings += _cover_findings(cover, contract, source, quarter, received_on)
    except FileRejected as rejected:
        file_findings = list(rejected.findings)
    return Inspection(synthetic, tuple(file_findings), nil_return)


def _dates_findings(contract: Contract, quarter: Quarter, source: str) -> Iterator[Finding]:
    if not contract.owed_for(quarter, source):
        yield make_finding("INT-QUARTER-02", title=contract.title, quarter=quarter.label)


def _cover_findings(
    cover: Cover, contract: Contract, source: str, quarter: Quarter, received_on: date
) -> Iterator[Finding]:
    if cover.return_name != contract.name:
        yield make_finding("INT-TEMPLATE-02", title=contract.title, version=contract.version)
        return
    if not contract.accepts_version(cover.version, received_on):
        yield make_finding("INT-TEMPLATE-03", version=contract.version)
    if not cover.source:
        yield make_finding("INT-COVER-01", heading="Source", example=source)
    elif cover.source.casefold() not in (source, contract.senders[source].casefold()):
        yield make_finding("INT-SOURCE-01", sender=contract.senders[source])
    if not cover.quarter:
        yield make_finding("INT-COVER-01", heading="Quarter", example=quarter.key)
    elif _quarter_on_cover(cover) != quarter:
        yield make_finding("INT-QUARTER-01", quarter=quarter.label)


def _quarter_on_cover(cover: Cover) -> Quarter | None:
    try:
        return Quarter.parse(cover.quarter)
    except ValueError:
        return None


def _publication_findings(file: BinaryIO, format_: str, contract: Contract, quarter: Quarter) -> Iterator[Finding]:
    lines = sandbox.open_safely(contract, file, lambda content: return_file.title_lines(content, format_, contract))
    dated = published_tables.quarter_of(contract, lines)
    if dated is None:
        yield make_finding("INT-PUBLISHED-01", title=contract.title)
    elif dated != quarter:
        yield make_finding("INT-PUBLISHED-02", quarter=quarter.label)


def _future_findings(archive_plan: monthly_archive.ArchivePlan, received_on: date) -> Iterator[Finding]:
    this_month = f"{received_on:%Y-%m}"
    for member in archive_plan.members:
        if member.month >= this_month:
            yield make_finding("INT-ARCHIVE-09", sheet=member.name, month=member.month)


def _plan(file: BinaryIO, format_: str, name: str, contract: Contract, source: str) -> monthly_archive.ArchivePlan:
    if format_ == "csv":
        return monthly_archive.plan_single(contract, source, name)
    return monthly_archive.plan(contract, source, member_paths(file))
