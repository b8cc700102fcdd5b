"""A decided submission and what is told about it, as the database has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg2.extensions import cursor as Cursor

from sia.calendar import Quarter
from sia.contract.model import Contract, Severity, contract
from sia.finding import Finding
from sia.warehouse.sql_files import rows


@dataclass(frozen=True, slots=True)
class Before:
    """The newest return that was accepted before: of the same quarter, or of an earlier one."""

    submission_id: int
    receipt: str
    quarter: Quarter


@dataclass(frozen=True, slots=True)
class Decision:
    """One accepted or refused submission. ``landed_as`` is where its file lies in the landing, if it was kept."""

    submission_id: int
    receipt: str
    contract: Contract
    source: str
    quarter: Quarter
    file_name: str
    landed_as: str | None
    received_at: datetime
    synthetic: bool
    accepted: bool
    attempt: int
    before: Before | None


def decision(cursor: Cursor, submission_id: int) -> Decision | None:
    """A submission's decision; nothing if there is no such submission or it is not decided."""
    found = rows(cursor, "feedback/submission", {"submission_id": submission_id})
    if not found:
        return None
    row = found[0]
    before = None
    if row["before_id"] is not None:
        before = Before(row["before_id"], row["before_receipt"], Quarter.parse(row["before_quarter"]))
    return Decision(
        submission_id=row["submission_id"],
        receipt=row["receipt"],
        contract=contract(row["return_name"]),
        source=row["source"],
        quarter=Quarter.parse(row["quarter_key"]),
        file_name=row["file_name"],
        landed_as=row["landed_as"],
        received_at=row["received_at"],
        synthetic=row["synthetic"],
        accepted=row["status"] == "accepted",
        attempt=row["attempt"],
        before=before,
    )


def findings(cursor: Cursor, submission_id: int) -> list[Finding]:
    """The findings of a submission, in the order in which they were found."""
    return [
        Finding(
            rule_id=row["rule_id"],
            severity=Severity(row["severity"]),
            tier=row["tier"],
            message=row["message"],
            table=row["table_name"],
            sheet=row["sheet"],
            row=row["row_number"],
            column=row["column_name"],
            cell=row["cell"],
        )
        for row in rows(cursor, "feedback/findings", {"submission_id": submission_id})
    ]
