"""Reads the statements in ``include/sql``."""

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
    """The tables of facts that a statement needs, from its line ``-- Needs:``.

    If a county has no contract for one of them, the statement is left out.
    """
    return frozenset(name.strip() for line in _NEEDS.findall(text) for name in line.split(","))


def rows(cursor: Cursor, name: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows that ``include/sql/<name>.sql`` returns, as dictionaries by column."""
    cursor.execute(statement(name), parameters)
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
