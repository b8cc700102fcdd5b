"""The register of measures: the lines of the scorecard (``include/registers/measures.yml``).

A measure names one return that feeds it, and a numerator and a denominator among the things that the
return's tally counts (``include/sql/tally/<return>_<table>.sql``). The two police returns are never added together.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.paths import REGISTERS


class Measure(BaseModel):
    """One measure.

    ``kind``: ``count`` of ``numerator``; ``proportion`` numerator of denominator; ``mean`` numerator by
    denominator; ``money`` total in pounds. ``rated``: also shown per 1,000 residents. ``lead``: who answers for it,
    from Annex B of the OSCP's plan 2013-14. ``priority_of``: the partnerships whose own plans watch it (Annex C).
    ``parts``: what the numerator is divided into, once for each way of dividing it. ``within``: false where the
    numerator of a proportion is no part of its denominator, as detections of earlier crimes are no part of a
    quarter's crimes. ``recorded_as``: the group of offences that the ONS publishes of the same thing. Which direction
    of travel is good is a setting with a date and a name (``policy``).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: str
    theme: str
    lead: str
    source: str
    return_name: str
    under_reported: bool = False
    kind: Literal["count", "proportion", "mean", "money"] = "count"
    unit: str
    has_rate: bool = False
    numerator: str
    denominator: str | None = None
    within: bool = True
    parts: tuple[tuple[str, ...], ...] = ()
    aggregates_up: bool = True
    begins: date | None = None
    until: date | None = None
    priority_of: tuple[str, ...] = ()
    compare_with: str | None = None
    recorded_as: str | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        if (self.denominator is not None) != (self.kind in ("proportion", "mean")):
            raise ValueError(f"measure {self.id}: a proportion or mean has a denominator, nothing else has")
        if self.has_rate and self.kind != "count":
            raise ValueError(f"measure {self.id}: only a count is shown per 1,000 residents")
        if self.source not in contract(self.return_name).senders:
            raise ValueError(f"measure {self.id}: {self.source} does not send the return {self.return_name}")
        return self

    @property
    def source_name(self) -> str:
        """The full name of who sends the figures."""
        return contract(self.return_name).senders[self.source]

    def defined_in(self, quarter: Quarter) -> bool:
        """Whether the measure is defined on any day of the quarter."""
        return (self.begins is None or self.begins <= quarter.end) and (
            self.until is None or quarter.start < self.until
        )


@cache
def measures() -> tuple[Measure, ...]:
    """Every measure, in the order of the scorecard.

    Raises:
        pydantic.ValidationError: the register says something that it cannot say.
        ValueError: an id stands twice.
    """
    rows = yaml.safe_load((REGISTERS / "measures.yml").read_text(encoding="utf-8"))["measures"]
    found = tuple(Measure.model_validate(row) for row in rows)
    ids = [measure.id for measure in found]
    if len(set(ids)) != len(ids):
        raise ValueError("an id stands twice in the register of measures")
    return found
