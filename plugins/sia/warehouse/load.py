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
from decimal import Decimal
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.calendar import Quarter
from sia.contract import common_rules
from sia.contract.model import Contract, Table, contract
from sia.errors import PermanentError
from sia.warehouse import components, facts, locks, staging_tables
from sia.warehouse.locks import Lock
from sia.warehouse.sql_files import statement

# As many figures as are rarely the same by chance, and which share of them must be the same.
_MIN_FIGURES = 5
_SHARE_THE_SAME = Decimal("0.95")
# A correction may change some figures to zero. From this share on it may be a part of the return.
_SHARE_GONE = Decimal("0.5")


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
            _question_figures(cursor, agreed, source, submission_id, is_nil=nil_return)
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


def _question_figures(cursor: Cursor, agreed: Contract, source: str, submission_id: int, *, is_nil: bool) -> None:
    """Ask about figures of another period, figures that are gone, and zeros; and tell what a publisher revised."""
    label = _month_label if agreed.archive else _quarter_label
    may_be_zero = is_nil or (agreed.archive is not None and agreed.archive.may_be_empty)

    def find(rule_id: str, **words: object) -> None:
        cursor.execute(
            "INSERT INTO quality.finding (submission_id, rule_id, message) VALUES (%s, %s, %s)",
            (submission_id, rule_id, common_rules.rules()[rule_id].message_with(**words)),
        )

    parameters = {
        "return_name": agreed.name,
        "source": source,
        "least": _MIN_FIGURES,
        "share": _SHARE_THE_SAME,
        "component": agreed.headline_component,
    }
    cursor.execute(statement("load/figures_again"), parameters)
    for starts_on, other in cursor.fetchall():
        find("INT-SAME-01", period=label(starts_on), other=label(other))
    cursor.execute(statement("load/figures_replaced"), parameters)
    with_less = set()
    for starts_on, figures, gone, before, now in cursor.fetchall():
        if gone and gone >= _SHARE_GONE * figures:
            with_less.add(starts_on)
            find("INT-LESS-01", period=label(starts_on), count=gone)
        elif agreed.is_public:
            find("INT-REVISED-01", period=label(starts_on), count=f"{now:,}", other=_difference(int(now - before)))
    cursor.execute(statement("load/figures_zero"), parameters)
    for (starts_on,) in cursor.fetchall():
        if not may_be_zero and starts_on not in with_less:
            find("INT-ZERO-01", period=label(starts_on))


def _difference(more: int) -> str:
    if not more:
        return "as many as before, of other kinds or places"
    return f"{abs(more):,} {'more' if more > 0 else 'fewer'} than before"


def _quarter_label(day: date) -> str:
    return Quarter.containing(day).label


def _month_label(day: date) -> str:
    return f"{day:%B %Y}"


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
