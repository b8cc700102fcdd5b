"""Findings as the steps before leave them, of the sanctuary return."""

from __future__ import annotations

from openpyxl import Workbook

from sia.calendar import Quarter
from sia.contract import common_rules, return_workbook
from sia.contract.model import Severity, contract
from sia.contract.rules import compile_rules
from sia.feedback.findings_workbook import FixListHeader
from sia.finding import Finding

SANCTUARY = contract("sanctuary")
QUARTER = Quarter.parse("2021-22Q4")
RECEIPT = "SAN-2021-22Q4-000012"
_RULES = {rule.id: rule for table in SANCTUARY.tables for rule in compile_rules(SANCTUARY, table, QUARTER)}
_LETTERS = dict(zip(SANCTUARY.table("jobs").names, "ABCDEFGHIJ", strict=True))


def header(*, marked: bool = True) -> FixListHeader:
    return FixListHeader(SANCTUARY, QUARTER, RECEIPT, synthetic=True, marked=marked)


def job(rule_id: str, row: int, column: str) -> Finding:
    """A rule of the contract failing at a cell of the sheet Jobs."""
    rule = _RULES[rule_id]
    return Finding(
        rule_id, rule.severity, rule.tier, rule.message, "jobs", "Jobs", row, column, f"{_LETTERS[column]}{row}"
    )


def warning(row: int, column: str = "works_cost") -> Finding:
    message = "This number is stored as text. We read it as the number; please enter it without an apostrophe."
    return Finding(
        "INT-NUMBER-01", Severity.WARNING, 2, message, "jobs", "Jobs", row, column, f"{_LETTERS[column]}{row}"
    )


def withheld(row: int) -> Finding:
    rule = common_rules.rules()["INT-WITHHELD-01"]
    cell = f"{_LETTERS['works_cost']}{row}"
    return Finding(rule.id, rule.severity, rule.tier, rule.message, "jobs", "Jobs", row, "works_cost", cell)


def wrong_quarter() -> Finding:
    message = "The Cover sheet does not say 2021/22 Q4, the quarter for which this file was sent."
    return Finding("INT-QUARTER-01", Severity.CRITICAL, 1, message)


def returned(jobs: int = 20) -> Workbook:
    """The blank workbook with made-up jobs in it."""
    book = return_workbook.workbook(SANCTUARY, QUARTER, "sanctuary_contractor", synthetic=True)
    return_workbook.fill(
        book,
        SANCTUARY.table("jobs"),
        [
            {
                "job_reference": f"SAN-2022-{number:04d}",
                "district": "E07000178",
                "referred_on": QUARTER.start,
                "reason": "burglary",
                "secured": True,
                "completed_on": QUARTER.end,
                "locks": True,
                "letter_box": False,
                "lighting": False,
                "works_cost": -86.5 if number == 3 else 86.5,
            }
            for number in range(jobs)
        ],
    )
    return book
