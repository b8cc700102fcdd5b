"""The registers that a scorecard is built by, read at the edge and passed in."""

from __future__ import annotations

from dataclasses import dataclass

from sia.geography import Areas
from sia.register_file import RegisterError
from sia.registers.measures import Measure
from sia.registers.policy import Policy
from sia.registers.projects import Project
from sia.registers.series_breaks import SeriesBreak, SetAside
from sia.scorecard.amounts import Place
from sia.scorecard.periods import ReportingPeriod
from sia.scorecard.registry import STATISTICS, Statistic, periods_of


@dataclass(frozen=True)
class Registers:
    """What people decide: measures and statistics in their order, areas, policy, breaks, and times set aside.

    ``publisher``: in whose name the scorecard is published. ``projects``: those of which we ask whether they worked.
    """

    publisher: str
    measures: tuple[Measure, ...]
    areas: Areas
    policy: Policy
    breaks: tuple[SeriesBreak, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    statistics: tuple[Statistic, ...] = STATISTICS
    projects: tuple[Project, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a setting that would be ignored.

        Raises:
            RegisterError: a setting for shares of a whole names another measure.
        """
        named = {name for setting in self.policy.hide_everybody_or_nobody for name in setting.measures}
        if others := sorted(m.id for m in self.measures if m.id in named and not m.is_share_of_whole):
            raise RegisterError(
                f"policy.yml: hide_everybody_or_nobody is for shares of a whole. Remove {', '.join(others)}"
            )

    @property
    def periods(self) -> tuple[ReportingPeriod, ...]:
        """The periods that the statistics need."""
        return periods_of(self.statistics)

    def measure_title(self, measure_id: str) -> str:
        """A measure's title; its id where the register does not have it any more."""
        return next((measure.title for measure in self.measures if measure.id == measure_id), measure_id)

    def area_name(self, area_code: str) -> str:
        """An area's name; its code where the register does not have it any more."""
        area = self.areas.get(area_code)
        return area.name if area else area_code

    def place_name(self, place: Place) -> str:
        """A measure and area, for people."""
        return f"{self.measure_title(place[0])}, {self.area_name(place[1])}"
