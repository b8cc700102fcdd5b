"""``sia releases`` lists the releases; ``sia release-verify`` rebuilds one."""

from __future__ import annotations

from psycopg2.extensions import connection as Connection

from sia.errors import PermanentError
from sia.local.bootstrap import local_warehouse
from sia.release import publishing
from sia.release.code_version import code_version
from sia.settings import settings
from sia.warehouse import database


def releases() -> None:
    """List the releases: name, snapshot time, approver, suppressed counts and hash."""
    with (
        local_warehouse("make releases") as console,
        database.connection() as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT name, known_at, decided_by, suppressed, data_hash FROM release.ledger ORDER BY release_id"
        )
        rows = cursor.fetchall()
        for name, known_at, approver, suppressed, data_hash in rows:
            console.line(
                f"{name:<14}{known_at:%Y-%m-%d %H:%M}  approved by {approver:<12}  {suppressed:>5} suppressed"
                f"  {data_hash[:16]}"
            )
        if not rows:
            console.line("Nothing has been released yet.")


def verify(name: str) -> None:
    """Rebuild a release and compare every byte.

    Raises:
        PermanentError: there is no such release, or a file differs; the message names the file.
    """
    with local_warehouse("make release-verify") as console, database.connection() as connection:
        for line in verified(connection, name):
            console.line(line)


def verified(connection: Connection, name: str) -> list[str]:
    """The lines to print about a release whose files are as published.

    Raises:
        PermanentError: there is no such release, or a file differs; the message names the file.
    """
    entry, checked = publishing.verify(connection, name, settings().state / "releases")
    if differing := [f"  {file.file} {file.problem}" for file in checked if file.problem]:
        code = code_version()
        cause = "" if code == entry.code_version else f"\nIt was made by version {entry.code_version}; this is {code}."
        raise PermanentError("\n".join([f"Release {name} is not as it was published:", *differing]) + cause)
    return [
        f"Release {name}, as known at {entry.known_at:%Y-%m-%d %H:%M:%S %Z}",
        *(f"  {file.file:<44} the same" for file in checked),
        "Every byte is as it was published.",
    ]
