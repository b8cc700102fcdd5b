"""Commentary that may tell what a release hides: a hint of what an approver should look at, never a verdict.

It knows numbers in digits, and the words from zero to ten. What it does not list may still tell a small count in other
words, and what it lists may be a date; a person reads all of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from sia import geography
from sia.calendar import Quarter
from sia.scorecard.exceptions import Place

_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_WORD = re.compile(rf"(?<![\w-])(?:{'|'.join(_WORDS)})\b", re.IGNORECASE)
_DIGITS = re.compile(r"(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+)(?!\w|[.,]?\d)")


def whole_numbers(text: str) -> set[int]:
    """The whole numbers that a text names, in digits or in words up to ten; not those of decimals or ordinals."""
    return {int(each.replace(",", "")) for each in _DIGITS.findall(text)} | {
        _WORDS.index(each.lower()) for each in _WORD.findall(text)
    }


def may_disclose(
    said: Mapping[Place, str],
    hidden: Mapping[Place, Collection[int]],
    threshold: Callable[[str], int],
    quarter: Quarter,
) -> list[Place]:
    """The commentaries that name a small number, or one that is hidden of their measure in their area or within it.

    Args:
        said: commentary by measure and area.
        hidden: the counts that the release hides, by measure and area.
        threshold: of a measure's id: below it a number is small.
        quarter: of the release, whose districts an area has.
    """

    def within(area: str) -> list[str]:
        districts = set(geography.areas()[area].member_codes(quarter.start))
        return [
            each.code for each in geography.areas().values() if districts.issuperset(each.member_codes(quarter.start))
        ]

    found = []
    for (measure_id, area), text in said.items():
        secret = {count for inside in within(area) for count in hidden.get((measure_id, inside), ())}
        if any(number < threshold(measure_id) or number in secret for number in whole_numbers(text)):
            found.append((measure_id, area))
    return found
