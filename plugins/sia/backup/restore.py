"""Restore the warehouse from a backup.

The backup is restored beside the warehouse and compared with its manifest. Only then do the two change places. The
former warehouse stays on the server under another name, for its owner alone, until somebody drops it. What only a
superuser can close (``include/sql/roles/server.sql``) is closed when a superuser next migrates; in production, at the
next start.
"""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from psycopg2 import errors, sql
from psycopg2.extensions import cursor as Cursor
from sqlalchemy.engine import make_url

from sia.backup import backup
from sia.errors import PermanentError
from sia.warehouse import database, migrate


def restore(dump: Path) -> str | None:
    """Replace the warehouse by the contents of a backup, and bring it up to date.

    Returns:
        The name under which the former warehouse is kept; ``None`` if there was none.

    Raises:
        PermanentError: the backup is incomplete, or somebody is connected to the warehouse.
    """
    manifest = backup.read_manifest(dump)
    name = str(make_url(database.url()).database)
    restored = f"{name}_restored"
    former = f"{name}_until_{datetime.now(UTC):%Y%m%d_%H%M%S}"
    with closing(backup.server()) as connection, connection.cursor() as cursor:
        for role in manifest.roles:
            _ensure_role(cursor, role)
        with backup.second_database(restored) as copy:
            backup.restore_into(dump, copy)
            backup.compare(manifest, copy)
            replaced = _exists(cursor, name)
            if replaced:
                _rename(cursor, name, former)
                _close(cursor, former)
            _rename(cursor, restored, name)
    with database.connection() as opened:
        migrate.migrate(opened)
    return former if replaced else None


def _ensure_role(cursor: Cursor, role: str) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
    if cursor.fetchone() is None:
        cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))


def _exists(cursor: Cursor, name: str) -> bool:
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
    return cursor.fetchone() is not None


def _rename(cursor: Cursor, name: str, to: str) -> None:
    try:
        cursor.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(to)))
    except errors.ObjectInUse:
        raise PermanentError(
            f"Somebody is connected to {name}. Stop the services (make down) and try again. Nothing was changed."
        ) from None


def _close(cursor: Cursor, name: str) -> None:
    """Leave a database to its owner: no migration will change the rights of its tables."""
    cursor.execute("SELECT rolname FROM pg_roles WHERE rolname ~ '^sia_' AND rolname <> 'sia_owner'")
    groups = sql.SQL(", ").join(sql.Identifier(group) for (group,) in cursor.fetchall())
    cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC, {}").format(sql.Identifier(name), groups))
