"""Advisory locks of the database, for work that only one process may do at a time.

Each lock belongs to a transaction and ends with it. A lock of a session could outlive its use, where a pool shares
sessions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import IntEnum

from psycopg2.extensions import cursor as Cursor

from sia.warehouse import database


class Lock(IntEnum):
    """The work that only one process may do at a time. A number is never reused for other work."""

    MIGRATE = 1
    RECEIVE = 2
    """Files of one return, sender and quarter, so that receipts follow one another."""
    LOAD = 3
    """Submissions of one return and sender, so that return versions follow one another."""
    REPLY = 4
    """Submissions of one return and quarter, so that tasks follow the attempts and are numbered in order."""
    REMIND = 5
    DRAFT = 6
    """Drafts of one quarter, so that all files of a draft show the same moment."""
    COMMENTARY = 7
    DRY_RUN = 8
    """The database that each dry run copies."""
    BACKUP = 9
    """Backups and restores, which use the same second databases. The lock is in the server's database ``postgres``."""


def take(cursor: Cursor, lock: Lock, *parts: str) -> None:
    """Wait until no other transaction has this lock for these parts, then keep it until this transaction ends.

    Args:
        cursor: of the transaction.
        lock: the work.
        parts: what the work is for, for example the names of return and sender; none locks all of the work.
    """
    # Two parts may hash to one number: then one transaction waits without need, which does no harm.
    cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (int(lock), "/".join(parts)))


@contextmanager
def exclusive(lock: Lock, *parts: str) -> Iterator[None]:
    """Keep a lock in a separate transaction, for work that commits or cannot run in a transaction."""
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        take(cursor, lock, *parts)
        yield
