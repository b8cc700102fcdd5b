"""The policy: settings that people decide, each with its date, who set it and why (``policy.yml``).

A setting holds from its day until the next of its kind. A setting that names measures goes before one for all
measures. Lines are never edited: a change is a new line, so that an earlier release keeps the policy of its day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Generic, Literal, Self, TypeVar

from pydantic import Field, model_validator

from sia.register_file import Strict, Text, duplicates, load_register, read_once
from sia.statistics.direction import Method

T = TypeVar("T")

Whole = Annotated[int, Field(strict=True, ge=1)]
Share = Annotated[float, Field(strict=True, gt=0, lt=1)]
Yes = Annotated[bool, Field(strict=True)]


class _Attributed(Strict):
    """From when it holds, who decided it, and why."""

    starts: date
    set_by: Text
    why: Text


class Setting(_Attributed, Generic[T]):
    """A value for the measures that it names, or for all measures if it names none."""

    value: T
    measures: tuple[str, ...] = ()


class Target(_Attributed):
    """A value that a measure is to reach in an area, in the unit of its chart; ``until`` is the day after its last.

    Without an ``area`` it is for every area that has no target of its own. ``of_year``: the figure of the twelve months
    has to reach it, in the unit of that figure.
    """

    measure: str
    area: str | None = None
    of_year: Yes = False
    value: Annotated[float, Field(allow_inf_nan=False)]
    until: date | None = None


class Policy(Strict):
    """Every setting, with its history."""

    disclosure_threshold: tuple[Setting[Whole], ...]
    hide_zeros: tuple[Setting[Yes], ...]
    hide_everybody_or_nobody: tuple[Setting[Yes], ...]
    partnerships_by_year: tuple[Setting[Yes], ...]
    chart_screening: tuple[Setting[Yes], ...]
    chart_firm_from: tuple[Setting[Whole], ...]
    verdict_chance: tuple[Setting[Share], ...]
    false_discoveries: tuple[Setting[Share], ...]
    commentary_working_days: tuple[Setting[Whole], ...]
    good_direction: tuple[Setting[Literal["up", "down", "none"]], ...]
    targets: tuple[Target, ...] = ()

    @model_validator(mode="after")
    def _one_value_a_day(self) -> Self:
        for kind in type(self).model_fields:
            if twice := duplicates(_places(getattr(self, kind))):
                raise ValueError(f"{kind} is set twice from {' and '.join(twice)}")
        if named := [measure for setting in self.commentary_working_days for measure in setting.measures]:
            raise ValueError(f"commentary_working_days is for all measures. Remove {', '.join(named)}")
        return self

    def threshold(self, measure_id: str, day: date) -> int:
        """The smallest count of a measure that may be shown; counts from 1 to one less are hidden."""
        return _required("disclosure_threshold", self.disclosure_threshold, day, measure_id)

    def zeros_hidden(self, measure_id: str, day: date) -> bool:
        """Whether zeros of a measure are hidden like small counts."""
        return _required("hide_zeros", self.hide_zeros, day, measure_id)

    def everybody_or_nobody_hidden(self, measure_id: str, day: date) -> bool:
        """Whether a share is hidden if it is 0 or all: then it says something of each person in the group."""
        return _required("hide_everybody_or_nobody", self.hide_everybody_or_nobody, day, measure_id)

    def by_year(self, measure_id: str, day: date) -> bool:
        """Whether partnerships and districts have figures of a measure for twelve months only."""
        return _required("partnerships_by_year", self.partnerships_by_year, day, measure_id)

    def method(self, measure_id: str, day: date) -> Method:
        """How the direction of travel of a measure is judged."""
        return Method(
            screening=_required("chart_screening", self.chart_screening, day, measure_id),
            firm_from=_required("chart_firm_from", self.chart_firm_from, day, measure_id),
            chance=_required("verdict_chance", self.verdict_chance, day),
            false_discoveries=_required("false_discoveries", self.false_discoveries, day),
        )

    def commentary_days(self, day: date) -> int:
        """How many working days a lead has to comment on an exception."""
        return _required("commentary_working_days", self.commentary_working_days, day)

    def good(self, measure_id: str, day: date) -> Literal["up", "down", "none"]:
        """The good direction of a measure; ``none`` where nobody has set one, so that nothing is coloured."""
        setting = _setting_on(self.good_direction, day, measure_id)
        return setting.value if setting else "none"

    def target(self, measure_id: str, area_code: str, day: date) -> Target | None:
        """The target of a measure in an area, if it has one on a day."""
        in_force = [
            target
            for target in self.targets
            if target.measure == measure_id
            and target.area in (area_code, None)
            and target.starts <= day
            and (target.until is None or day < target.until)
        ]
        return max(in_force, key=lambda target: (target.area is not None, target.starts), default=None)


def _places(settings: Sequence[Setting[object] | Target]) -> Iterator[str]:
    """The days from which settings hold, and for what; no two settings of a kind may share one."""
    for setting in settings:
        if isinstance(setting, Target):
            yield f"{setting.starts} for {setting.measure} in {setting.area or 'every area'}"
        else:
            yield from (f"{setting.starts} for {measure}" for measure in setting.measures or ("all measures",))


def _setting_on(settings: Sequence[Setting[T]], day: date, measure_id: str | None = None) -> Setting[T] | None:
    in_force = [s for s in settings if s.starts <= day and (not s.measures or measure_id in s.measures)]
    return max(in_force, key=lambda setting: (bool(setting.measures), setting.starts), default=None)


def _required(kind: str, settings: Sequence[Setting[T]], day: date, measure_id: str | None = None) -> T:
    setting = _setting_on(settings, day, measure_id)
    if setting is None:
        raise LookupError(f"policy.yml has no {kind} for {day}")
    return setting.value


@read_once
def policy() -> Policy:
    """The policy.

    Raises:
        RegisterError: the register cannot be read.
    """
    return load_register(Policy, "policy.yml")
