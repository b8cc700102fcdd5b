"""Commands for the whole warehouse: dictionary, extracts, backups and log-ins."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sia.local.bootstrap import local_warehouse
from sia.settings import settings
from sia.warehouse import database


def write_dictionary(folder: Path | None) -> None:
    """Write the data dictionary, and print the paths of its files."""
    from sia.dictionary.files import write

    with local_warehouse("make dictionary") as console, database.connection() as connection:
        for path, is_new in write(connection, folder or settings().state / "dictionary").items():
            console.line(f"{'written' if is_new else 'unchanged'}  {path}")


def write_extracts(folder: Path | None, since: date | None) -> None:
    """Write the extracts, and print each file with its number of rows."""
    from sia.extracts import extract

    folder = folder or settings().state / "extracts"
    with local_warehouse("make extracts") as console, database.connection() as connection:
        for file in extract(connection, folder, since):
            console.line(f"{file.rows:>9} rows  {folder / file.name}")


def back_up(folder: Path | None) -> None:
    """Back up the warehouse, and prove that the backup can be restored."""
    from sia.backup.backup import backup, read_manifest, usual_folder

    with local_warehouse("make backup") as console:
        dump = backup(folder or usual_folder())
        tables = read_manifest(dump).tables.values()
        console.line(str(dump))
        console.line(
            f"We restored it into a second database and compared {len(tables)} tables,"
            f" {sum(table.rows for table in tables)} rows."
        )


def restore(dump: Path) -> None:
    """Replace the warehouse with a backup."""
    from sia.backup.restore import restore

    with local_warehouse("make restore") as console:
        former = restore(dump)
        console.line(f"Restored from {dump}.")
        if former:
            console.line(f"The former warehouse is now the database {former}.")


def add_login(name: str, role: str, sender: str | None) -> None:
    """Create a log-in, and print its password once."""
    from sia.warehouse import logins

    with local_warehouse("make login") as console, database.connection() as connection:
        password = logins.add(connection, name, role, sender)
        console.line(f"login     {name}\npassword  {password}\nWe do not keep the password: write it down now.")


def remove_login(name: str) -> None:
    """Remove a log-in."""
    from sia.warehouse import logins

    with local_warehouse("make login"), database.connection() as connection:
        logins.remove(connection, name)


def list_logins() -> None:
    """Print the log-ins and their roles."""
    from sia.warehouse import logins

    with local_warehouse("make login") as console, database.connection() as connection:
        for name, role in logins.logins(connection):
            console.line(f"{name:<40} {role}")
