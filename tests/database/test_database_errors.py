"""PostgreSQL quotes a row that it refuses: the quotation must not reach a log or an exception."""

from __future__ import annotations

import traceback
from typing import Any

import psycopg2
import pytest

from sia.errors import PermanentError
from sia.warehouse import database

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
def test_an_error_names_the_place_and_never_the_value(warehouse: Any, statement: str, kind: str, place: str) -> None:
    with pytest.raises(PermanentError) as error, database.connection() as connection, connection.cursor() as cursor:
        cursor.execute(statement, (CANARY,) * statement.count("%s"))
    assert kind in str(error.value)
    assert place in str(error.value)
    shown = "".join(traceback.format_exception(error.value))
    assert CANARY not in shown
    assert "Failing row" not in shown


def test_a_temporary_error_is_passed_on(warehouse: Any) -> None:
    with pytest.raises(psycopg2.OperationalError), database.connection() as connection, connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 50; SELECT pg_sleep(5)")
