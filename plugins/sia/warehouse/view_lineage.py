"""Where a column of a view comes from: read out of the view's own definition, as PostgreSQL holds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp, parse_one
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

Place = tuple[str, str]
"""A relation, with its schema, and a column of it, or ``*`` for its rows."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What a view, or a function that gives rows, selects; ``columns`` are the names that it gives, in order."""

    columns: tuple[str, ...]
    text: str


def view_lineage(
    views: Iterable[str], definitions: Mapping[str, Definition], tables: Mapping[str, Sequence[str]]
) -> Mapping[Place, frozenset[Place]]:
    """By column of each view, and of what it reads, the columns of tables that its values are made of.

    What only decides which rows there are, or which value is taken (joins, conditions, groups, windows), is not among
    them. A number of rows is made of the rows of every table that it reads.

    Args:
        views: whose columns are asked for, by name with their schema.
        definitions: theirs, and those of the views and functions that they read.
        tables: the columns of each table, by its name with its schema.

    Raises:
        ValueError: a definition is no query.
    """
    schema: dict[str, dict[str, dict[str, str]]] = {}
    for name, columns in {**tables, **{name: one.columns for name, one in definitions.items()}}.items():
        place, _, relation = name.partition(".")
        schema.setdefault(place, {})[relation] = dict.fromkeys(columns, "text")
    direct: dict[Place, frozenset[Place]] = {}
    waiting = {name for name in views if name in definitions}
    done: set[str] = set()
    while waiting:
        done.add(name := waiting.pop())
        columns = (*definitions[name].columns, "*")
        for column, found in zip(columns, _selected(definitions[name].text, schema), strict=True):
            direct[name, column] = frozenset(found)
            waiting |= {relation for relation, _ in direct[name, column] if relation in definitions} - done
    return {place: frozenset(_at_the_end(place, direct)) for place in direct}


def _at_the_end(place: Place, direct: Mapping[Place, frozenset[Place]]) -> Iterator[Place]:
    for relation, column in direct[place]:
        if (relation, column) in direct:
            yield from _at_the_end((relation, column), direct)
        else:
            yield relation, column


def _selected(text: str, schema: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Iterator[Iterator[Place]]:
    """For each column that a query gives, in order, and for its rows, the columns of what it reads."""
    query = parse_one(text, dialect="postgres")
    for table in query.find_all(exp.Table):
        if isinstance(table.this, exp.Func):
            # A function that gives rows stands for a relation of its name.
            table.set("this", exp.to_identifier(table.this.name))
            if alias := table.args.get("alias"):
                alias.set("columns", None)
    qualified = qualify(
        query, schema=dict(schema), dialect="postgres", validate_qualify_columns=False, quote_identifiers=False
    )
    scope = build_scope(qualified)
    if scope is None:
        raise ValueError("this is no query")
    yield from (_given(scope, position) for position in range(len(_query(scope).selects)))
    yield _rows(scope)


def _query(scope: Scope) -> exp.Query:
    if not isinstance(scope.expression, exp.Query):
        raise ValueError("this is no query")
    return scope.expression


def _given(scope: Scope, position: int) -> Iterator[Place]:
    if scope.set_operation_scopes:
        for part in scope.set_operation_scopes:
            yield from _given(part, position)
    else:
        yield from _made(scope, _query(scope).selects[position])


def _made(scope: Scope, expression: exp.Expr) -> Iterator[Place]:
    for value in _values(expression):
        if isinstance(value, exp.Star):
            yield from _rows(scope)
            continue
        source = _source(scope, value.table)
        if isinstance(source, exp.Table):
            yield f"{source.db}.{source.name}", value.name
        elif source is not None:
            yield from _within(scope, source, value)


def _rows(scope: Scope) -> Iterator[Place]:
    for part in scope.set_operation_scopes or ():
        yield from _rows(part)
    for _, source in scope.selected_sources.values():
        if isinstance(source, exp.Table):
            yield f"{source.db}.{source.name}", "*"
        else:
            yield from _rows(source)


def _source(scope: Scope | None, name: str) -> exp.Table | Scope | None:
    """What a name stands for: in the query itself, or in the one around it; nothing if it is no column's."""
    while scope is not None:
        if name in scope.sources:
            found: exp.Table | Scope = scope.sources[name]
            return found
        scope = scope.parent
    return None


def _within(scope: Scope, source: Scope, column: exp.Column) -> Iterator[Place]:
    """What a column of a query in FROM, of a common table expression or of a list of values is made of."""
    made = source.expression
    if isinstance(made, exp.Lateral):
        inner = made.this.unnest()
        if isinstance(inner, exp.Values):
            position = [each.name for each in made.args["alias"].columns].index(column.name)
            for row in inner.expressions:
                yield from _made(scope, row.expressions[position])
            return
        source = next(each for each in source.traverse() if each.expression is inner)
    yield from _given(source, _query(source).named_selects.index(column.name))


def _values(expression: exp.Expr) -> Iterator[exp.Column | exp.Star]:
    """The columns in an expression that its value is made of; a star where rows are counted."""
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
