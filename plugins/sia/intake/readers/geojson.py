"""Boundaries in GeoJSON or TopoJSON, as one sheet: headings, then a row for each closed line of an area.

The formats are RFC 7946 and the TopoJSON specification. Either may be in longitude and latitude or in metres.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, NoReturn

from sia.intake.readers.cells import SheetCell, SheetContent, SheetRow

EXTENSIONS = ("geojson", "json")

_HEADINGS = ("Code", "Line", "Points")
_CODE = re.compile(r"[A-Z][0-9]{8}")
# A metre, in degrees and in metres.
_DEGREE_PLACES, _METRE_PLACES = 5, 0
_MAX_DEGREES = 180

_Point = tuple[float, float]


def property_names(content: bytes) -> list[str]:
    """The names of the properties of the areas, by which we know a publication.

    Raises:
        ValueError, LookupError, TypeError, AttributeError, RecursionError: it is not such a file.
    """
    return sorted({name for properties, _ in _areas(_parsed(content)) for name in properties})


def read(content: bytes, name: str) -> SheetContent:
    """The sheet. Areas without a code have an empty one, so that they are found.

    Args:
        content: the file.
        name: the file's name, used as the sheet's.

    Raises:
        ValueError, LookupError, TypeError, AttributeError, RecursionError: it is not such a file.
    """
    areas = list(_areas(_parsed(content)))
    code_name = _name_of_code([properties for properties, _ in areas])
    rows = [_HEADINGS]
    for properties, lines in areas:
        for line in lines:
            rows.append((str(properties.get(code_name, "")), str(len(rows)), ", ".join(map(_point_text, line))))
    return SheetContent(
        name,
        [
            SheetRow(number, {column: SheetCell(text) for column, text in enumerate(row, 1)})
            for number, row in enumerate(rows, 1)
        ],
    )


def _parsed(content: bytes) -> dict[str, Any]:
    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is not a number in JSON")

    parsed: dict[str, Any] = json.loads(content.decode("utf-8-sig"), parse_constant=refuse)
    return parsed


def _name_of_code(areas: Sequence[dict[str, Any]]) -> str:
    """The property that is a code of the ONS in every area; empty if there is none."""
    names = areas[0] if areas else {}
    return next((name for name in names if all(_CODE.fullmatch(str(area.get(name))) for area in areas)), "")


def _areas(file: dict[str, Any]) -> Iterator[tuple[dict[str, Any], list[Sequence[_Point]]]]:
    """The properties of each area, and its closed lines."""
    if file["type"] == "FeatureCollection":
        for feature in file["features"]:
            geometry = feature["geometry"]
            yield feature["properties"], [_points(line) for line in _lines(geometry, geometry["coordinates"])]
    elif file["type"] == "Topology":
        arcs = [list(_arc(arc, file.get("transform"))) for arc in file["arcs"]]
        for layer in file["objects"].values():
            for geometry in layer["geometries"]:
                yield geometry["properties"], [_joined(line, arcs) for line in _lines(geometry, geometry["arcs"])]
    else:
        raise ValueError("neither GeoJSON nor TopoJSON")


def _lines(geometry: dict[str, Any], parts: Sequence[Any]) -> list[Any]:
    if geometry["type"] == "Polygon":
        return list(parts)
    if geometry["type"] == "MultiPolygon":
        return [line for polygon in parts for line in polygon]
    raise ValueError("not an area")


def _points(positions: Sequence[Sequence[float]]) -> list[_Point]:
    return [(float(position[0]), float(position[1])) for position in positions]


def _arc(arc: Sequence[Sequence[float]], transform: dict[str, Any] | None) -> Iterator[_Point]:
    """The points of an arc. With a transform, each is a step from the one before, on a grid of whole numbers."""
    if transform is None:
        yield from _points(arc)
        return
    (x_scale, y_scale), (x_shift, y_shift) = transform["scale"], transform["translate"]
    for x, y in accumulate(_points(arc), lambda before, step: (before[0] + step[0], before[1] + step[1])):
        yield x * x_scale + x_shift, y * y_scale + y_shift


def _joined(numbers: Sequence[int], arcs: Sequence[list[_Point]]) -> list[_Point]:
    """Arcs one after another: each begins where the one before ends. That of number ~n is arc n, backwards."""
    points: list[_Point] = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc[1:] if points else arc
    return points


def _point_text(point: _Point) -> str:
    places = _DEGREE_PLACES if max(map(abs, point)) <= _MAX_DEGREES else _METRE_PLACES
    return " ".join(_number_text(value, places) for value in point)


def _number_text(value: float, places: int) -> str:
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if places else text
