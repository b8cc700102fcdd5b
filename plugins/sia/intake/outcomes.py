"""What happened to the submissions of a return for a quarter: ids, states and counts, never a value."""

from __future__ import annotations

from typing import Any

from psycopg2.extensions import connection as Connection

from sia.warehouse.sql_files import rows


def outcomes(connection: Connection, return_name: str, quarter_key: str) -> list[dict[str, Any]]:
    """The outcome of each submission of a return for a quarter, by sender and in the order of receipt.

    Each has its ``submission_id``, ``receipt``, ``content_hash``, ``source``, ``status``, ``attempt``, counts of rows
    and findings, and the ``quarters_loaded``.
    """
    with connection, connection.cursor() as cursor:
        return rows(cursor, "intake/outcome", {"return_name": return_name, "quarter_key": quarter_key})


def reasons(connection: Connection, return_name: str, quarter_key: str) -> list[dict[str, Any]]:
    """Why each submission of a return for a quarter was refused, or has warnings.

    One for each submission and rule: its ``severity``, ``message``, number of ``places``, and the first of them.
    """
    with connection, connection.cursor() as cursor:
        return rows(cursor, "intake/reasons", {"return_name": return_name, "quarter_key": quarter_key})
