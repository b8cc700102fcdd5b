"""Maps: a measure in each district, compared with the county, in sign, words and colour.

A map shows what the release publishes of each district. A hidden figure is hidden here, and so is its comparison.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sia.papers.base_map import BaseMap, MapShape
from sia.papers.comparison_table import ComparedCell, annual_cell, compared_cell
from sia.presentation.charts import description, spoken
from sia.presentation.number_format import annual_unit, compared_unit
from sia.presentation.symbols import SYMBOLS
from sia.registers.measures import Measure
from sia.scorecard.scorecard import Scorecard

MAX_MAPS = 5
"""So many maps fit under the table of comparison, next to the map with the names."""

_LINE = 14


@dataclass(frozen=True, slots=True)
class LabelLine:
    """A line of letters of a label."""

    y: float
    text: str


@dataclass(frozen=True, slots=True)
class DrawnDistrict:
    """A district on a map."""

    shape: MapShape
    lines: tuple[LabelLine, ...]
    tone: str


@dataclass(frozen=True, slots=True)
class DistrictMap:
    """A map. ``unit``: of its figures."""

    id: str
    title: str
    description: str
    caption: str
    unit: str
    districts: tuple[DrawnDistrict, ...]
    width: float
    height: float


def district_maps(scorecard: Scorecard, measures: Sequence[Measure], base: BaseMap | None) -> tuple[DistrictMap, ...]:
    """A map with the districts' names, and one for each of the first measures that compare a district.

    Args:
        scorecard: the release's.
        measures: the measures that are compared.
        base: the shapes of the districts; no maps without it.
    """
    codes = {area.code for area in scorecard.areas.districts}
    if base is None or not codes.intersection(shape.area_code for shape in base.shapes):
        return ()
    names = {
        shape.area_code: scorecard.areas[shape.area_code].name for shape in base.shapes if shape.area_code in codes
    }
    key = _map("names", "Where the districts are", "The districts", [*names.values()], base, names, {})
    maps = []
    for measure in measures:
        lines = scorecard.lines_of(measure)
        cells = {code: compared_cell(measure, lines[code]) for code in names if code in lines}
        if any(cell.icon for cell in cells.values()):
            maps.append(_measure_map(measure, base, names, cells, compared_unit(measure)))
    return (key, *maps[:MAX_MAPS])


def annual_map(scorecard: Scorecard, measure: Measure, base: BaseMap | None) -> DistrictMap | None:
    """A map of a measure's year in each district, compared with the county where it can be; none without a figure.

    Where no district has a figure, because it is counted by partnership, each has that of its partnership.
    """
    if base is None:
        return None
    lines = scorecard.lines_of(measure)
    names = {
        area.code: area.name
        for area in scorecard.areas.districts
        if area.code in {shape.area_code for shape in base.shapes}
    }
    partnership = {code: csp.code for csp in scorecard.areas.csps for code in csp.member_codes(scorecard.quarter.start)}
    for places, about in (({code: code for code in names}, ""), (partnership, ", by partnership")):
        cells = {
            code: annual_cell(scorecard, measure, lines[places[code]]) for code in names if places.get(code) in lines
        }
        if any(cell.value not in SYMBOLS for cell in cells.values()):
            shown = {code: name for code, name in names.items() if code in cells}
            return _measure_map(measure, base, shown, cells, f"{annual_unit(measure)}{about}")
    return None


def _measure_map(
    measure: Measure, base: BaseMap, names: Mapping[str, str], cells: Mapping[str, ComparedCell], about: str
) -> DistrictMap:
    parts = [
        f"{name} {spoken(cell.value)}{f', {cell.words}' if cell.words else ''}"
        for code, name in names.items()
        if (cell := cells.get(code))
    ]
    texts = {area: f"{cell.icon} {cell.value}".strip() for area, cell in cells.items()}
    tones = {area: cell.tone for area, cell in cells.items()}
    return _map(f"map-{measure.id}", f"{measure.title}: districts", about, parts, base, texts, tones)


def _map(
    map_id: str,
    title: str,
    about: str,
    parts: Sequence[str],
    base: BaseMap,
    texts: Mapping[str, str],
    tones: Mapping[str, str],
) -> DistrictMap:
    return DistrictMap(
        id=map_id,
        title=title,
        description=description(about, parts),
        caption=title.removesuffix(": districts"),
        unit=about,
        districts=tuple(
            DrawnDistrict(
                shape, _label(shape, texts[shape.area_code], base.letters_a_line), tones.get(shape.area_code, "plain")
            )
            for shape in base.shapes
            if shape.area_code in texts
        ),
        width=base.width,
        height=base.height,
    )


def _label(shape: MapShape, text: str, letters_a_line: int) -> tuple[LabelLine, ...]:
    lines = _wrapped(text, letters_a_line)
    first = shape.y + 4 - _LINE * (len(lines) - 1) / 2
    return tuple(LabelLine(round(first + _LINE * n, 1), line) for n, line in enumerate(lines))


def _wrapped(text: str, letters_a_line: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > letters_a_line:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
