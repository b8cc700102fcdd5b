"""Settings that are policy and not method: dated, named and attributed (``include/registers/policy.yml``).

A setting holds from a day until the next of its kind; one that names measures goes before one for all. Nothing is
ever edited: a change is a new line, so that an earlier release is judged by what held then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Annotated, Generic, Literal, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from sia.paths import REGISTERS
from sia.statistics.direction import Method

T = TypeVar("T")

Whole = Annotated[int, Field(strict=True, ge=1)]
Share = Annotated[float, Field(strict=True, gt=0, lt=1)]
Yes = Annotated[bool, Field(strict=True)]
Text = Annotated[str, Field(min_length=1)]


class _Attributed(BaseModel):
    """Who decided, why, and from when it holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    starts: date
    set_by: Text
    why: Text


class Setting(_Attributed, Generic[T]):
    """One value, for the measures that it names, or for all if it names none."""

    value: T
    measures: tuple[str, ...] = ()


class Target(_Attributed):
    """What a measure should reach in an area, in the unit of its chart; ``until`` is the day after its last."""

    measure: str
    area: str
    value: Annotated[float, Field(allow_inf_nan=False)]
    until: date | None = None


class Policy(BaseModel):
    """Every setting, with its history."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    disclosure_threshold: tuple[Setting[Whole], ...]
    hide_zeros: tuple[Setting[Yes], ...]
    chart_screening: tuple[Setting[Yes], ...]
    chart_firm_from: tuple[Setting[Whole], ...]
    fewest_points: tuple[Setting[Whole], ...]
    trend_significance: tuple[Setting[Share], ...]
    commentary_working_days: tuple[Setting[Whole], ...]
    good_direction: tuple[Setting[Literal["up", "down", "none"]], ...]
    targets: tuple[Target, ...] = ()

    @model_validator(mode="after")
    def _one_value_a_day(self) -> Self:
        for kind in type(self).model_fields:
            for (starts, measure), same in groupby(sorted(_places(getattr(self, kind)))):
                if len(list(same)) > 1:
                    raise ValueError(f"{kind} is set twice from {starts}{measure and f' for {measure}'}")
        return self

    def threshold(self, measure_id: str, day: date) -> int:
        """The disclosure threshold of a measure: counts from 1 up to it, exclusive, are hidden."""
        return _required("disclosure_threshold", self.disclosure_threshold, day, measure_id)

    def zeros_hidden(self, day: date) -> bool:
        """Whether zeros are hidden as if they were small."""
        return _required("hide_zeros", self.hide_zeros, day)

    def method(self, measure_id: str, day: date) -> Method:
        """How directions of travel are judged."""
        return Method(
            screening=_required("chart_screening", self.chart_screening, day, measure_id),
            firm_from=_required("chart_firm_from", self.chart_firm_from, day, measure_id),
            significance=_required("trend_significance", self.trend_significance, day, measure_id),
            fewest=_required("fewest_points", self.fewest_points, day, measure_id),
        )

    def commentary_days(self, day: date) -> int:
        """Working days that a lead has to comment on an exception."""
        return _required("commentary_working_days", self.commentary_working_days, day)

    def good(self, measure_id: str, day: date) -> Literal["up", "down", "none"]:
        """The good direction of a measure; ``none`` where nobody has set one, and then nothing is coloured."""
        held = _held(self.good_direction, day, measure_id)
        return held.value if held else "none"

    def target(self, measure_id: str, area_code: str, day: date) -> Target | None:
        """The target of a measure in an area, if it has one on a day."""
        standing = [
            target
            for target in self.targets
            if (target.measure, target.area) == (measure_id, area_code)
            and target.starts <= day
            and (target.until is None or day < target.until)
        ]
        return max(standing, key=lambda target: target.starts, default=None)


def _places(settings: Sequence[Setting[object] | Target]) -> list[tuple[date, str]]:
    return [
        (each.starts, measure)
        for each in settings
        for measure in ([f"{each.measure} in {each.area}"] if isinstance(each, Target) else each.measures or [""])
    ]


def _held(settings: Sequence[Setting[T]], day: date, measure_id: str | None = None) -> Setting[T] | None:
    standing = [each for each in settings if each.starts <= day and (not each.measures or measure_id in each.measures)]
    return max(standing, key=lambda each: (bool(each.measures), each.starts), default=None)


def _required(kind: str, settings: Sequence[Setting[T]], day: date, measure_id: str | None = None) -> T:
    held = _held(settings, day, measure_id)
    if held is None:
        raise LookupError(f"the policy says no {kind} for {day}")
    return held.value


@cache
def policy(path: Path = REGISTERS / "policy.yml") -> Policy:
    """The policy.

    Raises:
        pydantic.ValidationError: it says something that it cannot say.
    """
    return Policy.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
