"""Boundaries of districts: what is kept of a file, what is refused, and what a release takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sia.calendar import Quarter
from sia.release import scorecard_inputs
from tests import steps
from tests.conftest import Warehouse
from tests.publications import SQUARES, boundaries, square

QUARTER = "2013-14Q3"


def take(content: object, state: Path, monkeypatch: pytest.MonkeyPatch, quarter: str = QUARTER) -> str:
    """Submit a file. Returns its status."""
    monkeypatch.setenv("SIA_STATE", str(state))
    place = state / "inbox" / "district_boundaries" / quarter
    place.mkdir(parents=True)
    (place / "boundaries.geojson").write_text(content if isinstance(content, str) else json.dumps(content))
    outcome = steps.take("district_boundaries", quarter)[-1]
    return str(outcome["status"])


def test_a_release_has_the_newest_boundaries_of_our_districts_and_whose_they_are(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert scorecard_inputs.read(warehouse.connection, Quarter(2021, 4)).boundaries is None
    older = boundaries({code: [(0.0, 52.0)] for code in SQUARES}, year=12)
    assert take(older, tmp_path / "older", monkeypatch, "2012-13Q3") == "accepted"
    assert take(boundaries(), tmp_path / "newer", monkeypatch) == "accepted"
    read = scorecard_inputs.read(warehouse.connection, Quarter(2021, 4)).boundaries
    assert read is not None
    assert sorted(outline.area_code for outline in read.outlines) == [
        "E07000177", "E07000178", "E07000179", "E07000179", "E07000180", "E07000181",
    ]  # fmt: skip
    assert read.attribution == (
        "Source: Office for National Statistics, under the Open Government Licence v3.0. "
        "Contains OS data © Crown copyright and database right 2013."
    )


OPEN = boundaries()
OPEN["features"][0]["geometry"]["coordinates"][0][0][-1] = [-1.29, 51.721]
SWAPPED = boundaries()
SWAPPED["features"][0]["geometry"]["coordinates"][0] = [[[y, x] for x, y in square(-1.3, 51.72)]]
WITHOUT_OXFORD = boundaries({code: corners for code, corners in SQUARES.items() if code != "E07000178"})
UNKNOWN = boundaries(SQUARES | {"Blackbird": [(-1.2, 51.6)]})
TWICE = boundaries()
TWICE["features"].append(TWICE["features"][0])


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (OPEN, "BND-CLOSED-01"),
        (SWAPPED, "BND-GRID-01"),
        (WITHOUT_OXFORD, "INT-PUBLISHED-09"),
        (UNKNOWN, "INT-PUBLISHED-04"),
        ({"type": "Point", "coordinates": [1, 2]}, "INT-FORMAT-03"),
        ('{"a":' * 100_000, "INT-FORMAT-03"),
        ('{"type": "FeatureCollection", "features": [{"properties": {"LAD13CD": NaN}}]}', "INT-FORMAT-03"),
        (boundaries(year=12), "INT-PUBLISHED-02"),
        ("Code,Line,Points\n", "INT-FORMAT-02"),
    ],
    ids=["open", "swapped", "district left out", "unknown code", "a point", "deep", "not a number", "another year",
         "csv"],
)  # fmt: skip
def test_a_file_that_is_not_whole_is_refused(
    warehouse_of_module: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: Any, rule: str
) -> None:
    assert take(content, tmp_path, monkeypatch) == "refused"
    with warehouse_of_module.connection, warehouse_of_module.connection.cursor() as cursor:
        cursor.execute("SELECT rule_id FROM quality.finding ORDER BY submission_id DESC LIMIT 1")
        assert cursor.fetchall() == [(rule,)]
