"""Stores findings."""

from __future__ import annotations

from collections.abc import Iterable

from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values

from sia.finding import Finding


def store(connection: Connection, submission_id: int, findings: Iterable[Finding]) -> None:
    """Write findings of a submission, within the caller's transaction."""
    rows = [(submission_id, f.rule_id, f.message, f.table, f.sheet, f.row, f.column, f.cell) for f in findings]
    with connection.cursor() as cursor:
        execute_values(
            cursor,
            "INSERT INTO quality.finding"
            " (submission_id, rule_id, message, table_name, sheet, row_number, column_name, cell) VALUES %s",
            rows,
            page_size=1000,
        )
