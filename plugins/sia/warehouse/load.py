"""Load a validated submission: one transaction, history kept, the same submission twice changes nothing.

A holding is opened for each period that the submission covers, and the holding that it replaces is
closed at the moment at which this one was received. A submission that was received before one that
is already held (an old return loaded afterwards) takes its place in the chain: it was true until then.
What a release rests on is left as it was: what the release did not know is known from its loading.
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
        Whether anything was loaded; False if the submission was not waiting to be.

    Raises:
        PermanentError: the rows do not reconcile, or break a constraint of the warehouse.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT return_name, source, quarter_key, received_at, synthetic FROM intake.submission "
            "WHERE submission_id = %s AND status = 'validated' FOR UPDATE",
            (submission_id,),
        )
        row = cursor.fetchone()
        if row is None:
            connection.rollback()
            return False
        return_name, source, quarter_key, received_at, synthetic = row
        agreed = contract(return_name)
        staging_tables.require_own(connection, agreed, submission_id)
        # One chain a return and source: two submissions at the same moment follow one another.
        locks.take(cursor, Lock.LOAD, return_name, source)
        # Before it is asked what a release rests on: none is prepared from here until this is kept.
        cursor.execute("LOCK TABLE warehouse.return_version IN ROW EXCLUSIVE MODE")
        cursor.execute(statement("load/temporary"))
        for starts_on, ends_on in _periods(cursor, agreed, Quarter.parse(quarter_key), submission_id):
            holding: dict[str, Any] = {
                "return_name": return_name,
                "source": source,
                "submission_id": submission_id,
                "starts_on": starts_on,
                "ends_on": ends_on,
                "received_at": received_at,
                "synthetic": synthetic,
                "of_no_quarter": agreed.published is not None,
            }
            cursor.execute(statement("load/known_from"), holding)
            (holding["known_from"],) = cursor.fetchone() or (received_at,)
            cursor.execute(statement("load/close_return_version"), holding)
            cursor.execute(statement("load/open_return_version"), holding)
        cursor.execute("ANALYZE new_return_version")
        for table in agreed.tables:
            _load_table(cursor, agreed, table, submission_id)
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
    # The months are those of the files received: a month without a record was received all the same.
    cursor.execute(statement("load/months_received"), {"submission_id": submission_id})
    return [(starts_on, ends_on) for starts_on, ends_on in cursor.fetchall()]


def _load_table(cursor: Cursor, agreed: Contract, table: Table, submission_id: int) -> None:
    name = agreed.staging_name(table)
    view = sql.Identifier("staging", staging_tables.typed_view(agreed, table, submission_id))
    cursor.execute(sql.SQL("CREATE TEMPORARY VIEW typed AS SELECT * FROM {}").format(view))
    cursor.execute(facts.load_statement(agreed, table))
    cursor.execute("DROP VIEW typed")
    if table.components:
        components.add_up(cursor, agreed, table)
    fact = sql.Identifier("warehouse", table.fact.name)
    cursor.execute(
        sql.SQL("CREATE TEMPORARY VIEW fact AS SELECT return_version_id, row_number, area_code FROM {}").format(fact)
    )
    cursor.execute(statement("load/account_rows"), {"submission_id": submission_id, "table_name": table.name})
    account = cursor.fetchone()
    cursor.execute("DROP VIEW fact")
    if account is None or not account[0]:
        raise PermanentError(
            f"{name}: not every staged row became a fact (submission {submission_id}); nothing was loaded"
        )
