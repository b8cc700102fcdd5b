"""The symbols that stand for a figure that is not shown, or that mark one.

Source: Government Statistical Service, "Symbols in tables: definitions and help". [y] and [w] are our own.
"""

from __future__ import annotations

from collections.abc import Mapping

NOT_AVAILABLE = "[x]"
NOT_APPLICABLE = "[z]"
CONFIDENTIAL = "[c]"
BY_YEAR = "[y]"
WITHHELD = "[w]"
BREAK = "[b]"
PROVISIONAL = "[p]"
REVISED = "[r]"

SYMBOLS: Mapping[str, str] = {
    NOT_AVAILABLE: "not available: we have not received it, or months that it needs are missing",
    NOT_APPLICABLE: "not applicable",
    CONFIDENTIAL: "confidential: it is about very few people, or would reveal a figure that is",
    BY_YEAR: "by year: in a quarter it is about too few people, so we publish twelve months",
    WITHHELD: "withheld: the sender did not give us this figure, or one of which it is the sum",
    BREAK: "not compared: what is counted, or how, changed between the two periods",
    PROVISIONAL: "provisional: it rests on few figures, or may be revised",
    REVISED: "revised since it was first published",
}
