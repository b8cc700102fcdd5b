"""Maps of tiles: a measure in each district, compared with the county, in sign, words and colour.

A map shows what the release publishes of each district. A hidden figure is hidden here, and so is its comparison.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sia.papers.comparison_table import ComparedCell, compared_cell
from sia.presentation.charts import description, spoken
from sia.presentation.number_format import compared_unit
from sia.registers.measures import Measure
from sia.registers.tile_map import Tile
from sia.scorecard.scorecard import Scorecard

MAX_MAPS = 7
"""So many maps fit under the table of comparison, next to the map with the names."""

WIDTH = 160
_GAP, _TILE_HEIGHT, _LINE = 6, 34, 14
_LETTERS_A_LINE = 11


@dataclass(frozen=True, slots=True)
class TileLine:
    """A line of letters of a tile."""

    y: float
    text: str


@dataclass(frozen=True, slots=True)
class DrawnTile:
    """A district on a map."""

    x: float
    y: float
    lines: tuple[TileLine, ...]
    tone: str


@dataclass(frozen=True, slots=True)
class TileMap:
    """A map."""

    id: str
    title: str
    description: str
    caption: str
    tiles: tuple[DrawnTile, ...]
    tile_width: float
    height: float
    tile_height: float = _TILE_HEIGHT
    gap: float = _GAP
    width: float = WIDTH


def tile_maps(scorecard: Scorecard, measures: Sequence[Measure], tiles: Sequence[Tile]) -> tuple[TileMap, ...]:
    """A map with the districts' names, and one for each of the first measures that compare a district.

    Args:
        scorecard: the release's.
        measures: the measures that are compared.
        tiles: the places of the districts.
    """
    placed = [tile for tile in tiles if tile.area in {area.code for area in scorecard.areas.districts}]
    if not placed:
        return ()
    names = {tile.area: scorecard.areas[tile.area].name for tile in placed}
    key = _map("names", "Where the districts are", "The districts", [*names.values()], placed, names, {})
    maps = []
    for measure in measures:
        lines = scorecard.lines_of(measure)
        cells = {tile.area: compared_cell(measure, lines[tile.area]) for tile in placed if tile.area in lines}
        if any(cell.icon for cell in cells.values()):
            maps.append(_measure_map(measure, placed, names, cells))
    return (key, *maps[:MAX_MAPS])


def _measure_map(
    measure: Measure, placed: Sequence[Tile], names: Mapping[str, str], cells: Mapping[str, ComparedCell]
) -> TileMap:
    parts = [
        f"{names[tile.area]} {spoken(cell.value)}{f', {cell.words}' if cell.words else ''}"
        for tile in placed
        if (cell := cells.get(tile.area))
    ]
    texts = {area: f"{cell.icon} {cell.value}".strip() for area, cell in cells.items()}
    tones = {area: cell.tone for area, cell in cells.items()}
    return _map(f"map-{measure.id}", f"{measure.title}: districts", compared_unit(measure), parts, placed, texts, tones)


def _map(
    map_id: str,
    title: str,
    about: str,
    parts: Sequence[str],
    placed: Sequence[Tile],
    texts: Mapping[str, str],
    tones: Mapping[str, str],
) -> TileMap:
    columns = max(tile.column for tile in placed)
    rows = max(tile.row for tile in placed)
    width = (WIDTH - _GAP * (columns + 1)) / columns
    return TileMap(
        id=map_id,
        title=title,
        description=description(about, parts),
        caption=title.removesuffix(": districts"),
        tiles=tuple(
            _tile(tile, width, texts[tile.area], tones.get(tile.area, "plain")) for tile in placed if tile.area in texts
        ),
        tile_width=round(width, 1),
        height=rows * (_TILE_HEIGHT + _GAP) + _GAP,
    )


def _tile(tile: Tile, width: float, text: str, tone: str) -> DrawnTile:
    x = round(_GAP + (tile.column - 1) * (width + _GAP), 1)
    y = _GAP + (tile.row - 1) * (_TILE_HEIGHT + _GAP)
    lines = _wrapped(text)
    first = y + _TILE_HEIGHT / 2 + 4 - _LINE * (len(lines) - 1) / 2
    return DrawnTile(x, y, tuple(TileLine(first + _LINE * n, line) for n, line in enumerate(lines)), tone)


def _wrapped(text: str) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > _LETTERS_A_LINE:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
