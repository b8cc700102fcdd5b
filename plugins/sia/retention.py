"""Remove partners' files when the retention time of their contract ends. Until then, refused files stay encrypted."""

from __future__ import annotations

import logging
import shutil
from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from psycopg2.extensions import connection as Connection

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.feedback.reply import FOLDER
from sia.intake.inbox import scan
from sia.settings import settings
from sia.storage import encrypted, landing
from sia.storage.folders import inbox_folder, landing_folder
from sia.warehouse.sql_files import rows

if TYPE_CHECKING:
    from sia.storage.folders import Folder

log = logging.getLogger(__name__)


def remove_expired(connection: Connection, day: date) -> int:
    """Remove the files whose retention time ended before a day. Commits. It is safe to run again at any time.

    We remove a file from the landing and the inbox, and the workbook of its reply. We keep its record and its findings.
    Every refused file leaves the inbox at once, and so does one with parts that we do not read. We keep it encrypted in
    the landing only, or not at all if there was no agreement.

    Returns:
        The number of submissions whose files were removed by this call.

    Raises:
        OSError: a file cannot be removed.
    """
    landed, inbox = landing_folder(), inbox_folder()
    with connection, connection.cursor() as cursor:
        submissions = rows(cursor, "feedback/time_up", {})
        expired = [row for row in submissions if kept_until(row) < day]
        for row in expired:
            cursor.execute("INSERT INTO intake.removed_file (submission_id) VALUES (%s)", (row["submission_id"],))
            for path in _in_inbox(inbox, row):
                path.unlink()
            reply = settings().state / FOLDER / row["receipt"]
            if reply.exists():
                shutil.rmtree(reply)
        cursor.execute(
            "SELECT landed_as FROM intake.submission WHERE landed_as IS NOT NULL"
            " AND submission_id NOT IN (SELECT submission_id FROM intake.removed_file)"
        )
        # The same bytes may have been sent for another quarter, for which they are still kept.
        still_kept = {landed_as for (landed_as,) in cursor.fetchall()}
        for name in {row["landed_as"] for row in expired} - still_kept - {None}:
            for path in (landed / name, encrypted.encrypted_path(landed, name)):
                if path.exists():
                    path.unlink()
        for row in submissions:
            if row["is_encrypted"] and row["landed_as"] in still_kept:
                encrypted.encrypt(landed, row["landed_as"])
                for path in _in_inbox(inbox, row):
                    path.unlink()
    if expired:
        log.info("removed the files of %s submissions: their retention time has ended", len(expired))
    return len(expired)


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
