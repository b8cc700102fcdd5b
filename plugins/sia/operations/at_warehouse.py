"""Run a command that asks the warehouse, with PostgreSQL started for it: ``at_warehouse dictionary``.

PostgreSQL is stopped afterwards, unless the services need it.
"""

from __future__ import annotations

import importlib
import os
import sys

from sia import paths
from sia.operations import postgres, processes
from sia.operations.console import run_command
from sia.operations.lock import exclusive
from sia.warehouse import database
from sia.warehouse.migrate import migrate


def main(command: str, arguments: list[str]) -> None:
    """Run the module of this folder that is called so, with its arguments."""
    state = paths.state()
    with exclusive(state, f"make {command}"):
        services_run = bool(processes.running(state))
        os.environ["SIA_WAREHOUSE_URL"] = postgres.start(state).ensure_database("warehouse")
        try:
            with database.connection() as connection:
                migrate(connection)
            importlib.import_module(f"sia.operations.{command}").main(arguments)
        finally:
            if not services_run:
                postgres.stop(state)


if __name__ == "__main__":
    run_command(lambda: main(sys.argv[1], sys.argv[2:]))
