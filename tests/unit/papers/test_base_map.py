"""Maps of districts on their boundaries: five made-up squares, of which Oxford's is too narrow for a label."""

from __future__ import annotations

from lxml import html

from sia.papers import board_page
from sia.papers.base_map import base_map
from sia.papers.board_paper import board_paper
from sia.registers.tile_map import tiles
from sia.scorecard.boundaries import GRID, Boundaries, boundaries_on_grid
from tests.unit.papers.synthetic_release import release
from tests.unit.papers.test_board_paper import JULY

# In metres. Cherwell has a point more on the border that it shares with Oxford.
LINES = {
    "E07000177": [(0, 2000), (1500, 2000), (3000, 2000), (3000, 3000), (0, 3000), (0, 2000)],
    "E07000178": [(1400, 1000), (1600, 1000), (1600, 2000), (1400, 2000), (1400, 1000)],
    "E07000179": [(1600, 0), (3000, 0), (3000, 2000), (1600, 2000), (1600, 0)],
    "E07000180": [(0, 0), (1600, 0), (1600, 1000), (0, 1000), (0, 0)],
    "E07000181": [(0, 1000), (1400, 1000), (1400, 2000), (0, 2000), (0, 1000)],
}
WHOSE = "Contains data that somebody owns."


def boundaries() -> Boundaries:
    grid = boundaries_on_grid([*LINES.items()], WHOSE)
    assert grid
    return grid


def test_a_grid_keeps_the_corners_and_the_shape() -> None:
    grid = boundaries()
    assert (grid.width, grid.height) == (GRID, GRID)
    assert grid.outlines[0].points == ((0, 67), (200, 67), (200, 0), (0, 0))
    shared = {(107, 67), (107, 133)}
    assert shared <= {*grid.outlines[1].points}
    assert (107, 67) in grid.outlines[2].points


def test_a_degree_of_longitude_is_as_long_as_it_is() -> None:
    # At 60 degrees north it is half a degree of latitude.
    line = [(0.0, 59.5), (1.0, 59.5), (1.0, 60.5), (0.0, 60.5), (0.0, 59.5)]
    grid = boundaries_on_grid([("E07000178", line)], "")
    assert grid
    assert grid.height == GRID
    assert abs(grid.width - GRID / 2) <= 3
    assert boundaries_on_grid([], "") is None


def test_a_label_is_in_its_district_or_next_to_the_map() -> None:
    base = base_map(boundaries(), tiles())
    assert base
    assert base.attribution == WHOSE
    by_area = {shape.area_code: shape for shape in base.shapes}
    assert {code for code, shape in by_area.items() if shape.leader} == {"E07000178"}
    edge = max(float(x) for shape in base.shapes for x in shape.path[1:-1].replace("L", " ").split()[::2])
    assert by_area["E07000178"].x > edge
    assert by_area["E07000177"].x < edge / 2 + 5


def test_the_paper_draws_them_and_says_whose_they_are() -> None:
    document = html.document_fromstring(
        board_page.page(board_paper(release(boundaries=boundaries()), None, JULY), tiles())
    )
    maps = document.xpath("//svg[contains(@class, 'district-map')]")
    assert len(maps) > 1
    counts = {len(svg.xpath("path[contains(@class, 'district-')]")) for svg in maps}
    assert counts == {len(LINES)}
    assert WHOSE in document.text_content()
    tiled = board_page.page(board_paper(release(), None, JULY), tiles()).decode()
    assert WHOSE not in tiled
    assert "A tile stands for a district" in tiled
