"""Findings of the intake: a common rule that fails in one place of a file."""

from __future__ import annotations

from sia.contract import common_rules
from sia.contract.model import Contract
from sia.finding import Finding

_FORMAT_NAMES = {
    "xlsx": "an Excel workbook (.xlsx)",
    "ods": "an OpenDocument spreadsheet (.ods)",
    "xls": "an older Excel workbook (.xls)",
    "csv": "a CSV file (.csv)",
    "geojson": "a GeoJSON file (.geojson)",
    "json": "a GeoJSON or TopoJSON file (.json)",
    "zip": "a zip archive (.zip)",
}


class FileRejected(Exception):
    """A file that we cannot go on with, and its findings. Raised and caught within the intake."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__(*(finding.rule_id for finding in findings))
        self.findings = findings


def make_finding(
    rule_id: str,
    *,
    table: str | None = None,
    sheet: str | None = None,
    row: int | None = None,
    column: str | None = None,
    cell: str | None = None,
    **values: object,
) -> Finding:
    """The finding of a common rule. ``values`` fill the placeholders of its message, and ``sheet`` its own.

    Raises:
        KeyError: there is no such rule, or one of its placeholders was not given.
    """
    rule = common_rules.rules()[rule_id]
    return Finding(
        rule_id=rule.id,
        severity=rule.severity,
        tier=rule.tier,
        message=rule.message_with(sheet=sheet, **values),
        table=table,
        sheet=sheet,
        row=row,
        column=column,
        cell=cell,
    )


def format_name(extension: str) -> str:
    """What people call a format: ``xlsx`` is "an Excel workbook (.xlsx)"."""
    return _FORMAT_NAMES[extension]


def format_names(contract: Contract) -> str:
    """The formats that a contract takes, in words."""
    return " or ".join(format_name(extension) for extension in contract.formats)
