"""The invariants of the warehouse: each file of ``include/sql/checks`` returns the rows that break one.

An invariant that needs facts without a contract is not checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection

from sia.contract.model import Severity, contracts
from sia.errors import PermanentError
from sia.paths import SQL
from sia.warehouse.sql_files import needed_facts, statement

_SEVERITY = {"error": Severity.CRITICAL, "warning": Severity.WARNING}


@dataclass(frozen=True, slots=True)
class InvariantResult:
    """An invariant: its rule in words, how many rows break it, and whether the warehouse may then still be used."""

    check: str
    rule: str
    rows: int
    severity: Severity


def require_sound(connection: Connection) -> dict[str, int]:
    """Check that no critical invariant is broken.

    Returns:
        The number of rows by check, for each broken invariant that is only a warning.

    Raises:
        PermanentError: a critical invariant is broken; the message names the checks.
    """
    broken = run(connection)
    if critical := [f"{check.check} ({check.rows} rows)" for check in broken if check.severity is Severity.CRITICAL]:
        raise PermanentError(f"the warehouse is not sound: {', '.join(critical)}; see include/sql/checks")
    return {check.check: check.rows for check in broken}


def run(connection: Connection) -> list[InvariantResult]:
    """The broken invariants, in the order of their names; none if the warehouse is sound."""
    return [result for result in results(connection) if result.rows]


def results(connection: Connection) -> list[InvariantResult]:
    """Run every check. Returns the results, in the order of the checks' names."""
    checked = []
    facts = {table.fact.name for contract in contracts().values() for table in contract.tables}
    with connection.cursor() as cursor:
        for path in sorted((SQL / "checks").glob("*.sql")):
            text = statement(f"checks/{path.stem}")
            declared = re.search(r"^-- Severity: (\w+)\n-- Rule: (.+)$", text, re.MULTILINE)
            if declared is None:
                raise ValueError(f"{path.name} lacks a line '-- Severity:' and then a line '-- Rule:'")
            if not needed_facts(text) <= facts:
                continue
            cursor.execute(text)
            checked.append(InvariantResult(path.stem, declared[2], cursor.rowcount, _SEVERITY[declared[1]]))
    connection.rollback()
    return checked
