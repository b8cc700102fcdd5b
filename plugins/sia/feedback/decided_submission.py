"""An accepted or refused submission with its findings, as the database has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg2.extensions import cursor as Cursor

from sia.calendar import Quarter
from sia.contract.model import Contract, Severity, contract
from sia.finding import Finding
from sia.warehouse.sql_files import rows


@dataclass(frozen=True, slots=True)
class EarlierReturn:
    """The newest return accepted before a submission, for the same quarter or an earlier one."""

    submission_id: int
    receipt: str
    quarter: Quarter


@dataclass(frozen=True, slots=True)
class DecidedSubmission:
    """An accepted or refused submission.

    ``landed_as`` is its file's path in landing, if the file was kept. ``unsigned``: it still needs a signature.
    """

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
    unsigned: bool
    attempt: int
    earlier: EarlierReturn | None

    @property
    def earlier_id(self) -> int | None:
        """The number of the return that it is compared with, if there is one."""
        return self.earlier.submission_id if self.earlier else None


def decided_submission(cursor: Cursor, submission_id: int) -> DecidedSubmission | None:
    """A submission that is accepted or refused; None if it does not exist or is not decided yet."""
    row = next(iter(rows(cursor, "feedback/submission", {"submission_id": submission_id})), None)
    if row is None:
        return None
    earlier = None
    if row["before_id"] is not None:
        earlier = EarlierReturn(row["before_id"], row["before_receipt"], Quarter.parse(row["before_quarter"]))
    return DecidedSubmission(
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
        unsigned=row["unsigned"],
        attempt=row["attempt"],
        earlier=earlier,
    )


def findings_of(cursor: Cursor, submission_id: int) -> list[Finding]:
    """The findings of a submission, in the order in which the rules reported them."""
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
