"""The Cover sheet: which return a workbook is, of which version, from whom and for which quarter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sia.intake.readers.tables import heading_key

TAG = "#cover"
# The cover is short and stands at the top of its sheet; no sheet need be read further than this to find it.
ROWS = 20


@dataclass(frozen=True, slots=True)
class Cover:
    """What the Cover sheet says, as it was typed; what is not there is empty."""

    return_name: str
    version: str
    source: str
    quarter: str
    synthetic: bool
    nil_return: bool


def find(sheets: Iterable[list[tuple[str, str]]]) -> Cover | None:
    """The cover among the beginnings of a workbook's sheets, or nothing if the workbook is not ours.

    Args:
        sheets: for each sheet the texts in columns A and B of its first ``ROWS`` rows.
    """
    for rows in sheets:
        labels = [heading_key(label) for label, _ in rows]
        if TAG in labels:
            below = rows[labels.index(TAG) + 1 :]
            said = {heading_key(label): value for label, value in reversed(below) if label}
            return Cover(
                return_name=said.get("return", ""),
                version=said.get("template version", ""),
                source=said.get("source", ""),
                quarter=said.get("quarter", ""),
                synthetic=said.get("made-up sample", "").casefold() == "yes",
                nil_return=said.get("nil return", "").casefold() == "yes",
            )
    return None
