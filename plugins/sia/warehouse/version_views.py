"""Makes the views and functions of a table's history: what we know today, and what we knew at a moment.

For ``<table>`` these are the view ``<table>_today`` and the functions ``<table>_known_at(timestamptz)`` and
``<table>_known_on(date)``. They have the table's columns, with the sender, the period and the known time of the return
version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sia.warehouse.objects import DatabaseObject

_OF_VERSION = {
    "return_name": ("text", "v.return_name", "Return"),
    "source": ("text", "v.source", "Sender"),
    "submission_id": ("bigint", "v.submission_id", "Submission that the row came with"),
    "period": ("daterange", "v.period", "Days that the return version covers: a quarter or a month"),
    "quarter_key": ("text", "q.quarter_key", "Financial quarter of the period"),
    "known_during": (
        "tstzrange",
        "v.known_during",
        "Time during which the return version was current; it has no end if it is current today",
    ),
    "synthetic": ("boolean", "v.synthetic", "Whether the return is a synthetic sample"),
}


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """A column of a table, with its type in PostgreSQL and its comment."""

    type: str
    comment: str


def version_views(
    table: str, columns: Mapping[str, StoredColumn], comment: str, return_name: str | None = None
) -> DatabaseObject:
    """The view ``_today`` and the function ``_known_at``, from which ``objects.day_functions`` makes ``_known_on``.

    Args:
        table: name of the table, with its schema.
        columns: its columns by name, in order.
        comment: the description of the table.
        return_name: the only return whose versions the table has, if so; a query for one quarter is then faster.
    """
    names = [*columns, *_OF_VERSION]
    # The name of a column may be a keyword of SQL, so names are quoted.
    selected = ",\n    ".join(
        [*(f'f."{name}"' for name in columns), *(expression for _, expression, _ in _OF_VERSION.values())]
    )
    types = {name: column.type for name, column in columns.items()}
    types |= {name: of_type for name, (of_type, _, _) in _OF_VERSION.items()}
    comments = {name: column.comment for name, column in columns.items()}
    comments |= {name: words for name, (_, _, words) in _OF_VERSION.items()}
    # We join a quarter by equality, so that the planner expects few versions and uses an index.
    body = (
        f"SELECT\n    {selected}\n"
        "FROM warehouse.return_version AS v\n"
        "INNER JOIN warehouse.dim_quarter AS q\n"
        "    ON date_trunc('quarter', lower(v.period)::timestamp)::date = q.starts_on\n"
        f"INNER JOIN {table} AS f ON v.return_version_id = f.return_version_id\n"
        f"WHERE {f'v.return_name = {quoted(return_name)} AND ' if return_name else ''}"
    )
    returned = ", ".join(f'"{name}" {types[name]}' for name in names)
    statements = [
        f"CREATE VIEW {table}_today AS\n{body}upper_inf(v.known_during)",
        f"COMMENT ON VIEW {table}_today IS {quoted(f'As known today. {comment}')}",
        *(f'COMMENT ON COLUMN {table}_today."{name}" IS {quoted(comments[name])}' for name in names),
        f"CREATE OR REPLACE FUNCTION {table}_known_at(known_at timestamptz)\n"
        f"RETURNS TABLE ({returned})\n"
        f"LANGUAGE sql STABLE PARALLEL SAFE AS $$\n{body}v.known_during @> known_at\n$$",
        f"COMMENT ON FUNCTION {table}_known_at(timestamptz) IS {quoted(f'As known at a moment. {comment}')}",
    ]
    return DatabaseObject(f"{table} versions", "".join(f"{statement};\n" for statement in statements))


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
