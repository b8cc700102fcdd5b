"""The step that validates a staged submission: it runs the rules, writes the findings and sets the status.

Great Expectations decides which rules fail, by counting in PostgreSQL. Only for those are the failing rows looked up.
Tier 3, about the return as a whole, runs only if tiers 1 and 2 have no critical finding: a total of wrong cells would
only confuse the sender.
"""

from __future__ import annotations

import logging
from contextlib import closing
from typing import TYPE_CHECKING

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.calendar import LONDON, Quarter
from sia.contract.model import Contract, Table, contract
from sia.contract.rules import compile_rules
from sia.errors import PermanentError
from sia.quality import waivers
from sia.quality.failing_rows import store_failing_rows
from sia.warehouse import database, staging_tables

if TYPE_CHECKING:
    from sia.quality.gx_runner import GxRunner

log = logging.getLogger(__name__)


def validate(connection: Connection, submission_id: int) -> bool:
    """Validate a staged submission, write its findings, and set its status to validated or refused. Commits.

    The staging tables of a refused submission are dropped. A submission that is not staged is left as it is.

    Returns:
        Whether the submission was validated: False if it was not staged.

    Raises:
        PermanentError: a rule could not be run, or the staged rows are gone. The message says which, and nothing is
            changed.
        ConnectionError: the database failed while the rules ran. Trying again may help.
    """
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
        staging_tables.assert_staging_owner(connection, agreed, submission_id)
        if staging_tables.is_staging_lost(connection, agreed, submission_id):
            raise PermanentError(f"the staged rows of submission {submission_id} are gone: stage it again")
        # The import takes seconds and 200 MB: only a step that validates needs it.
        from sia.quality.gx_runner import GxRunner

        _delete_earlier_findings(cursor, submission_id)
        with closing(GxRunner(database.url())) as runner:
            for tier in (2, 3):
                for table in agreed.tables:
                    _run_rules(connection, runner, agreed, table, quarter, tier, submission_id)
                waivers.apply(cursor, submission_id, return_name, source, quarter_key, received_on)
                if refused := _has_critical_finding(cursor, submission_id):
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


def _run_rules(
    connection: Connection,
    runner: GxRunner,
    agreed: Contract,
    table: Table,
    quarter: Quarter,
    tier: int,
    submission_id: int,
) -> None:
    """Run the rules of a tier on a table, and write the findings of those that fail."""
    rules = {rule.id: rule for rule in compile_rules(agreed, table, quarter) if rule.tier == tier}
    view = staging_tables.typed_view(agreed, table, submission_id)
    for result in runner.run(view, list(rules.values()), quarter):
        if result.passed:
            continue
        count = store_failing_rows(connection, submission_id, table, rules[result.rule_id], result.failing_rows_query)
        if not count:
            raise PermanentError(f"rule {result.rule_id} failed, but its own query returns no failing row")
        log.info("submission %s: rule %s fails in %s places", submission_id, result.rule_id, count)


def _delete_earlier_findings(cursor: Cursor, submission_id: int) -> None:
    # Rules without a return are common to all files: the intake writes their findings, and they stay.
    cursor.execute(
        "DELETE FROM quality.finding AS f USING quality.rule AS r "
        "WHERE f.submission_id = %s AND r.rule_id = f.rule_id AND r.return_name IS NOT NULL",
        (submission_id,),
    )


def _has_critical_finding(cursor: Cursor, submission_id: int) -> bool:
    cursor.execute(
        "SELECT EXISTS (SELECT FROM quality.judged_finding WHERE submission_id = %s AND severity = 'critical')",
        (submission_id,),
    )
    return bool(cursor.fetchone() == (True,))
