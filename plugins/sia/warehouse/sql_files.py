"""The statements in ``include/sql``, one purpose a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from psycopg2.extensions import cursor as Cursor

from sia.paths import SQL

_NEEDS = re.compile(r"^-- Needs: (.+)$", re.MULTILINE)


@cache
def statement(name: str) -> str:
    """The text of ``include/sql/<name>.sql``."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def needed_facts(text: str) -> frozenset[str]:
    """The facts without which a statement cannot be used, as its line ``-- Needs:`` says.

    A county that has no contract for them does without it.
    """
    return frozenset(name.strip() for line in _NEEDS.findall(text) for name in line.split(","))


def rows(cursor: Cursor, name: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows that ``include/sql/<name>.sql`` gives, each by the names of its columns."""
    cursor.execute(statement(name), parameters)
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
