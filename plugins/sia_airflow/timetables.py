"""When a quarter's work runs: timetables whose partition is the financial quarter.

The run for a quarter, for example ``2021-22Q4``, starts on the day on which its returns are due or its paper is made,
at 07:00 in London in winter and in summer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import pendulum
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable
from airflow.utils.types import DagRunType
from pendulum import DateTime

from sia.calendar import LONDON, Quarter
from sia.contract.model import contracts
from sia.registers.business_cycle import cycle

HOUR = 7
# A due date that passes while nothing runs here, for example during maintenance, keeps its run for this long. A person
# can backfill an older one.
GRACE = timedelta(days=14)


class FinancialQuarterTimetable(Timetable):
    """One run for each financial quarter, ``working_days`` working days after its end."""

    partitioned = True
    numbers = frozenset({1, 2, 3, 4})
    """The quarters of a financial year that have a run."""

    def __init__(self, working_days: int) -> None:
        self.working_days = working_days
        self.description = f"{working_days} working days after each financial quarter, at {HOUR:02d}:00 in London"

    def due(self, quarter: Quarter) -> DateTime:
        """When the quarter's run starts."""
        return _in_london(quarter.due(self.working_days), HOUR)

    def run_info(self, quarter: Quarter) -> DagRunInfo:
        """The quarter's run as Airflow plans it. The date of the partition is the quarter's first day."""
        return DagRunInfo(
            run_after=self.due(quarter),
            data_interval=None,
            partition_date=_in_london(quarter.start),
            partition_key=quarter.key,
        )

    def next_dagrun_info_v2(
        self, *, last_dagrun_info: DagRunInfo | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """The run after the last one: not before the start date, and not due after the end date.

        Without catch-up, quarters that were due longer ago than the grace are left out.
        """
        quarter = _quarter_from(restriction.earliest or _now())
        if last_dagrun_info is not None and last_dagrun_info.partition_key:
            quarter = max(quarter, Quarter.parse(last_dagrun_info.partition_key).next())
        oldest = None if restriction.catchup else _now() - GRACE
        while quarter.number not in self.numbers or (oldest is not None and self.due(quarter) < oldest):
            quarter = quarter.next()
        info = self.run_info(quarter)
        return None if restriction.latest is not None and info.run_after > restriction.latest else info

    def iter_partition_dagrun_infos(self, *, earliest: datetime, latest: datetime) -> Iterable[DagRunInfo]:
        """The runs of a backfill: those of the quarters that begin between two days, both included."""
        quarter = _quarter_from(self.localize_partition_datetime(earliest))
        last = self.localize_partition_datetime(latest)
        while _in_london(quarter.start) <= last:
            if quarter.number in self.numbers:
                yield self.run_info(quarter)
            quarter = quarter.next()

    def localize_partition_datetime(self, dt: datetime) -> DateTime:
        """A wall-clock time without a zone, read as London's."""
        return pendulum.datetime(dt.year, dt.month, dt.day, dt.hour, dt.minute, dt.second, tz=LONDON.key)

    def resolve_partition_date(self, partition_key: str | None) -> datetime | None:
        """The first day of the quarter that a partition key names."""
        return None if partition_key is None else _in_london(Quarter.parse(partition_key).start)

    def infer_manual_data_interval(self, *, run_after: DateTime) -> DataInterval:
        """The moment of a manual run. Its quarter is a parameter, or the partition."""
        return DataInterval.exact(run_after)

    def generate_run_id(
        self,
        *,
        run_type: DagRunType,
        run_after: DateTime,
        data_interval: DataInterval | None,
        partition_key: str | None = None,
        **extra: Any,
    ) -> str:
        """The name of a run: its quarter, with its moment where there may be another run for the same quarter."""
        if partition_key is None:
            return super().generate_run_id(run_type=run_type, run_after=run_after, data_interval=data_interval, **extra)
        moment = "" if run_type == DagRunType.SCHEDULED else f"__{pendulum.now('UTC').isoformat()}"
        return run_type.generate_run_id(suffix=f"{partition_key}{moment}")

    @property
    def summary(self) -> str:
        """The text in Airflow's list of DAGs."""
        return f"Quarter + {self.working_days} working days"

    def serialize(self) -> dict[str, Any]:
        """The arguments, as Airflow's database keeps them."""
        return {"working_days": self.working_days}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """The timetable with the arguments that Airflow's database keeps."""
        return cls(data["working_days"])


def after_last_return(working_days: int) -> FinancialQuarterTimetable:
    """The timetable of what runs some working days after the last return that the scorecard expects is due."""
    last = max(contract.due_working_days for contract in contracts().values() if contract.expected)
    return FinancialQuarterTimetable(last + working_days)  # type: ignore[abstract]


class BusinessCycleTimetable(FinancialQuarterTimetable):
    """The runs of a paper of the Board's business cycle, each on the day that the register gives."""

    def __init__(self, paper: str) -> None:
        self.paper = paper
        self._cycle_entry = cycle().papers[paper]
        self.numbers = self._cycle_entry.quarters
        self.description = f"When the business cycle asks for it, at {HOUR:02d}:00 in London: {self._cycle_entry.why}"

    def due(self, quarter: Quarter) -> DateTime:
        """When the quarter's run starts."""
        return _in_london(self._cycle_entry.made_on(quarter), HOUR)

    @property
    def summary(self) -> str:
        """The text in Airflow's list of DAGs."""
        return f"Quarter + {self._cycle_entry.months_after} months"

    def serialize(self) -> dict[str, Any]:
        """The arguments, as Airflow's database keeps them."""
        return {"paper": self.paper}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """The timetable with the arguments that Airflow's database keeps."""
        return cls(data["paper"])


def _now() -> DateTime:
    return pendulum.now(LONDON.key)


def _in_london(day: date, hour: int = 0) -> DateTime:
    return pendulum.datetime(day.year, day.month, day.day, hour, tz=LONDON.key)


def _quarter_from(moment: DateTime) -> Quarter:
    """The first quarter that begins at or after a moment."""
    in_london = moment.in_timezone(LONDON.key)
    quarter = Quarter.containing(in_london.date())
    return quarter if _in_london(quarter.start) >= in_london else quarter.next()
