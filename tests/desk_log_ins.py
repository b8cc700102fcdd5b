"""The desk's log-ins on the test's server, for as long as a test needs them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2
import pytest
from psycopg2 import sql

from sia.local import desk_log_ins
from sia.local.postgres import Server, close_database
from sia.warehouse import roles
from tests.conftest import Warehouse


@contextmanager
def allowed(server: Server, warehouse: Warehouse) -> Iterator[None]:
    """The log-ins are those of the test's server, where its warehouse is; afterwards the server is as it was."""
    name = warehouse.connection.info.dbname
    # PostgreSQL copies no rights of a database, and the test's is a copy.
    with warehouse.connection as connection, connection.cursor() as cursor:
        close_database(cursor, name)
        roles.apply(connection)
    usual = desk_log_ins.environment
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(desk_log_ins, "environment", lambda _, passwords: usual(server, passwords))
            yield
    finally:
        with closing(psycopg2.connect(server.url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("UPDATE pg_database SET datistemplate = false WHERE datname = %s", (f"{name}_check",))
                for database_name in (f"{name}_check", desk_log_ins.CHECKS):
                    cursor.execute(
                        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database_name))
                    )
                for log_in in desk_log_ins.RIGHTS:
                    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (log_in,))
                    if cursor.fetchone():
                        cursor.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(log_in)))
                        cursor.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(log_in)))
