"""Where a column of a fact comes from: read out of the very statement that loads it (``include/sql/load``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sqlglot
from sqlglot import exp

from sia.contract.model import Contract, Table
from sia.warehouse.sql import statement

_RETURN = "s"  # how every load statement calls the typed return


def lineage(contract: Contract, table: Table) -> Mapping[str, tuple[str, ...]]:
    """By column of a fact, the columns of the return that it is made from; none for what the warehouse adds."""
    insert = _insert(contract, table)
    return {name: tuple(dict.fromkeys(_returned(made, insert.expression))) for name, made in _made(insert)}


def taken_as_it_is(contract: Contract, table: Table) -> Mapping[str, str]:
    """The columns of a fact that are a column of the return and nothing else, and which."""
    return {
        name: made.name
        for name, made in _made(_insert(contract, table))
        if isinstance(made, exp.Column) and made.table == _RETURN
    }


def _insert(contract: Contract, table: Table) -> exp.Expr:
    return sqlglot.parse_one(statement(f"load/{contract.staging_name(table)}"), dialect="postgres")


def _made(insert: exp.Expr) -> Iterator[tuple[str, exp.Expression]]:
    """Each column of the fact with the expression that gives it."""
    given = [column.name for column in insert.this.expressions]
    return zip(given, insert.expression.expressions, strict=True)


def _returned(made: exp.Expression, select: exp.Select) -> Iterator[str]:
    """The return's columns in an expression, looked up through what else the statement joins."""
    for column in made.find_all(exp.Column):
        if column.table == _RETURN:
            yield column.name
        else:
            for join in select.args["joins"]:
                if join.this.alias == column.table:
                    yield from _through(join, column.name)


def _through(join: exp.Join, name: str) -> Iterator[str]:
    if (values := join.find(exp.Values)) is None:
        # A dimension that was looked up: it comes from what it was looked up by.
        yield from (column.name for column in join.find_all(exp.Column) if column.table == _RETURN)
        return
    position = [column.name for column in join.this.args["alias"].columns].index(name)
    for row in values.expressions:
        found = [column.name for column in row.expressions[position].find_all(exp.Column)]
        # A code beside a column is what the column's heading says.
        yield from found or (column.name for column in row.find_all(exp.Column))
