"""What the unit decided on the desk about entries of registers."""

from __future__ import annotations

from typing import Any

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import Json

from sia.warehouse.sql_files import rows

WAIVERS = "waivers"
CONTACTS, LEADS, APPROVERS, AGREEMENTS = "contacts", "leads", "approvers", "agreements"


def copy(cursor: Cursor, other: Cursor, register: str) -> None:
    """Copy the decisions that count for a register from the database of one cursor to that of another."""
    for row in rows(cursor, "feedback/register_entries", {"register": register}):
        entry = None if row["entry"] is None else Json(row["entry"])
        other.execute(
            "INSERT INTO feedback.register_entry (register, key, entry, allowed_by, why, decided_by, decided_at) VALUES"
            " (%(register)s, %(key)s, %(entry)s, %(allowed_by)s, %(why)s, %(decided_by)s, %(decided_at)s)",
            {**row, "entry": entry},
        )


def decided(cursor: Cursor, register: str) -> dict[str, Any]:
    """The entry that counts for each key of a register about which somebody decided; None if it was withdrawn."""
    return {row["key"]: row["entry"] for row in rows(cursor, "feedback/register_entries", {"register": register})}
