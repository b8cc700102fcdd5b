"""How much harm each theme stands for, as ranks that somebody set (``harm_ranks.yml``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import Field, model_validator

from sia.register_file import Strict, Text, duplicates, load_register, read_once


class _RankedTheme(Strict):
    theme: Text
    rank: int = Field(ge=1)


class HarmRanks(Strict):
    """The ranks, 1 for the most harm, and who set them."""

    set_by: Text
    themes: tuple[_RankedTheme, ...]

    @model_validator(mode="after")
    def _each_theme_once(self) -> Self:
        if twice := duplicates(entry.theme for entry in self.themes):
            raise ValueError(f"two entries rank {', '.join(twice)}")
        return self

    @property
    def by_theme(self) -> Mapping[str, int]:
        """The rank of each theme that has one."""
        return {entry.theme: entry.rank for entry in self.themes}


@read_once
def harm_ranks() -> HarmRanks:
    """The register.

    Raises:
        RegisterError: the register cannot be read, or ranks a theme twice.
    """
    return load_register(HarmRanks, "harm_ranks.yml")
