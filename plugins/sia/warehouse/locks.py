"""Who waits for whom: advisory locks of the database, each held until its transaction ends.

Locks of a transaction and never of a session: these would stay behind where a pool shares sessions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import IntEnum

from psycopg2.extensions import cursor as Cursor

from sia.warehouse import database


class Lock(IntEnum):
    """Everything that only one process may do at a time. A number is never used for something else."""

    MIGRATE = 1
    RECEIVE = 2
    """Files of one return, sender and quarter: receipts follow one another."""
    LOAD = 3
    """Submissions of one return and sender: return versions follow one another."""
    REPLY = 4
    """Submissions of one return and quarter: tasks follow the attempts, and their numbers one another."""
    REMIND = 5
    DRAFT = 6
    """Drafts of one quarter: the files of a draft are of one moment."""
    COMMENTARY = 7
    DRY_RUN = 8
    """The database from which each dry run's is copied."""


def take(cursor: Cursor, lock: Lock, *parts: str) -> None:
    """Wait until no other transaction has this lock for these parts, and hold it until this transaction ends.

    Args:
        cursor: of the transaction.
        lock: what is to be done.
        parts: for what, such as the names of return and sender; none locks it as a whole.
    """
    # Two parts may share a number: then one waits without need, and nothing else happens.
    cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (int(lock), "/".join(parts)))


@contextmanager
def held(lock: Lock, *parts: str) -> Iterator[None]:
    """Hold a lock, in a transaction of its own, while what is inside commits or does what no transaction can do."""
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        take(cursor, lock, *parts)
        yield
