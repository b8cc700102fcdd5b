"""``make release-verify RELEASE=2021-22Q4/1``: make a release again and compare every byte; ``list`` lists them."""

from __future__ import annotations

import argparse
import sys

from sia.errors import PermanentError
from sia.local.bootstrap import prepared
from sia.local.console import quiet, run_command
from sia.local.lock import exclusive
from sia.release import release
from sia.settings import settings
from sia.warehouse import database


def verify(name: str) -> list[str]:
    """Verify a release; what to say.

    Raises:
        PermanentError: there is no such release, or it is not what was published; the message names each file.
    """
    with database.connection() as connection:
        entry, checked = release.verify(connection, name, settings().state / "releases")
    wrong = [f"{each.file} {each.fault}" for each in checked if each.fault]
    if wrong:
        now = release.code_version()
        other = f"\nIt was made by {entry.code_version}; this is {now}." if now != entry.code_version else ""
        raise PermanentError(f"Release {name} is not what was published:\n  " + "\n  ".join(wrong) + other)
    lines = [f"  {each.file:<44} the same" for each in checked]
    return [
        f"Release {name}, as known at {entry.known_at:%Y-%m-%d %H:%M:%S %Z}",
        *lines,
        "Every byte is as it was published.",
    ]


def listed() -> list[str]:
    """A line for each release: its name, when it was known, who approved it, its hash."""
    with database.connection() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, known_at, decided_by, suppressed, data_hash FROM release.ledger ORDER BY release_id"
        )
        return [
            f"{name:<14}{known_at:%Y-%m-%d %H:%M}  approved by {by:<12}  {hidden:>5} hidden  {data_hash[:16]}"
            for name, known_at, by, hidden, data_hash in cursor.fetchall()
        ] or ["Nothing has been released yet."]


def main(arguments: list[str]) -> None:
    """``verify NAME`` or ``list``."""
    parser = argparse.ArgumentParser(prog="python -m sia.cli.release")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("verify", help="make it again and compare").add_argument("release", metavar="2021-22Q4/1")
    commands.add_parser("list", help="list the releases")
    given = parser.parse_args(arguments)
    state = settings().state
    log = state / "log" / "release.log"
    with exclusive(state, f"release {given.command}"), quiet(log) as console, prepared(state, console):
        for line in verify(given.release) if given.command == "verify" else listed():
            console.line(line)


if __name__ == "__main__":
    run_command(lambda: main(sys.argv[1:]))
