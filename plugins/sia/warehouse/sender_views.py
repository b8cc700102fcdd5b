"""Views of what a sender reads again of its own returns: sums of columns, and rows that come again.

The contract says which columns (``adds_up``, ``carried_over``). Who may read these views may read no fact.
"""

from __future__ import annotations

from collections.abc import Iterable

from sia.contract.model import Contract, Table
from sia.warehouse.facts import reason_name
from sia.warehouse.objects import DatabaseObject
from sia.warehouse.version_views import quoted

_TOTAL, _CARRIED = "feedback.return_total", "desk.carried_row"
_COMMENTS = {
    _TOTAL: (
        "Sums of the columns of a submission that its contract says add up, for its sender",
        {
            "submission_id": "Submission",
            "table_name": "Table of the return",
            "column_name": "Column of the return",
            "total": "Sum over all rows; NULL if no row has a value, NaN if the sender withheld a part",
        },
    ),
    _CARRIED: (
        "What a submission has in the columns that its contract carries over into the sender's next blank workbook",
        {
            "submission_id": "Submission",
            "table_name": "Table of the return",
            "row_number": "Row of the sheet",
            "entry": "Values by the names of the columns; an answer by its code",
        },
    ),
}
_NO_TOTAL = "SELECT NULL::bigint, NULL::text, NULL::text, NULL::numeric WHERE false"
_NO_ROW = "SELECT NULL::bigint, NULL::text, NULL::bigint, NULL::jsonb WHERE false"


def sender_views(agreed: Iterable[Contract]) -> list[DatabaseObject]:
    """The views, with their comments."""
    tables = [table for contract in agreed for table in contract.tables]
    totals = [
        f"UNION ALL\nSELECT h.submission_id, {quoted(table.name)}, {quoted(name)},"
        f" {_sum(table, name)} FROM {_facts(table.fact.name)} GROUP BY h.submission_id"
        for table in tables
        for name in table.adds_up
    ]
    carried = [
        f"UNION ALL\nSELECT h.submission_id, {quoted(table.name)}, f.row_number, jsonb_build_object("
        + ", ".join(f"{quoted(name)}, f.{table.fact_name(table.column(name))}" for name in table.carried_over)
        + f") FROM {_facts(table.fact.name)}"
        for table in tables
        if table.carried_over
    ]
    return [_view(_TOTAL, [_NO_TOTAL, *totals]), _view(_CARRIED, [_NO_ROW, *carried])]


def _sum(table: Table, name: str) -> str:
    """The SQL for the sum of a column; not of the rest, where the sender withheld a figure."""
    column = table.column(name)
    figure = table.fact_name(column)
    if not column.may_be_withheld:
        return f"sum(f.{figure})"
    return f"CASE count(f.{reason_name(figure)}) WHEN 0 THEN sum(f.{figure}) ELSE 'NaN'::numeric END"


def _facts(fact: str) -> str:
    return (
        f"warehouse.return_version AS h INNER JOIN warehouse.{fact} AS f ON h.return_version_id = f.return_version_id"
    )


def _view(name: str, queries: Iterable[str]) -> DatabaseObject:
    comment, columns = _COMMENTS[name]
    statements = [
        f"CREATE VIEW {name} ({', '.join(columns)}) AS\n" + "\n".join(queries),
        f"COMMENT ON VIEW {name} IS {quoted(comment)}",
        *(f"COMMENT ON COLUMN {name}.{column} IS {quoted(words)}" for column, words in columns.items()),
    ]
    return DatabaseObject(name, "".join(f"{statement};\n" for statement in statements))
