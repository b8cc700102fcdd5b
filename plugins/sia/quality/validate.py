"""The step that checks a staged submission: rules in, findings and a status out.

Great Expectations decides, PostgreSQL does the work: a first pass asks only which rules failed, and only for
those are the failing rows looked up. Tier 3, about the return as a whole, runs when tiers 1 and 2 found
nothing critical: totals of cells that are wrong teach nobody anything.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.calendar import LONDON, Quarter
from sia.contract.model import Contract, Table, contract
from sia.contract.rules import compile_rules
from sia.errors import PermanentError
from sia.quality import waivers
from sia.quality.failing_rows import harvest
from sia.warehouse import database, staging_tables

if TYPE_CHECKING:
    from sia.quality.gx_runner import Examiner

log = logging.getLogger(__name__)


def validate(connection: Connection, submission_id: int) -> bool:
    """Check a staged submission, write its findings, and call it validated or refused. Commits.

    A refused submission leaves staging; one that is not staged is left alone.

    Returns:
        Whether anything was checked; False if the submission was not waiting to be.

    Raises:
        PermanentError: a rule could not be run; the message names it, and nothing is changed.
        ConnectionError: the database failed while rules ran.
    """
    # Seconds and 200 MB: only the task that validates pays for them.
    from sia.quality.gx_runner import examiner

    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT return_name, quarter_key, source, received_at FROM intake.submission "
            "WHERE submission_id = %s AND status = 'staged' FOR UPDATE",
            (submission_id,),
        )
        row = cursor.fetchone()
        if row is None:
            return False
        return_name, quarter_key, source, received_at = row
        agreed, quarter = contract(return_name), Quarter.parse(quarter_key)
        received_on = received_at.astimezone(LONDON).date()
        staging_tables.require_own(connection, agreed, submission_id)
        _forget_findings(cursor, submission_id)
        with examiner(database.url()) as great_expectations:
            for tier in (2, 3):
                for table in agreed.tables:
                    _check(connection, great_expectations, agreed, table, quarter, tier, submission_id)
                waivers.apply(cursor, submission_id, return_name, source, quarter_key, received_on)
                if refused := _anything_critical(cursor, submission_id):
                    break
        cursor.execute(
            "UPDATE intake.submission SET status = %s, decided_at = CASE WHEN %s THEN clock_timestamp() END "
            "WHERE submission_id = %s",
            ("refused" if refused else "validated", refused, submission_id),
        )
        if refused:
            cursor.execute(
                "UPDATE quality.row_reconciliation SET rows_refused = rows_read WHERE submission_id = %s",
                (submission_id,),
            )
            staging_tables.drop_staging(connection, agreed, submission_id)
    return True


def _check(
    connection: Connection,
    great_expectations: Examiner,
    agreed: Contract,
    table: Table,
    quarter: Quarter,
    tier: int,
    submission_id: int,
) -> None:
    """Judge one table by the rules of one tier, and write the findings of those that failed."""
    rules = {rule.id: rule for rule in compile_rules(agreed, table, quarter) if rule.tier == tier}
    verdicts = great_expectations.judge(
        staging_tables.typed_view(agreed, table, submission_id), list(rules.values()), quarter
    )
    for verdict in verdicts:
        if verdict.passed:
            continue
        count = harvest(connection, submission_id, table, rules[verdict.rule_id], verdict.failing)
        if not count:
            raise PermanentError(f"rule {verdict.rule_id} failed, and its own query finds no row that does")
        log.info("submission %s: rule %s fails in %s places", submission_id, verdict.rule_id, count)


def _forget_findings(cursor: Cursor, submission_id: int) -> None:
    # Rules without a return are those common to all files: their findings are the intake's.
    cursor.execute(
        "DELETE FROM quality.finding AS f USING quality.rule AS r "
        "WHERE f.submission_id = %s AND r.rule_id = f.rule_id AND r.return_name IS NOT NULL",
        (submission_id,),
    )


def _anything_critical(cursor: Cursor, submission_id: int) -> bool:
    cursor.execute(
        "SELECT EXISTS (SELECT FROM quality.judged_finding WHERE submission_id = %s AND severity = 'critical')",
        (submission_id,),
    )
    found = cursor.fetchone()
    return bool(found and found[0])
