"""Data-sharing agreements: ``include/registers/agreements.yml``, or the file that ``SIA_AGREEMENTS`` names."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Self

import yaml
from pydantic import model_validator

from sia.contract.model import Name, Strict, returns
from sia.paths import REGISTERS


class Agreement(Strict):
    """One agreement with one source. It is in force from the day on which it was signed until its review is due."""

    source: Name
    reference: str
    signed: date
    review_by: date

    @model_validator(mode="after")
    def _signed_before_its_review(self) -> Self:
        if self.signed > self.review_by:
            raise ValueError(f"agreement {self.reference}: its review is due before it was signed")
        return self

    def in_force_on(self, day: date) -> bool:
        """Whether files may be taken on a day by this agreement; the day of the review is its last."""
        return self.signed <= day <= self.review_by


class Agreements(Strict):
    """The whole register."""

    agreements: tuple[Agreement, ...]

    @model_validator(mode="after")
    def _sources_are_known_and_references_once(self) -> Self:
        senders = {key for contract in returns().values() for key in contract.senders}
        if unknown := {agreement.source for agreement in self.agreements} - senders:
            raise ValueError(f"agreements with no sender of a return: {', '.join(sorted(unknown))}")
        references = [agreement.reference for agreement in self.agreements]
        if len(set(references)) != len(references):
            raise ValueError("an agreement's reference stands twice")
        return self

    def in_force(self, source: str, day: date) -> bool:
        """Whether an agreement with a source is in force on a day."""
        return any(one.source == source and one.in_force_on(day) for one in self.agreements)

    def last_day(self, source: str) -> date | None:
        """The last day on which an agreement with a source is in force; nothing if there never was one."""
        return max((one.review_by for one in self.agreements if one.source == source), default=None)


def agreements() -> Agreements:
    """The register as it is now: it may be changed while the software runs.

    Raises:
        pydantic.ValidationError: the file says something that the register cannot say.
    """
    path = Path(os.environ.get("SIA_AGREEMENTS") or REGISTERS / "agreements.yml")
    return Agreements.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
