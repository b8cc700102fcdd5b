"""Data-sharing agreements (``agreements.yml``, and decisions on the desk)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Self

from pydantic import model_validator

from sia.contract.model import Name, returns
from sia.register_file import Strict, Text, duplicates, load_register, with_register_decisions


class Agreement(Strict):
    """An agreement with one sender. It is in force from ``signed`` to ``review_by``, both days included."""

    source: Name
    reference: Text
    signed: date
    review_by: date

    @model_validator(mode="after")
    def _is_signed_before_its_review(self) -> Self:
        if self.signed > self.review_by:
            raise ValueError(f"agreement {self.reference}: the last day (review_by) is before the first (signed)")
        return self

    def in_force_on(self, day: date) -> bool:
        """Whether the agreement is in force on a day."""
        return self.signed <= day <= self.review_by


class Agreements(Strict):
    """The whole register."""

    agreements: tuple[Agreement, ...]

    @model_validator(mode="after")
    def _senders_are_known_and_references_unique(self) -> Self:
        senders = {sender for contract in returns().values() for sender in contract.senders}
        if unknown := {agreement.source for agreement in self.agreements} - senders:
            raise ValueError(f"no contract names the sender {', '.join(sorted(unknown))}")
        if twice := duplicates(agreement.reference for agreement in self.agreements):
            raise ValueError(f"two agreements have the reference {', '.join(twice)}")
        return self

    def in_force(self, source: str, day: date) -> bool:
        """Whether an agreement with a sender is in force on a day."""
        return any(agreement.source == source and agreement.in_force_on(day) for agreement in self.agreements)

    def last_day(self, source: str) -> date | None:
        """The last day on which an agreement with a sender is in force; ``None`` if there never was one."""
        return max((agreement.review_by for agreement in self.agreements if agreement.source == source), default=None)


def agreements(decided: Mapping[str, Any]) -> Agreements:
    """The register as it is now: it may be changed while the software runs.

    Args:
        decided: what was decided on the desk, by the agreement's reference; None if it was withdrawn.

    Raises:
        RegisterError: the register cannot be read, or a decision no longer fits it.
    """
    register = load_register(Agreements, "agreements.yml")
    entries = {agreement.reference: agreement for agreement in register.agreements}
    return with_register_decisions(register, "agreements", entries, Agreement, decided)
