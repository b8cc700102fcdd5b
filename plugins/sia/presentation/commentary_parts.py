"""A lead's commentary in parts: why it happened, what is being done, by whom, by when, and what the Board is asked.

A lead marks the parts with labels, for example ``Why: … Action: … Who: … By: … Ask: …``. Text without labels is kept
whole: it says what the lead says, and no part of it is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

PARTS: Mapping[str, str] = {
    "Why": "Why",
    "Action": "What is being done",
    "Who": "By whom",
    "By": "By when",
    "Ask": "What the Board is asked",
}
"""The label of each part, and its heading in the paper."""

UNMARKED = "Commentary"
"""The heading of what has no label."""

_LABEL = re.compile(rf"(?:^|(?<=[.!?;] ))({'|'.join(PARTS)}): ")


def commentary_parts(text: str) -> dict[str, str]:
    """The parts that a commentary has, by their headings; what has no label is under ``UNMARKED``."""
    unlabelled, *labelled = _LABEL.split(text)
    parts: dict[str, str] = {UNMARKED: unlabelled.strip()} if unlabelled.strip() else {}
    for label, words in zip(labelled[::2], labelled[1::2], strict=True):
        heading = PARTS[label]
        parts[heading] = f"{parts[heading]} {words.strip()}" if heading in parts else words.strip()
    return parts


def unanswered(parts: Mapping[str, str]) -> list[str]:
    """The headings that a commentary leaves open."""
    return [heading for heading in PARTS.values() if heading not in parts]
