"""Creates the roles and grants their rights: one file of ``include/sql/roles`` for each role, and rights to facts.

Roles belong to the server, and their rights to one database. Nobody logs in as a role: a login is a member of one
(``sia.warehouse.logins``).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator

from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.contract.model import contracts
from sia.errors import PermanentError
from sia.settings import settings
from sia.warehouse.facts import fact_grants
from sia.warehouse.sql_files import statement

log = logging.getLogger(__name__)

# We change the owner of a table before its rights: in the other order a vacuum and we could wait for each other.
_FILES = (
    "create", "owner", "take_back", "loader", "analyst", "steward", "publisher", "desk", "public", "partner", "rows",
    "logins",
)  # fmt: skip
GROUPS = ("owner", "loader", "analyst", "steward", "publisher", "desk", "public")
PARTNER = "sia_partner"


def follow(connection: Connection) -> None:
    """Grant the rights in the files, if a file or a right has changed since the last time. The caller commits.

    Raises:
        PermanentError: as :func:`apply`.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT content_hash FROM public.applied_object WHERE kind = 'rights'")
        if cursor.fetchone() == (_state(cursor),):
            return
        is_complete = apply(connection)
        cursor.execute("DELETE FROM public.applied_object WHERE kind = 'rights'")
        if is_complete:
            cursor.execute(
                "INSERT INTO public.applied_object (object_name, kind, position, content_hash)"
                " VALUES ('rights', 'rights', 0, %s)",
                (_state(cursor),),
            )


def apply(connection: Connection) -> bool:
    """Create the roles and grant each the rights in its file, and no others. The caller commits.

    If ``SIA_HARDEN_SERVER`` is set and a superuser is connected, it also revokes the rights that PostgreSQL gives to
    all logins (:func:`harden`).

    Returns:
        Whether every role has exactly those rights. False if this login may not revoke a right; a warning names it.

    Raises:
        PermanentError: a role is missing and this login may not create one.
    """
    with connection.cursor() as cursor:
        if _missing(cursor) and not _may_create_roles(cursor):
            raise PermanentError(
                "the warehouse's roles are missing on this server, and this login may not create them: "
                "migrate once as a login with CREATEROLE"
            )
        for name in _FILES:
            cursor.execute(statement(f"roles/{name}"))
        for grants in _fact_grants():
            cursor.execute(grants)
        warnings = [notice.strip() for notice in connection.notices if notice.startswith("WARNING")]
        for warning in warnings:
            log.warning("a right that is in no file: %s", warning)
        connection.notices.clear()
        if settings().harden_server and _is_superuser(cursor):
            harden(cursor)
    return not warnings


def harden(cursor: Cursor) -> None:
    """Revoke the rights that only a superuser can revoke (``roles/server.sql``). The roles must exist."""
    cursor.execute(statement("roles/server"))


def limit(cursor: Cursor) -> None:
    """Set the limits of ``include/sql/roles/logins.sql`` for logins that have none."""
    cursor.execute(statement("roles/logins"))


def group(role: str, sender: str | None = None) -> str:
    """The name in PostgreSQL of a role, for example ``analyst``; a partner's name has the key of its sender."""
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


def _may_create_roles(cursor: Cursor) -> bool:
    cursor.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = CURRENT_USER")
    row = cursor.fetchone()
    return bool(row and row[0])


def _state(cursor: Cursor) -> str:
    """A hash of the files and of all rights in the database."""
    cursor.execute(statement("roles/state"))
    (rights,) = cursor.fetchone() or ("",)
    files = "".join(statement(f"roles/{name}") for name in (*_FILES, "server"))
    grants = "".join(grant.as_string(cursor) for grant in _fact_grants())
    return hashlib.sha256(f"{rights} {settings().harden_server} {files} {grants}".encode()).hexdigest()


def _fact_grants() -> Iterator[sql.Composed]:
    """The grants for the facts of each contract."""
    for contract in contracts().values():
        for table in contract.tables:
            if grants := fact_grants(contract, table):
                yield grants
