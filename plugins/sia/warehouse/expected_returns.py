"""What is owed, in the warehouse: ``feedback.expected_return`` follows the contracts and the register of extensions."""

from __future__ import annotations

from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values

from sia.calendar import Quarter
from sia.registers.expected_returns import expected_returns


def replace(connection: Connection, last: Quarter) -> None:
    """Write anew what is owed for the quarters up to ``last``. Nothing is committed."""
    rows = [
        (
            one.return_name,
            one.source,
            one.quarter.key,
            one.due_on,
            *((one.extension.until, one.extension.allowed_by, one.extension.why) if one.extension else (None,) * 3),
        )
        for one in expected_returns(last)
    ]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM feedback.expected_return")
        execute_values(
            cursor,
            "INSERT INTO feedback.expected_return (return_name, source, quarter_key, due_on, extended_to, extended_by,"
            " extension_why) VALUES %s",
            rows,
        )
