"""Findings of the intake: the common rules applied to one place in a file."""

from __future__ import annotations

from sia.contract import common_rules
from sia.contract.model import Contract
from sia.finding import Finding


class Refusal(Exception):
    """A file that cannot be taken further. Raised and caught within the intake; it carries the findings."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__(*(finding.rule_id for finding in findings))
        self.findings = findings


def fault(
    rule_id: str,
    *,
    table: str | None = None,
    sheet: str | None = None,
    row: int | None = None,
    column: str | None = None,
    cell: str | None = None,
    **words: object,
) -> Finding:
    """The finding of a common rule. ``words`` fill the rule's placeholders; ``sheet`` fills its own.

    Raises:
        KeyError: there is no such rule, or one of its placeholders was not given.
    """
    rule = common_rules.rules()[rule_id]
    return Finding(
        rule_id=rule.id,
        severity=rule.severity,
        tier=rule.tier,
        message=rule.words(sheet=sheet, **words),
        table=table,
        sheet=sheet,
        row=row,
        column=column,
        cell=cell,
    )


_FORMAT_WORDS = {
    "xlsx": "an Excel workbook (.xlsx)",
    "ods": "an OpenDocument spreadsheet (.ods)",
    "xls": "an older Excel workbook (.xls)",
    "csv": "a CSV file (.csv)",
    "zip": "a zip archive (.zip)",
}


def format_words(name: str) -> str:
    """What people call a format: ``xlsx`` is an Excel workbook (.xlsx)."""
    return _FORMAT_WORDS[name]


def formats(contract: Contract) -> str:
    """The formats that a contract takes, in words."""
    return " or ".join(format_words(name) for name in contract.formats)
