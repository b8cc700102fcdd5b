"""Returns that are owed: how near or how late each is, and what is said of it at that stage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg2.extensions import cursor as Cursor

from sia.calendar import Quarter, add_working_days
from sia.contract.model import Contract, contract
from sia.warehouse.sql_files import rows

TEN, THREE, DUE, LATE = "ten working days", "three working days", "due", "late"
# A quarter of weekly reminders. What is later still is on the unit's list; another mail would not bring it.
LAST_WEEK = 13


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a return stands that is owed; ``week`` counts the whole weeks for which it has been late."""

    name: str
    week: int = 0

    @property
    def escalates(self) -> bool:
        """Whether it is a matter for the escalation mailbox."""
        return self.week > 0

    @property
    def for_unit_alone(self) -> bool:
        """Whether only the unit is told: a return that has just become late."""
        return self.name == LATE and self.week == 0


@dataclass(frozen=True, slots=True)
class OwedReturn:
    """A return that is owed: nothing came (``due``, ``late``), or what came was ``refused``."""

    contract: Contract
    source: str
    quarter: Quarter
    deadline: date
    extended: bool
    state: str
    newest_receipt: str | None
    open_tasks: int
    synthetic: bool


def owed_on(cursor: Cursor, day: date) -> list[OwedReturn]:
    """The returns that are owed on a day, by whom they are owed and by when they are wanted."""
    return [_owed(row) for row in rows(cursor, "feedback/expected_owed", {"day": day})]


def stage_on(day: date, deadline: date) -> Stage | None:
    """The stage that a return which is wanted by a day has reached; nothing while there is time, or no more to say.

    A stage lasts until the next one, so that a day on which nothing ran leaves out none but those that are over.
    """
    if day > deadline:
        week = (day - deadline).days // 7
        return Stage(LATE, week) if week <= LAST_WEEK else None
    if day == deadline:
        return Stage(DUE)
    if day >= add_working_days(deadline, -3):
        return Stage(THREE)
    return Stage(TEN) if day >= add_working_days(deadline, -10) else None


def _owed(row: dict[str, Any]) -> OwedReturn:
    return OwedReturn(
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
