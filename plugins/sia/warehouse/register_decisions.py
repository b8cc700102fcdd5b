"""What people decided on the desk about entries of registers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import Json

from sia.registers.policy import Policy, policy_as_decided
from sia.warehouse.sql_files import rows

WAIVERS = "waivers"
CONTACTS, LEADS, APPROVERS, AGREEMENTS = "contacts", "leads", "approvers", "agreements"
SETTINGS, TARGETS, AREAS = "settings", "targets", "areas"

OF_FILES = (WAIVERS, AGREEMENTS, AREAS)
"""The registers on which it depends whether a file is accepted, and how it is read."""

NOW = "infinity"
"""As decided now."""


def copy(cursor: Cursor, other: Cursor, register: str) -> None:
    """Copy the decisions that count for a register from the database of one cursor to that of another."""
    for row in rows(cursor, "feedback/register_entries", {"register": register, "known_at": NOW}):
        entry = None if row["entry"] is None else Json(row["entry"])
        other.execute(
            "INSERT INTO feedback.register_entry (register, key, entry, allowed_by, why, decided_by, decided_at) VALUES"
            " (%(register)s, %(key)s, %(entry)s, %(allowed_by)s, %(why)s, %(decided_by)s, %(decided_at)s)",
            {**row, "entry": entry},
        )


def decided(cursor: Cursor, register: str, known_at: datetime | str = NOW) -> dict[str, Any]:
    """The entry that counts for each key of a register about which somebody decided; None if it was withdrawn.

    Args:
        cursor: of the transaction.
        register: its name.
        known_at: the moment until which decisions count.
    """
    listed = rows(cursor, "feedback/register_entries", {"register": register, "known_at": known_at})
    return {row["key"]: row["entry"] for row in listed}


def decided_policy(cursor: Cursor, known_at: datetime | str = NOW) -> Policy:
    """The policy as it was decided until a moment.

    Raises:
        RegisterError: the register cannot be read, or a decision no longer fits it.
    """
    return policy_as_decided(decided(cursor, SETTINGS, known_at), decided(cursor, TARGETS, known_at))
