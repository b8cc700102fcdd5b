"""GeoJSON and TopoJSON as a sheet. The points of the topology are worked out by hand, from its scale and its shift."""

from __future__ import annotations

import json

import pytest

from sia.intake.readers import geojson
from tests.publications import boundaries, square


def rows(content: object) -> list[list[str]]:
    sheet = geojson.read(json.dumps(content).encode(), "areas.json")
    assert [row.number for row in sheet.rows] == list(range(1, len(sheet.rows) + 1))
    return [[cell.text for cell in row.cells.values()] for row in sheet.rows]


def test_each_closed_line_of_an_area_is_a_row_under_its_code() -> None:
    headings, *lines = rows(boundaries({"E07000178": [(-1.3, 51.7), (-1.0, 51.7)]}))
    assert headings == ["Code", "Line", "Points"]
    assert lines == [
        ["E07000178", "1", "-1.3 51.7, -1.29 51.7, -1.29 51.71, -1.3 51.71, -1.3 51.7"],
        ["E07000178", "2", "-1 51.7, -0.99 51.7, -0.99 51.71, -1 51.71, -1 51.7"],
    ]


def test_metres_are_whole() -> None:
    content = boundaries({"E07000178": [(450_000.4, 205_000.6)]})
    content["features"][0]["geometry"]["coordinates"] = [[square(450_000.4, 205_000.6, 1000)]]
    assert rows(content)[1][2].startswith("450000 205001, 451000 205001, ")


def topology(arcs: object) -> dict[str, object]:
    return {
        "type": "Topology",
        "transform": {"scale": [0.5, 0.25], "translate": [1, 50]},
        "arcs": [[[0, 0], [2, 0]], [[2, 0], [0, 4], [-2, 0], [0, -4]], [[0, 0], [-2, 0], [0, 4], [2, 0]]],
        "objects": {
            "districts": {
                "type": "GeometryCollection",
                "geometries": [{"type": "Polygon", "properties": {"LAD13CD": "E07000178"}, "arcs": [arcs]}],
            }
        },
    }


def test_arcs_are_joined_and_run_backwards_if_they_must() -> None:
    # Arc 0 goes from (0, 0) to (2, 0) on its grid, arc 1 on over (2, 4) and (0, 4) back to (0, 0).
    assert rows(topology([0, 1]))[1] == ["E07000178", "1", "1 50, 2 50, 2 51, 1 51, 1 50"]
    assert rows(topology([~1, ~0]))[1] == ["E07000178", "1", "1 50, 1 51, 2 51, 2 50, 1 50"]


@pytest.mark.parametrize(
    "content",
    ["[]", "{}", "1", '{"type": "FeatureCollection"}', '{"type": "Topology", "arcs": [], "objects": {"a": {}}}',
     '{"type": "FeatureCollection", "features": [{"properties": {}, "geometry": {"type": "Point", "coordinates": 1}}]}',
     '{"type": "FeatureCollection", "features": [{"properties": {}, "geometry": null}]}'],
)  # fmt: skip
def test_anything_else_is_an_error(content: str) -> None:
    with pytest.raises((ValueError, LookupError, TypeError, AttributeError)):
        geojson.read(content.encode(), "areas.json")


def test_an_area_without_a_code_leaves_no_column_of_codes() -> None:
    content = boundaries()
    content["features"][0]["properties"] = {"LAD13NM": "A name"}
    assert {line[0] for line in rows(content)[1:]} == {""}
