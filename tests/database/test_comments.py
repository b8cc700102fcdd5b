"""Everything in the warehouse has a comment, and every nullable column says when it is NULL."""

from __future__ import annotations

import pytest

from sia.contract.model import Table, contracts
from sia.warehouse import facts
from tests.conftest import Warehouse

_OURS = "('public', 'intake', 'quality', 'warehouse', 'marts', 'feedback', 'staging', 'release', 'desk')"

# We do not comment on the objects of an extension.
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
# Any text of a staged return may be missing until it is validated, so columns in staging need no reason.
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
VERSION_NOT_REFERENCED = """
    SELECT a.attrelid::regclass::text FROM pg_attribute AS a
    INNER JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
    WHERE a.attname = 'return_version_id' AND c.oid <> 'warehouse.return_version'::regclass
        AND NOT EXISTS (
            SELECT FROM pg_constraint AS k
            WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid = 'warehouse.return_version'::regclass
        )
"""


FACTS = """
    SELECT c.relname FROM pg_class AS c
    INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'return_version_id'
    WHERE c.relnamespace = 'warehouse'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> 'return_version'
"""
DESCRIPTIONS = """
    SELECT obj_description(c.oid, 'pg_class'), (
        SELECT col_description(c.oid, a.attnum) FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = %s
    )
    FROM pg_class AS c WHERE c.oid = %s::regclass
"""


def names(warehouse: Warehouse, query: str) -> list[str]:
    with warehouse.connection.cursor() as cursor:
        cursor.execute(query)
        return sorted(name for (name,) in cursor.fetchall())


def test_every_schema_has_a_comment(warehouse: Warehouse) -> None:
    assert names(warehouse, SCHEMAS) == []


def test_every_table_and_view_has_a_comment(warehouse: Warehouse) -> None:
    assert names(warehouse, RELATIONS) == []


def test_every_column_has_a_comment(warehouse: Warehouse) -> None:
    assert names(warehouse, COLUMNS) == []


def test_every_function_has_a_comment(warehouse: Warehouse) -> None:
    assert names(warehouse, FUNCTIONS) == []


def test_every_nullable_column_says_when_it_is_null(warehouse: Warehouse) -> None:
    assert names(warehouse, NULLABLE) == []


def test_every_table_but_the_crimes_has_a_key(warehouse: Warehouse) -> None:
    # Identical rows of the crime-level files are separate incidents, and a Crime ID can repeat.
    assert names(warehouse, WITHOUT_KEY) == ["warehouse.street_crime"]


def test_every_fact_refers_to_its_return_version(warehouse: Warehouse) -> None:
    # There are too many crimes for a foreign key: the check crimes_refer tests them.
    assert names(warehouse, VERSION_NOT_REFERENCED) == ["warehouse.street_crime"]


@pytest.mark.parametrize(
    ("relation", "column", "table_comment", "column_comment"),
    [
        # The heading, help and codes of the contract.
        ("sanctuary_job", "reason",
         "Sanctuary scheme return: Sanctuary jobs. One row for each job that was referred or finished in the quarter. "
         "No names, addresses or telephone numbers.",
         "Reason: Why the home needs securing. One of: domestic_abuse, burglary, other."),
        # The contract's own description, because the partner's help does not fit.
        ("sanctuary_job_today", "completed_on",
         "As known today. Sanctuary scheme return: Sanctuary jobs. One row for each job that was referred or "
         "finished in the quarter. No names, addresses or telephone numbers.",
         "Day on which the works were finished; NULL if they are not"),
        # Columns of the sheet that become rows, and codes that apply for some time only.
        ("domestic_abuse_contact", "contact_type",
         "Contacts with the domestic abuse service: one row for each category and area of residence",
         "Counted: What you counted. Count every call until March 2020, and each new contact from April 2020. "
         "One of: helpline_calls (before 2020-04-01), new_contacts (from 2020-04-01)."),
    ],
)  # fmt: skip
def test_the_comments_of_facts_come_from_their_contract(
    warehouse: Warehouse, relation: str, column: str, table_comment: str, column_comment: str
) -> None:
    with warehouse.connection.cursor() as cursor:
        cursor.execute(DESCRIPTIONS, (column, f"warehouse.{relation}"))
        assert cursor.fetchone() == (table_comment, column_comment)


def test_every_table_of_facts_has_a_contract(warehouse: Warehouse) -> None:
    expected = sorted(table.fact.name for contract in contracts().values() for table in contract.tables)
    assert names(warehouse, FACTS) == expected


def test_a_column_that_is_not_copied_from_the_return_needs_a_description() -> None:
    agreed = contracts()["odas"]
    contacts = agreed.table("contacts")

    def described(descriptions: dict[str, str]) -> Table:
        return contacts.model_copy(update={"fact": contacts.fact.model_copy(update={"descriptions": descriptions})})

    incomplete = described({"area_code": "Where the caller lives"})
    with pytest.raises(ValueError, match="table contacts: the fact's descriptions must include contacts"):
        facts.fact_comments(agreed, incomplete)
    unknown = described({**contacts.fact.descriptions, "callers": "Who called"})
    with pytest.raises(ValueError, match="include columns that domestic_abuse_contact does not have: callers"):
        facts.fact_comments(agreed, unknown)


def test_the_queries_find_missing_comments_and_keys(warehouse: Warehouse) -> None:
    with warehouse.connection.cursor() as cursor:
        cursor.execute("CREATE TABLE marts.bare (a integer)")
        cursor.execute("CREATE FUNCTION marts.bare() RETURNS integer LANGUAGE sql AS 'SELECT 1'")
        assert names(warehouse, RELATIONS) == ["marts.bare"]
        assert names(warehouse, COLUMNS) == ["marts.bare.a"]
        assert names(warehouse, FUNCTIONS) == ["marts.bare()"]
        assert "marts.bare" in names(warehouse, WITHOUT_KEY)
        cursor.execute("COMMENT ON COLUMN marts.bare.a IS 'Some number'")
        assert names(warehouse, NULLABLE) == ["marts.bare.a"]
    warehouse.connection.rollback()
