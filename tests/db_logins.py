"""Logins of the warehouse, for the tests that try what a role may do."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2.extensions import connection as Connection
from sqlalchemy.engine import make_url

from sia.warehouse import logins, roles
from tests.conftest import Warehouse

LogIn = Callable[[str], Connection]


@contextmanager
def role_logins(warehouse: Warehouse) -> Iterator[LogIn]:
    """A function that logs in with a new login of a role, such as ``analyst`` or ``partner_odas``.

    The logins are removed at the end.
    """
    # A copy of a database does not get the rights to the database.
    roles.apply(warehouse.connection)
    warehouse.connection.commit()
    connections: list[tuple[str, Connection]] = []

    def connect(role: str) -> Connection:
        name, _, sender = role.partition("_")
        login = f"test_{uuid.uuid4().hex[:12]}"
        password = logins.add(warehouse.connection, login, name, sender or None)
        url = make_url(warehouse.url).set(username=login, password=password)
        connection = psycopg2.connect(url.render_as_string(hide_password=False))
        connections.append((login, connection))
        return connection

    yield connect
    warehouse.connection.rollback()
    for login, connection in connections:
        connection.close()
        if login in dict(logins.logins(warehouse.connection)):
            logins.remove(warehouse.connection, login)


def refusal(connection: Connection, statement: str) -> str | None:
    """The SQLSTATE with which PostgreSQL refuses a statement, or ``None`` if it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    except psycopg2.Error as error:
        return error.pgcode
    return None
