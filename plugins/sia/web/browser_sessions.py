"""Signing in without a password: a link by email, good once, and then a session that a cookie names.

The database knows the hash of each secret and no secret. A link works only in the browser that asked for it, so that
nobody else who reads the email can use it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from psycopg2.extensions import cursor as Cursor

LINK_MINUTES = 15
IDLE_TIME = timedelta(hours=2)
"""A session that was not used for so long has ended."""

MAX_TIME = timedelta(hours=12)
"""Every session ends after so long."""


def new_secret() -> str:
    """A new random secret of 256 bits, fit for a link or a cookie."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """The SHA-256 of a secret, in hexadecimal digits. The secret is random, so it needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def form_token(secret: str) -> str:
    """The token that every form of a session carries: another site cannot know it."""
    return hmac.digest(secret.encode(), b"form", "sha256").hex()


def new_link(cursor: Cursor, mailbox: str, browser: str | None) -> str:
    """Record a link for a mailbox; its secret.

    Args:
        cursor: of the transaction.
        mailbox: who signs in with it.
        browser: the secret in the cookie of the browser that asked; None if any browser may use the link.
    """
    secret = new_secret()
    cursor.execute(
        "INSERT INTO desk.sign_in_link (link_hash, browser_hash, mailbox, expires_at)"
        " VALUES (%s, %s, %s, clock_timestamp() + make_interval(mins => %s))",
        (hashed(secret), browser and hashed(browser), mailbox, LINK_MINUTES),
    )
    return secret


def use_link(cursor: Cursor, secret: str, browser: str | None) -> str | None:
    """Use a link up. Returns the mailbox; None if it is unknown, used, too old, or another browser asked for it."""
    cursor.execute(
        "UPDATE desk.sign_in_link SET used_at = clock_timestamp()"
        " WHERE link_hash = %s AND used_at IS NULL AND expires_at > clock_timestamp()"
        " AND coalesce(browser_hash = %s, browser_hash IS NULL) RETURNING mailbox",
        (hashed(secret), hashed(browser) if browser else ""),
    )
    row = cursor.fetchone()
    return None if row is None else str(row[0])


def begin(cursor: Cursor, mailbox: str) -> str:
    """Begin a session; its secret."""
    secret = new_secret()
    cursor.execute("INSERT INTO desk.session (session_hash, mailbox) VALUES (%s, %s)", (hashed(secret), mailbox))
    return secret


def mailbox_of(cursor: Cursor, secret: str) -> str | None:
    """Whose session this is; None if it is unknown or has ended. Notes that it was used."""
    cursor.execute(
        "UPDATE desk.session SET used_at = clock_timestamp() WHERE session_hash = %s AND ended_at IS NULL"
        " AND used_at > clock_timestamp() - %s AND began_at > clock_timestamp() - %s RETURNING mailbox",
        (hashed(secret), IDLE_TIME, MAX_TIME),
    )
    row = cursor.fetchone()
    return None if row is None else str(row[0])


def end(cursor: Cursor, secret: str) -> None:
    """End a session."""
    cursor.execute(
        "UPDATE desk.session SET ended_at = clock_timestamp() WHERE session_hash = %s AND ended_at IS NULL",
        (hashed(secret),),
    )
