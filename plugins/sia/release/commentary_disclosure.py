"""Commentary that may reveal what a release hides: a hint about what an approver should read, never a verdict.

It knows numbers in digits, and the words from zero to ten. What it does not list may still reveal a small count in
other words, and what it lists may be a date. A person reads all of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from sia.calendar import Quarter
from sia.geography import Areas
from sia.scorecard.amounts import Place

_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_WORD = re.compile(rf"(?<![\w-])(?:{'|'.join(_WORDS)})\b", re.IGNORECASE)
_DIGITS = re.compile(r"(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+)(?!\w|[.,]?\d)")


def whole_numbers(text: str) -> set[int]:
    """The whole numbers that a text mentions, in digits or in words up to ten; not those of decimals or ordinals."""
    return {int(number.replace(",", "")) for number in _DIGITS.findall(text)} | {
        _WORDS.index(word.lower()) for word in _WORD.findall(text)
    }


def may_disclose(
    written: Mapping[Place, str],
    hidden: Mapping[Place, Collection[int]],
    threshold: Callable[[str], int],
    quarter: Quarter,
    areas: Areas,
) -> list[Place]:
    """The commentaries that mention a small number, or one that is hidden for their measure in their area or within it.

    Args:
        written: commentary by measure and area.
        hidden: the counts that the release hides, by measure and area.
        threshold: of a measure's id: below it a number is small.
        quarter: of the release, which decides the districts of an area.
        areas: the register of areas.
    """

    def within(area_code: str) -> list[str]:
        districts = set(areas[area_code].member_codes(quarter.start))
        return [area.code for area in areas.values() if districts.issuperset(area.member_codes(quarter.start))]

    places = []
    for (measure_id, area_code), text in written.items():
        secret = {count for code in within(area_code) for count in hidden.get((measure_id, code), ())}
        if any(number < threshold(measure_id) or number in secret for number in whole_numbers(text)):
            places.append((measure_id, area_code))
    return places
