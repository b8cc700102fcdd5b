"""What a measure counts: read out of the very statements that count (``include/sql/components``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import sqlglot
from sqlglot import exp

from sia.contract.model import Contract, Table
from sia.warehouse.components import component_query
from sia.warehouse.facts import lineage


def counted_from(contract: Contract, counted: str) -> Mapping[str, tuple[str, ...]]:
    """By table of a return, its columns that decide and give a component; none if every row counts.

    A table that cannot count it is not there. Where and when, which everything is counted by, are not among them.
    """
    columns: dict[str, tuple[str, ...]] = {}
    for table in contract.tables:
        made_from = lineage(contract, table)
        components = {counted, *table.component_parts.get(counted, ())}
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
    """Each expression that names a component, with the one that gives its value."""
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
