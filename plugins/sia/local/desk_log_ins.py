"""The log-ins of the desk on the database server: with which it reads the warehouse, and with which it checks files."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

import psycopg2
from sqlalchemy.engine import URL, make_url

from sia.feedback import dry_run
from sia.local import postgres
from sia.local.postgres import Server
from sia.warehouse import database
from sia.warehouse.sql_files import statement

DESK, CHECKS = "desk", "checks"
"""The names of the log-ins. ``checks`` has a database of its own, from which it makes copies of an empty warehouse."""

# People open pages at once, and each check has several connections.
RIGHTS = {DESK: "CONNECTION LIMIT 100", CHECKS: "CREATEDB CONNECTION LIMIT 30"}


def grant(server: str) -> None:
    """Give the log-ins their rights, once the warehouse is migrated.

    Args:
        server: the address of the server, as a login that may grant its roles.
    """
    with closing(psycopg2.connect(server)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement("roles/desk_log_ins"))


def environment(server: Server, passwords: Mapping[str, str]) -> dict[str, str]:
    """The environment variables of the desk, with its log-ins, which are created if they are missing.

    Args:
        server: with a warehouse that is migrated.
        passwords: of both log-ins, by name.
    """
    server.ensure_database(CHECKS)
    with closing(psycopg2.connect(server.url)) as connection, connection, connection.cursor() as cursor:
        for name, rights in RIGHTS.items():
            postgres.set_log_in(cursor, name, rights, passwords[name])
        cursor.execute("GRANT CONNECT ON DATABASE checks TO checks")
    grant(server.url)
    dry_run.prepare_template()
    warehouse = make_url(database.url()).set(drivername="postgresql")
    return {
        "SIA_WAREHOUSE_URL": _address(warehouse, DESK, passwords),
        "SIA_CHECK_URL": _address(warehouse.set(database=CHECKS), CHECKS, passwords),
    }


def _address(address: URL, log_in: str, passwords: Mapping[str, str]) -> str:
    return address.set(username=log_in, password=passwords[log_in]).render_as_string(hide_password=False)
