"""Made-up amounts for the tests of what is built on single methods; nobody ever reported them."""

from __future__ import annotations

from typing import Any

from sia import geography
from sia.calendar import Quarter, quarters_between
from sia.disclosure.additive import Span
from sia.registers.measures import Measure
from sia.registers.policy import Policy, policy
from sia.registers.series_breaks import SeriesBreak
from sia.scorecard.amounts import Amount, Status
from sia.scorecard.population import Residents
from sia.scorecard.registers import Registers

QUARTER = Quarter(2021, 4)
COUNTY, DISTRICT, OTHER = "E10000025", "E07000179", "E07000180"
AREAS = geography.areas()


def measure(**changes: Any) -> Measure:
    given: dict[str, Any] = {
        "id": "synthetic",
        "title": "Made up",
        "theme": "Made up",
        "lead": "Nobody",
        "source": "thames_valley_police",
        "source_name": "Thames Valley Police",
        "return_name": "tvp_counts",
        "unit": "crimes",
        "numerator": "synthetic",
    }
    return Measure.model_validate(given | changes)


def rules(good: str = "down", **changes: Any) -> Policy:
    """The policy, with a good direction for the made-up measure; other settings by name."""
    setting = {"value": good, "starts": "2013-04-01", "set_by": "Board", "why": "Because", "measures": ["synthetic"]}
    return Policy.model_validate(policy().model_dump() | {"good_direction": [setting]} | changes)


def registers(*measures: Measure, policy: Policy | None = None, breaks: tuple[SeriesBreak, ...] = ()) -> Registers:
    """The registers with these measures; the made-up one if none is given."""
    return Registers("A board", measures or (measure(),), AREAS, policy or rules(), breaks)


def people(persons: int = 100_000, until: Quarter = QUARTER, vintage: str = "first") -> dict[Quarter, Residents]:
    quarters = quarters_between(until.plus(-19), until)
    return {past: Residents(2021, vintage, {area.code: persons for area in AREAS.districts}) for past in quarters}


def of_quarters(numbers: list[float | None], area: str = DISTRICT, last: Quarter = QUARTER) -> dict[Any, Amount]:
    """Counts of the quarters to the last; ``None`` is hidden."""
    quarters = quarters_between(last.plus(1 - len(numbers)), last)
    return {
        ("synthetic", area, Span.quarter(quarter)): _amount(number)
        for quarter, number in zip(quarters, numbers, strict=True)
    }


def of_months(numbers: list[float | None], area: str = DISTRICT, last: Quarter = QUARTER) -> dict[Any, Amount]:
    """Counts of the months to the last quarter's end; ``None`` is hidden."""
    after = Span.quarter(last).after
    return {
        ("synthetic", area, Span(after - len(numbers) + n, after - len(numbers) + n + 1)): _amount(number)
        for n, number in enumerate(numbers)
    }


def _amount(number: float | None) -> Amount:
    return Amount(Status.CONFIDENTIAL) if number is None else Amount(Status.REPORTED, number)
