"""Keeps tables in step with the registers and contracts: dimensions, populations, rules and expected returns."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from sia import geography
from sia.calendar import FIRST_QUARTER, LAST_QUARTER, LONDON, quarters_between
from sia.contract import common_rules
from sia.contract.model import Contract, contracts
from sia.contract.rules import compile_rules
from sia.register_file import register_path
from sia.registers.expected_returns import expected_returns
from sia.registers.measures import measures
from sia.registers.policy import Policy
from sia.warehouse import facts
from sia.warehouse.register_decisions import decided_policy

Row = Mapping[str, Any]


def follow(cursor: Cursor) -> None:
    """Bring every table of registers up to date. Only rows that differ are written; the caller commits."""
    agreed = tuple(contracts().values())
    senders = {source: name for contract in agreed for source, name in contract.senders.items()}
    _write(
        cursor,
        "warehouse.dim_source",
        ["source"],
        [{"source": key, "source_name": name} for key, name in senders.items()],
    )
    _write(cursor, "warehouse.dim_area", ["area_code"], list(_areas()))
    _write(cursor, "warehouse.area_member", ["area_code", "member_code", "valid"], list(_members()), replace=True)
    _write(cursor, "warehouse.dim_quarter", ["quarter_key"], list(_quarters()))
    _write(cursor, "warehouse.dim_return", ["return_name"], [_return(contract) for contract in agreed])
    _write(cursor, "warehouse.population", ["area_code", "mid_year", "vintage"], list(_populations()))
    for table, (_, column, dimension) in facts.dimensions(agreed).items():
        _write(cursor, table, [f"{dimension.name}_code"], facts.dimension_rows(column, dimension))
    _write(cursor, "marts.dim_measure", ["measure_id"], list(_measures(decided_policy(cursor))))
    _write(cursor, "quality.rule", ["rule_id"], list(_rules(agreed)))
    follow_expected_returns(cursor)
    # A new measure moves those after it. PostgreSQL alters no table while it still has to check that order.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def follow_expected_returns(cursor: Cursor) -> None:
    """Bring the expected returns up to date with the contracts and today's extensions. The caller commits."""
    key = ["return_name", "source", "quarter_key"]
    _write(cursor, "feedback.expected_return", key, list(_expected_returns()), replace=True)


def _write(cursor: Cursor, table: str, key: Sequence[str], rows: Sequence[Row], *, replace: bool = False) -> None:
    """Insert rows, or update them by their key. With ``replace``, delete all other rows and update none."""
    parts = {
        "target": sql.Identifier(*table.split(".")),
        "key": sql.SQL(", ").join(map(sql.Identifier, key)),
        "of_target": sql.SQL(", ").join(sql.Identifier("t", name) for name in key),
        "of_other": sql.SQL(", ").join(sql.Identifier("other", name) for name in key),
        "columns": sql.SQL(", ").join(map(sql.Identifier, rows[0])),
    }
    parts["rows"] = sql.SQL("SELECT {columns} FROM json_populate_recordset(NULL::{target}, %(rows)s)").format(**parts)
    if replace:
        statements = [
            "DELETE FROM {target} AS t USING (SELECT {columns} FROM {target} EXCEPT {rows}) AS other"
            " WHERE ({of_target}) = ({of_other})",
            "INSERT INTO {target} ({columns}) {rows} ON CONFLICT ({key}) DO NOTHING",
        ]
    else:
        values = [name for name in rows[0] if name not in key]
        parts["updates"] = sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(n)) for n in values)
        parts["old"] = sql.SQL(", ").join(sql.Identifier("t", name) for name in values)
        parts["new"] = sql.SQL(", ").join(sql.Identifier("excluded", name) for name in values)
        statements = [
            "INSERT INTO {target} AS t ({columns}) {rows} ON CONFLICT ({key})"
            " DO UPDATE SET {updates} WHERE ({old}) IS DISTINCT FROM ({new})"
        ]
    for statement in statements:
        cursor.execute(sql.SQL(statement).format(**parts), {"rows": json.dumps(rows, default=str)})


def _areas() -> Iterator[Row]:
    for number, area in enumerate(geography.areas().values(), start=1):
        yield {
            "area_code": area.code,
            "area_name": area.name,
            "area_type": area.type.value,
            "source": area.source,
            "police_force_code": area.police_force_code,
            "sort_order": number,
        }


def _members() -> Iterator[Row]:
    areas = geography.areas()
    for whole in areas.values():
        yield _member(whole.code, whole.code, date(1974, 4, 1), None)
        parts = {member.area for member in whole.members}
        yield from (_member(whole.code, m.area, m.starts, m.until) for m in whole.members)
        # A figure for a partnership counts in the county if the county has all of the partnership's districts.
        for part in geography.csps() if whole.type is geography.AreaType.COUNTY else ():
            if {member.area for member in part.members} <= parts:
                yield _member(whole.code, part.code, max(m.starts for m in part.members), None)


def _member(area: str, member: str, starts: date | None, until: date | None) -> Row:
    return {"area_code": area, "member_code": member, "valid": _range(starts, until)}


def _range(starts: date | None, until: date | None) -> str:
    return f"[{starts or ''},{until or ''})"


def _quarters() -> Iterator[Row]:
    for quarter in quarters_between(FIRST_QUARTER, LAST_QUARTER):
        yield {
            "quarter_key": quarter.key,
            "quarter_label": quarter.label,
            "financial_year": quarter.financial_year,
            "starts_on": quarter.start,
            "ends_on": quarter.end,
        }


def _return(contract: Contract) -> Row:
    return {
        "return_name": contract.name,
        "return_title": contract.title,
        "period_months": 1 if contract.count_period == "month" else 3,
        "due_working_days": contract.due_working_days,
        "expected": contract.expected,
        "signed_from": contract.signed_from,
    }


def _populations() -> Iterator[Row]:
    with register_path("population.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {name: row[name] for name in ("area_code", "mid_year", "vintage", "persons")}


def _measures(policy: Policy) -> Iterator[Row]:
    today = datetime.now(LONDON).date()
    for number, measure in enumerate(measures(), start=1):
        yield {
            "measure_id": measure.id,
            "title": measure.title,
            "theme": measure.theme,
            "lead": measure.lead,
            "source": measure.source,
            "return_name": measure.return_name,
            "good_direction": policy.good(measure.id, today),
            "kind": measure.kind,
            "unit": measure.unit,
            "has_rate": measure.has_rate,
            "numerator": measure.numerator,
            "denominator": measure.denominator,
            "aggregates_up": measure.aggregates_up,
            "compare_with": measure.compare_with,
            "valid": _range(measure.begins, measure.until),
            "under_reported": measure.under_reported,
            "note": measure.note,
            "sort_order": number,
        }


def _rules(agreed: Sequence[Contract]) -> Iterator[Row]:
    for common in common_rules.rules().values():
        yield _rule(common.id, common.severity.value, common.tier, common.message)
    for contract in agreed:
        for table in contract.tables:
            for rule in compile_rules(contract, table):
                yield _rule(rule.id, rule.severity.value, rule.tier, rule.message, contract.name, table.name)


def _rule(
    rule_id: str, severity: str, tier: int, message: str, return_name: str | None = None, table: str | None = None
) -> Row:
    return {
        "rule_id": rule_id,
        "return_name": return_name,
        "table_name": table,
        "severity": severity,
        "tier": tier,
        "message": message,
    }


def _expected_returns() -> Iterator[Row]:
    for expected in expected_returns(LAST_QUARTER):
        extension = expected.extension
        yield {
            "return_name": expected.return_name,
            "source": expected.source,
            "quarter_key": expected.quarter.key,
            "due_on": expected.due_on,
            "extended_to": extension and extension.until,
            "extended_by": extension and extension.allowed_by,
            "extension_why": extension and extension.why,
        }
