"""A finding: one rule that fails at one file, row or cell. It never holds the value there."""

from __future__ import annotations

from dataclasses import dataclass

from sia.contract.model import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that fails in one place.

    ``table`` and ``column`` are the contract's names. ``sheet`` is the sheet, or the file in an archive, and ``row`` is
    its row or line, counted from 1. ``cell`` is an address such as ``D17`` in a workbook. What does not apply is
    ``None``. ``message`` tells the partner what to do.
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
        """Whether this finding refuses the return."""
        return self.severity is Severity.CRITICAL
