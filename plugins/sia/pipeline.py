"""The steps of the pipeline, as Airflow's tasks and the commands call them.

Each step takes ids and gives ids or small counts, opens its own connection, and is safe to run again: it
does nothing to a submission that is not in the state before it. What each step does is in the module that
it calls, imported when it is needed, so that to parse a DAG costs next to nothing.
"""

from __future__ import annotations

from typing import Any

from sia import paths
from sia.calendar import Quarter
from sia.contract.model import contract
from sia.warehouse import database
from sia.warehouse.sql import statement


def receive(return_name: str, quarter_key: str) -> list[int]:
    """Take in what lies in the inbox for a return and quarter.

    Returns:
        The submissions that go on to be staged, in the order in which they were received.
    """
    from sia.intake import admit

    state = paths.state()
    with database.connection() as connection:
        return admit.receive(
            connection, contract(return_name), Quarter.parse(quarter_key), state / "inbox", state / "landing"
        )


def stage(submission_id: int) -> None:
    """Read a received submission into staging, as text."""
    from sia.intake import stage as step

    with database.connection() as connection:
        step.stage(connection, submission_id)


def validate(submission_id: int) -> None:
    """Check a staged submission against its contract."""
    from sia.quality import validate as step

    with database.connection() as connection:
        step.validate(connection, submission_id)


def load(submission_id: int) -> None:
    """Turn a validated submission into facts."""
    from sia.warehouse import load as step

    with database.connection() as connection:
        step.load(connection, submission_id)


def outcome(return_name: str, quarter_key: str) -> list[dict[str, Any]]:
    """What became of each submission of a return for a quarter: ids, states and counts only."""
    with database.connection() as connection, connection.cursor() as cursor:
        cursor.execute(statement("intake/outcome"), {"return_name": return_name, "quarter_key": quarter_key})
        names = [column.name for column in cursor.description or ()]
        return [
            {name: int(value) if name.startswith("rows_") else value for name, value in zip(names, row, strict=True)}
            for row in cursor.fetchall()
        ]


def draft(quarter_key: str) -> dict[str, Any]:
    """Write the draft scorecard of a quarter: where it lies, what it holds, and whether anything changed."""
    from sia.publication import draft as step

    with database.connection() as connection:
        return step.draft(connection, Quarter.parse(quarter_key), paths.state() / "drafts" / quarter_key).summary()


def check() -> dict[str, int]:
    """Check the warehouse's invariants.

    Returns:
        The checks that ask for a look, with how many rows they found.

    Raises:
        PermanentFault: an invariant is broken; the message names the checks.
    """
    from sia.contract.model import Severity
    from sia.errors import PermanentFault
    from sia.warehouse import checks

    with database.connection() as connection:
        found = checks.run(connection)
    if broken := [f"{one.check} ({one.rows} rows)" for one in found if one.severity is Severity.CRITICAL]:
        raise PermanentFault(f"the warehouse is not sound: {', '.join(broken)}; see include/sql/checks")
    return {one.check: one.rows for one in found}


def has_draft(quarter_key: str) -> bool:
    """Whether a draft scorecard of the quarter was written, or is being written."""
    return (paths.state() / "drafts" / quarter_key).is_dir()
