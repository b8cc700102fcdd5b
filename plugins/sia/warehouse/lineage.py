"""Finds the columns of a return that a measure counts, from the statements in ``include/sql/components``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import sqlglot
from sqlglot import exp

from sia.contract.model import Contract, Table
from sia.warehouse.components import component_query
from sia.warehouse.facts import lineage


def counted_from(contract: Contract, component: str) -> Mapping[str, tuple[str, ...]]:
    """The columns that decide a component and give its value, by table of the return.

    They are empty if every row counts. Tables that do not give the component are left out, and so are the columns of
    area and period.
    """
    columns: dict[str, tuple[str, ...]] = {}
    for table in contract.tables:
        made_from = lineage(contract, table)
        components = {component, *table.component_parts.get(component, ())}
        expressions = [
            pair
            for pair in (_components(contract, table) if table.components else ())
            if components & _names(pair[0], table, made_from)
        ]
        if expressions:
            named = (column.name for pair in expressions for part in pair for column in part.find_all(exp.Column))
            returned = {name for column in named for name in made_from.get(column, ())}
            columns[table.name] = tuple(name for name in table.names if name in returned)
    return columns


def _components(contract: Contract, table: Table) -> Iterator[tuple[exp.Expr, exp.Expr]]:
    """Pairs of the expression that names a component and the expression that gives its value."""
    select = sqlglot.parse_one(component_query(contract, table), dialect="postgres").assert_is(exp.Select)
    selected = {column.alias_or_name: column for column in select.selects}
    component, value = (selected[name].unalias() for name in ("component", "value"))
    values = select.find(exp.Values)
    if values is None:
        yield component, value
        return
    names = [column.name for alias in select.find_all(exp.TableAlias) for column in alias.columns]
    for row in values.expressions:
        cells = dict(zip(names, row.expressions, strict=True))
        yield cells.get(component.name, component), cells.get(value.name, value)


def _names(name: exp.Expr | None, table: Table, made_from: Mapping[str, Sequence[str]]) -> set[str]:
    """The values that an expression may have: its texts, and the codes of the return's columns that it is made from."""
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
    return {value for branch in branches for value in _names(branch, table, made_from)}
