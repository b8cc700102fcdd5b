"""Who may do what: the roles of ``include/sql/roles``, each file one role, and who may read which facts.

Roles belong to the server, their rights to a database. Nobody logs in as one of them; a login is a member
of one (``sia.warehouse.logins``).
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

# Tables go to their owner before a right of theirs is touched, else a vacuum could wait for us and we for it. The
# partners' roles come before the rules that name them.
_FILES = (
    "create", "owner", "take_back", "loader", "analyst", "steward", "publisher", "public", "partner", "rows", "logins",
)  # fmt: skip
GROUPS = ("owner", "loader", "analyst", "steward", "publisher", "public")
PARTNER = "sia_partner"


def follow(connection: Connection) -> None:
    """Give the rights that the files say, where a file or a right has changed since that was last done.

    Nothing is committed.

    Raises:
        PermanentError: as :func:`apply`.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT content_hash FROM public.applied_object WHERE kind = 'rights'")
        if cursor.fetchone() == (_state(cursor),):
            return
        everything_given = apply(connection)
        cursor.execute("DELETE FROM public.applied_object WHERE kind = 'rights'")
        if everything_given:
            cursor.execute(
                "INSERT INTO public.applied_object (object_name, kind, position, content_hash)"
                " VALUES ('rights', 'rights', 0, %s)",
                (_state(cursor),),
            )


def apply(connection: Connection) -> bool:
    """Make the roles and give each exactly the rights that its file says. Nothing is committed.

    Where ``SIA_HARDEN_SERVER`` says so and a superuser is connected, it also closes what PostgreSQL opens to
    everybody (:func:`harden`).

    Returns:
        Whether each has exactly those; False where this login may not take one back, which a warning names.

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
            log.warning("a right that no file gives: %s", warning)
        connection.notices.clear()
        if settings().harden_server and _is_superuser(cursor):
            harden(cursor)
    return not warnings


def harden(cursor: Cursor) -> None:
    """Take from everybody what only a superuser can take (``roles/server.sql``). The roles must be there."""
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


def _may_create_roles(cursor: Cursor) -> bool:
    cursor.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = CURRENT_USER")
    row = cursor.fetchone()
    return bool(row and row[0])


def _state(cursor: Cursor) -> str:
    """A hash of the files and of every right that there is."""
    cursor.execute(statement("roles/state"))
    (rights,) = cursor.fetchone() or ("",)
    files = "".join(statement(f"roles/{name}") for name in (*_FILES, "server"))
    grants = "".join(one.as_string(cursor) for one in _fact_grants())
    return hashlib.sha256(f"{rights} {settings().harden_server} {files} {grants}".encode()).hexdigest()


def _fact_grants() -> Iterator[sql.Composed]:
    """Who may read the facts of each contract."""
    for contract in contracts().values():
        for table in contract.tables:
            if grants := fact_grants(contract, table):
                yield grants
