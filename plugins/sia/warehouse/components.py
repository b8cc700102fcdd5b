"""What each row of a return adds to the components of measures.

``include/sql/components/<return>_<table>.sql`` selects ``return_version_id, row_number, area_code, starts_on,
component, value`` from the facts of one table. The statement has three uses: its sums are the component totals; the
view ``warehouse.component_row``, a union of all of them, leads a trace to the rows; and the check
``components_reconcile`` compares the two. The contract lists the components, and the areas that count 0 without rows.
"""

from __future__ import annotations

from collections.abc import Iterable

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from sia.contract.model import Contract, Table
from sia.errors import PermanentError
from sia.paths import SQL
from sia.settings import settings
from sia.warehouse.objects import DatabaseObject
from sia.warehouse.sql_files import statement
from sia.warehouse.version_views import quoted

_VIEW = "warehouse.component_row"
_COMMENT = (
    "What each row of a return adds to each component: one row for each row of the return, area and component."
    " The sums are marts.component_total"
)
_COMMENTS = {
    "return_version_id": "Return version that the row belongs to",
    "table_name": "The contract's table",
    "row_number": "Row of the sheet, line of the file, or running number within an archive",
    "area_code": "Area that the return gives",
    "starts_on": "First day of the month or quarter",
    "component": "Component of the return, as the contract names it",
    "value": "What the row adds: a number, pounds or days",
}


def component_query(contract: Contract, table: Table) -> str:
    """The text of a table's component file, which may also be in the folder ``components`` next to its contract.

    Raises:
        PermanentError: there is no such file.
    """
    name = f"{contract.staging_name(table)}.sql"
    for folder in (settings().contracts / "components", SQL / "components"):
        if (folder / name).is_file():
            return (folder / name).read_text(encoding="utf-8")
    raise PermanentError(f"contract {contract.name}, table {table.name}: include/sql/components/{name} is missing")


def component_row_view(agreed: Iterable[Contract]) -> DatabaseObject:
    """The view of what each row of every return adds to each component."""
    columns = ", ".join("r.value::numeric AS value" if name == "value" else f"r.{name}" for name in _COMMENTS)
    branches = []
    for contract in agreed:
        for table in contract.tables:
            named = columns.replace("r.table_name", f"{quoted(table.name)} AS table_name")
            rows = f"FROM (\n{component_query(contract, table)}\n) AS r" if table.components else None
            if rows:
                branches.append(f"SELECT {named}\n{rows}")
            if sums := ", ".join(f"({quoted(whole)}, {quoted(part)})" for whole, part in _sums(table)):
                branches.append(
                    f"SELECT {named.replace('r.component', 's.component')}\n{rows}\n"
                    f"CROSS JOIN LATERAL (VALUES {sums}) AS s (component, part)\nWHERE r.component = s.part"
                )
    statements = [
        f"CREATE VIEW {_VIEW} AS\n" + "\nUNION ALL\n".join(branches),
        f"COMMENT ON VIEW {_VIEW} IS {quoted(_COMMENT)}",
        *(f"COMMENT ON COLUMN {_VIEW}.{name} IS {quoted(words)}" for name, words in _COMMENTS.items()),
    ]
    return DatabaseObject(_VIEW, "".join(f"{text};\n" for text in statements))


def write_totals(cursor: Cursor, contract: Contract, table: Table) -> None:
    """Write the component totals of the return versions that this load opens (``new_return_version``).

    Raises:
        PermanentError: the component file gives a component that is not in the contract.
    """
    components, sums = list(table.component_descriptions), _sums(table)
    cursor.execute(
        sql.SQL("CREATE TEMPORARY VIEW new_component_row AS {}").format(sql.SQL(component_query(contract, table)))
    )
    cursor.execute(
        statement("load/component_totals"),
        {
            "components": components,
            "zero_areas": list(table.zero_area_codes),
            "sums": [whole for whole, _ in sums],
            "parts": [part for _, part in sums],
            "months": 1 if contract.count_period == "month" else 3,
        },
    )
    unknown = {component for (component,) in cursor.fetchall()} - set(components)
    cursor.execute("DROP VIEW new_component_row")
    if unknown:
        raise PermanentError(
            f"contract {contract.name}, table {table.name}: the component file gives {', '.join(sorted(unknown))}:"
            " add it to 'components', or correct the file"
        )


def _sums(table: Table) -> list[tuple[str, str]]:
    """A pair of component and part for each part of a component that is a sum."""
    return [(whole, part) for whole, parts in table.component_parts.items() for part in parts]
