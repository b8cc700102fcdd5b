"""The policy: settings that people decide, each with its date, who set it and why (``policy.yml``, and the desk).

A setting holds from its day until the next of its kind. A setting that names measures goes before one for all
measures. Lines are never edited: a change is a new line, so that an earlier release keeps the policy of its day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Generic, Literal, Self, TypeVar, get_args

from pydantic import Field, ValidationError, model_validator

from sia.register_file import (
    RegisterError,
    Strict,
    Text,
    duplicates,
    load_register,
    problems,
    read_once,
    with_decisions,
    with_register_decisions,
)
from sia.statistics.method import Method

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

    @property
    def key(self) -> str:
        """What tells it from all others: the measure, the area and the first day."""
        return f"{self.measure} in {self.area or 'every area'} from {self.starts}"


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
        for kind in ("verdict_chance", "false_discoveries", "commentary_working_days"):
            if named := [measure for setting in getattr(self, kind) for measure in setting.measures]:
                raise ValueError(f"{kind} is for all measures. Remove {', '.join(named)}")
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

    def shows_more_than(self, other: Policy, measure_ids: Iterable[str], since: date) -> bool:
        """Whether disclosure control hides less of any measure than under another policy, on any day from ``since``."""
        kinds = ("disclosure_threshold", "hide_zeros", "hide_everybody_or_nobody", "partnerships_by_year")
        starts = {line.starts for policy in (self, other) for kind in kinds for line in getattr(policy, kind)}
        days = sorted({since, *(day for day in starts if day > since)})
        # Counts of records that are not a measure have settings too.
        wanted = ("", *measure_ids)
        return any(
            _setting_value(self, kind, day, measure_id) < _setting_value(other, kind, day, measure_id)
            for kind in kinds
            for day in days
            for measure_id in wanted
        )


_KINDS = tuple(name for name in Policy.model_fields if name != "targets")
_TRUTH = {"yes": True, "no": False}
_VALUES = {
    "good_direction": "up, down or none",
    **dict.fromkeys(("verdict_chance", "false_discoveries"), "a number between 0 and 1, for example 0.01"),
    **dict.fromkeys(
        ("disclosure_threshold", "chart_firm_from", "commentary_working_days"), "a whole number from 1, for example 5"
    ),
}


class PolicyLine(_Attributed):
    """A setting with its kind, as people decide about it. ``value`` may be a text: it is what the kind needs."""

    kind: Text
    value: bool | int | float | str
    measures: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _reads_value(cls, entry: Any) -> Any:
        value = entry.get("value") if isinstance(entry, dict) else None
        if not isinstance(value, str):
            return entry
        text = value.strip().casefold()
        for read in (_TRUTH.__getitem__, int, float):
            try:
                return {**entry, "value": read(text)}
            except (KeyError, ValueError):
                continue
        return {**entry, "value": text}

    @model_validator(mode="after")
    def _is_a_setting(self) -> Self:
        if self.kind not in _KINDS:
            raise ValueError(f"the policy has no setting {self.kind}")
        try:
            self.setting()
        except ValidationError:
            raise ValueError(f"the value must be {_VALUES.get(self.kind, 'Yes or No')}") from None
        return self

    @property
    def key(self) -> str:
        """What tells it from all others: no two lines of a kind share a day and a measure."""
        return f"{self.kind} from {self.starts} for {self.measures[0] if self.measures else 'all measures'}"

    def setting(self) -> Setting[Any]:
        """It as a setting of its kind.

        Raises:
            ValidationError: the kind has no such value.
        """
        (of_kind, *_) = get_args(Policy.model_fields[self.kind].annotation)
        setting: Setting[Any] = of_kind.model_validate(self.model_dump(exclude={"kind"}))
        return setting


def policy_lines(policy: Policy) -> dict[str, PolicyLine]:
    """Every setting of a policy, by its key."""
    lines = (PolicyLine(kind=kind, **setting.model_dump()) for kind in _KINDS for setting in getattr(policy, kind))
    return {line.key: line for line in lines}


def targets(policy: Policy) -> dict[str, Target]:
    """Every target of a policy, by its key."""
    return {target.key: target for target in policy.targets}


def _places(settings: Sequence[Setting[object] | Target]) -> Iterator[str]:
    """The days from which settings hold, and for what; no two settings of a kind may share one."""
    for setting in settings:
        if isinstance(setting, Target):
            yield f"{setting.starts} for {setting.measure} in {setting.area or 'every area'}"
        else:
            yield from (f"{setting.starts} for {measure}" for measure in setting.measures or ("all measures",))


def _setting_value(policy: Policy, kind: str, day: date, measure_id: str) -> int:
    return int(_required(kind, getattr(policy, kind), day, measure_id))


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
    """The policy as its file has it.

    Raises:
        RegisterError: the register cannot be read.
    """
    return load_register(Policy, "policy.yml")


def policy_as_decided(settings: Mapping[str, Any], targets_decided: Mapping[str, Any]) -> Policy:
    """The policy, with what was decided on the desk since.

    Args:
        settings: what was decided about settings, by their keys; None if a setting was withdrawn.
        targets_decided: the same about targets.

    Raises:
        RegisterError: the register cannot be read, or a decision no longer fits it.
    """
    policy_of_file = policy()
    current = with_register_decisions(policy_of_file, "targets", targets(policy_of_file), Target, targets_decided)
    if not settings:
        return current
    lines = with_decisions(policy_lines(policy_of_file), PolicyLine, settings).values()
    by_kind = {kind: [line.setting() for line in lines if line.kind == kind] for kind in _KINDS}
    try:
        return Policy.model_validate({**dict(current), **by_kind})
    except ValidationError as error:
        raise RegisterError(f"the decisions on settings: {'; '.join(problems(error))}") from None
