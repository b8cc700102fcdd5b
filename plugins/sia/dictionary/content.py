"""The content of the data dictionary: every table, column, measure and rule, with its description.

No text is written for it. It reads comments in the database, lineage in the load statements, rules in the contracts,
breaks in the registers and questions in ``docs/analysts.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.extras import NamedTupleCursor

from sia.calendar import LONDON, format_date
from sia.contract import common_rules
from sia.contract.model import Contract, Table, contracts
from sia.contract.rules import compile_rules
from sia.dictionary.analyst_questions import Oddity, Question, oddities, questions
from sia.registers.measures import Measure, measures
from sia.registers.series_breaks import breaks
from sia.warehouse.facts import dimensions, lineage
from sia.warehouse.lineage import counted_from
from sia.warehouse.register_decisions import decided_policy
from sia.warehouse.sql_files import statement
from sia.warehouse.view_lineage import ColumnRef, Definition, view_lineage

# Tables that no return fills, and the source from which each migration fills them.
_REGISTERED = {
    "marts.dim_measure": "registers of measures and of the policy (measures.yml, policy.yml)",
    "warehouse.dim_area": "register of areas (areas.yml)",
    "warehouse.area_member": "register of areas (areas.yml)",
    "warehouse.population": "register of populations (population.csv)",
    "warehouse.dim_quarter": "the calendar",
    "warehouse.dim_source": "contracts of the returns: senders",
    "warehouse.dim_return": "contracts of the returns",
    "quality.rule": "contracts of the returns, and _common.yml: rules",
    "feedback.expected_return": "contracts of the returns; register of extensions",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``key`` is ``key`` or empty, and ``refers_to`` a dimension or empty.

    ``comes_from`` names the columns of returns, or of tables that no return fills, from which it is worked out.
    """

    name: str
    type: str
    description: str
    key: str
    refers_to: str
    comes_from: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view. ``made_from`` lists the relations and functions that a view reads."""

    name: str
    kind: str
    description: str
    columns: tuple[Column, ...]
    made_from: tuple[str, ...]
    read_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """A function: signature, return type, description and the roles that may call it."""

    signature: str
    return_type: str
    description: str
    called_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema, with its tables, views and functions."""

    name: str
    description: str
    relations: tuple[Relation, ...]
    functions: tuple[Function, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, with the message that a partner reads."""

    id: str
    where: str
    severity: str
    message: str


@dataclass(frozen=True, slots=True)
class Break:
    """A change in what is counted, or in its name, from a day."""

    what: str
    when: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Dictionary:
    """The whole dictionary, in reading order: marts first, measures as on the scorecard.

    ``good`` has today's good direction of each measure. ``counted`` has the columns of its return that it counts.
    """

    schemas: tuple[Schema, ...]
    measures: tuple[Measure, ...]
    good: Mapping[str, str]
    counted: Mapping[str, str]
    returns: tuple[Contract, ...]
    rules: tuple[Rule, ...]
    breaks: tuple[Break, ...]
    oddities: tuple[Oddity, ...]
    questions: tuple[Question, ...]


def dictionary(connection: Connection) -> Dictionary:
    """Read the dictionary of a migrated warehouse."""
    agreed = tuple(contracts().values())
    today = datetime.now(LONDON).date()
    with connection, connection.cursor() as cursor:
        policy = decided_policy(cursor)
    return Dictionary(
        schemas=tuple(_schemas(connection, agreed)),
        measures=measures(),
        good={measure.id: policy.good(measure.id, today) for measure in measures()},
        counted={measure.id: _counted(measure) for measure in measures()},
        returns=agreed,
        rules=tuple(_rules(agreed)),
        breaks=tuple(_breaks(agreed)),
        oddities=oddities(),
        questions=questions(),
    )


def _schemas(connection: Connection, agreed: tuple[Contract, ...]) -> Iterator[Schema]:
    with connection.cursor(cursor_factory=NamedTupleCursor) as cursor:
        relations, columns, functions, definitions = (
            _rows(cursor, f"dictionary/{name}") for name in ("relations", "columns", "functions", "definitions")
        )
    connection.rollback()
    origins = _origins(agreed, columns, definitions)
    registered = _REGISTERED | {
        table: f"contract {contract.name}: {column.label}"
        for table, (contract, column, _) in dimensions(agreed).items()
    }
    for name, description in dict.fromkeys((r.schema_name, r.schema_says) for r in relations):
        yield Schema(
            name,
            description,
            tuple(
                Relation(
                    r.relation_name,
                    r.kind,
                    r.says,
                    tuple(
                        Column(
                            c.column_name,
                            c.type,
                            c.says,
                            c.key,
                            c.refers_to,
                            origins.get((f"{name}.{r.relation_name}", c.column_name))
                            or registered.get(f"{name}.{r.relation_name}", ""),
                        )
                        for c in columns
                        if (c.schema_name, c.relation_name) == (name, r.relation_name)
                    ),
                    tuple(r.made_from),
                    tuple(r.read_by),
                )
                for r in relations
                if r.schema_name == name
            ),
            tuple(
                Function(f.signature, f.gives, f.says, tuple(f.called_by)) for f in functions if f.schema_name == name
            ),
        )


def _rows(cursor: NamedTupleCursor, name: str) -> list[Any]:
    cursor.execute(statement(name))
    rows: list[Any] = cursor.fetchall()
    return rows


def _origins(agreed: tuple[Contract, ...], columns: list[Any], definitions: list[Any]) -> dict[ColumnRef, str]:
    """By relation and column: where its values come from, as a heading of a return or a column of a table."""
    known = {row.relation_name: Definition(tuple(row.column_names), row.definition) for row in definitions}
    tables: dict[str, list[str]] = {}
    for column in columns:
        if (name := f"{column.schema_name}.{column.relation_name}") not in known:
            tables.setdefault(name, []).append(column.column_name)
    views = {f"{column.schema_name}.{column.relation_name}" for column in columns} - tables.keys()
    origins = dict(_returned(agreed))
    for place_, ends in view_lineage(views, known, tables).items():
        of_column = dict.fromkeys(
            origins.get(end, ".".join(end)) for end in sorted(ends) if end in origins or end[1] != "*"
        )
        origins[place_] = "; ".join(of_column)
    return origins


def _returned(agreed: tuple[Contract, ...]) -> Iterator[tuple[ColumnRef, str]]:
    """By fact and column, and for component totals: the columns of the return."""
    for contract in agreed:
        for table in contract.tables:
            fact = f"warehouse.{table.fact.name}"
            yield (fact, "*"), f"{contract.title}, {place(contract, table)}: rows"
            for name, made_from in lineage(contract, table).items():
                if given := _headings(table, made_from):
                    yield (fact, name), f"{contract.title}, {place(contract, table)}: {given}"
    counted = "; ".join(contract.title for contract in agreed if contract.published is None)
    yield ("marts.component_total", "value"), f"What a measure counts in its return (see Measures): {counted}"


def _headings(table: Table, names: Iterable[str]) -> str:
    labels = {column.name: column.label for column in table.columns}
    return ", ".join(labels[name] for name in names if name in labels)


def _counted(measure: Measure) -> str:
    """The columns of the return that a measure counts, by their headings."""
    agreed = contracts()[measure.return_name]
    parts = [counted_from(agreed, part) for part in (measure.numerator, measure.denominator) if part]
    described = []
    for table in agreed.tables:
        if any(table.name in part for part in parts):
            columns = {name for part in parts for name in part.get(table.name, ())}
            given = _headings(table, (name for name in table.names if name in columns)) or "every row"
            described.append(f"{place(agreed, table)}: {given}")
    return "; ".join(described)


def place(contract: Contract, table: Table) -> str:
    """Where a table is in its return."""
    return "monthly files" if contract.archive else f"sheet {table.sheet}"


def _rules(agreed: tuple[Contract, ...]) -> Iterator[Rule]:
    for common_rule in common_rules.rules().values():
        yield Rule(common_rule.id, "every file", common_rule.severity.value, common_rule.message)
    for contract in agreed:
        for table in contract.tables:
            where = f"{contract.title}, {place(contract, table)}"
            for rule in compile_rules(contract, table):
                yield Rule(rule.id, where, rule.severity.value, rule.message)


def _breaks(agreed: tuple[Contract, ...]) -> Iterator[Break]:
    named = {**titles(agreed), **{measure.id: measure.title for measure in measures()}}
    for series_break in breaks():
        what = "; ".join(named[key] for key in (*series_break.returns, *series_break.measures))
        yield Break(
            f"{series_break.kind.capitalize()}: {what}",
            _when(series_break.starts, None),
            f"{series_break.reason}. Source: {series_break.source}.",
        )
    for measure in measures():
        if when := _when(measure.begins, measure.until):
            yield Break(f"Measure: {measure.title}", when, measure.note or "The measure exists only in this time.")
    for contract in agreed:
        for table in contract.tables:
            where = f"{contract.title}, {place(contract, table)}"
            for column in table.columns:
                for choice in column.choices:
                    if when := _when(choice.starts, choice.until):
                        yield Break(
                            f"Answer: {choice.label}",
                            when,
                            f"{where}, {column.label}: senders may use this answer only in this time.",
                        )
                for synonym in column.synonyms:
                    if when := _when(synonym.starts, synonym.until):
                        yield Break(
                            f"Heading: {synonym.label}", when, f"{where}: the heading of {column.label} in this time."
                        )


def _when(starts: date | None, until: date | None) -> str:
    parts = [f"from {format_date(starts)}"] if starts else []
    if until:
        parts.append(f"until {format_date(until - timedelta(days=1))}")
    return " ".join(parts)


def formula(measure: Measure) -> str:
    """How a measure is worked out, in the names of ``marts.component_total``."""
    match measure.kind:
        case "proportion":
            return f"100 × {measure.numerator} ÷ {measure.denominator}"
        case "mean":
            return f"{measure.numerator} ÷ {measure.denominator}"
        case _:
            return measure.numerator


def titles(returns: tuple[Contract, ...]) -> Mapping[str, str]:
    """The title of each return by its name."""
    return {contract.name: contract.title for contract in returns}
