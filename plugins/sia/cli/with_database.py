"""Run a command on the warehouse, with PostgreSQL started for it: ``python -m sia.cli.with_database dictionary``.

PostgreSQL is stopped afterwards, unless the services need it.
"""

from __future__ import annotations

import os
import sys

from sia import extracts
from sia.backup import backup, restore
from sia.cli import dictionary, trace
from sia.local import postgres, processes
from sia.local.console import run_command
from sia.local.lock import exclusive
from sia.settings import settings
from sia.warehouse import database, logins
from sia.warehouse.migrate import migrate

COMMANDS = {
    "backup": backup.main,
    "dictionary": dictionary.main,
    "extracts": extracts.main,
    "login": logins.main,
    "restore": restore.main,
    "trace": trace.main,
}


def main(command: str, arguments: list[str]) -> None:
    """Run a command with its arguments."""
    state = settings().state
    with exclusive(state, f"make {command}"):
        services_run = bool(processes.running(state))
        os.environ["SIA_WAREHOUSE_URL"] = postgres.start(state).ensure_database("warehouse")
        try:
            with database.connection() as connection:
                migrate(connection)
            COMMANDS[command](arguments)
        finally:
            if not services_run:
                postgres.stop(state)


if __name__ == "__main__":
    run_command(lambda: main(sys.argv[1], sys.argv[2:]))
