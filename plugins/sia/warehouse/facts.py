"""What is made for every table of facts: a guard of its history, its comments, and its views of versions."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg2.extensions import cursor as Cursor

from sia.contract.model import Contract, Table
from sia.warehouse import comments
from sia.warehouse.objects import DatabaseObject, day_functions
from sia.warehouse.version_views import StoredColumn, quoted, version_views


def objects_of(cursor: Cursor, contract: Contract, table: Table) -> Iterator[DatabaseObject]:
    """The objects of the facts that a table of a return becomes."""
    fact = f"warehouse.{table.fact}"
    comment, said = comments.of_fact(contract, table)
    cursor.execute(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        (fact,),
    )
    columns = {name: StoredColumn(of_type, said[name]) for name, of_type in cursor.fetchall()}
    statements = [
        f"CREATE OR REPLACE TRIGGER forbid_late_insert AFTER INSERT ON {fact} REFERENCING NEW TABLE AS added\n"
        "FOR EACH STATEMENT WHEN (NOT pg_has_role('sia_owner', 'MEMBER'))\n"
        "EXECUTE FUNCTION warehouse.forbid_late_insert()",
        f"COMMENT ON TABLE {fact} IS {quoted(comment)}",
        *(f"COMMENT ON COLUMN {fact}.{name} IS {quoted(column.comment)}" for name, column in columns.items()),
    ]
    yield DatabaseObject(fact, "".join(f"{statement};\n" for statement in statements))
    versions = version_views(fact, columns, comment, contract.name)
    yield from (versions, *day_functions(versions))
