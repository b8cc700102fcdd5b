"""Where each district is on the map of tiles (``tile_map.yml``)."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from sia.geography import areas
from sia.register_file import Strict, duplicates, load_register, read_once


class Tile(Strict):
    """The place of an area: columns are counted from the west, rows from the north, both from 1."""

    area: str
    column: int = Field(ge=1, le=12)
    row: int = Field(ge=1, le=12)

    @model_validator(mode="after")
    def _area_exists(self) -> Self:
        if self.area not in areas():
            raise ValueError(f"areas.yml has no area {self.area}")
        return self


class _TileRegister(Strict):
    tiles: tuple[Tile, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if twice := duplicates([*(tile.area for tile in self.tiles), *(f"{t.column}, {t.row}" for t in self.tiles)]):
            raise ValueError(f"more than one tile has {', '.join(twice)}")
        return self


@read_once
def tiles() -> tuple[Tile, ...]:
    """The tiles.

    Raises:
        RegisterError: the register cannot be read, names an area that does not exist, or a place twice.
    """
    return load_register(_TileRegister, "tile_map.yml").tiles
