"""Who may log in to the warehouse, and as what.

A new log-in gets a random password, which is kept nowhere. A log-in may do what its role may, and no more.
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
    """Make a login that is a member of a role. Commits.

    Args:
        connection: as somebody who may make logins.
        name: of the login: small letters, digits and underscores.
        role: one of ``ROLES``.
        sender: whose submissions a partner sees; goes with ``partner``, and only there.

    Returns:
        The password, which the server knows only as a hash.

    Raises:
        PermanentError: the name, role or sender will not do, or the login is there already.
    """
    if not _NAME.fullmatch(name):
        raise PermanentError(
            "a login's name is 2 to 40 small letters, digits and underscores,"
            " begins with a letter, and not with sia_ or pg_"
        )
    if role not in ROLES or (role == "partner") != (sender is not None):
        raise PermanentError(
            f"the role is one of {', '.join(ROLES)}; a partner needs a sender, and nobody else has one"
        )
    member_of = roles.group(role, sender)
    password = secrets.token_urlsafe(24)
    # Hashed here: a password in a statement could end up in the server's log.
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
            # What one loader's login stages, another's must be able to drop.
            cursor.execute(sql.SQL("ALTER ROLE {} SET role = {}").format(login, group))
        else:
            cursor.execute(sql.SQL("ALTER ROLE {} SET search_path = marts, warehouse").format(login))
        roles.limit(cursor)
    return password


def remove(connection: Connection, name: str) -> None:
    """Take a login away, with what it owns here and whatever it does now. Commits.

    Raises:
        PermanentError: it is no login that :func:`add` made, or it owns something in another database. Then it may
            not log in or do anything any more, but is still there.
    """
    if name not in dict(logins(connection)):
        raise PermanentError(f"there is no login {name} of the warehouse")
    login = sql.Identifier(name)
    with connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(login))
        # Whoever is no superuser ends a session, and drops what another owns, as a member of that other.
        cursor.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(login))
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (name,))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(login))
            cursor.execute(sql.SQL("DROP ROLE {}").format(login))
    except errors.DependentObjectsStillExist:
        raise PermanentError(
            f"{name} may not log in any more, but owns something in another database of this server: "
            "drop that there (DROP OWNED BY), and remove the login again"
        ) from None


def logins(connection: Connection) -> list[tuple[str, str]]:
    """Every login that is a member of one of the warehouse's roles, and of which; not those that own the warehouse.

    One that could not be removed whole is there still.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.rolname, g.rolname FROM pg_roles AS l"
            " JOIN pg_auth_members AS m ON m.member = l.oid JOIN pg_roles AS g ON g.oid = m.roleid"
            " WHERE l.rolname !~ '^sia_' AND g.rolname ~ '^sia_' AND NOT pg_has_role(l.oid, 'sia_owner', 'MEMBER')"
            " ORDER BY 1, 2"
        )
        found: list[tuple[str, str]] = cursor.fetchall()
    return found
