"""The cover of a return workbook: which return it is, of which version, from whom and for which quarter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sia.contract.model import COVER_TAG
from sia.intake.readers.cells import heading_key

# The cover is short and at the top of its sheet: we look no further than this.
MAX_COVER_ROWS = 20


@dataclass(frozen=True, slots=True)
class Cover:
    """What the cover says, as it was typed. What is missing is empty."""

    return_name: str
    version: str
    source: str
    quarter: str
    synthetic: bool
    nil_return: bool


def find_cover(sheets: Iterable[list[tuple[str, str]]]) -> Cover | None:
    """The cover, or nothing if no sheet has the tag of one.

    Args:
        sheets: for each sheet the texts in columns A and B of its first ``MAX_COVER_ROWS`` rows.
    """
    for rows in sheets:
        labels = [heading_key(label) for label, _ in rows]
        if COVER_TAG in labels:
            below = rows[labels.index(COVER_TAG) + 1 :]
            values = {heading_key(label): value for label, value in reversed(below) if label}
            return Cover(
                return_name=values.get("return", ""),
                version=values.get("template version", ""),
                source=values.get("source", ""),
                quarter=values.get("quarter", ""),
                synthetic=values.get("made-up sample", "").casefold() == "yes",
                nil_return=values.get("nil return", "").casefold() == "yes",
            )
    return None
