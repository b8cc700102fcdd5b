"""Connections to the warehouse.

The address is ``SIA_WAREHOUSE_URL``: ``postgresql://user:password@host:port/database``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import cast

import psycopg2
from psycopg2.extensions import connection as Connection
from sqlalchemy import create_engine
from sqlalchemy.engine import Engine, make_url

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


def connect(role: str | None = None, *, writes: bool = False) -> Connection:
    """Open a connection. Only ``commit`` keeps what is done in it.

    Args:
        role: use the rights of this role only, for example ``steward``; ``None`` for the login's own rights.
        writes: whether a connection with a role may write what the role may write.
    """
    dsn = make_url(url()).set(drivername="postgresql").render_as_string(hide_password=False)
    options = "-c timezone=Europe/London"
    if role:
        read_only = "off" if writes else "on"
        options += f" -c role={group(role)} -c default_transaction_read_only={read_only} -c statement_timeout=60s"
    return psycopg2.connect(dsn, application_name="sia", options=options)


@contextmanager
def connection(role: str | None = None, *, writes: bool = False) -> Iterator[Connection]:
    """A connection that is always closed at the end; ``role`` and ``writes`` as in :func:`connect`.

    Raises:
        PermanentError: PostgreSQL refused a statement. Its own message may quote a row, and so a value of a return:
            we pass on only the type of the error and the place.
        psycopg2.OperationalError, psycopg2.InterfaceError: a temporary error, for example a lost connection.
    """
    opened = connect(role, writes=writes)
    try:
        with _errors_without_values():
            yield opened
    finally:
        opened.close()


@contextmanager
def kept_connection(role: str) -> Iterator[Connection]:
    """A connection as from :func:`connection`, which may write, and which we keep open for the next request.

    To open one takes longer than most pages. One that PostgreSQL has closed meanwhile is replaced.

    Raises:
        PermanentError, psycopg2.OperationalError, psycopg2.InterfaceError: as :func:`connection` does.
    """
    pooled = _pool(url(), role).raw_connection()
    try:
        with _errors_without_values():
            yield cast("Connection", pooled.driver_connection)
    finally:
        # Rolls back what was not committed.
        pooled.close()


@lru_cache(maxsize=4)
def _pool(_address: str, role: str) -> Engine:
    """Connections with the rights of a role to the warehouse at an address."""
    return create_engine(
        "postgresql+psycopg2://",
        creator=partial(connect, role, writes=True),
        pool_size=_KEPT,
        # More people at once get a connection that is closed after them.
        max_overflow=-1,
        pool_pre_ping=True,
    )


_KEPT = 10


@contextmanager
def _errors_without_values() -> Iterator[None]:
    try:
        yield
    except (psycopg2.OperationalError, psycopg2.InterfaceError):
        raise
    except psycopg2.Error as error:
        raise PermanentError(_without_values(error)) from None


def _without_values(error: psycopg2.Error) -> str:
    details = error.diag
    places = (details.schema_name, details.table_name, details.column_name, details.constraint_name)
    where = ".".join(place for place in places if place)
    # Errors of class 42 are about the statement itself, and quote only names.
    words = details.message_primary if (error.pgcode or "").startswith("42") else where
    return f"PostgreSQL refused a statement ({type(error).__name__}, {error.pgcode}){f': {words}' if words else ''}"
