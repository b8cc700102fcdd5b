"""Views, functions and triggers follow their files. A database that is up to date is not touched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from graphlib import CycleError

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from sia.contract.model import contracts
from sia.errors import PermanentError
from sia.warehouse import migrate as migration
from sia.warehouse import objects
from sia.warehouse.objects import DatabaseObject
from tests.conftest import Warehouse
from tests.database.test_as_known import ask

VIEW = DatabaseObject("numbers", "CREATE VIEW marts.numbers AS SELECT 1 AS a;\n")
READER = DatabaseObject("a reader", "CREATE VIEW marts.a_reader AS SELECT n.a FROM marts.numbers AS n;\n")
FUNCTION = DatabaseObject(
    "twice", "CREATE OR REPLACE FUNCTION marts.twice(a integer) RETURNS integer LANGUAGE sql AS 'SELECT 2 * a';\n"
)


@pytest.fixture
def connection(warehouse: Warehouse) -> Connection:
    """To a database that is up to date, with rights on the database too, which its template does not pass on."""
    migration.migrate(warehouse.connection)
    return warehouse.connection


@pytest.fixture
def all_objects(connection: Connection) -> list[DatabaseObject]:
    """The objects of a migrated database."""
    return list(migration._objects())


@pytest.fixture
def reader(warehouse: Warehouse, connection: Connection) -> Iterator[Connection]:
    """A connection that has read every view, in a transaction that is still open."""
    with closing(psycopg2.connect(warehouse.url)) as other:
        for (view,) in ask(other, "SELECT oid::regclass FROM pg_class WHERE relkind = 'v' AND relnamespace ="
                                  " ANY('{marts,warehouse,quality,feedback,release}'::regnamespace[])"):  # fmt: skip
            ask(other, f"SELECT * FROM {view} LIMIT 0")
        yield other


def test_an_unchanged_database_is_not_touched(connection: Connection, reader: Connection) -> None:
    """A change would have to wait for everyone who reads a view or a table."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
    connection.commit()
    before = ask(connection, "SELECT object_name, xmin::text FROM public.applied_object ORDER BY object_name")

    assert migration.migrate(connection) == []

    assert ask(connection, "SELECT object_name, xmin::text FROM public.applied_object ORDER BY object_name") == before


def test_a_change_waits_for_open_readers(
    connection: Connection, reader: Connection, all_objects: list[DatabaseObject]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    with pytest.raises(psycopg2.errors.LockNotAvailable):
        objects.apply(connection, [*all_objects, VIEW])


def test_a_changed_view_is_created_again_with_the_views_that_read_it(
    connection: Connection, all_objects: list[DatabaseObject]
) -> None:
    assert not objects.apply(connection, all_objects)
    assert objects.apply(connection, [*all_objects, READER, VIEW])
    assert ask(connection, "SELECT a FROM marts.a_reader") == [(1,)]
    changed = replace(VIEW, text="CREATE VIEW marts.numbers AS SELECT 'now a text' AS a;\n")
    assert objects.apply(connection, [*all_objects, READER, changed])
    assert ask(connection, "SELECT a FROM marts.a_reader") == [("now a text",)]
    assert objects.apply(connection, all_objects)
    assert ask(connection, "SELECT to_regclass('marts.numbers'), to_regclass('marts.a_reader')") == [(None, None)]


def test_a_changed_function_is_replaced_even_with_another_return_type(
    connection: Connection, all_objects: list[DatabaseObject]
) -> None:
    objects.apply(connection, [*all_objects, FUNCTION])
    assert ask(connection, "SELECT marts.twice(2)") == [(4,)]
    text = "CREATE OR REPLACE FUNCTION marts.twice(a integer) RETURNS text LANGUAGE sql AS 'SELECT a || '' '' || a';\n"
    objects.apply(connection, [*all_objects, replace(FUNCTION, text=text)])
    assert ask(connection, "SELECT marts.twice(2)") == [("2 2",)]
    objects.apply(connection, all_objects)
    assert ask(connection, "SELECT to_regproc('marts.twice')") == [(None,)]


def test_a_view_that_is_not_in_the_project_is_never_dropped(
    connection: Connection, all_objects: list[DatabaseObject]
) -> None:
    ask(connection, "CREATE VIEW public.mine AS SELECT measure_id FROM marts.observation; SELECT 1")
    with pytest.raises(PermanentError, match=r"marts.observation must be created again, .*view mine"):
        objects.apply(connection, [*all_objects, VIEW])


def test_a_trigger_that_is_no_longer_in_a_file_is_dropped(
    connection: Connection, all_objects: list[DatabaseObject]
) -> None:
    fewer = [obj for obj in all_objects if obj.name != "release/snapshot_time"]
    triggers = "SELECT count(*) FROM pg_trigger WHERE tgname = 'forbid_other_moment'"
    assert ask(connection, triggers) == [(1,)]
    objects.apply(connection, fewer)
    assert ask(connection, triggers) == [(0,)]


def test_two_views_that_read_each_other_cannot_be_put_in_order() -> None:
    circle = replace(VIEW, text="CREATE VIEW marts.numbers AS SELECT a FROM marts.a_reader;\n")
    with pytest.raises(CycleError):
        objects.in_order([circle, READER])


def test_an_object_without_its_facts_is_left_out() -> None:
    every_fact = {table.fact.name for contract in contracts().values() for table in contract.tables}
    left_out = {obj.name for obj in objects.written_objects(every_fact)} - {
        obj.name for obj in objects.written_objects(every_fact - {"street_crime"})
    }
    assert left_out == {"marts/crime_by_neighbourhood", "marts/outcome_by_offence"}


def test_every_view_and_function_is_in_a_file_or_made_from_a_contract(connection: Connection) -> None:
    known = {name for (name,) in ask(connection, "SELECT object_name FROM public.applied_object")}
    there = ask(
        connection,
        "SELECT c.relnamespace::regnamespace || '.' || c.relname FROM pg_class AS c"
        " WHERE c.relkind = 'v' AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'"
        " UNION SELECT p.pronamespace::regnamespace || '.' || p.proname FROM pg_proc AS p"
        " WHERE p.pronamespace::regnamespace::text !~ '^(pg_|information_schema)'"
        " AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')",
    )
    assert len(there) > 100
    assert {name for (name,) in there} - known == set()


def test_the_migrations_name_every_constraint(connection: Connection) -> None:
    """A later migration needs the name in the baseline to change a constraint."""
    text = "".join(path.read_text(encoding="utf-8") for path in migration.MIGRATIONS.glob("*.sql"))
    facts = {table.fact.name for contract in contracts().values() for table in contract.tables}
    constraints = ask(
        connection,
        "SELECT c.relname, k.conname FROM pg_constraint AS k INNER JOIN pg_class AS c ON k.conrelid = c.oid"
        " WHERE k.contype NOT IN ('n', 't') AND c.relnamespace::regnamespace::text ="
        " ANY('{intake,quality,warehouse,marts,feedback,release}')",
    )
    unnamed = {(table, name) for table, name in constraints if table not in facts and f"CONSTRAINT {name} " not in text}
    assert len(constraints) > 100
    assert unnamed - {(table, name) for table, name in unnamed if table in ("dim_offence", "dim_outcome")} == set()


def test_every_foreign_key_to_a_growing_table_is_indexed(connection: Connection) -> None:
    """Without an index, a change of the referenced row, or a query for its rows, reads the whole table."""
    missing = ask(
        connection,
        "SELECT k.conrelid::regclass::text, k.conname FROM pg_constraint AS k"
        " WHERE k.contype = 'f' AND k.confrelid::regclass::text !~ 'dim_|quality.rule|letter_kind'"
        " AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = k.conrelid AND i.indkey[0] = k.conkey[1])",
    )
    assert missing == []


def test_tables_with_row_security_have_no_statistics(connection: Connection) -> None:
    kept = ask(
        connection,
        "SELECT a.attrelid::regclass::text, a.attname FROM pg_attribute AS a INNER JOIN pg_class AS c"
        " ON a.attrelid = c.oid WHERE c.relrowsecurity AND a.attnum > 0 AND a.attstattarget IS DISTINCT FROM 0",
    )
    assert kept == []
