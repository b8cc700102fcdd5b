"""Real boundaries of districts: each has its size, and the picture of each still has it."""

from __future__ import annotations

import shutil
from itertools import pairwise
from math import cos, radians
from pathlib import Path

import pytest

from sia.calendar import Quarter
from sia.release import scorecard_inputs
from tests import steps
from tests.conftest import Warehouse

# Square kilometres. The ONS's Standard Area Measurements of 2013, extent of the realm, rounded.
SIZES = {"E07000177": 589, "E07000178": 46, "E07000179": 679, "E07000180": 578, "E07000181": 714}
KM_OF_A_DEGREE = 111.2


def size(points: list[tuple[float, float]]) -> float:
    """The area inside of a closed line, by the shoelace formula."""
    return abs(sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in pairwise([*points, points[0]]))) / 2


@pytest.mark.slow
def test_each_district_has_its_size_in_the_file_and_in_the_picture(
    warehouse: Warehouse, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    place = tmp_path / "inbox" / "district_boundaries" / "2013-14Q3"
    place.mkdir(parents=True)
    shutil.copy(shared_data / "boundaries" / "topo_lad_england_2013.json", place)
    (outcome,) = steps.take("district_boundaries", "2013-14Q3")
    assert (outcome["status"], outcome["rows_loaded"]) == ("accepted", 645)
    with warehouse.connection, warehouse.connection.cursor() as cursor:
        cursor.execute("SELECT area_code, points FROM warehouse.district_outline_today WHERE area_code <> 'ELSEWHERE'")
        lines = [(code, [tuple(map(float, p.split())) for p in points.split(", ")]) for code, points in cursor]
    shares = {}
    for code, points in lines:
        ratio = cos(radians(points[0][1]))
        shares[code] = size([(x * ratio, y) for x, y in points]) * KM_OF_A_DEGREE**2
    assert shares == pytest.approx(SIZES, rel=0.02)
    read = scorecard_inputs.read(warehouse.connection, Quarter(2021, 4)).boundaries
    assert read is not None
    drawn = {outline.area_code: size([*outline.points]) for outline in read.outlines}
    scale = sum(SIZES.values()) / sum(drawn.values())
    assert {code: scale * share for code, share in drawn.items()} == pytest.approx(SIZES, rel=0.04)
