"""Boundaries of districts as maps are drawn from them: on one grid of whole numbers, so that neighbours still fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians

Point = tuple[float, float]
GridPoint = tuple[int, int]

GRID = 200
"""How many steps of the grid there are along the longer side of a map."""

_MAX_DEGREES = 180


@dataclass(frozen=True, slots=True)
class Outline:
    """A closed line of a district, from the west (x) and from the north (y) in steps of the grid, without its end."""

    area_code: str
    points: tuple[GridPoint, ...]


@dataclass(frozen=True, slots=True)
class Boundaries:
    """The outlines of the districts, the size of the grid that they are on, and what is printed with every map."""

    outlines: tuple[Outline, ...]
    width: int
    height: int
    attribution: str


def boundaries_on_grid(lines: Sequence[tuple[str, Sequence[Point]]], attribution: str) -> Boundaries | None:
    """Put the lines of all districts on one grid; none if there are none.

    A point goes to the nearest point of the grid, so that a border stays the same on both of its sides. Points on a
    straight line are left out, and lines too small for the grid.

    Args:
        lines: area code and points, as longitude and latitude or as easting and northing.
        attribution: what is printed with every map.
    """
    points = [point for _, line in lines for point in line]
    if not points:
        return None
    middle = sum(y for _, y in points) / len(points)
    # A degree of longitude is shorter than a degree of latitude.
    ratio = cos(radians(middle)) if all(abs(x) <= _MAX_DEGREES for x, _ in points) else 1.0
    west, east = min(x for x, _ in points) * ratio, max(x for x, _ in points) * ratio
    south, north = min(y for _, y in points), max(y for _, y in points)
    step = max(east - west, north - south) / GRID
    outlines = []
    for area_code, line in lines:
        on_grid = [(round((x * ratio - west) / step), round((north - y) / step)) for x, y in line]
        if kept := _without_straight_points(on_grid):
            outlines.append(Outline(area_code, kept))
    return Boundaries(tuple(outlines), round((east - west) / step), round((north - south) / step), attribution)


def _without_straight_points(line: Sequence[GridPoint]) -> tuple[GridPoint, ...]:
    """The corners of a closed line; none if it covers nothing."""
    corners: list[GridPoint] = []
    for point in line:
        while len(corners) > 1 and _is_straight(corners[-2], corners[-1], point):
            corners.pop()
        if not corners or point != corners[-1]:
            corners.append(point)
    if corners and corners[0] == corners[-1]:
        corners.pop()
    return tuple(corners) if len(corners) > 2 else ()


def _is_straight(first: GridPoint, middle: GridPoint, last: GridPoint) -> bool:
    """Whether three points are on one line, or the line turns back on itself."""
    return (middle[0] - first[0]) * (last[1] - first[1]) == (middle[1] - first[1]) * (last[0] - first[0])
