"""Whether a PostgreSQL server's log may repeat values of returns, as errors can ("invalid input syntax for …")."""

from __future__ import annotations

from contextlib import closing

import psycopg2

# Only these levels keep errors out of the log (PostgreSQL's documentation: Table 20.2 and log_min_messages).
_WITHOUT_ERRORS = ("log", "fatal", "panic")


def warning(url: str) -> str | None:
    """A warning about the server's log; ``None`` if the log has no errors.

    Args:
        url: the address of one of the server's databases, with a log-in.

    Raises:
        psycopg2.OperationalError: the server cannot be reached.
    """
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW log_min_messages")
        (level,) = cursor.fetchone() or ("",)
    if level in _WITHOUT_ERRORS:
        return None
    return f"PostgreSQL's log may repeat values of returns. Set log_min_messages = log on the server (it is {level})."
