"""Finds the columns that a column of a view is made from, in the view's definition as PostgreSQL stores it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp, parse_one
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

ColumnRef = tuple[str, str]
"""A relation, with its schema, and one of its columns, or ``*`` for its rows."""


@dataclass(frozen=True, slots=True)
class Definition:
    """The query of a view, or of a function that returns rows; ``columns`` are its names in order."""

    columns: tuple[str, ...]
    text: str


def view_lineage(
    views: Iterable[str], definitions: Mapping[str, Definition], tables: Mapping[str, Sequence[str]]
) -> Mapping[ColumnRef, frozenset[ColumnRef]]:
    """The columns of tables that each column of the views is made from; also for the views that they read.

    Columns that only select rows or choose between values (in joins, conditions, groups and windows) are left out. A
    count of rows is made from the rows of every table that it reads.

    Args:
        views: names of the views, with their schemas.
        definitions: the queries of the views, and of the views and functions that they read.
        tables: the columns of each table, by name with its schema.

    Raises:
        ValueError: a definition is not a query.
    """
    schema: dict[str, dict[str, dict[str, str]]] = {}
    for name, columns in {**tables, **{name: view.columns for name, view in definitions.items()}}.items():
        schema_name, _, relation = name.partition(".")
        schema.setdefault(schema_name, {})[relation] = dict.fromkeys(columns, "text")
    direct: dict[ColumnRef, frozenset[ColumnRef]] = {}
    waiting = {name for name in views if name in definitions}
    done: set[str] = set()
    while waiting:
        done.add(name := waiting.pop())
        columns = (*definitions[name].columns, "*")
        for column, sources in zip(columns, _selected(definitions[name].text, schema), strict=True):
            direct[name, column] = frozenset(sources)
            waiting |= {relation for relation, _ in direct[name, column] if relation in definitions} - done
    return {ref: frozenset(_table_columns(ref, direct)) for ref in direct}


def _table_columns(ref: ColumnRef, direct: Mapping[ColumnRef, frozenset[ColumnRef]]) -> Iterator[ColumnRef]:
    for relation, column in direct[ref]:
        if (relation, column) in direct:
            yield from _table_columns((relation, column), direct)
        else:
            yield relation, column


def _selected(text: str, schema: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Iterator[Iterator[ColumnRef]]:
    """The columns that each column of a query reads, in order; last the rows that the query reads."""
    query = parse_one(text, dialect="postgres")
    for table in query.find_all(exp.Table):
        if isinstance(table.this, exp.Func):
            # We treat a function that returns rows as a relation with its name.
            table.set("this", exp.to_identifier(table.this.name))
            if alias := table.args.get("alias"):
                alias.set("columns", None)
    qualified = qualify(
        query, schema=dict(schema), dialect="postgres", validate_qualify_columns=False, quote_identifiers=False
    )
    scope = build_scope(qualified)
    if scope is None:
        raise ValueError("this is not a query")
    yield from (_at_position(scope, position) for position in range(len(_query(scope).selects)))
    yield _rows(scope)


def _query(scope: Scope) -> exp.Query:
    if not isinstance(scope.expression, exp.Query):
        raise ValueError("this is not a query")
    return scope.expression


def _at_position(scope: Scope, position: int) -> Iterator[ColumnRef]:
    if scope.set_operation_scopes:
        for part in scope.set_operation_scopes:
            yield from _at_position(part, position)
    else:
        yield from _from_expression(scope, _query(scope).selects[position])


def _from_expression(scope: Scope, expression: exp.Expr) -> Iterator[ColumnRef]:
    for value in _values(expression):
        if isinstance(value, exp.Star):
            yield from _rows(scope)
            continue
        source = _source(scope, value.table)
        if isinstance(source, exp.Table):
            yield f"{source.db}.{source.name}", value.name
        elif source is not None:
            yield from _through(scope, source, value)


def _rows(scope: Scope) -> Iterator[ColumnRef]:
    for part in scope.set_operation_scopes or ():
        yield from _rows(part)
    for _, source in scope.selected_sources.values():
        if isinstance(source, exp.Table):
            yield f"{source.db}.{source.name}", "*"
        else:
            yield from _rows(source)


def _source(scope: Scope | None, name: str) -> exp.Table | Scope | None:
    """The table or query that a name refers to, here or in an outer query; ``None`` if there is none."""
    while scope is not None:
        if name in scope.sources:
            source: exp.Table | Scope = scope.sources[name]
            return source
        scope = scope.parent
    return None


def _through(scope: Scope, source: Scope, column: exp.Column) -> Iterator[ColumnRef]:
    """The columns that a column of a subquery, common table expression or list of values is made from."""
    query = source.expression
    if isinstance(query, exp.Values):
        # The view itself lists them.
        return
    if isinstance(query, exp.Lateral):
        inner = query.this.unnest()
        if isinstance(inner, exp.Values):
            position = [alias.name for alias in query.args["alias"].columns].index(column.name)
            for row in inner.expressions:
                yield from _from_expression(scope, row.expressions[position])
            return
        source = next(part for part in source.traverse() if part.expression is inner)
    yield from _at_position(source, _query(source).named_selects.index(column.name))


def _values(expression: exp.Expr) -> Iterator[exp.Column | exp.Star]:
    """The columns that the value of an expression is made from; a star if it counts rows."""
    match expression:
        case exp.Column() | exp.Star():
            yield expression
        case exp.Subquery() | exp.Exists():
            return
        case exp.Window() | exp.Filter():
            yield from _values(expression.this)
        case exp.Case():
            for branch in expression.args["ifs"]:
                yield from _values(branch.args["true"])
            if default := expression.args.get("default"):
                yield from _values(default)
        case _:
            for part in expression.iter_expressions():
                yield from _values(part)
