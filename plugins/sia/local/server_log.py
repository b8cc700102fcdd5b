"""Whether the log of a PostgreSQL server may repeat values of returns, as an error can ("invalid input syntax")."""

from __future__ import annotations

from contextlib import closing

import psycopg2

# PostgreSQL's documentation, Table 20.2 and log_min_messages: of the levels for its log only these leave errors out.
_WITHOUT_ERRORS = ("log", "fatal", "panic")


def warning(url: str) -> str | None:
    """A warning to whoever runs the server about its log; ``None`` if the log leaves errors out.

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
    return f"PostgreSQL's own log may repeat values of returns. Set log_min_messages = log there (it is {level})."
