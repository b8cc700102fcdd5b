"""Restore the warehouse from a backup.

The backup is restored into a second database and compared with its manifest. Only then does it replace the warehouse.
The former warehouse stays on the server under another name, for its owner alone, until somebody drops it. Only a
superuser can revoke the rights in ``include/sql/roles/server.sql``: the next migration by a superuser does so, in
production at the next start.
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
    """Replace the warehouse with the contents of a backup, and migrate it.

    Returns:
        The new name of the former warehouse; ``None`` if there was none.

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
    """Revoke all rights on a database except its owner's. No migration changes its rights later."""
    cursor.execute("SELECT rolname FROM pg_roles WHERE rolname ~ '^sia_' AND rolname <> 'sia_owner'")
    groups = sql.SQL(", ").join(sql.Identifier(group) for (group,) in cursor.fetchall())
    cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC, {}").format(sql.Identifier(name), groups))
