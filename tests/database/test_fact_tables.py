"""A fact holds the codes that its contract gives, and the database refuses every other."""

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

AGREED = (
    "SELECT oid::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE right(conname, 7) = '_agreed'"
    " AND conrelid = %s::regclass ORDER BY conname"
)


@pytest.fixture(scope="module")
def held(warehouse_of_module: Warehouse) -> Connection:
    connection = warehouse_of_module.connection
    load(connection, submit(connection, "2019-04-23", [job(1)]))
    return connection


def test_another_code_is_refused_also_by_hand(held: Connection) -> None:
    with held.cursor() as cursor, pytest.raises(errors.CheckViolation, match="reason_agreed"):
        cursor.execute("UPDATE warehouse.sanctuary_job SET reason = '?'")
    held.rollback()
    assert ask(held, "SELECT reason FROM warehouse.sanctuary_job") == [("burglary",)]


def test_every_choice_that_a_fact_takes_as_it_is_is_held_to_its_codes(held: Connection) -> None:
    for contract in contracts().values():
        for table in contract.tables:
            chosen = {
                f"{column.name}_agreed"
                for column in facts.fact_columns(contract, table)
                if column.taken
                and column.taken.type is ColumnType.CHOICE
                and column.name != "area_code"
                # A comparison a row and code took a third of writing the crimes.
                and contract.archive is None
            }
            assert {name for _, name, _ in ask(held, AGREED, f"warehouse.{table.fact.name}")} == chosen, table.fact.name


def test_what_the_contract_adds_or_drops_the_database_follows_and_else_nothing_changes(held: Connection) -> None:
    agreed = contracts()["sanctuary"]
    jobs = agreed.table("jobs")

    def follow(table: Table) -> None:
        with held.cursor() as cursor:
            fact_tables.follow(cursor, [facts.fact_shape(agreed, table)])

    before = ask(held, AGREED, "warehouse.sanctuary_job")
    follow(jobs)
    assert ask(held, AGREED, "warehouse.sanctuary_job") == before
    more = tuple(
        column.model_copy(update={"choices": (*column.choices[1:], Choice(code="arson", label="Arson"))})
        if column.name == "reason"
        else column
        for column in jobs.columns
    )
    follow(jobs.model_copy(update={"columns": more}))
    ((_, _, message),) = ask(held, AGREED, "warehouse.sanctuary_job")
    assert "arson" in message
    assert "domestic_abuse" not in message
    held.rollback()
