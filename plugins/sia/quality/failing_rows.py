"""Writes a finding for each failing row of a rule.

All of it happens inside the database: no value of a return is read out or stored.
"""

from __future__ import annotations

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from sia.contract.model import RuleKind, Table
from sia.contract.rules import CompiledRule
from sia.warehouse.sql_files import statement

# A file with an error in every row needs no list of a million cells: beyond this limit the message gives the count.
MAX_ROWS_LISTED = 100_000


def store_failing_rows(
    connection: Connection, submission_id: int, table: Table, rule: CompiledRule, failing_rows_query: str | None
) -> int:
    """Write the findings of a rule that failed. The caller commits.

    A cell that the intake could not read gets no second finding about what it must hold.

    Args:
        connection: to the warehouse.
        submission_id: the submission.
        table: the contract's table that the rule is about.
        rule: the rule.
        failing_rows_query: a SELECT whose first column is the ``row_number`` of each failing row; ``None`` if
            the rule is about the table as a whole.

    Returns:
        The number of failing rows; 1 if the rule is about the table as a whole.
    """
    query = sql.SQL(failing_rows_query or "SELECT NULL::bigint")
    columns: list[str | None] = [*rule.columns] or [None]
    parameters = {
        "submission_id": submission_id,
        "rule_id": rule.id,
        "message": rule.message,
        "table_name": table.name,
        "columns": columns,
        "max_rows": MAX_ROWS_LISTED,
        "is_about_one_cell": rule.kind not in (None, RuleKind.KEY),
    }
    with connection.cursor() as cursor:
        # A temporary table, not a WITH: PostgreSQL scans in parallel for it, but not for a statement that inserts.
        cursor.execute(
            sql.SQL(
                "CREATE TEMPORARY TABLE failing AS SELECT DISTINCT first AS row_number FROM ({}) AS query (first)"
            ).format(query)
        )
        count = int(cursor.rowcount)
        cursor.execute(statement("quality/store_failing_rows"), parameters)
        if count > MAX_ROWS_LISTED:
            parameters["message"] = (
                f"{rule.message} This applies to {count:,} rows; we list the first {MAX_ROWS_LISTED:,}."
            )
            cursor.execute(
                "INSERT INTO quality.finding (submission_id, rule_id, message, table_name) "
                "VALUES (%(submission_id)s, %(rule_id)s, %(message)s, %(table_name)s)",
                parameters,
            )
        cursor.execute("DROP TABLE failing")
    return count
