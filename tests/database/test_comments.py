"""The warehouse explains itself: a comment on everything, and a reason for every column that may be empty."""

from __future__ import annotations

import pytest

from sia.contract.model import Table, contracts
from sia.warehouse import facts
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
SAYS = """
    SELECT obj_description(c.oid, 'pg_class'), (
        SELECT col_description(c.oid, a.attnum) FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = %s
    )
    FROM pg_class AS c WHERE c.oid = %s::regclass
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
    assert found(warehouse, WITHOUT_KEY) == ["warehouse.street_crime"]


def test_every_fact_leads_to_what_was_held_and_when(warehouse: Warehouse) -> None:
    # Of the crimes, which are too many to look up row by row, the check crimes_refer asks it.
    assert found(warehouse, HOLDING_NOT_REFERENCED) == ["warehouse.street_crime"]


@pytest.mark.parametrize(
    ("relation", "column", "message", "column_says"),
    [
        # As it stands in the contract, heading and help and codes.
        ("sanctuary_job", "reason",
         "Sanctuary scheme return: Sanctuary jobs. One row for each job that was referred or finished in the quarter. "
         "No names, addresses or telephone numbers.",
         "Reason: Why the home needs securing. One of: domestic_abuse, burglary, other."),
        # What a partner is told would not do.
        ("sanctuary_job_today", "completed_on",
         "As it is known today. Sanctuary scheme return: Sanctuary jobs. One row for each job that was referred or "
         "finished in the quarter. No names, addresses or telephone numbers.",
         "Day on which the works were finished; NULL if they are not"),
        # Columns of the sheet that become rows, and codes of some time only.
        ("domestic_abuse_contact", "contact_type",
         "Contacts with the domestic abuse service: one row for each category and area of residence",
         "Counted: What you counted. Count every call until March 2020, and each new contact from April 2020. "
         "One of: helpline_calls (before 2020-04-01), new_contacts (from 2020-04-01)."),
    ],
)  # fmt: skip
def test_facts_say_what_their_contract_says(
    warehouse: Warehouse, relation: str, column: str, message: str, column_says: str
) -> None:
    with warehouse.connection.cursor() as cursor:
        cursor.execute(SAYS, (column, f"warehouse.{relation}"))
        assert cursor.fetchone() == (message, column_says)


def test_every_fact_is_spoken_of_by_a_contract(warehouse: Warehouse) -> None:
    assert found(warehouse, FACTS) == sorted(table.fact.name for one in contracts().values() for table in one.tables)


def test_what_no_column_of_the_return_says_has_to_be_said() -> None:
    agreed = contracts()["odas"]
    contacts = agreed.table("contacts")

    def described(descriptions: dict[str, str]) -> Table:
        return contacts.model_copy(update={"fact": contacts.fact.model_copy(update={"descriptions": descriptions})})

    silent = described({"area_code": "Where the caller lives"})
    with pytest.raises(ValueError, match="table contacts: the fact's descriptions must say what these are: contacts"):
        facts.fact_comments(agreed, silent)
    unknown = described({**contacts.fact.descriptions, "callers": "Who called"})
    with pytest.raises(ValueError, match="describe what domestic_abuse_contact has not: callers"):
        facts.fact_comments(agreed, unknown)


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
