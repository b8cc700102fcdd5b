"""Connections to the warehouse.

The address is ``SIA_WAREHOUSE_URL``: ``postgresql://user:password@host:port/database``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2.extensions import connection as Connection
from sqlalchemy.engine import make_url

from sia.errors import PermanentFault


def url() -> str:
    """The warehouse's address, for SQLAlchemy.

    Raises:
        PermanentFault: ``SIA_WAREHOUSE_URL`` is not set.
    """
    address = os.environ.get("SIA_WAREHOUSE_URL")
    if not address:
        raise PermanentFault(
            "SIA_WAREHOUSE_URL is not set: give the warehouse's address, postgresql://user:password@host:port/database"
        )
    return make_url(address).set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)


def connect() -> Connection:
    """Open a connection; what is done in it is kept only by ``commit``."""
    dsn = make_url(url()).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg2.connect(dsn, application_name="sia", options="-c timezone=Europe/London")


@contextmanager
def connection() -> Iterator[Connection]:
    """A connection that is closed at the end, whatever happened."""
    opened = connect()
    try:
        yield opened
    finally:
        opened.close()
