"""What senders answered to our questions about figures, as notes next to the figures that rest on them.

A note is shown only where every figure that the question was about is shown. It may tell what a hidden figure is like:
that all figures of a return are zero, for example.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from sia.calendar import Quarter, quarters_between
from sia.geography import Areas
from sia.registers.measures import Measure
from sia.scorecard.amounts import QUARTERS_SHOWN, AmountsByCell, quarter_amount
from sia.scorecard.periods import KeyedQuarter


class SenderAnswer(NamedTuple):
    """A sender's answer, and a figure that it is about.

    Without a ``component``, it is about all figures of the return; without an ``area_code``, about the sum of all
    areas.
    """

    return_name: str
    source_name: str
    source: str
    quarter_key: str
    component: str | None
    area_code: str | None
    is_right: bool
    reason: str
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class SenderNote:
    """A sender's answer about a measure in a quarter; without ``area_codes``, in all areas."""

    measure_id: str
    area_codes: tuple[str, ...]
    quarter: KeyedQuarter
    source_name: str
    is_right: bool
    reason: str

    def concerns(self, area_code: str, areas: Areas) -> bool:
        """Whether the figures of an area rest on those that the note is about."""
        members = {area_code, *areas[area_code].member_codes(self.quarter.start)}
        return not self.area_codes or not members.isdisjoint(self.area_codes)


def sender_notes(
    answers: Sequence[SenderAnswer], measures: Sequence[Measure], amounts: AmountsByCell, areas: Areas, quarter: Quarter
) -> tuple[SenderNote, ...]:
    """The notes of a quarter's scorecard, of the quarters that it shows, in the order of the measures.

    Args:
        answers: those that count, of one answer after the other.
        measures: the measures of the scorecard.
        amounts: the amounts that are shown; a hidden one is confidential or left to years.
        areas: the register of areas.
        quarter: of the scorecard.
    """
    shown = {past.key for past in quarters_between(quarter.plus(1 - QUARTERS_SHOWN), quarter)}
    notes = []
    of_answer = attrgetter("return_name", "source", "quarter_key", "answered_at", "is_right", "reason")
    for _, rows in groupby(answers, of_answer):
        about = list(rows)
        past = Quarter.parse(about[0].quarter_key)
        concerned = [measure for measure in measures if measure.defined_in(past) and _codes(measure, about) is not None]
        if past.key in shown and not any(_is_hidden(m, about, amounts, areas, past) for m in concerned):
            notes += [
                SenderNote(
                    measure.id, tuple(_codes(measure, about) or ()), past,
                    about[0].source_name, about[0].is_right, about[0].reason,
                )
                for measure in concerned
            ]  # fmt: skip
    order = {measure.id: position for position, measure in enumerate(measures)}
    return tuple(sorted(notes, key=lambda note: (order[note.measure_id], note.quarter)))


def _codes(measure: Measure, about: Iterable[SenderAnswer]) -> list[str] | None:
    """The areas of the figures of a measure that an answer is about, none for all areas; None if it is about none."""
    own = {measure.numerator, measure.denominator, None}
    used = [
        part
        for part in about
        if (part.return_name, part.source) == (measure.return_name, measure.source) and part.component in own
    ]
    if not used:
        return None
    return [] if any(part.area_code is None for part in used) else sorted({str(part.area_code) for part in used})


def _is_hidden(
    measure: Measure, about: Sequence[SenderAnswer], amounts: AmountsByCell, areas: Areas, quarter: Quarter
) -> bool:
    """Whether a figure of a measure that an answer is about is hidden."""
    codes = _codes(measure, about) or _asked_in(measure, about, areas)
    return any(quarter_amount(amounts, measure, code, quarter).status.is_hidden for code in codes)


def _asked_in(measure: Measure, about: Sequence[SenderAnswer], areas: Areas) -> Iterator[str]:
    """The areas that a question without areas is about: a sum is the county's figure, or else every figure counts."""
    is_about_sums = all(part.component is not None for part in about)
    yield from [areas.county.code] if is_about_sums and measure.aggregates_up else areas
