"""The warehouse explains itself: a comment on everything, and a reason for every column that may be empty."""

from __future__ import annotations

from tests.conftest import Warehouse

_OURS = "('public', 'intake', 'quality', 'warehouse', 'marts', 'feedback', 'staging', 'release')"

# What an extension brings is its own to explain.
_NOT_OF_AN_EXTENSION = "NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = {} AND d.deptype = 'e')"

RELATIONS = f"""
    SELECT c.oid::regclass::text FROM pg_class AS c
    WHERE c.relnamespace::regnamespace::text IN {_OURS} AND c.relkind IN ('r', 'p', 'v', 'm')
        AND obj_description(c.oid, 'pg_class') IS NULL AND {_NOT_OF_AN_EXTENSION.format("c.oid")}
"""
COLUMNS = f"""
    SELECT c.oid::regclass || '.' || a.attname FROM pg_class AS c
    INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace::regnamespace::text IN {_OURS} AND c.relkind IN ('r', 'p', 'v', 'm')
        AND coalesce(col_description(c.oid, a.attnum), '') = '' AND {_NOT_OF_AN_EXTENSION.format("c.oid")}
"""
FUNCTIONS = f"""
    SELECT p.oid::regprocedure::text FROM pg_proc AS p
    WHERE p.pronamespace::regnamespace::text IN {_OURS}
        AND obj_description(p.oid, 'pg_proc') IS NULL AND {_NOT_OF_AN_EXTENSION.format("p.oid")}
"""
SCHEMAS = f"""
    SELECT nspname FROM pg_namespace WHERE nspname IN {_OURS} AND obj_description(oid, 'pg_namespace') IS NULL
"""
# The text of a return may lack anything until it is checked, so staging's columns need no reason.
NULLABLE = f"""
    SELECT c.oid::regclass || '.' || a.attname FROM pg_class AS c
    INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace::regnamespace::text IN {_OURS} AND c.relnamespace <> 'staging'::regnamespace
        AND c.relkind IN ('r', 'p') AND NOT a.attnotnull AND col_description(c.oid, a.attnum) NOT LIKE '%NULL%'
"""
WITHOUT_KEY = f"""
    SELECT c.oid::regclass::text FROM pg_class AS c
    WHERE c.relnamespace::regnamespace::text IN {_OURS} AND c.relnamespace <> 'staging'::regnamespace
        AND c.relkind IN ('r', 'p')
        AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype IN ('p', 'u', 'x'))
"""
HOLDING_NOT_REFERENCED = """
    SELECT a.attrelid::regclass::text FROM pg_attribute AS a
    INNER JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
    WHERE a.attname = 'holding_id' AND c.oid <> 'warehouse.holding'::regclass
        AND NOT EXISTS (
            SELECT FROM pg_constraint AS k
            WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid = 'warehouse.holding'::regclass
        )
"""


def found(warehouse: Warehouse, query: str) -> list[str]:
    with warehouse.connection.cursor() as cursor:
        cursor.execute(query)
        return sorted(name for (name,) in cursor.fetchall())


def test_every_schema_has_a_comment(warehouse: Warehouse) -> None:
    assert found(warehouse, SCHEMAS) == []


def test_every_table_and_view_has_a_comment(warehouse: Warehouse) -> None:
    assert found(warehouse, RELATIONS) == []


def test_every_column_has_a_comment(warehouse: Warehouse) -> None:
    assert found(warehouse, COLUMNS) == []


def test_every_function_has_a_comment(warehouse: Warehouse) -> None:
    assert found(warehouse, FUNCTIONS) == []


def test_every_column_that_may_be_empty_says_why(warehouse: Warehouse) -> None:
    assert found(warehouse, NULLABLE) == []


def test_every_table_has_a_key_but_the_crimes_which_have_none(warehouse: Warehouse) -> None:
    # Equal rows of the crime-level files are separate incidents, and their Crime ID repeats.
    assert found(warehouse, WITHOUT_KEY) == ["warehouse.tvp_crime"]


def test_every_fact_leads_to_what_was_held_and_when(warehouse: Warehouse) -> None:
    # Of the crimes, which are too many to look up row by row, the check crimes_refer asks it.
    assert found(warehouse, HOLDING_NOT_REFERENCED) == ["warehouse.tvp_crime"]


def test_the_questions_themselves_find_what_is_missing(warehouse: Warehouse) -> None:
    with warehouse.connection.cursor() as cursor:
        cursor.execute("CREATE TABLE marts.bare (a integer)")
        cursor.execute("CREATE FUNCTION marts.bare() RETURNS integer LANGUAGE sql AS 'SELECT 1'")
        assert found(warehouse, RELATIONS) == ["marts.bare"]
        assert found(warehouse, COLUMNS) == ["marts.bare.a"]
        assert found(warehouse, FUNCTIONS) == ["marts.bare()"]
        assert "marts.bare" in found(warehouse, WITHOUT_KEY)
        cursor.execute("COMMENT ON COLUMN marts.bare.a IS 'Some number'")
        assert found(warehouse, NULLABLE) == ["marts.bare.a"]
    warehouse.connection.rollback()
