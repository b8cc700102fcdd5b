"""Remove partners' files when the retention time of their contract ends. Until then, refused files stay encrypted."""

from __future__ import annotations

import logging
import shutil
import time
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.feedback.reply import FOLDER
from sia.intake.inbox import scan
from sia.settings import settings
from sia.storage import encrypted, landing
from sia.storage.folders import inbox_folder, is_unfinished, landing_folder
from sia.warehouse.sql_files import rows

if TYPE_CHECKING:
    from sia.storage.folders import Folder

log = logging.getLogger(__name__)

_UNFINISHED_SECONDS = 24 * 3600.0

Submission = dict[str, Any]
"""A row of ``feedback/time_up.sql``."""


def remove_expired(connection: Connection, day: date) -> int:
    """Remove the files whose retention time ended before a day. Commits. It is safe to run again at any time.

    We remove a file from the landing and the inbox, and the workbook of its reply. We keep its record and its findings.
    Every refused file leaves the inbox at once, and so does one with parts that we do not read. We keep it encrypted in
    the landing only, or not at all if there was no agreement. A file that cannot be removed keeps no other, and is
    tried again the next time. A file that nobody finished writing is removed after a day.

    Returns:
        The number of submissions whose files were removed by this call.

    Raises:
        OSError: files of some submissions cannot be removed or encrypted; the others are done.
    """
    with connection, connection.cursor() as cursor:
        submissions = rows(cursor, "feedback/time_up", {})
    expired = [row for row in submissions if kept_until(row) < day]
    private = [row for row in submissions if row["is_encrypted"] and row not in expired]
    failures = [*_each(connection, expired, _remove), *_each(connection, private, _encrypt)]
    _remove_unfinished()
    removed = len(expired) - sum(row in expired for row, _ in failures)
    if removed:
        log.info("removed the files of %s submissions: their retention time has ended", removed)
    if failures:
        receipts = ", ".join(row["receipt"] for row, _ in failures)
        raise OSError(failures[0][1].errno, f"files cannot be removed or encrypted ({receipts})") from failures[0][1]
    return removed


def _each(
    connection: Connection, submissions: Iterable[Submission], work: Callable[[Cursor, Submission], None]
) -> Iterator[tuple[Submission, OSError]]:
    """Do the work for each submission in a transaction of its own. Yields those for which it fails."""
    for row in submissions:
        try:
            with connection, connection.cursor() as cursor:
                work(cursor, row)
        except OSError as error:
            yield row, error


def _remove(cursor: Cursor, row: Submission) -> None:
    cursor.execute("INSERT INTO intake.removed_file (submission_id) VALUES (%s)", (row["submission_id"],))
    for path in _in_inbox(inbox_folder(), row):
        path.unlink()
    reply = settings().state / FOLDER / row["receipt"]
    if reply.exists():
        shutil.rmtree(reply)
    if row["landed_as"] is not None and not _is_kept(cursor, row["landed_as"]):
        landed = landing_folder()
        for path in (landed / row["landed_as"], encrypted.encrypted_path(landed, row["landed_as"])):
            if path.exists():
                path.unlink()


def _encrypt(cursor: Cursor, row: Submission) -> None:
    if row["landed_as"] is not None and _is_kept(cursor, row["landed_as"]):
        encrypted.encrypt(landing_folder(), row["landed_as"])
        for path in _in_inbox(inbox_folder(), row):
            path.unlink()


def _remove_unfinished() -> None:
    """Remove what a process left that was killed while it wrote a file: it may be a return, and nobody knows of it."""
    for folder in (landing_folder(), inbox_folder(), settings().state / FOLDER):
        if isinstance(folder, Path):
            for path in folder.rglob(".*.part"):
                is_old = time.time() - path.stat().st_mtime > _UNFINISHED_SECONDS
                if is_old and is_unfinished(path.name):
                    path.unlink()


def _is_kept(cursor: Cursor, landed_as: str) -> bool:
    """Whether a file of the landing is kept for a submission. The same bytes may have been sent for two quarters."""
    cursor.execute(
        "SELECT EXISTS (SELECT FROM intake.submission WHERE landed_as = %s"
        " AND submission_id NOT IN (SELECT submission_id FROM intake.removed_file))",
        (landed_as,),
    )
    (is_kept,) = cursor.fetchone() or (False,)
    return bool(is_kept)


def kept_until(submission: Mapping[str, Any]) -> date:
    """The last day on which we keep the file of a decided submission."""
    retention = contract(submission["return_name"]).retention
    if submission["landed_as"] is None:
        return date.min
    if submission["status"] == "refused":
        decided_on: date = submission["decided_on"]
        return decided_on + timedelta(days=retention.refused_days)
    return _months_later(submission["received_on"], retention.accepted_months)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _in_inbox(inbox: Folder, submission: Mapping[str, Any]) -> Iterator[Folder]:
    agreed, quarter = contract(submission["return_name"]), Quarter.parse(submission["quarter_key"])
    for file in scan(agreed, quarter, inbox):
        # The same bytes in another sender's folder belong to that sender, and may not have been received yet.
        is_theirs = file.source in (None, submission["source"])
        # Only files of the same size are read: an archive is large, and this happens every day.
        is_same_size = file.stamp.size_bytes == submission["size_bytes"]
        if (
            is_theirs
            and is_same_size
            and landing.fingerprint(file.path, agreed.max_bytes)[0] == submission["content_hash"]
        ):
            yield file.path
