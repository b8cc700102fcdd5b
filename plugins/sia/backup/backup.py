"""``make backup``: the warehouse as one file, restored once into a second database to see that it is whole.

Beside the file lies a manifest: its SHA-256, and for each table how many rows it held and a hash of them, taken in
the very snapshot that was dumped. ``sia.backup.restore`` brings it back. Logins are not in it, nor are the files
as they were received, which lie in the landing folder.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import parse_dsn
from sqlalchemy.engine import make_url

from sia.errors import PermanentError
from sia.local import postgres
from sia.settings import settings
from sia.warehouse import database

# How libpq's programs are told where to connect without a word on their command line, which anybody may read.
_ENVIRONMENT = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}


@dataclass(frozen=True, slots=True)
class Contents:
    """What a table held: how many rows, and the sum of a hash of each, which no order changes."""

    rows: int
    hash: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known of a backup. ``tables`` are by name, with their schema."""

    made_at: str
    sha256: str
    server_version: str
    migrations: tuple[str, ...]
    roles: tuple[str, ...]
    tables: Mapping[str, Contents]


def backup(folder: Path) -> Path:
    """Dump the warehouse, write the manifest, and prove both by restoring into a second database.

    Returns:
        The dump. Its manifest has the same name with ``.json`` added.

    Raises:
        PermanentError: a program failed, or what was restored is not what was dumped; no dump is then left.
    """
    made_at = datetime.now(UTC).replace(microsecond=0)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    dump = folder / f"warehouse-{made_at:%Y%m%dT%H%M%SZ}.dump"
    unproven = dump.with_suffix(".unproven")
    try:
        with closing(database.connect()) as connection, connection.cursor() as cursor:
            connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
            cursor.execute("SELECT pg_export_snapshot(), current_database(), current_setting('server_version')")
            ((snapshot, name, server_version),) = cursor.fetchall()
            unproven.touch(mode=0o600, exist_ok=True)
            run("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={unproven}", f"--dbname={name}")
            manifest = Manifest(
                made_at=made_at.isoformat(),
                sha256=sha256(unproven),
                server_version=server_version,
                migrations=_names(connection, "SELECT name FROM public.migration ORDER BY name"),
                roles=_names(
                    connection, "SELECT rolname FROM pg_roles WHERE rolname ~ '^sia_' AND NOT rolcanlogin ORDER BY 1"
                ),
                tables=contents(connection),
            )
        with second_database(f"{name}_verify") as copy:
            restore_into(unproven, copy)
            compare(manifest, copy)
        manifest_of(dump).write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")
        unproven.rename(dump)
    finally:
        unproven.unlink(missing_ok=True)
    return dump


def manifest_of(dump: Path) -> Path:
    """Where the manifest of a dump lies."""
    return dump.with_name(f"{dump.name}.json")


def read_manifest(dump: Path) -> Manifest:
    """The manifest of a dump whose bytes are still those that were written.

    Raises:
        PermanentError: the dump or its manifest is not there, or the dump was changed.
    """
    if not dump.is_file() or not manifest_of(dump).is_file():
        raise PermanentError(f"{dump} or its manifest {manifest_of(dump).name} is not there")
    read = json.loads(manifest_of(dump).read_text(encoding="utf-8"))
    if sha256(dump) != read["sha256"]:
        raise PermanentError(f"{dump} is not the file that was written: its SHA-256 is another")
    tables = {name: Contents(**held) for name, held in read["tables"].items()}
    return Manifest(**{**read, "tables": tables})


def contents(connection: Connection) -> dict[str, Contents]:
    """What every table of our schemas holds, in the caller's transaction."""
    held = {}
    with connection.cursor() as cursor:
        # A row is hashed as text, which must not depend on who asks.
        cursor.execute("SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL bytea_output = 'hex'")
        cursor.execute(
            "SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1, 2"
        )
        for schema, table in cursor.fetchall():
            cursor.execute(
                sql.SQL(
                    "SELECT count(*), coalesce(sum(('x' || left(md5(t::text), 16))::bit(64)::bigint), 0) FROM {} AS t"
                ).format(sql.Identifier(schema, table))
            )
            rows, total = cursor.fetchone() or (0, 0)
            held[f"{schema}.{table}"] = Contents(int(rows), str(total))
    return held


def compare(manifest: Manifest, url: str) -> None:
    """See that a restored database holds what its manifest says.

    Raises:
        PermanentError: it does not; the message names the tables.
    """
    with closing(psycopg2.connect(url)) as connection:
        held = contents(connection)
    if held != manifest.tables:
        names = sorted(name for name in {*held, *manifest.tables} if held.get(name) != manifest.tables.get(name))
        raise PermanentError(f"what was restored is not what was saved: {', '.join(names)}")


def restore_into(dump: Path, url: str) -> None:
    """Restore a dump into an empty database.

    Raises:
        PermanentError: the restore failed.
    """
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        # Whoever is no superuser may give an object only to an owner who could have made it there.
        cursor.execute(
            "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sia_owner') THEN"
            " EXECUTE format('GRANT CREATE ON DATABASE %I TO sia_owner', current_database());"
            " GRANT CREATE ON SCHEMA public TO sia_owner; END IF; END $$"
        )
    # Without the rights of then: the roles' files give those of now, and nobody reads a copy that is only compared.
    run(
        "pg_restore", "--exit-on-error", "--jobs=2", "--no-privileges", f"--dbname={make_url(url).database}", str(dump)
    )  # fmt: skip


@contextmanager
def second_database(name: str) -> Iterator[str]:
    """An empty database beside the warehouse, dropped at the end; its address."""
    with closing(server()) as connection, connection.cursor() as cursor:
        identifier = sql.Identifier(name)
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(identifier))
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(identifier))
        postgres.close_database(cursor, name)
        try:
            yield address(name)
        finally:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(identifier))


def server() -> Connection:
    """A connection to the server on which the warehouse lies, for what is done to whole databases."""
    connection = psycopg2.connect(address("postgres"))
    connection.autocommit = True
    return connection


def address(name: str) -> str:
    """The address of a database on the warehouse's server."""
    return make_url(database.url()).set(drivername="postgresql", database=name).render_as_string(hide_password=False)


def run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs against the warehouse's server.

    Raises:
        PermanentError: it failed; the message is its own last line.
    """
    given = parse_dsn(address("postgres"))
    done = subprocess.run(
        [str(postgres.bindir() / program), "--no-password", *arguments],
        check=False,
        env=os.environ | {variable: given[key] for key, variable in _ENVIRONMENT.items() if key in given},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise PermanentError(f"{program} failed: {said[-1]}")


def sha256(path: Path) -> str:
    """The SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _names(connection: Connection, query: str) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return tuple(name for (name,) in cursor.fetchall())


def main(arguments: list[str] | None = None) -> None:
    """The command ``python -m sia.backup.backup``."""
    parser = argparse.ArgumentParser(description="Save the warehouse, and prove that it can be restored.")
    parser.add_argument("--to", type=Path, default=settings().state / "backups", metavar="FOLDER")
    given = parser.parse_args(arguments)
    try:
        dump = backup(given.to)
    except PermanentError as fault:
        sys.exit(str(fault))
    tables = read_manifest(dump).tables.values()
    print(dump)
    print(f"restored into a second database and compared: {len(tables)} tables, {sum(t.rows for t in tables)} rows")


if __name__ == "__main__":
    main()
