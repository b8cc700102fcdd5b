"""Connections to the warehouse.

The address is ``SIA_WAREHOUSE_URL``: ``postgresql://user:password@host:port/database``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2.extensions import connection as Connection
from sqlalchemy.engine import make_url

from sia.errors import PermanentError
from sia.settings import settings
from sia.warehouse.roles import group


def url() -> str:
    """The warehouse's address, for SQLAlchemy.

    Raises:
        PermanentError: ``SIA_WAREHOUSE_URL`` is not set.
    """
    given = settings().warehouse_url
    if given is None:
        raise PermanentError(
            "SIA_WAREHOUSE_URL is not set: give the warehouse's address, postgresql://user:password@host:port/database"
        )
    address = make_url(given.get_secret_value())
    return address.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)


def connect(role: str | None = None) -> Connection:
    """Open a connection; what is done in it is kept only by ``commit``.

    Args:
        role: read with the rights of this role alone, such as ``steward``; with the login's own where none is given.
    """
    dsn = make_url(url()).set(drivername="postgresql").render_as_string(hide_password=False)
    options = "-c timezone=Europe/London"
    if role:
        options += f" -c role={group(role)} -c default_transaction_read_only=on -c statement_timeout=60s"
    return psycopg2.connect(dsn, application_name="sia", options=options)


@contextmanager
def connection(role: str | None = None) -> Iterator[Connection]:
    """A connection that is closed at the end, whatever happened; ``role`` as in :func:`connect`.

    Raises:
        PermanentError: PostgreSQL refused what was asked. What it says of it may quote a row, and so a value
            of a return: only the kind of the fault and the place are passed on. Passing faults pass as they are.
    """
    opened = connect(role)
    try:
        yield opened
    except (psycopg2.OperationalError, psycopg2.InterfaceError):
        raise
    except psycopg2.Error as error:
        raise PermanentError(_without_values(error)) from None
    finally:
        opened.close()


def _without_values(error: psycopg2.Error) -> str:
    said = error.diag
    places = (said.schema_name, said.table_name, said.column_name, said.constraint_name)
    where = ".".join(place for place in places if place)
    # Class 42 is about the statement itself, and quotes nothing but names.
    words = said.message_primary if (error.pgcode or "").startswith("42") else where
    return f"PostgreSQL refused it ({type(error).__name__}, {error.pgcode}){f': {words}' if words else ''}"
