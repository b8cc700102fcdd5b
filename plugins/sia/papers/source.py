"""What papers are made from: a release's scorecard, made again and compared with the ledger, and its own files."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

from psycopg2.extensions import connection as Connection

from sia.calendar import Quarter
from sia.errors import PermanentError
from sia.papers.history import Row
from sia.release import ledger, release
from sia.release.ledger import Entry
from sia.release.release import Made
from sia.release.revision import compare


def newest_releases(connection: Connection) -> dict[Quarter, Entry]:
    """The newest release of each quarter that has one."""
    with connection, connection.cursor() as cursor:
        return {entry.quarter: entry for entry in ledger.releases(cursor)}


def newest_release(connection: Connection, quarter: Quarter) -> Entry:
    """The newest release of a quarter.

    Raises:
        PermanentError: it has none; the message says what to do.
    """
    found = newest_releases(connection).get(quarter)
    if found is None:
        raise PermanentError(
            f"{quarter.label} has no release, and a paper shows only what is released: approve one"
            f" (make approve QUARTER={quarter.key}), then run this again"
        )
    return found


def made_again(connection: Connection, entry: Entry) -> Made:
    """A release made again from the warehouse as it was known; every figure and conclusion as the ledger has it.

    Raises:
        PermanentError: this code says otherwise than was released.
    """
    made = release.make(connection, entry.quarter, entry.known_at, before=entry)
    with connection, connection.cursor() as cursor:
        difference = compare(ledger.edition(cursor, entry), made.edition)
    if difference.anything:
        raise PermanentError(
            f"release {entry.name} was made by {entry.code_version}; this code ({release.code_version()}) gives"
            f" {len(difference.changes)} other figures for it, and no paper says otherwise than was released:"
            f" release {entry.quarter.key} anew, then run this again"
        )
    return made


def released_rows(releases: Path, entry: Entry, file: str) -> list[Row]:
    """The rows of a CSV file of a release; none if the release has no such file.

    Args:
        releases: the folder of all releases.
        entry: the release.
        file: the file's name.

    Raises:
        PermanentError: the file is not there any more, or not what was published.
    """
    published = {each["name"]: each["sha256"] for each in entry.manifest["files"]}
    if file not in published:
        return []
    path = releases / entry.quarter.key / str(entry.number) / file
    content = path.read_bytes() if path.exists() else b""
    if ledger.Contents.of(content).sha256 != published[file]:
        raise PermanentError(
            f"{path} is not what was released: make release-verify RELEASE={entry.name} says more; bring the file back"
            " from a backup, then run this again"
        )
    return list(csv.DictReader(StringIO(content.decode(), newline="")))
