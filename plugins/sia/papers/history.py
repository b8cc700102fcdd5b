"""What a released scorecard holds of a measure in an area, quarter by quarter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, nan

from sia import geography
from sia.calendar import Quarter
from sia.geography import Area, AreaType
from sia.presentation.figures import CONFIDENTIAL, NOT_APPLICABLE, gap, plain, share_of_whole, symbol
from sia.registers.measures import Measure
from sia.scorecard.amounts import Held, Status, quarter_of
from sia.scorecard.estimates import applicable, figure
from sia.scorecard.scorecard import PERIODS, Line, Scorecard

Row = Mapping[str, str]
"""A row of a CSV file of a release, by its headings."""


@dataclass(frozen=True, slots=True)
class Quarterly:
    """A quarter: the ``figure`` that is read and the ``value`` that is compared; NaN where the status says why."""

    quarter: Quarter
    status: Status
    figure: float
    value: float


def history(scorecard: Scorecard, amounts: Held, measure: Measure, area_code: str) -> tuple[Quarterly, ...]:
    """The last eight quarters, oldest first.

    Args:
        scorecard: the released scorecard.
        amounts: what it is made of, hidden amounts as confidential.
        measure: the measure.
        area_code: the area.
    """
    found = []
    for row in scorecard.trend_of(measure, area_code).to_dict("records"):
        quarter = Quarter.parse(row["quarter_key"])
        amount = applicable(measure, quarter_of(amounts, measure, area_code, quarter))
        reported = amount.status is Status.REPORTED
        found.append(
            Quarterly(quarter, amount.status, figure(measure, amount) if reported else nan, float(row["value"]))
        )
    return tuple(found)


def told(measure: Measure, one: Quarterly, *, compared: bool = False) -> str:
    """A quarter's figure for people, or what is compared of it; or the symbol that says why there is none."""
    value = one.value if compared else one.figure
    return gap(one.status) if isnan(value) else plain(measure, "value" if compared else "quarter_figure", value)


def has_figures(line: Line, quarters: tuple[Quarterly, ...]) -> bool:
    """Whether anything was received of an area in any period that is shown; what is hidden was."""
    return any(
        not isnan(line[f"{period}_number"]) or line[f"{period}_status"] == Status.CONFIDENTIAL for period in PERIODS
    ) or any(not isnan(each.figure) or each.status is Status.CONFIDENTIAL for each in quarters)


def share(measure: Measure, lines: Mapping[str, Line], area: Area, *, of_service: bool) -> tuple[float, Area] | None:
    """An area's part, in per cent, of the twelve months of a whole, and the whole: service or county; of counts alone.

    None where either of the two is not shown.
    """
    if measure.kind != "count":
        return None
    whole = _whole(lines, of_service)
    part, total = lines[area.code]["year_number"], lines[whole.code]["year_number"]
    return (100 * part / total, whole) if total > 0 and not isnan(part) else None


def share_told(measure: Measure, lines: Mapping[str, Line], area: Area, *, of_service: bool) -> str:
    """That part for people; or the symbol that says why there is none."""
    if found := share(measure, lines, area, of_service=of_service):
        per_cent, whole = found
        return f"{share_of_whole(per_cent)} of {'the service' if whole.source else whole.name}"
    if measure.kind != "count":
        return NOT_APPLICABLE
    pair = (lines[each.code] for each in (area, _whole(lines, of_service)))
    why = {symbol(line, "year_number") for line in pair if isnan(line["year_number"])}
    return CONFIDENTIAL if CONFIDENTIAL in why else min(why, default=NOT_APPLICABLE)


def _whole(lines: Mapping[str, Line], of_service: bool) -> Area:
    services = [each for each in geography.of_type(AreaType.SERVICE) if of_service and each.code in lines]
    return services[0] if services else geography.county()
