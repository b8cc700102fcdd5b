"""The settings of verdicts, which the policy decides. Who reads the policy needs no statistics."""

from __future__ import annotations

from dataclasses import dataclass

FIRM_FROM = 12


@dataclass(frozen=True, slots=True)
class Method:
    """The settings.

    ``chance``: how unlikely a change must be at least. ``false_discoveries``: the share of a scorecard's verdicts that
    may be false.
    """

    screening: bool = True
    firm_from: int = FIRM_FROM
    chance: float = 0.01
    false_discoveries: float = 0.05
