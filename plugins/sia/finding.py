"""A finding: one rule failing at one cell, row or file. It never holds the value that it is about."""

from __future__ import annotations

from dataclasses import dataclass

from sia.contract.model import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule failing in one place.

    ``table`` and ``column`` are the contract's names, ``sheet`` the sheet (or the file inside an
    archive), ``row`` its row or line counted from 1, ``cell`` an address such as ``D17`` where the
    file is a workbook. What does not apply is ``None``. ``says`` are the words for the partner.
    """

    rule_id: str
    severity: Severity
    tier: int
    message: str
    table: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    cell: str | None = None

    @property
    def refuses(self) -> bool:
        """Whether a return with this finding is refused."""
        return self.severity is Severity.CRITICAL
