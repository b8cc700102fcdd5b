"""The names and codes of a county, its police force, its partnerships and districts, as registers and contracts say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sia import geography
from sia.contract.model import returns
from sia.geography import AreaType

GENERIC_CODES = frozenset({"ELSEWHERE", "NO-LOCATION", "SERVICE"})
"""Codes of areas that every register has, or that are words of every county."""
GENERIC_SENDERS = frozenset({"csps", "Community Safety Partnerships"})
"""Senders that any county has."""
_PLACES = (AreaType.COUNTY, AreaType.CSP, AreaType.DISTRICT)
_COUNCIL_WORDS = re.compile(r" (CSP|Police|Constabulary)$")


def place_names() -> re.Pattern[str]:
    """What stands for this county alone: in capitals or not, and with spaces, hyphens or underscores between words."""
    return re.compile("|".join(sorted(set(_patterns()), key=len, reverse=True)), re.IGNORECASE)


def _patterns() -> Iterator[str]:
    for area in geography.areas().values():
        if area.code not in GENERIC_CODES:
            yield _whole_word(area.code)
        if area.type in _PLACES:
            yield _words(_COUNCIL_WORDS.sub("", area.name))
            yield _words(area.column)
    for name, contract in returns().items():
        yield from _initials_of_senders(name, contract.senders.values())
        for key, sender in contract.senders.items():
            if not {key, sender} & GENERIC_SENDERS:
                yield _whole_word(key)
                yield _words(_COUNCIL_WORDS.sub("", sender))
        for publishers_name in contract.archive.sender_names if contract.archive else ():
            yield _words(publishers_name)


def _initials_of_senders(return_name: str, senders: Iterable[str]) -> Iterator[str]:
    """The name of a return that begins with a sender's initials: ``tvp_crime`` of Thames Valley Police."""
    initials = {"".join(word[0] for word in sender.split()).lower() for sender in senders}
    if return_name.partition("_")[0] in initials:
        yield _whole_word(return_name)


def _whole_word(text: str) -> str:
    return rf"(?<![a-z0-9_]){re.escape(text)}(?![a-z0-9_])"


def _words(text: str) -> str:
    return r"[\s_-]+".join(map(re.escape, re.split(r"[\s_-]+", text)))
