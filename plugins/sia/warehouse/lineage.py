"""What a measure counts: read out of the very statements that tally (``include/sql/tally``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import sqlglot
from sqlglot import exp

from sia.contract.model import Contract, Table
from sia.warehouse.facts import lineage
from sia.warehouse.sql_files import statement


def counted_from(contract: Contract, counted: str) -> Mapping[str, tuple[str, ...]]:
    """By table of a return, its columns that decide and give what ``marts.component_total`` calls by a name.

    A table that cannot count it is not there. Where and when, which everything is counted by, are not among them.
    """
    found: dict[str, tuple[str, ...]] = {}
    for table in contract.tables:
        made_from = lineage(contract, table)
        columns: dict[str, None] = {}
        for name, amount in _tallied(contract, table):
            if counted in _names(name, table, made_from):
                for column in (*name.find_all(exp.Column), *amount.find_all(exp.Column)):
                    columns |= dict.fromkeys(made_from.get(column.name, ()))
        if columns:
            found[table.name] = tuple(name for name in table.names if name in columns)
    return found


def _tallied(contract: Contract, table: Table) -> Iterator[tuple[exp.Expr, exp.Expr]]:
    """Each expression that names what is counted, with the one that gives how much."""
    insert = sqlglot.parse_one(statement(f"tally/{contract.staging_name(table)}"), dialect="postgres")
    if values := insert.find(exp.Values):
        yield from (tuple(row.expressions) for row in values.expressions)
        return
    for select in insert.expression.find_all(exp.Select):
        if select.parent in (insert, insert.expression):
            yield tuple(select.selects[-2:])


def _names(name: exp.Expr | None, table: Table, made_from: Mapping[str, Sequence[str]]) -> set[str]:
    """What an expression may say: its words, and the codes of the columns of the return that it is made from."""
    match name:
        case exp.Literal():
            return {name.name}
        case exp.Alias():
            return _names(name.this, table, made_from)
        case exp.Column():
            columns = [table.column(of) for of in made_from.get(name.name, ()) if of in table.names]
            return {choice.code for column in columns for choice in column.choices}
        case exp.DPipe():
            parts = (_names(name.left, table, made_from), _names(name.right, table, made_from))
            return {first + second for first, second in product(*parts)}
        case exp.Case():
            branches = [*(branch.args["true"] for branch in name.args["ifs"]), name.args.get("default")]
        case exp.Coalesce():
            branches = [name.this, *name.expressions]
        case _:
            branches = []
    return {said for branch in branches for said in _names(branch, table, made_from)}
