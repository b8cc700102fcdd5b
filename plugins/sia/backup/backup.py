"""Backups: the warehouse as one file, which is restored once into a second database to prove that it is complete.

Next to the file is a manifest: the file's SHA-256, and for each table the number of rows and a hash of them, from the
same snapshot as the dump. A backup has no log-ins, and no received files: those are in the landing.
"""

from __future__ import annotations

import json
import os
import subprocess
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
from sia.storage.landing import fingerprint
from sia.warehouse import database

# The environment variables for libpq's programs. Anybody on the machine can read a command line.
_ENVIRONMENT = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}


@dataclass(frozen=True, slots=True)
class TableContents:
    """The rows of a table: their number, and the sum of their hashes, which does not depend on the order."""

    rows: int
    hash: str


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """What a backup contains. ``tables`` has each table by its schema and name."""

    made_at: str
    sha256: str
    server_version: str
    migrations: tuple[str, ...]
    roles: tuple[str, ...]
    tables: Mapping[str, TableContents]


def backup(folder: Path) -> Path:
    """Dump the warehouse, write the manifest, and prove both by restoring the dump into a second database.

    Returns:
        The dump. Its manifest has the same name with ``.json`` added.

    Raises:
        PermanentError: a program failed, or the restored database differs from the warehouse. No dump is left then.
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
            manifest = BackupManifest(
                made_at=made_at.isoformat(),
                sha256=fingerprint(unproven)[0],
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
    """The path of the manifest of a dump."""
    return dump.with_name(f"{dump.name}.json")


def read_manifest(dump: Path) -> BackupManifest:
    """The manifest of a dump that has not been changed since.

    Raises:
        PermanentError: the dump or its manifest is missing, or the dump was changed.
    """
    if not dump.is_file() or not manifest_of(dump).is_file():
        raise PermanentError(f"{dump} or its manifest {manifest_of(dump).name} is missing.")
    read = json.loads(manifest_of(dump).read_text(encoding="utf-8"))
    if fingerprint(dump)[0] != read["sha256"]:
        raise PermanentError(f"{dump} was changed after it was written: its SHA-256 differs from the manifest.")
    tables = {name: TableContents(**table) for name, table in read["tables"].items()}
    return BackupManifest(**{**read, "tables": tables})


def contents(connection: Connection) -> dict[str, TableContents]:
    """The contents of every table in the project's schemas, in the caller's transaction."""
    tables = {}
    with connection.cursor() as cursor:
        # Rows are hashed as text, which must not depend on the session's settings.
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
            tables[f"{schema}.{table}"] = TableContents(int(rows), str(total))
    return tables


def compare(manifest: BackupManifest, url: str) -> None:
    """Check that a restored database has the contents of a manifest.

    Raises:
        PermanentError: the contents differ; the message names the tables.
    """
    with closing(psycopg2.connect(url)) as connection:
        restored = contents(connection)
    saved = manifest.tables
    if differing := sorted(name for name in {*restored, *saved} if restored.get(name) != saved.get(name)):
        raise PermanentError(f"The restored database differs from the backup: {', '.join(differing)}.")


def restore_into(dump: Path, url: str) -> None:
    """Restore a dump into an empty database.

    Raises:
        PermanentError: the restore failed.
    """
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        # A role that is not a superuser may give an object only to an owner who could create it.
        cursor.execute(
            "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sia_owner') THEN"
            " EXECUTE format('GRANT CREATE ON DATABASE %I TO sia_owner', current_database());"
            " GRANT CREATE ON SCHEMA public TO sia_owner; END IF; END $$"
        )
    # Without rights: the files of the roles grant today's rights.
    run(
        "pg_restore", "--exit-on-error", "--jobs=2", "--no-privileges", f"--dbname={make_url(url).database}", str(dump)
    )  # fmt: skip


@contextmanager
def second_database(name: str) -> Iterator[str]:
    """The address of an empty database on the warehouse's server. It is dropped at the end."""
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
    """A connection to the warehouse's server, for statements about whole databases."""
    connection = psycopg2.connect(address("postgres"))
    connection.autocommit = True
    return connection


def address(name: str) -> str:
    """The address of a database on the warehouse's server."""
    return make_url(database.url()).set(drivername="postgresql", database=name).render_as_string(hide_password=False)


def run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs against the warehouse's server.

    Raises:
        PermanentError: it failed; the message has its last line.
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
        lines = done.stderr.strip().splitlines() or ["it gave no reason"]
        raise PermanentError(f"{program} failed: {lines[-1]}")


def _names(connection: Connection, query: str) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return tuple(name for (name,) in cursor.fetchall())
