"""Adds, lists and removes logins of the warehouse.

A new login gets a random password, which we do not store. A login may do what its role may, and no more.
"""

from __future__ import annotations

import re
import secrets

from psycopg2 import errors, sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import encrypt_password

from sia.errors import PermanentError
from sia.warehouse import roles

_NAME = re.compile(r"(?!sia_|pg_)[a-z][a-z0-9_]{1,39}")
ROLES = (*(role for role in roles.GROUPS if role != "owner"), "partner")


def add(connection: Connection, name: str, role: str, sender: str | None = None) -> str:
    """Create a login that is a member of a role. Commits.

    Args:
        connection: of a login that may create logins.
        name: lower-case letters, digits and underscores.
        role: one of ``ROLES``.
        sender: whose submissions the login sees; required for the role ``partner``, and for no other.

    Returns:
        The password. The server stores only its hash.

    Raises:
        PermanentError: the name, role or sender is invalid, or the login exists already.
    """
    if not _NAME.fullmatch(name):
        raise PermanentError(
            "a login's name has 2 to 40 lower-case letters, digits and underscores,"
            " and begins with a letter, but not with sia_ or pg_"
        )
    if role not in ROLES or (role == "partner") != (sender is not None):
        raise PermanentError(
            f"the role must be one of {', '.join(ROLES)}; give a sender for a partner, and for no other role"
        )
    member_of = roles.group(role, sender)
    password = secrets.token_urlsafe(24)
    # We hash it here, because a password in a statement could reach the server's log.
    hashed = encrypt_password(password, name, connection, "scram-sha-256")
    login, group = sql.Identifier(name), sql.Identifier(member_of)
    with connection, connection.cursor() as cursor:
        try:
            cursor.execute(
                sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE {}").format(login, sql.Literal(hashed), group)
            )
        except errors.DuplicateObject:
            raise PermanentError(f"there is a login {name} already") from None
        except errors.UndefinedObject:
            raise PermanentError(
                f"there is no role {member_of}: is the sender right, and is the warehouse migrated?"
            ) from None
        cursor.execute(sql.SQL("ALTER ROLE {} SET timezone = 'Europe/London'").format(login))
        if role == "loader":
            # One loader's login must be able to drop the tables that another stages.
            cursor.execute(sql.SQL("ALTER ROLE {} SET role = {}").format(login, group))
        else:
            cursor.execute(sql.SQL("ALTER ROLE {} SET search_path = marts, warehouse").format(login))
        roles.limit(cursor)
    return password


def remove(connection: Connection, name: str) -> None:
    """Remove a login, end its sessions and drop everything that it owns in this database. Commits.

    Raises:
        PermanentError: :func:`add` did not create this login, or it owns something in another database. In that
            case it can no longer log in, but still exists.
    """
    if name not in dict(logins(connection)):
        raise PermanentError(f"there is no login {name} of the warehouse")
    login = sql.Identifier(name)
    with connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(login))
        # Only a superuser or a member of the login may end its sessions and drop what it owns.
        cursor.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(login))
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (name,))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(login))
            cursor.execute(sql.SQL("DROP ROLE {}").format(login))
    except errors.DependentObjectsStillExist:
        raise PermanentError(
            f"{name} can no longer log in, but owns something in another database of this server: "
            "drop that there (DROP OWNED BY), and remove the login again"
        ) from None


def logins(connection: Connection) -> list[tuple[str, str]]:
    """The name and role of every login of the warehouse, other than its owners.

    The list includes logins that could not be removed completely.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.rolname, g.rolname FROM pg_roles AS l"
            " JOIN pg_auth_members AS m ON m.member = l.oid JOIN pg_roles AS g ON g.oid = m.roleid"
            " WHERE l.rolname !~ '^sia_' AND g.rolname ~ '^sia_' AND NOT pg_has_role(l.oid, 'sia_owner', 'MEMBER')"
            " ORDER BY 1, 2"
        )
        members: list[tuple[str, str]] = cursor.fetchall()
    return members
