"""Expected returns that have not arrived: how close or how late each is, and which reminder is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg2.extensions import cursor as Cursor

from sia.calendar import Quarter, add_working_days
from sia.contract.model import Contract, contract
from sia.warehouse.sql_files import rows

TEN, THREE, DUE, LATE = "t_minus_10", "t_minus_3", "due", "late"
# After a quarter of weekly reminders another letter would not help; the return stays on the unit's list.
LAST_WEEK = 13


@dataclass(frozen=True, slots=True)
class DueStage:
    """How close or late an expected return is; ``week`` is the number of whole weeks that it has been late."""

    name: str
    week: int = 0

    @property
    def escalates(self) -> bool:
        """Whether the letter goes to the escalation mailbox."""
        return self.week > 0

    @property
    def for_unit_alone(self) -> bool:
        """Whether only the unit gets a letter: in the first week that a return is late."""
        return self.name == LATE and self.week == 0


@dataclass(frozen=True, slots=True)
class OutstandingReturn:
    """An expected return that we have not received (``due``, ``late``) or have refused (``refused``)."""

    contract: Contract
    source: str
    quarter: Quarter
    deadline: date
    extended: bool
    state: str
    newest_receipt: str | None
    open_tasks: int
    synthetic: bool


def outstanding_returns(cursor: Cursor, day: date) -> list[OutstandingReturn]:
    """The returns that are outstanding on a day, by sender and deadline."""
    return [_outstanding(row) for row in rows(cursor, "feedback/expected_owed", {"day": day})]


def stage_on(day: date, deadline: date) -> DueStage | None:
    """The stage on a day of a return that is due by ``deadline``; None if no reminder is due yet, or no longer.

    A stage lasts until the next one, so a day without a run misses a stage only if the stage is over.
    """
    if day > deadline:
        week = (day - deadline).days // 7
        return DueStage(LATE, week) if week <= LAST_WEEK else None
    if day == deadline:
        return DueStage(DUE)
    if day >= add_working_days(deadline, -3):
        return DueStage(THREE)
    return DueStage(TEN) if day >= add_working_days(deadline, -10) else None


def _outstanding(row: dict[str, Any]) -> OutstandingReturn:
    return OutstandingReturn(
        contract=contract(row["return_name"]),
        source=row["source"],
        quarter=Quarter.parse(row["quarter_key"]),
        deadline=row["deadline"],
        extended=row["extended_by"] is not None,
        state=row["state"],
        newest_receipt=row["newest_receipt"],
        open_tasks=row["open_tasks"],
        synthetic=row["synthetic"],
    )
