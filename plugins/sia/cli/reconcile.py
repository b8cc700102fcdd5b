"""``sia reconcile``: compare published figures with what the warehouse knew on the day of the report."""

from __future__ import annotations

from pathlib import Path

from sia import reconciliation
from sia.local.bootstrap import local_warehouse
from sia.warehouse import database


def reconcile(file: Path | None) -> None:
    """Compare the figures in a file, or in the register, and print the results.

    Raises:
        PermanentError: there is no such file, or we cannot read a line of it.
    """
    path = file.expanduser() if file else reconciliation.register()
    figures = reconciliation.read(path)
    with local_warehouse("make reconcile") as console:
        with database.connection() as connection:
            known = reconciliation.known_figures(connection, figures)
        console.line(f"{len(figures)} published figures ({path.name})")
        for line in reconciliation.report(reconciliation.reconcile(figures, known)):
            console.line(line)
