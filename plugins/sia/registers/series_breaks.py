"""Breaks: dated changes after which figures cannot be compared with earlier ones (``breaks.yml``).

Three things break a series. A measure whose definition changes becomes another measure (``begins`` and ``until`` in
``measures.yml``). A change in how things are recorded is an entry here. Rebased estimates of residents are seen in the
figures themselves. The register also has times that are set aside, such as pandemic restrictions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal, Self

from pydantic import model_validator

from sia.register_file import Strict, Text, load_register, read_once
from sia.registers.measures import Measure, measures


class SeriesBreak(Strict):
    """A change from ``starts`` on, for the measures and returns that it names; ``source`` is where it is published."""

    starts: date
    kind: Literal["definition", "counting rules", "recording practice", "small areas"]
    reason: Text
    source: Text
    returns: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()

    def concerns(self, measure: Measure) -> bool:
        """Whether it breaks a measure's series."""
        return measure.id in self.measures or measure.return_name in self.returns


class SetAside(Strict):
    """A time with which nothing later is compared, from ``starts`` to the day before ``until``."""

    starts: date
    until: date
    reason: Text
    source: Text

    def days_between(self, first: date, after: date) -> int:
        """How many of its days are from ``first`` to the day before ``after``."""
        return max(0, (min(self.until, after) - max(self.starts, first)).days)


def is_set_aside(entries: Iterable[SetAside], first: date, after: date) -> bool:
    """Whether at least half of the days from ``first`` to the day before ``after`` are in times that are set aside."""
    return 2 * sum(entry.days_between(first, after) for entry in entries) >= (after - first).days


class _BreakRegister(Strict):
    breaks: tuple[SeriesBreak, ...]
    set_aside: tuple[SetAside, ...] = ()

    @model_validator(mode="after")
    def _every_break_concerns_a_measure(self) -> Self:
        known = {measure.id for measure in measures()} | {measure.return_name for measure in measures()}
        for entry in self.breaks:
            if unknown := {*entry.measures, *entry.returns} - known:
                raise ValueError(f"the break of {entry.starts}: not in measures.yml: {', '.join(sorted(unknown))}")
            if not (entry.measures or entry.returns):
                raise ValueError(f"the break of {entry.starts}: name the measures or returns that it breaks")
        return self


@read_once
def breaks() -> tuple[SeriesBreak, ...]:
    """Every break, in the order of the register.

    Raises:
        RegisterError: the register cannot be read, or a break concerns no measure.
    """
    return load_register(_BreakRegister, "breaks.yml").breaks


@read_once
def set_aside() -> tuple[SetAside, ...]:
    """Every time that is set aside, in the order of the register.

    Raises:
        RegisterError: the register cannot be read.
    """
    return load_register(_BreakRegister, "breaks.yml").set_aside


def breaks_of(measure: Measure, every: Sequence[SeriesBreak]) -> list[SeriesBreak]:
    """A measure's breaks, oldest first."""
    return sorted((entry for entry in every if entry.concerns(measure)), key=lambda entry: entry.starts)
