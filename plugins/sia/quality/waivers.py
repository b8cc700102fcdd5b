"""Applies waivers: expected findings become warnings. A waiver that no longer fits becomes a task for the unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from sia.contract.model import contract
from sia.contract.rules import text_name
from sia.registers.waivers import Waiver, waivers
from sia.warehouse import staging_tables
from sia.warehouse.register_decisions import WAIVERS, decided

EXPIRED, NOT_NEEDED, MORE = "expired", "not_needed", "more_than_expected"


@dataclass(frozen=True, slots=True)
class WaiverTask:
    """A waiver that the unit has to check, and the reason."""

    waiver: Waiver
    reason: str


def apply(cursor: Cursor, submission_id: int, return_name: str, source: str, quarter_key: str, day: date) -> None:
    """Waive the findings of a staged submission that the register covers, within the caller's transaction.

    A waiver applies only if the number of findings is the expected one. Any other number means that the return differs
    from the one that the unit looked at, and nothing is waived.

    Args:
        cursor: of that transaction.
        submission_id: the submission, whose tables are in staging.
        return_name: its return.
        source: its sender.
        quarter_key: its quarter.
        day: when we received it.
    """
    for waiver in waivers(decided(cursor, WAIVERS)):
        covered = (waiver.return_name, waiver.source, waiver.quarter)
        if covered == (return_name, source, quarter_key) and waiver.holds_on(day):
            finding_ids = _covered_findings(cursor, submission_id, waiver)
            if len(finding_ids) == waiver.expect:
                execute_values(
                    cursor,
                    "INSERT INTO quality.waived_finding (finding_id, waiver, until, allowed_by, why) VALUES %s"
                    " ON CONFLICT DO NOTHING",
                    [
                        (finding_id, waiver.id, waiver.until, waiver.allowed_by, waiver.why)
                        for finding_id in finding_ids
                    ],
                )


def refresh_tasks(cursor: Cursor, day: date) -> list[WaiverTask]:
    """Open and close the tasks about waivers, from the register and the newest returns; return the open tasks."""
    tasks = {task.waiver.id: task for task in _tasks(cursor, day)}
    cursor.execute(
        "UPDATE feedback.waiver_task SET state = 'closed', closed_on = %s WHERE state = 'open' AND waiver <> ALL(%s)",
        (day, list(tasks)),
    )
    for task in tasks.values():
        cursor.execute(
            "INSERT INTO feedback.waiver_task AS t (waiver, reason, state, opened_on) VALUES (%s, %s, 'open', %s)"
            " ON CONFLICT (waiver) DO UPDATE SET reason = excluded.reason, state = 'open', closed_on = NULL,"
            " opened_on = CASE t.state WHEN 'open' THEN t.opened_on ELSE excluded.opened_on END",
            (task.waiver.id, task.reason, day),
        )
    return list(tasks.values())


def _covered_findings(cursor: Cursor, submission_id: int, waiver: Waiver) -> list[int]:
    conditions: list[sql.Composable] = [sql.SQL("f.submission_id = %(submission_id)s AND f.rule_id = %(rule)s")]
    if waiver.rows:
        conditions.append(sql.SQL("f.row_number = ANY(%(rows)s)"))
    if waiver.keys:
        cursor.execute("SELECT table_name FROM quality.rule WHERE rule_id = %s", (waiver.rule,))
        (table_name,) = cursor.fetchone() or ("",)
        agreed = contract(waiver.return_name)
        view = sql.Identifier("staging", staging_tables.typed_view(agreed, agreed.table(table_name), submission_id))
        # A key is a value of the return: PostgreSQL compares it, and nothing reads it out.
        rows = sql.SQL(" OR ").join(
            sql.SQL(" AND ").join(
                sql.SQL("{} = {}").format(sql.Identifier(text_name(name)), sql.Literal(value))
                for name, value in key.items()
            )
            for key in waiver.keys
        )
        conditions.append(sql.SQL("f.row_number IN (SELECT row_number FROM {} WHERE {})").format(view, rows))
    cursor.execute(
        sql.SQL("SELECT f.finding_id FROM quality.finding AS f WHERE {}").format(sql.SQL(" AND ").join(conditions)),
        {"submission_id": submission_id, "rule": waiver.rule, "rows": list(waiver.rows)},
    )
    return [finding_id for (finding_id,) in cursor.fetchall()]


def _tasks(cursor: Cursor, day: date) -> Iterator[WaiverTask]:
    for waiver in waivers(decided(cursor, WAIVERS)):
        reason = EXPIRED if waiver.until < day else _no_longer_fits(cursor, waiver)
        if reason:
            yield WaiverTask(waiver, reason)


def _no_longer_fits(cursor: Cursor, waiver: Waiver) -> str | None:
    """Why the waiver no longer fits the newest return that it covers; ``None`` if it fits, or there is no return."""
    cursor.execute(
        "SELECT s.status, count(f.finding_id), count(*) FILTER (WHERE f.waiver = %(id)s)"
        " FROM intake.submission AS s"
        " LEFT JOIN quality.judged_finding AS f ON s.submission_id = f.submission_id AND f.rule_id = %(rule)s"
        " WHERE (s.return_name, s.source, s.quarter_key) = (%(return)s, %(source)s, %(quarter)s)"
        " AND s.decided_at IS NOT NULL"
        " AND (s.received_at AT TIME ZONE 'Europe/London')::date BETWEEN %(starts)s AND %(until)s"
        " GROUP BY s.submission_id ORDER BY s.received_at DESC LIMIT 1",
        {
            "id": waiver.id, "rule": waiver.rule, "return": waiver.return_name, "source": waiver.source,
            "quarter": waiver.quarter, "starts": waiver.starts, "until": waiver.until,
        },
    )  # fmt: skip
    newest = cursor.fetchone()
    if newest is None or newest[2]:
        return None
    status, findings, _ = newest
    if findings:
        return MORE
    # A refused return may not have reached the rule.
    return NOT_NEEDED if status == "accepted" else None
