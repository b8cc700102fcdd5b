"""The same questions about every table with a return version: what is true today, and what was known at a time.

For ``<table>`` these are the view ``<table>_today`` and the functions ``<table>_known_at(timestamptz)`` and
``<table>_known_on(date)``: the table's columns, and of its return version who sent it, for which period, and when
we knew it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sia.warehouse.objects import DatabaseObject

_OF_VERSION = {
    "return_name": ("text", "v.return_name", "Which return"),
    "source": ("text", "v.source", "Who sent it"),
    "submission_id": ("bigint", "v.submission_id", "The submission that it came with"),
    "period": ("daterange", "v.period", "The days that it is about: a quarter or a month"),
    "quarter_key": ("text", "q.quarter_key", "Financial quarter of the period"),
    "known_during": ("tstzrange", "v.known_during", "From when until when we held it true; without an end for today"),
    "synthetic": ("boolean", "v.synthetic", "Whether it is a made-up sample"),
}


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """A column of a table: its type in PostgreSQL, and its comment."""

    type: str
    comment: str


def version_views(
    table: str, columns: Mapping[str, StoredColumn], comment: str, return_name: str | None = None
) -> DatabaseObject:
    """The view and the function of a table's versions; ``_known_on`` is made of the latter (``objects.day_functions``).

    Args:
        table: name of the table, with its schema.
        columns: its columns by name, in order.
        comment: what a row of it is.
        return_name: the return whose versions alone it has; it helps to find those of one quarter.
    """
    names = [*columns, *_OF_VERSION]
    # A column may be called what SQL has a word for.
    selected = ",\n    ".join([*(f'f."{name}"' for name in columns), *(taken for _, taken, _ in _OF_VERSION.values())])
    types = {name: column.type for name, column in columns.items()}
    types |= {name: of_type for name, (of_type, _, _) in _OF_VERSION.items()}
    comments = {name: column.comment for name, column in columns.items()}
    comments |= {name: words for name, (_, _, words) in _OF_VERSION.items()}
    # A quarter has its versions by equality, so that the planner expects few and takes them through an index.
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
        f"COMMENT ON VIEW {table}_today IS {quoted(f'As it is known today. {comment}')}",
        *(f'COMMENT ON COLUMN {table}_today."{name}" IS {quoted(comments[name])}' for name in names),
        f"CREATE OR REPLACE FUNCTION {table}_known_at(known_at timestamptz)\n"
        f"RETURNS TABLE ({returned})\n"
        f"LANGUAGE sql STABLE PARALLEL SAFE AS $$\n{body}v.known_during @> known_at\n$$",
        f"COMMENT ON FUNCTION {table}_known_at(timestamptz) IS {quoted(f'As it was known at a time. {comment}')}",
    ]
    return DatabaseObject(f"{table} versions", "".join(f"{statement};\n" for statement in statements))


def quoted(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"
