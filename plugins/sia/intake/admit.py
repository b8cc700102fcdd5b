"""Admit: what lies in the inbox becomes submissions, each with a receipt; what is not safe or not ours is refused."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, BinaryIO

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.calendar import LONDON, Quarter
from sia.contract.model import Contract
from sia.finding import Finding
from sia.intake import file_safety, inbox
from sia.intake.inbox import Lying, Problem
from sia.intake.readers import cover, monthly_archive, ods, published_tables, return_file, xlsx
from sia.intake.rejection import Refusal, fault
from sia.quality import findings as kept_findings
from sia.registers.agreements import agreements
from sia.storage.folders import folder_at
from sia.storage.landing import StillChangingError, extension, fingerprint, landed_name, open_file, store_once

if TYPE_CHECKING:
    from sia.storage.folders import Folder

log = logging.getLogger(__name__)

# A file that was received on an earlier day is taken to have come when the office opened.
_OFFICE_OPENS = time(9, 0)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is known of a file once it was looked at."""

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
    settling: float = 0.0,
) -> list[int]:
    """Take in every new file of a return for a quarter, in the order in which they were received.

    Each file is one transaction, so that a run that is killed loses none and takes none twice. The same
    bytes again are the submission that they were the first time.

    Args:
        connection: to the warehouse; commits here.
        contract: the return's contract.
        quarter: the quarter for which the files were sent.
        place: the inbox, which holds ``<return>/<quarter>/[<source>/][received-YYYY-MM-DD/]<file>``.
        landing: where files are kept, write-once.
        settling: for how many seconds a new file must not have changed.

    Returns:
        The ids of all submissions for this return and quarter that are not decided yet, oldest first:
        those that are new and not refused, and those that an interrupted run left.
    """
    top = folder_at(place)
    for waiting in inbox.settled(lambda: inbox.scan(contract, quarter, top), inbox.noted(connection), settling):
        try:
            _take(connection, contract, quarter, waiting, folder_at(landing))
        except StillChangingError:
            log.warning("a file for %s %s is still being written; the next run takes it", contract.name, quarter)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT submission_id FROM intake.submission WHERE return_name = %s AND quarter_key = %s"
            " AND decided_at IS NULL ORDER BY received_at, submission_id",
            (contract.name, quarter.key),
        )
        return [row[0] for row in cursor.fetchall()]


def _take(connection: Connection, contract: Contract, quarter: Quarter, waiting: Lying, landing: Folder) -> None:
    source = waiting.source or _source_on_cover(contract, waiting.path) if waiting.problem is None else None
    if source is None:
        problem = waiting.problem or Problem.NO_SENDER
        log.warning("a file for %s %s is nobody's (%s); the unit is told", contract.name, quarter, problem)
        with connection, connection.cursor() as cursor:
            inbox.note(cursor, waiting, problem)
        return
    content_hash, size = fingerprint(waiting.path)
    name = waiting.path.name
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{contract.name}/{source}/{quarter.key}",)
        )
        inbox.note(cursor, waiting, None)
        received_at = _received_at(cursor, contract, source, quarter, waiting.received_on)
        received_on = received_at.astimezone(LONDON).date()
        # What is published for all needs no agreement: its licence is in the contract.
        agreed = contract.published is not None or agreements().in_force(source, received_on)
        # What was refused for want of an agreement was not kept, and may come again once there is one.
        cursor.execute(
            "SELECT 1 FROM intake.submission WHERE return_name = %s AND source = %s AND quarter_key = %s"
            " AND content_hash = %s AND (landed_as IS NOT NULL OR NOT %s)",
            (contract.name, source, quarter.key, content_hash, agreed),
        )
        if cursor.fetchone():
            return
        landed_as = None
        if agreed:
            landed_as = landed_name(contract.name, content_hash, name)
            store_once(waiting.path, landing / landed_as, content_hash)
            with open_file(landing, landed_as) as file:
                seen = inspect(file, name, contract, source=source, quarter=quarter, received_on=received_on)
        else:
            seen = Inspection(_says_synthetic(name), (fault("INT-AGREEMENT-01", sender=contract.senders[source]),))
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
                size,
                received_at,
                seen.synthetic,
                seen.nil_return,
                "refused" if seen.refused else "received",
                seen.refused,
            ),
        )
        kept_findings.store(connection, submission_id, seen.findings)


def _recorded_name(contract: Contract, name: str) -> str:
    """What a file is called in our records: a sender's own words may name a person, a published name does not."""
    monthly = contract.archive and contract.archive.read_name(name.removeprefix(monthly_archive.SYNTHETIC))
    return name if monthly else f"{contract.name}{extension(name)}"


def _says_synthetic(name: str) -> bool:
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
    file: BinaryIO, name: str, contract: Contract, *, source: str, quarter: Quarter, received_on: date
) -> Inspection:
    """Ask of a file whether it is safe, and whether it is this return, from this source, for this quarter.

    Args:
        file: the file, opened for reading bytes, seekable.
        name: its name as it was sent.
        contract: the return's contract.
        source: from whom it came.
        quarter: the quarter for which it was sent.
        received_on: the day on which it was received; an older template is taken until a day.
    """
    synthetic, nil_return = _says_synthetic(name), False
    try:
        if file.seek(0, os.SEEK_END) > contract.max_megabytes * 1_000_000:
            raise Refusal(fault("INT-SIZE-01", megabytes=contract.max_megabytes))
        kind = file_safety.check(file, name, contract)
        findings = list(_in_force(contract, quarter, source))
        if contract.published:
            findings += _publication_faults(file, kind, contract, quarter)
        elif kind in ("xlsx", "ods"):
            said = _cover(file, kind, contract)
            synthetic, nil_return = synthetic or said.synthetic, said.nil_return
            findings += _cover_faults(said, contract, source, quarter, received_on)
        elif contract.archive:
            findings += _plan(file, kind, name, contract, source).findings
    except Refusal as refusal:
        findings = list(refusal.findings)
    return Inspection(synthetic, tuple(findings), nil_return)


def _in_force(contract: Contract, quarter: Quarter, source: str) -> Iterator[Finding]:
    if not contract.owed_for(quarter, source):
        yield fault("INT-QUARTER-02", title=contract.title, quarter=quarter.label)


def _cover(file: BinaryIO, kind: str, contract: Contract) -> cover.Cover:
    reader = xlsx if kind == "xlsx" else ods
    file.seek(0)
    content = io.BytesIO(file.read())  # so that a fault below is the workbook's, not the storage's
    try:
        # Most foreign workbooks are large, and a search is ten times faster than a reader.
        ours = file_safety.mentions(content, cover.TAG)
        found = cover.find(reader.beginnings(content, cover.ROWS)) if ours else None
    except MemoryError:
        raise
    except Exception:  # a damaged xlsx fails in as many ways as there are lines in a reader
        raise file_safety.damaged(contract) from None
    if found is None:
        raise Refusal(fault("INT-TEMPLATE-01", title=contract.title, version=contract.version))
    return found


def _cover_faults(
    said: cover.Cover, contract: Contract, source: str, quarter: Quarter, received_on: date
) -> Iterator[Finding]:
    if said.return_name != contract.name:
        yield fault("INT-TEMPLATE-02", title=contract.title, version=contract.version)
        return
    if not contract.accepts_version(said.version, received_on):
        yield fault("INT-TEMPLATE-03", version=contract.version)
    if said.source.casefold() not in (source, contract.senders[source].casefold()):
        yield fault("INT-SOURCE-01", sender=contract.senders[source])
    if _quarter(said.quarter) != quarter:
        yield fault("INT-QUARTER-01", quarter=quarter.label)


def _publication_faults(file: BinaryIO, kind: str, contract: Contract, quarter: Quarter) -> Iterator[Finding]:
    said = published_tables.quarter_of(contract, return_file.first_lines(file, kind, contract))
    if said is None:
        yield fault("INT-PUBLISHED-01", title=contract.title)
    elif said != quarter:
        yield fault("INT-PUBLISHED-02", quarter=quarter.label)


def _quarter(text: str) -> Quarter | None:
    try:
        return Quarter.parse(text)
    except ValueError:
        return None


def _plan(file: BinaryIO, kind: str, name: str, contract: Contract, source: str) -> monthly_archive.Plan:
    if kind == "csv":
        return monthly_archive.plan_single(contract, source, name)
    return monthly_archive.plan(contract, source, file_safety.files_in(file))


def _source_on_cover(contract: Contract, path: Folder) -> str | None:
    """The sender that a workbook names on its cover, where its folder does not say."""
    try:
        with open_file(path.parent, path.name) as file:
            kind = file_safety.check(file, path.name, contract)
            if kind not in ("xlsx", "ods"):
                return None
            said = _cover(file, kind, contract)
    except Refusal:
        return None
    return said.source if said.source in contract.senders else None
