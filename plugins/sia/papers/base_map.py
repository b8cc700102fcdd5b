"""What maps of districts are drawn on: real outlines if the release has boundaries, else tiles in their place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sia.registers.tile_map import Tile
from sia.scorecard.boundaries import Boundaries, GridPoint

WIDTH = 200

_GAP, _TILE_HEIGHT = 6, 34
_MARGIN = 2
# A label needs this much room. It is next to the map, with a line to its district, where a district is narrower.
_LABEL_WIDTH, _LABEL_HEIGHT = 40, 26
# How many lines are tried for a label, and how far apart, in steps of the grid.
_STEP = 2


@dataclass(frozen=True, slots=True)
class MapShape:
    """A district's place on a map: its SVG path, the middle of its label, and the line to a label outside, if any."""

    area_code: str
    path: str
    x: float
    y: float
    leader: str = ""


@dataclass(frozen=True, slots=True)
class BaseMap:
    """The shapes of all districts, and their size.

    ``letters_a_line``: so many fit in a district; a longer word has a line of its own. ``about``: how to read the map;
    ``attribution``: whose it is.
    """

    shapes: tuple[MapShape, ...]
    height: float
    letters_a_line: int
    about: str
    attribution: str = ""
    width: float = WIDTH


def base_map(boundaries: Boundaries | None, tiles: Sequence[Tile]) -> BaseMap | None:
    """The map of a release: of its boundaries, else of tiles; none without either.

    Args:
        boundaries: those of the release.
        tiles: the places of the districts on a map of tiles.
    """
    if boundaries:
        return _of_boundaries(boundaries)
    return _of_tiles(tiles) if tiles else None


def _of_tiles(tiles: Sequence[Tile]) -> BaseMap:
    columns = max(tile.column for tile in tiles)
    width = round((WIDTH - _GAP * (columns + 1)) / columns, 1)
    shapes = []
    for tile in tiles:
        x = round(_GAP + (tile.column - 1) * (width + _GAP), 1)
        y = _GAP + (tile.row - 1) * (_TILE_HEIGHT + _GAP)
        path = f"M{x} {y}h{width}v{_TILE_HEIGHT}h{-width}z"
        shapes.append(MapShape(tile.area, path, round(x + width / 2, 1), y + _TILE_HEIGHT / 2))
    return BaseMap(
        tuple(shapes),
        max(tile.row for tile in tiles) * (_TILE_HEIGHT + _GAP) + _GAP,
        11,
        "A tile stands for a district, in its place but not in its shape.",
    )


def _of_boundaries(boundaries: Boundaries) -> BaseMap:
    scale = (WIDTH - 2 * _MARGIN - _GAP - _LABEL_WIDTH) / boundaries.width
    outlines: dict[str, list[tuple[GridPoint, ...]]] = {}
    for outline in boundaries.outlines:
        outlines.setdefault(outline.area_code, []).append(outline.points)
    return BaseMap(
        tuple(_shape(area_code, lines, outlines, scale) for area_code, lines in outlines.items()),
        round(boundaries.height * scale + 2 * _MARGIN),
        7,
        "The outlines are those of the districts, with their small bends left out.",
        boundaries.attribution,
    )


def _shape(
    area_code: str,
    lines: Sequence[Sequence[GridPoint]],
    outlines: Mapping[str, Sequence[Sequence[GridPoint]]],
    scale: float,
) -> MapShape:
    path = "".join(f"M{'L'.join(f'{_drawn(x, scale)} {_drawn(y, scale)}' for x, y in line)}z" for line in lines if line)
    row, (start, end) = _place_of_label(lines, scale)
    x, y = _drawn((start + end) / 2, scale), _drawn(row, scale)
    if (end - start) * scale >= _LABEL_WIDTH:
        return MapShape(area_code, path, x, y)
    # To the right of everything that is drawn at its height.
    edge = max(end for others in outlines.values() for _, end in _spans_of_label(others, row, scale))
    label = round(_drawn(edge, scale) + _GAP / 2 + _LABEL_WIDTH / 2, 1)
    return MapShape(area_code, path, label, y, f"M{x} {y}H{round(label - _GAP / 2 - _LABEL_WIDTH / 2, 1)}")


def _place_of_label(lines: Sequence[Sequence[GridPoint]], scale: float) -> tuple[float, tuple[float, float]]:
    """The height nearest to the middle at which a label has room, else that with the most, and from where to where."""
    rows = [y for line in lines for _, y in line]
    tried = [
        (row, span) for row in range(min(rows), max(rows) + 1, _STEP) for span in _room_for_label(lines, row, scale)
    ]
    if not tried:
        columns = [x for line in lines for x, _ in line]
        return (min(rows) + max(rows)) / 2, (min(columns), max(columns))
    middle = (min(rows) + max(rows)) / 2

    def rank(place: tuple[float, tuple[float, float]]) -> tuple[float, float]:
        row, (start, end) = place
        return min((end - start) * scale, 1.5 * _LABEL_WIDTH), -abs(row - middle)

    return max(tried, key=rank)


def _room_for_label(lines: Sequence[Sequence[GridPoint]], row: int, scale: float) -> Iterator[tuple[float, float]]:
    """Where a label fits: inside at its middle, at its top and at its bottom."""
    spans = [list(_spans(lines, row + shift)) for shift in _heights(scale)]
    for top in spans[0]:
        for middle in spans[1]:
            for bottom in spans[2]:
                start, end = max(top[0], middle[0], bottom[0]), min(top[1], middle[1], bottom[1])
                if start < end:
                    yield start, end


def _spans_of_label(lines: Sequence[Sequence[GridPoint]], row: float, scale: float) -> Iterator[tuple[float, float]]:
    for shift in _heights(scale):
        yield from _spans(lines, row + shift)


def _heights(scale: float) -> tuple[float, float, float]:
    """The top, the middle and the bottom of a label, from its middle."""
    half = _LABEL_HEIGHT / 2 / scale
    return -half, 0, half


def _spans(lines: Iterable[Sequence[GridPoint]], row: float) -> Iterator[tuple[float, float]]:
    """From where to where a line of the map is inside of the outlines."""
    row += 0.5 if float(row).is_integer() else 0.0  # between the points of the grid, where no corner is
    crossings = sorted(
        x + (row - y) * (next_x - x) / (next_y - y)
        for line in lines
        for (x, y), (next_x, next_y) in zip(line, [*line[1:], line[0]], strict=True)
        if (y < row) != (next_y < row)
    )
    yield from zip(crossings[::2], crossings[1::2], strict=True)


def _drawn(at: float, scale: float) -> float:
    return round(_MARGIN + at * scale, 1)
