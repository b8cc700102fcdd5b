"""The measures: the lines of the scorecard (``measures.yml``).

A measure names the return that feeds it, and a numerator and a denominator among the components of that return. The
two police returns are never added together.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import model_validator

from sia.calendar import Quarter
from sia.contract.model import contract, returns
from sia.register_file import Strict, duplicates, load_register, read_once


class Measure(Strict):
    """A measure.

    ``kind``: ``count`` is the numerator; ``proportion`` is the numerator as a share of the denominator; ``mean`` is the
    numerator divided by the denominator; ``money`` is a total in pounds. A ``proportion`` in GBP is a share of money.
    ``has_rate``: also shown per 1,000 residents.
    ``lead``: who answers for it to the Board. ``priority_of``: the partnerships whose plans name it as a priority.
    ``parts``: the components that add up to the numerator, once for each way of dividing it. ``within``: false where
    the numerator of a proportion is not part of its denominator: some detections are of earlier quarters' crimes.
    ``at_most``: a component of the return that the numerator never exceeds, though it is not a part to subtract.
    ``recorded_as``: the group of offences in which the ONS publishes the same crimes. The good direction of a measure
    is a dated setting of the policy. ``source_name``: the full name of the sender, from the contract of the return.
    """

    id: str
    title: str
    theme: str
    lead: str
    source: str
    source_name: str = ""
    return_name: str
    under_reported: bool = False
    kind: Literal["count", "proportion", "mean", "money"] = "count"
    unit: str
    has_rate: bool = False
    numerator: str
    denominator: str | None = None
    within: bool = True
    parts: tuple[tuple[str, ...], ...] = ()
    at_most: str | None = None
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
            raise ValueError(f"measure {self.id}: a proportion or mean needs a denominator; other kinds have none")
        if self.has_rate and self.kind != "count":
            raise ValueError(f"measure {self.id}: has_rate is for counts only")
        return self

    @property
    def is_share_of_whole(self) -> bool:
        """Whether the numerator is a part of a number of cases, so that the rest is known too."""
        return self.kind == "proportion" and self.within and not self.is_share_of_money

    @property
    def is_share_of_money(self) -> bool:
        """Whether it is a share of pounds: nobody is counted, and chance has no part in it."""
        return self.kind == "proportion" and self.unit == "GBP"

    @property
    def has_interval(self) -> bool:
        """Whether its figures have an interval: rates and shares of cases."""
        return self.has_rate or (self.kind == "proportion" and not self.is_share_of_money)

    @property
    def components(self) -> frozenset[str]:
        """The components of the return that the measure names."""
        named = (
            self.numerator,
            self.denominator,
            self.at_most,
            *(component for part in self.parts for component in part),
        )
        return frozenset(component for component in named if component)

    def defined_in(self, quarter: Quarter) -> bool:
        """Whether the measure is defined on any day of the quarter."""
        return (self.begins is None or self.begins <= quarter.end) and (
            self.until is None or quarter.start < self.until
        )

    def is_whole_in(self, quarter: Quarter) -> bool:
        """Whether the measure is defined on every day of the quarter. In other quarters its figure is incomplete."""
        return (self.begins is None or self.begins <= quarter.start) and (
            self.until is None or quarter.end < self.until
        )


class _MeasureRegister(Strict):
    measures: tuple[Measure, ...]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        if twice := duplicates(measure.id for measure in self.measures):
            raise ValueError(f"two measures have the id {', '.join(twice)}")
        for measure in self.measures:
            if _sender(measure) is None:
                raise ValueError(f"measure {measure.id}: {measure.source} does not send {measure.return_name}")
            if unknown := measure.components - contract(measure.return_name).component_descriptions.keys():
                raise ValueError(
                    f"measure {measure.id}: {', '.join(sorted(unknown))} is not a component of {measure.return_name}."
                    " Correct it, or add it to 'components' in the contract"
                )
            if measure.compare_with and measure.compare_with not in _qualified_components():
                raise ValueError(
                    f"measure {measure.id}: {measure.compare_with} is not a return and its component."
                    " Write them as return.component"
                )
        return self


def _qualified_components() -> set[str]:
    return {f"{name}.{component}" for name, agreed in returns().items() for component in agreed.component_descriptions}


@read_once
def measures() -> tuple[Measure, ...]:
    """Every measure, in the order of the scorecard.

    Raises:
        RegisterError: the register cannot be read.
    """
    register = load_register(_MeasureRegister, "measures.yml")
    return tuple(measure.model_copy(update={"source_name": _sender(measure)}) for measure in register.measures)


def _sender(measure: Measure) -> str | None:
    """The full name of the sender of a measure's figures; none if it does not send the return."""
    return contract(measure.return_name).senders.get(measure.source)
