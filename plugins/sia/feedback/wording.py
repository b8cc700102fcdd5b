"""Words that letters, workbooks and pages share."""

from __future__ import annotations

from sia.calendar import Quarter


def number_of(count: int, noun: str) -> str:
    """A number and its noun, in the singular or the plural: ``1 place``, ``1,200 places``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def return_title(title: str, quarter: Quarter, synthetic: bool) -> str:
    """The title of a return for a quarter: ``Mediation return, 2021/22 Q4 (made-up sample)``."""
    return f"{title}, {quarter.label}{' (made-up sample)' if synthetic else ''}"
