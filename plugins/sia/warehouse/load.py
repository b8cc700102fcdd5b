"""Loads a validated submission in one transaction, and keeps the history. Loading it twice changes nothing.

Each period that the submission covers gets a new return version. The version that it replaces is closed at the moment
when this submission was received. If an older submission is loaded after a newer one, its version was current until
the newer one was received. History that a release relies on is never changed: facts that the release did not know are
known from the moment of loading.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.calendar import Quarter
from sia.contract.model import Contract, Table, contract
from sia.errors import PermanentError
from sia.warehouse import components, facts, locks, staging_tables
from sia.warehouse.locks import Lock
from sia.warehouse.sql_files import statement


def load(connection: Connection, submission_id: int) -> bool:
    """Turn a validated submission into facts and component totals.

    Returns:
        Whether the submission was loaded: False if it was not validated.

    Raises:
        PermanentError: the rows do not reconcile.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT return_name, source, quarter_key, received_at, synthetic, nil_return FROM intake.submission "
            "WHERE submission_id = %s AND status = 'validated' FOR UPDATE",
            (submission_id,),
        )
        row = cursor.fetchone()
        if row is None:
            connection.rollback()
            return False
        return_name, source, quarter_key, received_at, synthetic, nil_return = row
        agreed = contract(return_name)
        staging_tables.assert_staging_owner(connection, agreed, submission_id)
        # Return versions of one return and sender follow one another, so submissions wait for each other.
        locks.take(cursor, Lock.LOAD, return_name, source)
        # From here until the commit, no release can be prepared that relies on the versions we are about to change.
        cursor.execute("LOCK TABLE warehouse.return_version IN ROW EXCLUSIVE MODE")
        cursor.execute(statement("load/temporary"))
        for starts_on, ends_on in _periods(cursor, agreed, Quarter.parse(quarter_key), submission_id):
            version: dict[str, Any] = {
                "return_name": return_name,
                "source": source,
                "submission_id": submission_id,
                "starts_on": starts_on,
                "ends_on": ends_on,
                "received_at": received_at,
                "synthetic": synthetic,
                "of_no_quarter": agreed.published is not None,
            }
            cursor.execute(statement("load/known_from"), version)
            (version["known_from"],) = cursor.fetchone() or (received_at,)
            cursor.execute(statement("load/close_return_version"), version)
            cursor.execute(statement("load/open_return_version"), version)
        cursor.execute("ANALYZE new_return_version")
        for table in agreed.tables:
            _load_table(cursor, agreed, table, submission_id)
        if agreed.published is None:
            # It brings in numpy and scipy, which nobody needs while DAGs are parsed.
            from sia.warehouse import questions

            questions.ask(cursor, agreed, source, submission_id, is_nil=nil_return)
        cursor.execute(
            "UPDATE intake.submission SET status = 'accepted', decided_at = clock_timestamp() WHERE submission_id = %s",
            (submission_id,),
        )
    staging_tables.drop_staging(connection, agreed, submission_id)
    connection.commit()
    return True


def _periods(cursor: Cursor, agreed: Contract, quarter: Quarter, submission_id: int) -> Sequence[tuple[date, date]]:
    """First and last day of each period that the submission covers."""
    if agreed.version_period == "quarter":
        return [(quarter.start, quarter.end)]
    if agreed.archive is None:
        starts = [date.fromisoformat(f"{month}-01") for month in quarter.months]
        return [(day, day.replace(day=monthrange(day.year, day.month)[1])) for day in starts if agreed.covers(day)]
    # The months come from the files: a file without a record still covers its month.
    cursor.execute(statement("load/months_received"), {"submission_id": submission_id})
    return [(starts_on, ends_on) for starts_on, ends_on in cursor.fetchall()]


def _load_table(cursor: Cursor, agreed: Contract, table: Table, submission_id: int) -> None:
    name = agreed.staging_name(table)
    view = sql.Identifier("staging", staging_tables.typed_view(agreed, table, submission_id))
    cursor.execute(sql.SQL("CREATE TEMPORARY VIEW typed AS SELECT * FROM {}").format(view))
    cursor.execute(facts.load_statement(agreed, table))
    cursor.execute("DROP VIEW typed")
    if table.components:
        components.write_totals(cursor, agreed, table)
    fact = sql.Identifier("warehouse", table.fact.name)
    cursor.execute(
        sql.SQL("CREATE TEMPORARY VIEW fact AS SELECT return_version_id, row_number, area_code FROM {}").format(fact)
    )
    cursor.execute(statement("load/reconcile_rows"), {"submission_id": submission_id, "table_name": table.name})
    reconciled = cursor.fetchone()
    cursor.execute("DROP VIEW fact")
    if reconciled is None or not reconciled[0]:
        raise PermanentError(
            f"{name}: not every staged row became a fact (submission {submission_id}), so nothing was loaded"
        )
