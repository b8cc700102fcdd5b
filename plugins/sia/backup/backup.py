"""Backups: the warehouse as one encrypted file, which is restored once into a second database to prove it complete.

The dump is encrypted with the first key of ``SIA_LANDING_KEY`` while PostgreSQL writes it, so it is never plain on the
disk. Next to the file is a manifest: the file's SHA-256, and for each table the number of rows and a hash of them, from
the same snapshot as the dump. A backup has no log-ins, and no received files: those are in the landing.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import psycopg2
from psycopg2 import errors, sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extensions import parse_dsn
from sqlalchemy.engine import make_url

from sia.errors import PermanentError
from sia.local import postgres
from sia.settings import settings
from sia.storage.encrypted import decrypt_stream, encrypt_stream
from sia.storage.landing import fingerprint
from sia.warehouse import database, locks, migrate
from sia.warehouse.locks import Lock

log = logging.getLogger(__name__)

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

    Then remove the oldest backups in the folder, so that ``SIA_BACKUPS_KEPT`` of them stay.

    Returns:
        The dump. Its manifest has the same name with ``.json`` added.

    Raises:
        PermanentError: a program failed, or the restored database differs from the warehouse. No dump is left then, and
            no earlier backup is removed.
        OSError: the backup cannot be written, for example because the disk is full.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with alone():
        _remove_leftovers(folder)
        made_at = datetime.now(UTC).replace(microsecond=0)
        dump = folder / f"warehouse-{made_at:%Y%m%dT%H%M%SZ}.dump.age"
        unproven = dump.with_suffix(".unproven")
        try:
            manifest = _dump(unproven, made_at)
            with second_database(f"{warehouse_name()}_verify") as copy:
                restore_into(unproven, copy)
                compare(manifest, copy)
            with _private(manifest_of(dump)) as file:
                file.write(f"{json.dumps(asdict(manifest), indent=1)}\n".encode())
            unproven.rename(dump)
        finally:
            unproven.unlink(missing_ok=True)
        for superseded in kept(folder)[: -settings().backups_kept]:
            superseded.unlink()
            manifest_of(superseded).unlink(missing_ok=True)
    return dump


def usual_folder() -> Path:
    """Where backups are, unless a command names another folder."""
    return settings().state / "backups"


def kept(folder: Path) -> list[Path]:
    """The backups in a folder, the oldest first."""
    return sorted(folder.glob("warehouse-*.dump.age"))


def rehearse(dump: Path) -> BackupManifest:
    """Restore a backup into a second database, compare it with its manifest, and migrate it, as a restore would.

    Raises:
        PermanentError: the backup cannot be restored; the message says why.
    """
    manifest = read_manifest(dump)
    with alone(), second_database(f"{warehouse_name()}_rehearsal") as copy:
        restore_migrated(dump, manifest, copy)
    return manifest


def restore_migrated(dump: Path, manifest: BackupManifest, url: str) -> None:
    """Restore a dump into an empty database, compare it with its manifest, and bring it up to date.

    Raises:
        PermanentError: the restore failed, the contents differ, or a migration failed.
    """
    restore_into(dump, url)
    compare(manifest, url)
    with closing(psycopg2.connect(url)) as connection:
        migrate.migrate(connection)


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other backup or restore is at work on this server, and keep others waiting until the end."""
    with closing(psycopg2.connect(address("postgres"))) as connection, connection, connection.cursor() as cursor:
        locks.take(cursor, Lock.BACKUP)
        yield


def _remove_leftovers(folder: Path) -> None:
    """Remove what a backup that was killed left: a dump that is not proven, a manifest without its dump."""
    for unproven in folder.glob("*.unproven"):
        unproven.unlink()
    for manifest in set(folder.glob("*.dump.age.json")) - {manifest_of(dump) for dump in kept(folder)}:
        manifest.unlink()


def _dump(path: Path, made_at: datetime) -> BackupManifest:
    """Write an encrypted dump of the warehouse. Returns its manifest, from the same snapshot."""
    with closing(database.connect()) as connection, connection.cursor() as cursor:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        cursor.execute("SELECT pg_export_snapshot(), current_database(), current_setting('server_version')")
        ((snapshot, name, server_version),) = cursor.fetchall()
        options = ("--format=custom", f"--snapshot={snapshot}", f"--dbname={name}")
        with _private(path) as file, program("pg_dump", *options, stdout=subprocess.PIPE) as dumping:
            encrypt_stream(stream(dumping.stdout), file)
        return BackupManifest(
            made_at=made_at.isoformat(),
            sha256=fingerprint(path)[0],
            server_version=server_version,
            migrations=_names(connection, "SELECT name FROM public.migration ORDER BY name"),
            roles=_names(
                connection, "SELECT rolname FROM pg_roles WHERE rolname ~ '^sia_' AND NOT rolcanlogin ORDER BY 1"
            ),
            tables=contents(connection),
        )


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    """Write a file that only its owner may read."""
    path.touch(mode=0o600)
    with path.open("wb") as file:
        yield file


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
    options = ("--exit-on-error", "--no-privileges", f"--dbname={make_url(url).database}")
    with dump.open("rb") as file, program("pg_restore", *options, stdin=subprocess.PIPE) as restoring:
        decrypt_stream(file, stream(restoring.stdin), dump.name)


@contextmanager
def second_database(name: str) -> Iterator[str]:
    """The address of an empty database on the warehouse's server. It is dropped at the end, if it has that name still.

    Raises:
        PermanentError: a database of this name is there, and somebody whom we may not disconnect uses it.
    """
    with closing(server()) as connection, connection.cursor() as cursor:
        identifier = sql.Identifier(name)
        if not _drop(cursor, name):
            raise PermanentError(
                f"Somebody is connected to {name}. Disconnect them and try again. Nothing was changed."
            )
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(identifier))
        postgres.close_database(cursor, name)
        try:
            yield address(name)
        finally:
            if not _drop(cursor, name):
                log.warning(
                    "%s is left, because somebody is connected to it; the next backup or restore drops it", name
                )


def _drop(cursor: Cursor, name: str) -> bool:
    """Drop a database and end its sessions. Returns False if somebody uses it whose session we may not end."""
    # An ordinary login may not end a background vacuum by force. Without force the server ends it.
    for option in ("WITH (FORCE)", ""):
        with contextlib.suppress(errors.ObjectInUse, errors.InsufficientPrivilege):
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} {}").format(sql.Identifier(name), sql.SQL(option)))
            return True
    return False


def server() -> Connection:
    """A connection to the warehouse's server, for statements about whole databases."""
    connection = psycopg2.connect(address("postgres"))
    connection.autocommit = True
    return connection


def address(name: str) -> str:
    """The address of a database on the warehouse's server."""
    return make_url(database.url()).set(drivername="postgresql", database=name).render_as_string(hide_password=False)


@contextmanager
def program(name: str, *arguments: str, **streams: Any) -> Iterator[subprocess.Popen[bytes]]:
    """One of PostgreSQL's programs, at work against the warehouse's server. At the end we wait until it has ended.

    Raises:
        PermanentError: it failed; the message has its last line.
    """
    given = parse_dsn(address("postgres"))
    with tempfile.TemporaryFile() as complaints:
        running = subprocess.Popen(
            [str(postgres.bindir() / name), "--no-password", *arguments],
            env=os.environ | {variable: given[key] for key, variable in _ENVIRONMENT.items() if key in given},
            stderr=complaints,
            **{"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, **streams},
        )
        # A program that fails closes its end first: then its own words say more than the broken pipe.
        with contextlib.suppress(BrokenPipeError), running:
            yield running
        if running.returncode:
            complaints.seek(0)
            lines = complaints.read().decode(errors="replace").strip().splitlines() or ["it gave no reason"]
            raise PermanentError(f"{name} failed: {lines[-1]}")


def stream(pipe: IO[bytes] | None) -> IO[bytes]:
    """A pipe of a program, which is there because we asked for it."""
    if pipe is None:
        raise ValueError("the program was started without this pipe")
    return pipe


def warehouse_name() -> str:
    """The name of the warehouse's database."""
    return str(make_url(database.url()).database)


def _names(connection: Connection, query: str) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return tuple(name for (name,) in cursor.fetchall())
