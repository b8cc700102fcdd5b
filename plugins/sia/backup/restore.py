"""Restore the warehouse from a backup.

The backup is restored into a second database, compared with its manifest and migrated. Only then do both databases get
their new names, in one transaction: whatever fails or is killed, there is a warehouse. The former warehouse stays on
the server under another name, for its owner alone, until somebody drops it. Only a superuser can revoke the rights in
``include/sql/roles/server.sql``: the next migration by a superuser does so, in production at the next start.
"""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from psycopg2 import errors, sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.backup import backup
from sia.errors import PermanentError


def restore(dump: Path) -> str | None:
    """Replace the warehouse with the contents of a backup, and migrate it.

    Returns:
        The new name of the former warehouse; ``None`` if there was none.

    Raises:
        PermanentError: the backup is incomplete or cannot be migrated, or somebody is connected to the warehouse.
            The warehouse is as it was.
    """
    manifest = backup.read_manifest(dump)
    name = backup.warehouse_name()
    with backup.alone(), closing(backup.server()) as connection:
        with connection.cursor() as cursor:
            for role in manifest.roles:
                _ensure_role(cursor, role)
        with backup.second_database(f"{name}_restored") as copy:
            backup.restore_migrated(dump, manifest, copy)
            return _swap(connection, name, f"{name}_restored")


def _swap(connection: Connection, name: str, restored: str) -> str | None:
    """Give both databases their new names, or neither. Returns the new name of the former warehouse."""
    former = f"{name}_until_{datetime.now(UTC):%Y%m%d_%H%M%S}"
    connection.autocommit = False
    with connection, connection.cursor() as cursor:
        replaced = _exists(cursor, name)
        if replaced:
            _rename(cursor, name, former)
            _close(cursor, former)
        _rename(cursor, restored, name)
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
    """Revoke all rights on a database except its owner's. No migration changes its rights later."""
    cursor.execute("SELECT rolname FROM pg_roles WHERE rolname ~ '^sia_' AND rolname <> 'sia_owner'")
    groups = sql.SQL(", ").join(sql.Identifier(group) for (group,) in cursor.fetchall())
    cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC, {}").format(sql.Identifier(name), groups))
