"""Dated facts that break a series: what comes after cannot be compared with what came before.

The register is ``include/registers/breaks.yml``. A measure whose definition changes is another measure (``begins`` and
``until`` in the register of measures). Facts that change figures without changing what is meant, such as how police
record, stand in this one; another publication of the residents that rates are divided by is seen in the figures. Either
breaks the series by its date.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from sia.paths import REGISTERS
from sia.registers.measures import Measure, measures
from sia.registers.policy import Text


class SeriesBreak(BaseModel):
    """A fact from a day on, for the measures and the returns that it names; ``source`` is where it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    starts: date
    kind: Literal["definition", "counting rules", "recording practice", "small areas"]
    reason: Text
    source: Text
    returns: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()

    def concerns(self, measure: Measure) -> bool:
        """Whether it breaks a measure's series."""
        return measure.id in self.measures or measure.return_name in self.returns


@cache
def breaks(path: Path = REGISTERS / "breaks.yml") -> tuple[SeriesBreak, ...]:
    """Every break, in the order of the register.

    Raises:
        pydantic.ValidationError: the register says something that it cannot say.
        ValueError: a break concerns no measure.
    """
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))["breaks"]
    found = tuple(SeriesBreak.model_validate(row) for row in rows)
    for each in found:
        known = {measure.id for measure in measures()}, {measure.return_name for measure in measures()}
        if not set(each.measures) <= known[0] or not set(each.returns) <= known[1] or not each.measures + each.returns:
            raise ValueError(f"the break of {each.starts} names what no measure is or has")
    return found


def breaks_of(measure: Measure, every: Sequence[SeriesBreak]) -> list[SeriesBreak]:
    """A measure's breaks, oldest first."""
    return sorted((each for each in every if each.concerns(measure)), key=lambda each: each.starts)
