"""``make restore FILE=…``: bring the warehouse back from a backup.

The backup is restored beside the warehouse and compared with its manifest. Only then do the two change places; what
was the warehouse stays on the server under another name, for its owner alone, until somebody drops it. What only a
superuser closes (``include/sql/roles/server.sql``) is closed again when one migrates, in production at the next start.
"""

from __future__ import annotations

import argparse
import sys
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
    """Put the contents of a backup in the place of the warehouse, and bring it up to date.

    Returns:
        The name under which the warehouse of until now is kept; ``None`` if there was none.

    Raises:
        PermanentError: the backup is not whole, or somebody is still connected to the warehouse.
    """
    manifest = backup.read_manifest(dump)
    name = str(make_url(database.url()).database)
    restored = f"{name}_restored"
    kept = f"{name}_until_{datetime.now(UTC):%Y%m%d_%H%M%S}"
    with closing(backup.server()) as connection, connection.cursor() as cursor:
        for role in manifest.roles:
            _ensure_role(cursor, role)
        with backup.second_database(restored) as copy:
            backup.restore_into(dump, copy)
            backup.compare(manifest, copy)
            there = _exists(cursor, name)
            if there:
                _rename(cursor, name, kept)
                _close(cursor, kept)
            _rename(cursor, restored, name)
    with database.connection() as opened:
        migrate.migrate(opened)
    return kept if there else None


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
            f"somebody is connected to {name}; stop the services (make down) and try again. Nothing was changed"
        ) from None


def _close(cursor: Cursor, name: str) -> None:
    """Leave a database to its owner: the rights of its tables are those of the day, and no migration changes them."""
    cursor.execute("SELECT rolname FROM pg_roles WHERE rolname ~ '^sia_' AND rolname <> 'sia_owner'")
    groups = sql.SQL(", ").join(sql.Identifier(group) for (group,) in cursor.fetchall())
    cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC, {}").format(sql.Identifier(name), groups))


def main(arguments: list[str] | None = None) -> None:
    """The command ``python -m sia.backup.restore``."""
    parser = argparse.ArgumentParser(description="Bring the warehouse back from a backup.")
    parser.add_argument("file", type=Path, help="the dump; its manifest lies beside it")
    given = parser.parse_args(arguments)
    try:
        kept = restore(given.file)
    except PermanentError as fault:
        sys.exit(str(fault))
    print(f"restored from {given.file}")
    if kept:
        print(f"the warehouse of until now is kept as database {kept}")


if __name__ == "__main__":
    main()
