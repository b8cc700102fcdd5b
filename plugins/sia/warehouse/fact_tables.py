"""The tables that the contracts describe: facts and dimensions follow their contracts at each migrate.

A table, column, check, reference or index that is missing is added, and a column that need not be filled any more may
be empty. Whatever would change or lose what is there is refused: that takes a migration. What was loaded under an
earlier contract stays, also where a later one would not allow it: checks are for new rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from sia.errors import PermanentError
from sia.warehouse.facts import TableShape
from sia.warehouse.sql_files import statement


@dataclass(frozen=True, slots=True)
class _TableInDatabase:
    """A table as it is: columns with their types, those that may be empty, keys, and what else has a name."""

    columns: Mapping[str, str]
    nullable: frozenset[str]
    primary_key: tuple[str, ...]
    unique: frozenset[tuple[str, ...]]
    references: Mapping[str, str]
    checks: Mapping[str, str]
    indexes: frozenset[str]


def follow(cursor: Cursor, shapes: Iterable[TableShape]) -> None:
    """Make tables of these shapes, or bring them up to date. One that is up to date is not locked.

    Raises:
        PermanentError: a table has another type, key or column than its contract; the message says which, and that it
            takes a migration.
    """
    there = _tables(cursor)
    wanted = list(shapes)
    if problems := [words for shape in wanted if shape.name in there for words in _conflicts(shape, there[shape.name])]:
        raise PermanentError(
            f"{'; '.join(problems)}. A contract cannot change that by itself: write a migration that does, with ALTER"
            " TABLE IF EXISTS, because a new database has the table only after its migrations"
        )
    for shape in wanted:
        if shape.name not in there:
            _create(cursor, shape)
    there = _tables(cursor)
    for shape in wanted:
        _add_columns(cursor, shape, there[shape.name])
    there = _tables(cursor)
    for shape in wanted:
        _follow_constraints(cursor, shape, there[shape.name])


def _tables(cursor: Cursor) -> dict[str, _TableInDatabase]:
    cursor.execute(statement("facts/tables"))
    return {
        name: _TableInDatabase(
            columns,
            frozenset(nullable),
            tuple(primary_key or ()),
            frozenset(map(tuple, unique)),
            references,
            checks,
            frozenset(indexes),
        )
        for name, columns, nullable, primary_key, unique, references, checks, indexes in cursor.fetchall()
    }


def _conflicts(shape: TableShape, there: _TableInDatabase) -> Iterator[str]:
    wanted = dict(shape.columns)
    for name, of_type in wanted.items():
        if name in there.columns and there.columns[name] != of_type:
            yield f"{shape.name}.{name} has the type {there.columns[name]}, and its contract wants {of_type}"
    for name in there.columns:
        if name not in wanted:
            yield f"{shape.name}.{name} is in no contract any more"
    if shape.primary_key != there.primary_key:
        yield (
            f"the key of {shape.name} is {', '.join(there.primary_key) or 'none'}, and its contract wants"
            f" {', '.join(shape.primary_key) or 'none'}"
        )
    if set(shape.unique) != there.unique:
        yield f"other columns of {shape.name} are unique than its contract wants"


def _create(cursor: Cursor, shape: TableShape) -> None:
    parts: list[sql.Composable] = [_column(name, of_type, shape) for name, of_type in shape.columns]
    if shape.primary_key:
        parts.append(
            sql.SQL("CONSTRAINT {} PRIMARY KEY ({})").format(_named(shape, "pkey"), _columns(shape.primary_key))
        )
    parts += [
        sql.SQL("CONSTRAINT {} UNIQUE NULLS NOT DISTINCT ({})").format(
            _named(shape, f"once_{number}"), _columns(columns)
        )
        for number, columns in enumerate(shape.unique, start=1)
    ]
    cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(_table(shape), sql.SQL(", ").join(parts)))


def _column(name: str, of_type: str, shape: TableShape) -> sql.Composed:
    required = sql.SQL("" if name in shape.nullable else " NOT NULL")
    return sql.SQL("{} {}{}").format(sql.Identifier(name), sql.SQL(of_type), required)


def _add_columns(cursor: Cursor, shape: TableShape, there: _TableInDatabase) -> None:
    missing = [(name, of_type) for name, of_type in shape.columns if name not in there.columns]
    if missing:
        cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(_table(shape)))
        is_filled = cursor.fetchone() == (True,)
        # Rows that are there have no value: it may be empty, and a check asks it of new rows.
        optional = shape.nullable | {name for name, _ in missing} if is_filled else shape.nullable
        for name, of_type in missing:
            required = sql.SQL("" if name in optional else " NOT NULL")
            cursor.execute(
                sql.SQL("ALTER TABLE {} ADD COLUMN {} {}{}").format(
                    _table(shape), sql.Identifier(name), sql.SQL(of_type), required
                )
            )
    for name in shape.nullable & there.columns.keys() - there.nullable:
        cursor.execute(
            sql.SQL("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL").format(_table(shape), sql.Identifier(name))
        )


def _follow_constraints(cursor: Cursor, shape: TableShape, there: _TableInDatabase) -> None:
    table = _table(shape)
    references = {f"{_bare(shape)}_{column}_fkey": (column, to) for column, to in shape.references.items()}
    for name in there.references.keys() - references.keys():
        cursor.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(table, sql.Identifier(name)))
    for name in sorted(references.keys() - there.references.keys()):
        column, to = references[name]
        cursor.execute(
            sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {}").format(
                table, sql.Identifier(name), sql.Identifier(column), sql.Identifier(*to.split("."))
            )
        )
    checks = dict(shape.checks)
    for column in there.nullable - shape.nullable:
        checks[f"{column}_required"] = sql.SQL("{} IS NOT NULL").format(sql.Identifier(column))
    conditions = {name: condition.as_string(cursor) for name, condition in checks.items()}
    for name in [name for name, condition in there.checks.items() if conditions.get(name) != condition]:
        cursor.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(table, sql.Identifier(name)))
    for name, condition in conditions.items():
        if there.checks.get(name) != condition:
            constraint = sql.Identifier(name)
            cursor.execute(
                sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} CHECK ({}) NOT VALID").format(table, constraint, checks[name])
            )
            # PostgreSQL keeps a condition in words of its own: these are compared with the contract's at each migrate.
            cursor.execute(
                sql.SQL("COMMENT ON CONSTRAINT {} ON {} IS {}").format(constraint, table, sql.Literal(condition))
            )
    for name, definition in shape.indexes.items():
        if name not in there.indexes:
            cursor.execute(sql.SQL("CREATE INDEX {} ON {} {}").format(sql.Identifier(name), table, definition))


def _table(shape: TableShape) -> sql.Identifier:
    return sql.Identifier(*shape.name.split("."))


def _bare(shape: TableShape) -> str:
    return shape.name.partition(".")[2]


def _named(shape: TableShape, what: str) -> sql.Identifier:
    return sql.Identifier(f"{_bare(shape)}_{what}")


def _columns(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
