"""PostgreSQL quotes a row that it refuses: the quotation must not reach a log or an exception."""

from __future__ import annotations

import traceback
from functools import partial
from typing import Any

import psycopg2
import pytest

from sia.errors import PermanentError
from sia.warehouse import database
from tests.conftest import Warehouse
from tests.submissions import query

CANARY = "Canary Birdwhistle"


@pytest.mark.parametrize(
    ("statement", "kind", "place"),
    [
        (
            "INSERT INTO warehouse.dim_source (source, source_name) VALUES ('canary', NULL), (%s, 'x')",
            "NotNullViolation", "warehouse.dim_source.source_name",
        ),
        (
            "INSERT INTO warehouse.dim_source (source, source_name) VALUES (%s, 'x'), (%s, 'y')",
            "UniqueViolation", "dim_source_pkey",
        ),
        ("SELECT %s::integer", "InvalidTextRepresentation", ""),
        ("SELECT %s FROM warehouse.no_such_table", "UndefinedTable", "no_such_table"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("opened", [database.connection, partial(database.kept_connection, "owner")])
def test_an_error_names_the_place_and_never_the_value(
    warehouse: Any, opened: Any, statement: str, kind: str, place: str
) -> None:
    with pytest.raises(PermanentError) as error, opened() as connection, connection.cursor() as cursor:
        cursor.execute(statement, (CANARY,) * statement.count("%s"))
    assert kind in str(error.value)
    assert place in str(error.value)
    shown = "".join(traceback.format_exception(error.value))
    assert CANARY not in shown
    assert "Failing row" not in shown


def test_a_temporary_error_is_passed_on(warehouse: Any) -> None:
    with pytest.raises(psycopg2.OperationalError), database.connection() as connection, connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 50; SELECT pg_sleep(5)")


def _backend_of_the_desk() -> int:
    with database.kept_connection("desk") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), current_user, current_setting('transaction_read_only')")
        backend, role, read_only = cursor.fetchone()
    assert (role, read_only) == ("sia_desk", "off")
    return int(backend)


def test_a_connection_is_kept_for_the_next_request_and_replaced_once_postgresql_closed_it(warehouse: Warehouse) -> None:
    backend = _backend_of_the_desk()
    assert _backend_of_the_desk() == backend
    assert query(warehouse.connection, "SELECT pg_terminate_backend(%s, 5000)", (backend,)) == [(True,)]
    assert _backend_of_the_desk() != backend


def test_what_a_request_did_not_commit_is_gone_for_the_next(warehouse: Warehouse) -> None:
    note = "INSERT INTO desk.action (done_by, action, about) VALUES ('unit@example.org', 'opened', 'a page')"
    for _ in range(2):
        with database.kept_connection("desk") as connection, connection.cursor() as cursor:
            cursor.execute(note)
    with pytest.raises(PermanentError), database.kept_connection("desk") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM warehouse.fact_sanctuary_job")
    assert query(warehouse.connection, "SELECT count(*) FROM desk.action") == [(0,)]
    assert _backend_of_the_desk()
