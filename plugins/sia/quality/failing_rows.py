"""Every failing row of a rule, turned into findings inside the database. No value leaves it, or is stored."""

from __future__ import annotations

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from sia.contract.model import Table
from sia.contract.rules import CompiledRule
from sia.warehouse.sql_files import statement

# A file that is wrong in every row needs no list of a million cells: beyond this the count is said.
MOST_ROWS_LISTED = 100_000


def harvest(connection: Connection, submission_id: int, table: Table, rule: CompiledRule, failing: str | None) -> int:
    """Write the findings of a rule that failed. Nothing is committed.

    Args:
        connection: where the findings are written.
        submission_id: the submission.
        table: the contract's table that the rule is about.
        rule: the rule.
        failing: a SELECT whose first column is ``row_number`` of each failing row; ``None`` where the
            rule is about the table and no row of it.

    Returns:
        How many places failed: rows, or the one table.
    """
    query = sql.SQL(failing or "SELECT NULL::bigint")
    columns: list[str | None] = [*rule.columns] or [None]
    words = {
        "submission_id": submission_id,
        "rule_id": rule.id,
        "message": rule.message,
        "table_name": table.name,
        "columns": columns,
        "most": MOST_ROWS_LISTED,
    }
    with connection.cursor() as cursor:
        # A table and not a WITH: PostgreSQL scans in parallel for it, and not for a statement that inserts.
        cursor.execute(
            sql.SQL(
                "CREATE TEMPORARY TABLE failing AS SELECT DISTINCT first AS row_number FROM ({}) AS query (first)"
            ).format(query)
        )
        count = int(cursor.rowcount)
        cursor.execute(statement("quality/harvest"), words)
        if count > MOST_ROWS_LISTED:
            words["message"] = (
                f"{rule.message} This is so in {count:,} rows; the first {MOST_ROWS_LISTED:,} are listed."
            )
            cursor.execute(
                "INSERT INTO quality.finding (submission_id, rule_id, message, table_name) "
                "VALUES (%(submission_id)s, %(rule_id)s, %(message)s, %(table_name)s)",
                words,
            )
        cursor.execute("DROP TABLE failing")
    return count
