"""What partners sent is removed when the time that its contract gives is up; until then a refused file is encrypted."""

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
    """Remove the files whose time is up by a day. Commits; may be run again at any time.

    A file leaves the landing and the inbox, and the workbook that answered it goes with it; that it came, and what was
    found in it, is kept. What was refused for want of an agreement leaves the inbox at once, and so does every refused
    file, which is held encrypted in the landing alone.

    Returns:
        How many submissions had their files removed now.

    Raises:
        OSError: a file cannot be removed.
    """
    landed, inbox = landing_folder(), inbox_folder()
    with connection, connection.cursor() as cursor:
        kept = rows(cursor, "feedback/time_up", {})
        expired = [row for row in kept if until(row) < day]
        for row in expired:
            cursor.execute("INSERT INTO intake.removed_file (submission_id) VALUES (%s)", (row["submission_id"],))
            for path in _in_inbox(inbox, row):
                path.unlink()
            shutil.rmtree(settings().state / FOLDER / row["receipt"], ignore_errors=True)
        cursor.execute(
            "SELECT landed_as FROM intake.submission WHERE landed_as IS NOT NULL"
            " AND submission_id NOT IN (SELECT submission_id FROM intake.removed_file)"
        )
        # The same bytes may have been sent for another quarter, and are kept for that.
        still_kept = {landed_as for (landed_as,) in cursor.fetchall()}
        for name in {row["landed_as"] for row in expired} - still_kept - {None}:
            for path in (landed / name, encrypted.encrypted_path(landed, name)):
                if path.exists():
                    path.unlink()
        for row in kept:
            if row["status"] == "refused" and row["landed_as"] in still_kept:
                encrypted.encrypt(landed, row["landed_as"])
                for path in _in_inbox(inbox, row):
                    path.unlink()
    if expired:
        log.info("the files of %s submissions were removed: their time was up", len(expired))
    return len(expired)


def until(submission: Mapping[str, Any]) -> date:
    """The last day on which the file of a decided submission is kept."""
    keep = contract(submission["return_name"]).retention
    if submission["landed_as"] is None:
        return date.min
    if submission["status"] == "refused":
        decided_on: date = submission["decided_on"]
        return decided_on + timedelta(days=keep.refused_days)
    return _months_later(submission["received_on"], keep.accepted_months)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _in_inbox(inbox: Folder, submission: Mapping[str, Any]) -> Iterator[Folder]:
    agreed, quarter = contract(submission["return_name"]), Quarter.parse(submission["quarter_key"])
    for lying in scan(agreed, quarter, inbox):
        # The same bytes in another sender's folder are that sender's, and may still have to be received.
        theirs = lying.source in (None, submission["source"])
        # A file of another size is not read: an archive is large, and this is asked every day.
        same_size = lying.mark[1] == submission["size_bytes"]
        if theirs and same_size and landing.fingerprint(lying.path)[0] == submission["content_hash"]:
            yield lying.path
