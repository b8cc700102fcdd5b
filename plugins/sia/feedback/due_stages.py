"""Expected returns that are not complete: what each still needs, how close or late it is, and which reminder is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg2.extensions import cursor as Cursor

from sia.calendar import Quarter, add_working_days, format_date
from sia.contract.model import Contract, contract
from sia.feedback.wording import number_of, return_title
from sia.warehouse.sql_files import rows

TEN, THREE, DUE, LATE = "t_minus_10", "t_minus_3", "due", "late"
UNSIGNED = "unsigned"
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
    """An expected return that we have not received (``due``, ``late``), have refused, or that nobody has signed.

    ``receipt`` is that of the file that was refused or is not signed.
    """

    contract: Contract
    source: str
    quarter: Quarter
    deadline: date
    extended: bool
    state: str
    receipt: str | None
    open_tasks: int
    synthetic: bool

    @property
    def title(self) -> str:
        """The return and its quarter, for people."""
        return return_title(self.contract.title, self.quarter, self.synthetic)

    @property
    def still_needed(self) -> str:
        """By when it is due, and what is still needed, in sentences."""
        if self.state == UNSIGNED:
            return f"We have accepted it (receipt {self.receipt}). Nobody has signed it."
        deadline = f"Due by {format_date(self.deadline)}{' (extended)' if self.extended else ''}"
        if self.state == "refused":
            return (
                f"{deadline}. We could not accept your latest file (receipt {self.receipt}): "
                f"{number_of(self.open_tasks, 'correction')} needed."
            )
        return f"{deadline}. We have not received it."


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
        receipt=row["receipt"],
        open_tasks=row["open_tasks"],
        synthetic=row["synthetic"],
    )
