"""Keeps the tables of facts and dimensions in step with the contracts, at each migrate.

A missing table, column, check, reference or index is added. A column that is no longer required becomes nullable. A
change that would alter or lose data is refused, because that needs a migration. Rows that were loaded under an earlier
contract stay, even if the new contract would not allow them: checks apply to new rows.
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
    """A table as it is in the database: columns with their types, nullable columns, keys, and named constraints."""

    columns: Mapping[str, str]
    nullable: frozenset[str]
    primary_key: tuple[str, ...]
    unique: frozenset[tuple[str, ...]]
    references: Mapping[str, str]
    checks: Mapping[str, str]
    indexes: frozenset[str]


def follow(cursor: Cursor, shapes: Iterable[TableShape]) -> None:
    """Create tables of these shapes, or bring them up to date. A table that is up to date is not locked.

    Raises:
        PermanentError: a type, key or column of a table differs from its contract. The message names it, and says
            that it needs a migration.
    """
    existing = _tables(cursor)
    wanted = list(shapes)
    built = [shape for shape in wanted if shape.name in existing]
    if problems := [problem for shape in built for problem in _conflicts(shape, existing[shape.name])]:
        raise PermanentError(
            f"{'; '.join(problems)}. A contract cannot change that: write a migration that does. Use ALTER TABLE IF"
            " EXISTS, because a new database gets this table only after its migrations"
        )
    for shape in wanted:
        if shape.name not in existing:
            _create(cursor, shape)
    existing = _tables(cursor)
    for shape in wanted:
        _add_columns(cursor, shape, existing[shape.name])
    existing = _tables(cursor)
    for shape in wanted:
        _follow_constraints(cursor, shape, existing[shape.name])


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


def _conflicts(shape: TableShape, existing: _TableInDatabase) -> Iterator[str]:
    wanted = dict(shape.columns)
    for name, of_type in wanted.items():
        if name in existing.columns and existing.columns[name] != of_type:
            yield f"{shape.name}.{name} has the type {existing.columns[name]}, but its contract says {of_type}"
    for name in existing.columns:
        if name not in wanted:
            yield f"{shape.name}.{name} is no longer in a contract"
    if shape.primary_key != existing.primary_key:
        yield (
            f"the key of {shape.name} is {', '.join(existing.primary_key) or 'none'}, but its contract says"
            f" {', '.join(shape.primary_key) or 'none'}"
        )
    if set(shape.unique) != existing.unique:
        yield f"the unique columns of {shape.name} differ from its contract"


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


def _add_columns(cursor: Cursor, shape: TableShape, existing: _TableInDatabase) -> None:
    missing = [(name, of_type) for name, of_type in shape.columns if name not in existing.columns]
    if missing:
        cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(_table(shape)))
        is_filled = cursor.fetchone() == (True,)
        # Earlier rows have no value, so the column stays nullable. A check requires a value in new rows.
        optional = shape.nullable | {name for name, _ in missing} if is_filled else shape.nullable
        for name, of_type in missing:
            required = sql.SQL("" if name in optional else " NOT NULL")
            cursor.execute(
                sql.SQL("ALTER TABLE {} ADD COLUMN {} {}{}").format(
                    _table(shape), sql.Identifier(name), sql.SQL(of_type), required
                )
            )
    for name in shape.nullable & existing.columns.keys() - existing.nullable:
        cursor.execute(
            sql.SQL("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL").format(_table(shape), sql.Identifier(name))
        )


def _follow_constraints(cursor: Cursor, shape: TableShape, existing: _TableInDatabase) -> None:
    table = _table(shape)
    references = {f"{_bare(shape)}_{column}_fkey": (column, to) for column, to in shape.references.items()}
    for name in existing.references.keys() - references.keys():
        cursor.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(table, sql.Identifier(name)))
    for name in sorted(references.keys() - existing.references.keys()):
        column, to = references[name]
        cursor.execute(
            sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {}").format(
                table, sql.Identifier(name), sql.Identifier(column), sql.Identifier(*to.split("."))
            )
        )
    checks = dict(shape.checks)
    for column in existing.nullable - shape.nullable:
        checks[f"{column}_required"] = sql.SQL("{} IS NOT NULL").format(sql.Identifier(column))
    conditions = {name: condition.as_string(cursor) for name, condition in checks.items()}
    for name in [name for name, condition in existing.checks.items() if conditions.get(name) != condition]:
        cursor.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(table, sql.Identifier(name)))
    for name, condition in conditions.items():
        if existing.checks.get(name) != condition:
            constraint = sql.Identifier(name)
            cursor.execute(
                sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} CHECK ({}) NOT VALID").format(table, constraint, checks[name])
            )
            # PostgreSQL rewrites a condition, so the comment keeps our own text to compare at the next migrate.
            cursor.execute(
                sql.SQL("COMMENT ON CONSTRAINT {} ON {} IS {}").format(constraint, table, sql.Literal(condition))
            )
    for name, definition in shape.indexes.items():
        if name not in existing.indexes:
            cursor.execute(sql.SQL("CREATE INDEX {} ON {} {}").format(sql.Identifier(name), table, definition))


def _table(shape: TableShape) -> sql.Identifier:
    return sql.Identifier(*shape.name.split("."))


def _bare(shape: TableShape) -> str:
    return shape.name.partition(".")[2]


def _named(shape: TableShape, what: str) -> sql.Identifier:
    return sql.Identifier(f"{_bare(shape)}_{what}")


def _columns(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
