"""A line of the scorecard: all that it says about one measure in one area."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sia.scorecard.amounts import Place, Status
from sia.scorecard.area_comparison import AreaComparison
from sia.scorecard.direction_of_travel import DirectionOfTravel
from sia.scorecard.last_known_share import LastKnownShare
from sia.scorecard.periods import QUARTER, KeyedQuarter
from sia.scorecard.registry import Figure, Statistic


@dataclass(frozen=True, slots=True)
class QuarterInHistory:
    """One quarter of a line's history: the ``figure`` that people read, and the ``value`` that is compared.

    Both are ``None`` where the status says why. ``set_aside``: whether nothing later is compared with it.
    """

    quarter: KeyedQuarter
    status: Status
    figure: float | None
    value: float | None
    set_aside: bool = False

    @property
    def is_known(self) -> bool:
        """Whether the quarter has a figure, shown or hidden."""
        return self.status is Status.REPORTED or self.status.is_hidden


@dataclass(frozen=True, slots=True)
class Line:
    """A measure in an area.

    ``statuses``: of the amount of each period, by the period's id. ``figures``: by the statistic's id. ``history``: the
    last eight quarters, oldest first. ``synthetic``: whether any of it rests on made-up samples. ``direction`` and
    ``comparison``: none for places that are no area of the county, and comparisons only of what has an interval.
    """

    measure_id: str
    area_code: str
    statuses: Mapping[str, Status]
    figures: Mapping[str, Figure]
    residents: int | None
    synthetic: bool
    history: tuple[QuarterInHistory, ...]
    direction: DirectionOfTravel | None
    comparison: AreaComparison
    last_known_share: LastKnownShare | None

    @property
    def place(self) -> Place:
        """Its measure and area."""
        return self.measure_id, self.area_code

    def value(self, statistic: Statistic) -> float | None:
        """The value of a statistic; ``None`` if there is none."""
        return self.figures[statistic.id].value

    @property
    def quarter_status(self) -> Status:
        """The status of the quarter's own amount."""
        return self.statuses[QUARTER.id]

    @property
    def is_left_to_years(self) -> bool:
        """Whether no quarter is published, only twelve months."""
        return self.quarter_status is Status.BY_YEAR

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known in any period that is compared; what is hidden is known."""
        return not any(status.is_received for status in self.statuses.values())
