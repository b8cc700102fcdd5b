"""Who may do what: the roles of ``include/sql/roles``, each file one role.

Roles belong to the server, their rights to a database. Nobody logs in as one of them; a login is a member
of one (``sia.warehouse.logins``).
"""

from __future__ import annotations

import logging

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.errors import PermanentError
from sia.warehouse.sql_files import statement

log = logging.getLogger(__name__)

# The guards of history before the owner takes them over, the owner before those to whom it grants, the partners' roles
# before the rules that name them.
_FILES = (
    "history", "create", "owner", "loader", "analyst", "steward", "publisher", "published", "public", "partner", "rows",
    "logins",
)  # fmt: skip
GROUPS = ("owner", "loader", "analyst", "steward", "publisher", "public")
PARTNER = "sia_partner"


def apply(connection: Connection) -> None:
    """Make the roles and give each exactly the rights that its file says. Nothing is committed.

    Where a superuser is connected, it also closes what PostgreSQL opens to everybody (:func:`close`).

    Raises:
        PermanentError: a role is missing and whoever is connected may not make one.
    """
    with connection.cursor() as cursor:
        if _missing(cursor) and not _may_make_roles(cursor):
            raise PermanentError(
                "the warehouse's roles are missing on this server, and this login may not make them: "
                "migrate once as a login with CREATEROLE"
            )
        for name in _FILES:
            cursor.execute(statement(f"roles/{name}"))
        for notice in connection.notices:
            if notice.startswith("WARNING"):
                log.warning("a right that no file gives: %s", notice.strip())
        connection.notices.clear()
        if _is_superuser(cursor):
            close(cursor)


def close(cursor: Cursor) -> None:
    """Take from everybody what a superuser alone can take (``roles/server.sql``). The roles must be there."""
    cursor.execute(statement("roles/server"))


def limit(cursor: Cursor) -> None:
    """Give the logins that have none the limits of ``include/sql/roles/logins.sql``."""
    cursor.execute(statement("roles/logins"))


def group(role: str, sender: str | None = None) -> str:
    """The name, in PostgreSQL, of a role: ``analyst``, or ``partner`` and the key of its sender."""
    return f"{PARTNER}_{sender}" if role == "partner" else f"sia_{role}"


def _missing(cursor: Cursor) -> bool:
    wanted = [group(role) for role in GROUPS] + [PARTNER]
    cursor.execute(
        "SELECT EXISTS (SELECT unnest(%s) UNION SELECT %s || source FROM warehouse.dim_source"
        " EXCEPT SELECT rolname FROM pg_roles)",
        (wanted, f"{PARTNER}_"),
    )
    row = cursor.fetchone()
    return bool(row and row[0])


def _is_superuser(cursor: Cursor) -> bool:
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = CURRENT_USER")
    row = cursor.fetchone()
    return bool(row and row[0])


def _may_make_roles(cursor: Cursor) -> bool:
    cursor.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = CURRENT_USER")
    row = cursor.fetchone()
    return bool(row and row[0])
