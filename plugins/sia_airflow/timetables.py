"""When a quarter's work runs: a timetable whose partition is the financial quarter.

The run for a quarter (``2021-22Q4``) starts on the day on which its returns are due: so many working
days after the quarter's end, at 07:00 in London, whatever the season.
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
from sia.registers.business_cycle import cycle

HOUR = 7
# A due date that passes while nothing runs here (a weekend's maintenance, a first installation) is kept
# that long; an older one waits for a person, who may backfill it.
GRACE = timedelta(days=14)


class FinancialQuarterTimetable(Timetable):
    """One run a financial quarter, ``working_days`` working days after its end."""

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
        """What Airflow needs to know of a quarter's run; the partition's date is the quarter's first day."""
        return DagRunInfo(
            run_after=self.due(quarter),
            data_interval=None,
            partition_date=_in_london(quarter.start),
            partition_key=quarter.key,
        )

    def next_dagrun_info_v2(
        self, *, last_dagrun_info: DagRunInfo | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """The run after the last one, none of them before the start date or due after the end date.

        Without catch-up, quarters whose due date is further past than the grace are left out.
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
        """The runs of the quarters that begin between two days, both included: what a backfill asks."""
        quarter = _quarter_from(self.localize_partition_datetime(earliest))
        last = self.localize_partition_datetime(latest)
        while _in_london(quarter.start) <= last:
            if quarter.number in self.numbers:
                yield self.run_info(quarter)
            quarter = quarter.next()

    def localize_partition_datetime(self, dt: datetime) -> DateTime:
        """Read a wall-clock time that was given without a place as London's."""
        return pendulum.datetime(dt.year, dt.month, dt.day, dt.hour, dt.minute, dt.second, tz=LONDON.key)

    def _decode_partition_date(self, partition_key: str) -> datetime | None:
        return _in_london(Quarter.parse(partition_key).start)

    def infer_manual_data_interval(self, *, run_after: DateTime) -> DataInterval:
        """A run by hand is about a moment; its quarter is a parameter, or the partition."""
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
        """Name a run after its quarter; one that may come again for the same quarter also after its moment."""
        if partition_key is None:
            return super().generate_run_id(run_type=run_type, run_after=run_after, data_interval=data_interval, **extra)
        again = "" if run_type == DagRunType.SCHEDULED else f"__{pendulum.now('UTC').isoformat()}"
        return run_type.generate_run_id(suffix=f"{partition_key}{again}")

    @property
    def summary(self) -> str:
        """What the list of DAGs shows."""
        return f"Quarter + {self.working_days} working days"

    def serialize(self) -> dict[str, Any]:
        """What is kept in Airflow's database."""
        return {"working_days": self.working_days}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """The timetable again, from what was kept."""
        return cls(data["working_days"])


class BusinessCycleTimetable(FinancialQuarterTimetable):
    """The runs of a paper of the OSCP's business cycle, on the day that its register gives."""

    def __init__(self, paper: str) -> None:
        self.paper = paper
        self._made = cycle().papers[paper]
        self.numbers = self._made.quarters
        self.description = f"When the business cycle asks for it, at {HOUR:02d}:00 in London: {self._made.why}"

    def due(self, quarter: Quarter) -> DateTime:
        """When the quarter's run starts."""
        return _in_london(self._made.made_on(quarter), HOUR)

    @property
    def summary(self) -> str:
        """What the list of DAGs shows."""
        return f"Quarter + {self._made.months_after} months"

    def serialize(self) -> dict[str, Any]:
        """What is kept in Airflow's database."""
        return {"paper": self.paper}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """The timetable again, from what was kept."""
        return cls(data["paper"])


def _now() -> DateTime:
    return pendulum.now(LONDON.key)


def _in_london(day: date, hour: int = 0) -> DateTime:
    return pendulum.datetime(day.year, day.month, day.day, hour, tz=LONDON.key)


def _quarter_from(moment: DateTime) -> Quarter:
    """The first quarter that begins at or after a moment."""
    here = moment.in_timezone(LONDON.key)
    quarter = Quarter.containing(here.date())
    return quarter if _in_london(quarter.start) >= here else quarter.next()
