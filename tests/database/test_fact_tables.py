"""A fact has only the codes of its contract: the database refuses every other."""

from __future__ import annotations

import pytest
from psycopg2 import errors
from psycopg2.extensions import connection as Connection

from sia.contract.model import Choice, ColumnType, Table, contracts
from sia.warehouse import fact_tables, facts
from sia.warehouse.load import load
from tests.conftest import Warehouse
from tests.database.test_as_known import ask
from tests.database.test_load import job, submit

CODE_CHECKS = (
    "SELECT oid::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE right(conname, 7) = '_agreed'"
    " AND conrelid = %s::regclass ORDER BY conname"
)


@pytest.fixture(scope="module")
def loaded(warehouse_of_module: Warehouse) -> Connection:
    connection = warehouse_of_module.connection
    load(connection, submit(connection, "2019-04-23", [job(1)]))
    return connection


def test_the_database_refuses_another_code_in_a_manual_update(loaded: Connection) -> None:
    with loaded.cursor() as cursor, pytest.raises(errors.CheckViolation, match="reason_agreed"):
        cursor.execute("UPDATE warehouse.sanctuary_job SET reason = '?'")
    loaded.rollback()
    assert ask(loaded, "SELECT reason FROM warehouse.sanctuary_job") == [("burglary",)]


def test_every_choice_and_reason_of_a_fact_has_a_check_of_its_codes(loaded: Connection) -> None:
    for contract in contracts().values():
        for table in contract.tables:
            chosen = {
                f"{column.name}_agreed"
                for column in facts.fact_columns(contract, table)
                if (column.reason_for or (column.copied and column.copied.type is ColumnType.CHOICE))
                and column.name != "area_code"
                # Checking each row of the crimes took a third of the time to write them.
                and contract.archive is None
            }
            assert {name for _, name, _ in ask(loaded, CODE_CHECKS, f"warehouse.{table.fact.name}")} == chosen, (
                table.fact.name
            )


def test_a_check_changes_with_the_codes_of_its_contract_and_only_then(loaded: Connection) -> None:
    agreed = contracts()["sanctuary"]
    jobs = agreed.table("jobs")

    def follow(table: Table) -> None:
        with loaded.cursor() as cursor:
            fact_tables.follow(cursor, [facts.fact_shape(agreed, table)])

    before = ask(loaded, CODE_CHECKS, "warehouse.sanctuary_job")
    follow(jobs)
    assert ask(loaded, CODE_CHECKS, "warehouse.sanctuary_job") == before
    more = tuple(
        column.model_copy(update={"choices": (*column.choices[1:], Choice(code="arson", label="Arson"))})
        if column.name == "reason"
        else column
        for column in jobs.columns
    )
    follow(jobs.model_copy(update={"columns": more}))
    ((_, _, message),) = ask(loaded, CODE_CHECKS, "warehouse.sanctuary_job")
    assert "arson" in message
    assert "domestic_abuse" not in message
    loaded.rollback()
