"""A partnership's share of the county's or a service's figure for twelve months, from two figures that are shown."""

from __future__ import annotations

from collections.abc import Mapping

from sia.geography import Area, Areas, AreaType
from sia.presentation import words
from sia.presentation.number_format import share_of_whole
from sia.presentation.symbols import CONFIDENTIAL, NOT_APPLICABLE
from sia.registers.measures import Measure
from sia.scorecard.line import Line
from sia.scorecard.registry import YEAR_NUMBER


def share_text(measure: Measure, lines: Mapping[str, Line], area: Area, areas: Areas, *, of_service: bool) -> str:
    """An area's share of a count in the twelve months, with what it is a share of; or the symbol that says why none.

    Args:
        measure: the measure.
        lines: its lines by area code.
        area: the area.
        areas: the register of areas.
        of_service: whether the whole is that of the service, where there is one, and not the county.
    """
    if measure.kind != "count":
        return NOT_APPLICABLE
    whole = _whole(lines, areas, of_service=of_service)
    part, total = (lines[place.code].figures[YEAR_NUMBER.id] for place in (area, whole))
    if part.value is not None and total.value:
        name = "the service" if whole.type is AreaType.SERVICE else whole.name
        return f"{share_of_whole(100 * part.value / total.value)} of {name}"
    why = {words.symbol(figure.status) for figure in (part, total) if figure.value is None}
    return CONFIDENTIAL if CONFIDENTIAL in why else min(why, default=NOT_APPLICABLE)


def _whole(lines: Mapping[str, Line], areas: Areas, *, of_service: bool) -> Area:
    services = [area for area in areas.of_type(AreaType.SERVICE) if of_service and area.code in lines]
    return services[0] if services else areas.county
