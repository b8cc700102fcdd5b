"""The statements in ``include/sql``, one purpose a file."""

from __future__ import annotations

from functools import cache

from sia.paths import SQL


@cache
def statement(name: str) -> str:
    """The text of ``include/sql/<name>.sql``."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")
