"""Brings a warehouse up to date with the project's files, in one transaction.

It applies the missing migrations. Then it updates the rows of registers, the views and functions
(``sia.warehouse.objects``), the empty staging tables, and rights (``sia.warehouse.roles``). A migration is
``include/sql/migrations/NNNN_<what>.sql``. It changes tables only, runs once, and is never edited afterwards: we store
its hash and compare it. Everything else is updated whenever its file has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from psycopg2.errors import LockNotAvailable
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.contract.model import contracts
from sia.errors import PermanentError
from sia.paths import SQL
from sia.registers.policy import policy
from sia.warehouse import fact_tables, facts, locks, objects, register_rows, roles, staging_tables
from sia.warehouse.areas_side_by_side import areas_side_by_side
from sia.warehouse.components import component_row_view
from sia.warehouse.facts import TableShape
from sia.warehouse.locks import Lock
from sia.warehouse.objects import DatabaseObject
from sia.warehouse.sender_views import sender_views
from sia.warehouse.small_number_policy import small_number_policy

MIGRATIONS = SQL / "migrations"

_LOCK_SECONDS = 5
_TRIES = 6
"""How long a change may keep others waiting, and how often it is tried."""


def migrate(connection: Connection, folder: Path = MIGRATIONS) -> list[str]:
    """Bring the warehouse up to date. Commits.

    Returns:
        The names of the migrations that were applied now.

    Raises:
        PermanentError: an applied migration was changed afterwards, a contract changes a table in a way that needs a
            migration, rights cannot be granted, or another session keeps a table that has to change.
    """
    for _ in range(_TRIES):
        try:
            return _migrate(connection, folder)
        except LockNotAvailable:
            connection.rollback()
    raise PermanentError(
        "another session keeps a table of the warehouse that has to change, and nothing was changed. Close it"
        " (SELECT pid, usename, query FROM pg_stat_activity), then try again"
    )


def _migrate(connection: Connection, folder: Path) -> list[str]:
    with connection.cursor() as cursor:
        locks.take(cursor, Lock.MIGRATE)
        # A change of a table waits for every session that reads it, and all others wait behind the change.
        cursor.execute("SET LOCAL lock_timeout = %s", (f"{_LOCK_SECONDS}s",))
        applied = _apply_missing(cursor, folder)
        fact_tables.follow(cursor, _shapes())
        register_rows.follow(cursor)
        objects.apply(connection, _objects())
        staging_tables.follow_templates(connection, contracts().values())
    roles.follow(connection)
    connection.commit()
    return applied


def _apply_missing(cursor: Cursor, folder: Path) -> list[str]:
    cursor.execute(
        "CREATE TABLE IF NOT EXISTS public.migration ("
        "name text CONSTRAINT migration_pkey PRIMARY KEY, content_hash text NOT NULL,"
        " applied_at timestamptz NOT NULL DEFAULT now())"
    )
    cursor.execute("SELECT name, content_hash FROM public.migration")
    known = dict(cursor.fetchall())
    migrations = {
        path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    }
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in migrations.items()}
    if changed := [name for name, content_hash in known.items() if hashes.get(name, content_hash) != content_hash]:
        raise PermanentError(
            f"migration {', '.join(changed)} was changed after it was applied: undo that, and write a new migration"
        )
    missing = [name for name in migrations if name not in known]
    if known and missing:
        objects.drop_views(cursor)  # a view blocks changes to the tables that it reads
    for name in missing:
        cursor.execute(migrations[name])
        cursor.execute("INSERT INTO public.migration (name, content_hash) VALUES (%s, %s)", (name, hashes[name]))
    return missing


def _shapes() -> Iterator[TableShape]:
    agreed = contracts().values()
    for _, _, dimension in facts.dimensions(agreed).values():
        yield facts.dimension_shape(dimension)
    for contract in agreed:
        for table in contract.tables:
            yield facts.fact_shape(contract, table)


def _objects() -> Iterator[DatabaseObject]:
    agreed = contracts().values()
    yield from objects.written_objects({table.fact.name for contract in agreed for table in contract.tables})
    yield areas_side_by_side()
    yield small_number_policy(policy())
    yield component_row_view(agreed)
    yield from sender_views(agreed)
    for _, _, dimension in facts.dimensions(agreed).values():
        yield facts.dimension_object(dimension)
    for contract in agreed:
        for table in contract.tables:
            yield from facts.fact_objects(contract, table)
