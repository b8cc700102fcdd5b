"""Bring a warehouse up to date: migrations forward, then registers and staging templates.

A migration is ``include/sql/migrations/NNNN_<what>.sql``. It runs once, in one transaction with its entry
in ``public.migration``, and is never changed afterwards: its hash is kept and compared. Registers
(areas, quarters, sources, returns, measures, population, rules) follow the files at every run.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extras import DateRange, execute_values

from sia import geography
from sia.calendar import FIRST_QUARTER, LAST_QUARTER, LONDON, quarters_between
from sia.contract import common_rules
from sia.contract.model import Contract, Table, contracts
from sia.contract.rules import compile_rules
from sia.errors import PermanentError
from sia.paths import SQL
from sia.register_file import register_path
from sia.registers.measures import measures
from sia.registers.policy import policy
from sia.warehouse import code_constraints, comments, expected_returns, roles, staging_tables

_LOCK = 7_316_001


def migrate(connection: Connection) -> list[str]:
    """Apply the migrations that are missing, then load the registers.

    Returns:
        The names of the migrations that were applied now.

    Raises:
        PermanentError: a migration that was applied earlier has been changed since.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS public.migration ("
            "name text PRIMARY KEY, content_hash text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        cursor.execute("SELECT name, content_hash FROM public.migration")
        applied = dict(cursor.fetchall())
        new = [path for path in _migrations() if path.stem not in applied]
        for path in _migrations():
            if applied.get(path.stem, _hash(path)) != _hash(path):
                raise PermanentError(f"migration {path.name} was changed after it was applied; write a new one instead")
        for path in new:
            cursor.execute(path.read_text(encoding="utf-8"))
            cursor.execute(
                "INSERT INTO public.migration (name, content_hash) VALUES (%s, %s)", (path.stem, _hash(path))
            )
    registers(connection)
    roles.apply(connection)
    connection.commit()
    return [path.stem for path in new]


def registers(connection: Connection) -> None:
    """Make dimensions, staging templates, and what facts may hold and say, follow the registers and contracts."""
    _upsert(connection, "warehouse.dim_source", ("source", "source_name"), 1, _sources())
    _upsert(
        connection,
        "warehouse.dim_area",
        ("area_code", "area_name", "area_type", "source", "sort_order"),
        1,
        [(a.code, a.name, a.type.value, a.source, n) for n, a in enumerate(geography.areas().values(), start=1)],
        deferred="sort_order",
    )
    _replace(connection, "warehouse.area_member", ("area_code", "member_code", "valid"), _members())
    _upsert(
        connection,
        "warehouse.dim_quarter",
        ("quarter_key", "quarter_label", "financial_year", "starts_on", "ends_on"),
        1,
        [(q.key, q.label, q.financial_year, q.start, q.end) for q in quarters_between(FIRST_QUARTER, LAST_QUARTER)],
    )
    _upsert(
        connection,
        "warehouse.dim_return",
        ("return_name", "return_title", "period_months", "due_working_days", "expected"),
        1,
        [
            (c.name, c.title, 1 if c.count_period == "month" else 3, c.due_working_days, c.expected)
            for c in contracts().values()
        ],
    )
    _upsert(connection, "warehouse.population", ("area_code", "mid_year", "vintage", "persons"), 3, _population())
    settings, today = policy(), datetime.now(LONDON).date()
    offences = contracts()["tvp_crime"].table("street").column("crime_type").code_list()
    _upsert(
        connection, "warehouse.dim_offence", ("offence_code", "offence_name"), 1, [(o.code, o.label) for o in offences]
    )
    outcomes = contracts()["tvp_outcomes"].table("outcomes").column("outcome_type").code_list()
    _upsert(
        connection, "warehouse.dim_outcome", ("outcome_code", "outcome_name"), 1, [(o.code, o.label) for o in outcomes]
    )
    _upsert(
        connection,
        "marts.dim_measure",
        (
            "measure_id", "title", "theme", "lead", "source", "return_name", "good_direction", "kind", "unit",
            "has_rate", "numerator", "denominator", "aggregates_up", "compare_with", "valid", "under_reported", "note",
            "sort_order",
        ),
        1,
        [
            (
                m.id, m.title, m.theme, m.lead, m.source, m.return_name, settings.good(m.id, today), m.kind, m.unit,
                m.has_rate, m.numerator, m.denominator, m.aggregates_up, m.compare_with, DateRange(m.begins, m.until),
                m.under_reported, m.note, n,
            )
            for n, m in enumerate(measures(), start=1)
        ],
        deferred="sort_order",
    )  # fmt: skip
    _upsert(
        connection, "quality.rule", ("rule_id", "return_name", "table_name", "severity", "tier", "message"), 1, _rules()
    )
    expected_returns.replace(connection, LAST_QUARTER)
    for contract in contracts().values():
        for table in contract.tables:
            staging_tables.create_template(connection, contract, table)
            code_constraints.constrain(connection, contract, table)
            _comment(connection, contract, table)


def _comment(connection: Connection, contract: Contract, table: Table) -> None:
    """Make the facts, their view of today and their answers of the past say what the contract says."""
    message, columns = comments.of_fact(contract, table)
    with connection.cursor() as cursor:
        comments.write(cursor, "TABLE", sql.Identifier("warehouse", table.fact), message, columns)
        comments.write(
            cursor, "VIEW", sql.Identifier("warehouse", f"{table.fact}_today"), f"Today's truth. {message}", columns
        )
        for name, taking, answer in (
            (f"{table.fact}_known_at", "timestamptz", "What was known at a time."),
            (f"{table.fact}_known_on", "date", "What was known by the end of a day (Europe/London)."),
        ):
            comments.write_function(cursor, sql.Identifier("warehouse", name), taking, f"{answer} {message}")


def _migrations() -> list[Path]:
    return sorted((SQL / "migrations").glob("[0-9][0-9][0-9][0-9]_*.sql"))


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _sources() -> list[tuple[str, str]]:
    return list({key: name for c in contracts().values() for key, name in c.senders.items()}.items())


def _members() -> Iterable[tuple[str, str, DateRange]]:
    areas = geography.areas()
    for whole in areas.values():
        yield whole.code, whole.code, DateRange(date(1974, 4, 1), None)
        parts = {member.area for member in whole.members}
        yield from ((whole.code, m.area, DateRange(m.starts, m.until)) for m in whole.members)
        # A return may speak of a partnership as such: it then counts in the county that holds all its districts.
        for part in geography.csps() if whole.type is geography.AreaType.COUNTY else ():
            if {member.area for member in part.members} <= parts:
                yield whole.code, part.code, DateRange(max(m.starts for m in part.members), None)


def _population() -> list[tuple[Any, ...]]:
    with register_path("population.csv").open(encoding="utf-8", newline="") as file:
        return [(r["area_code"], int(r["mid_year"]), r["vintage"], int(r["persons"])) for r in csv.DictReader(file)]


def _rules() -> Iterable[tuple[Any, ...]]:
    yield from ((r.id, None, None, r.severity.value, r.tier, r.message) for r in common_rules.rules().values())
    for contract in contracts().values():
        for table in contract.tables:
            for rule in compile_rules(contract, table):
                yield rule.id, contract.name, table.name, rule.severity.value, rule.tier, rule.message


def _upsert(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    key_columns: int,
    rows: Iterable[tuple[Any, ...]],
    deferred: str | None = None,
) -> None:
    """Insert rows or bring them up to date; ``deferred`` is a unique ordering that is renumbered first."""
    names = [sql.Identifier(column) for column in columns]
    target = sql.Identifier(*table.split("."))
    updates = sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(name) for name in names[key_columns:])
    with connection.cursor() as cursor:
        if deferred:
            cursor.execute(sql.SQL("UPDATE {0} SET {1} = -{1}").format(target, sql.Identifier(deferred)))
        execute_values(
            cursor,
            sql.SQL("INSERT INTO {} ({}) VALUES %s ON CONFLICT ({}) DO UPDATE SET {}")
            .format(target, sql.SQL(", ").join(names), sql.SQL(", ").join(names[:key_columns]), updates)
            .as_string(cursor),
            list(rows),
        )


def _replace(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    target = sql.Identifier(*table.split("."))
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DELETE FROM {}").format(target))
        statement = sql.SQL("INSERT INTO {} ({}) VALUES %s").format(
            target, sql.SQL(", ").join(sql.Identifier(column) for column in columns)
        )
        execute_values(cursor, statement.as_string(cursor), list(rows))
