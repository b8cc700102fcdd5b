"""Ends sessions of log-ins that are at work for too long, whatever limits the log-in gave itself."""

from __future__ import annotations

import logging

from psycopg2.extensions import connection as Connection

from sia.warehouse.sql_files import rows

log = logging.getLogger(__name__)

MAX_TRANSACTION_SECONDS = 3600
"""Above every limit that the owner gives a log-in (``roles/logins.sql``)."""


def end_overdue(connection: Connection, seconds: int = MAX_TRANSACTION_SECONDS) -> int:
    """End the sessions of log-ins whose transaction is older than some seconds. Commits.

    The owner's and the loaders' sessions are left: their work takes as long as it takes.

    Returns:
        How many were ended. 0 also if this log-in may not see or end the sessions of others, which is logged.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_has_role('pg_read_all_stats', 'USAGE') AND pg_has_role('pg_signal_backend', 'USAGE')")
        if cursor.fetchone() == (False,):
            log.warning("long sessions are not ended: grant pg_read_all_stats and pg_signal_backend to this log-in")
            return 0
        ended = [row for row in rows(cursor, "roles/overdue_sessions", {"seconds": seconds}) if row["is_ended"]]
    if ended:
        log.warning("ended %s sessions that were in one transaction for more than %s seconds", len(ended), seconds)
    return len(ended)
