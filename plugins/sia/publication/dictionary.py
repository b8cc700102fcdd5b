"""The data dictionary: what the database, the contracts and the registers say of every table, column, measure and rule.

Nothing is written for it. What it says is read where it is used: comments in the database, lineage in the load
statements, rules in the contracts, breaks in the registers, questions in ``docs/analysts.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.extras import NamedTupleCursor

from sia.calendar import LONDON
from sia.contract import common
from sia.contract.model import Contract, Table, contracts
from sia.contract.rules import compile_rules
from sia.measures.breaks import breaks
from sia.measures.policy import policy
from sia.measures.register import Measure, measures
from sia.publication import wording
from sia.publication.questions import Question, questions
from sia.warehouse.lineage import lineage
from sia.warehouse.sql import statement


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``key`` is ``key`` or empty, ``refers_to`` a dimension or empty, ``comes_from`` columns of a return."""

    name: str
    type: str
    says: str
    key: str
    refers_to: str
    comes_from: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view. ``made_from`` are the relations and functions that a view reads."""

    name: str
    kind: str
    says: str
    columns: tuple[Column, ...]
    made_from: tuple[str, ...]
    read_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """A function: how it is called, what it gives."""

    signature: str
    gives: str
    says: str
    called_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema with what is in it."""

    name: str
    says: str
    relations: tuple[Relation, ...]
    functions: tuple[Function, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule in the words that a partner reads."""

    id: str
    where: str
    severity: str
    says: str


@dataclass(frozen=True, slots=True)
class Break:
    """Something that is counted or written otherwise since a day."""

    what: str
    when: str
    says: str


@dataclass(frozen=True, slots=True)
class Dictionary:
    """All that there is to say. Orders are those of the reader: marts first, measures as on the scorecard.

    ``good``: the good direction by measure, as it is set today.
    """

    schemas: tuple[Schema, ...]
    measures: tuple[Measure, ...]
    good: Mapping[str, str]
    returns: tuple[Contract, ...]
    rules: tuple[Rule, ...]
    breaks: tuple[Break, ...]
    questions: tuple[Question, ...]


def dictionary(connection: Connection) -> Dictionary:
    """Read the dictionary of a migrated warehouse."""
    agreed = tuple(contracts().values())
    today = datetime.now(LONDON).date()
    return Dictionary(
        schemas=tuple(_schemas(connection, agreed)),
        measures=measures(),
        good={measure.id: policy().good(measure.id, today) for measure in measures()},
        returns=agreed,
        rules=tuple(_rules(agreed)),
        breaks=tuple(_breaks(agreed)),
        questions=questions(),
    )


def _schemas(connection: Connection, agreed: tuple[Contract, ...]) -> Iterator[Schema]:
    with connection.cursor(cursor_factory=NamedTupleCursor) as cursor:
        relations, columns, functions = (
            _rows(cursor, f"dictionary/{name}") for name in ("relations", "columns", "functions")
        )
    connection.rollback()
    origins = dict(_origins(agreed))
    for name, says in dict.fromkeys((r.schema_name, r.schema_says) for r in relations):
        yield Schema(
            name,
            says,
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
                            origins.get((r.relation_name, c.column_name), ""),
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


def _origins(agreed: tuple[Contract, ...]) -> Iterator[tuple[tuple[str, str], str]]:
    """By fact (and its view of today) and column: what it is made from, as a partner knows it."""
    for contract in agreed:
        for table in contract.tables:
            labels = {column.name: column.label for column in table.columns}
            for name, made_from in lineage(contract, table).items():
                given = [labels[column] for column in made_from if column in labels]
                if not given:
                    continue
                words = f"{contract.title}, {place(contract, table)}: {', '.join(given)}"
                for relation in (table.fact, f"{table.fact}_today"):
                    yield (relation, name), words


def place(contract: Contract, table: Table) -> str:
    """Where a table stands in its return."""
    return "monthly files" if contract.archive else f"sheet {table.sheet}"


def _rules(agreed: tuple[Contract, ...]) -> Iterator[Rule]:
    for one in common.rules().values():
        yield Rule(one.id, "every file", one.severity.value, one.says)
    for contract in agreed:
        for table in contract.tables:
            where = f"{contract.title}, {place(contract, table)}"
            for rule in compile_rules(contract, table):
                yield Rule(rule.id, where, rule.severity.value, rule.says)


def _breaks(agreed: tuple[Contract, ...]) -> Iterator[Break]:
    named = {**titles(agreed), **{measure.id: measure.title for measure in measures()}}
    for each in breaks():
        what = "; ".join(named[key] for key in (*each.returns, *each.measures))
        yield Break(
            f"{each.kind.capitalize()}: {what}", _when(each.starts, None), f"{each.reason}. Source: {each.source}."
        )
    for measure in measures():
        if when := _when(measure.begins, measure.until):
            yield Break(f"Measure: {measure.title}", when, measure.note or "The measure is defined in this time only.")
    for contract in agreed:
        for table in contract.tables:
            where = f"{contract.title}, {place(contract, table)}"
            for column in table.columns:
                for choice in column.choices:
                    if when := _when(choice.starts, choice.until):
                        yield Break(
                            f"Answer: {choice.label}",
                            when,
                            f"{where}, {column.label}: the answer exists in this time only.",
                        )
                for synonym in column.synonyms:
                    if when := _when(synonym.starts, synonym.until):
                        yield Break(
                            f"Heading: {synonym.label}", when, f"{where}: stood for {column.label} in this time."
                        )


def _when(starts: date | None, until: date | None) -> str:
    said = [f"from {wording.day(starts)}"] if starts else []
    if until:
        said.append(f"until {wording.day(until - timedelta(days=1))}")
    return " ".join(said)


def formula(measure: Measure) -> str:
    """How a measure is worked out, in the names of ``marts.tally``."""
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
