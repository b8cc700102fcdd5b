"""Workbooks from before 2007: no library here writes them, so a sheet is put together from its records.

Records of BIFF 2: [MS-XLS] and the OpenOffice.org documentation of the Excel file format, sections 5.8, 5.59 and 5.71.
"""

from __future__ import annotations

import io
import re
import struct
from datetime import date

import pytest

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.intake import admit
from sia.intake.readers import xls
from sia.intake.readers.cells import CellKind, SheetCell
from tests.compound_files import compound_file, locked_workbook, old_workbook
from tests.workbooks import as_bytes, filled

EVERY_SHEET = re.compile(".*")


def record(number: int, content: bytes) -> bytes:
    return struct.pack("<HH", number, len(content)) + content


def sheet(*rows: tuple[object, ...]) -> bytes:
    """One sheet as a whole file."""
    written = record(0x0009, struct.pack("<HH", 2, 0x10))
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            place = struct.pack("<HH", row, column) + b"\0\0\0"
            match value:
                case bool():
                    written += record(0x0005, place + bytes([value, 0]))
                case int() | float():
                    written += record(0x0003, place + struct.pack("<d", value))
                case str() if value.startswith("#"):
                    written += record(0x0005, place + bytes([0x2A, 1]))
                case str():
                    written += record(0x0004, place + bytes([len(value)]) + value.encode())
    return written + record(0x000A, b"")


def test_cells_are_read_with_their_types() -> None:
    content = sheet(("Name ", 166321.0, 0.1 + 0.2), (True, "#N/A", None))
    (read,) = xls.read_sheets_matching(io.BytesIO(content), EVERY_SHEET)
    assert [(row.number, row.cells) for row in read.rows] == [
        (1, {1: SheetCell("Name"), 2: SheetCell("166321", CellKind.NUMBER), 3: SheetCell("0.3", CellKind.NUMBER)}),
        (2, {1: SheetCell("TRUE", CellKind.BOOLEAN), 2: SheetCell("#N/A", CellKind.ERROR)}),
    ]


def test_only_the_first_lines_of_matching_sheets_are_read() -> None:
    content = sheet(("Mid-Year Population Estimates", "June 2021"), ("Code",))
    assert list(xls.peek_rows(io.BytesIO(content), 1)) == [[("Mid-Year Population Estimates", "June 2021")]]
    assert xls.read_sheets_matching(io.BytesIO(content), re.compile("MYE4")) == []


DAMAGED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("return_name", "content", "rule"),
    [
        ("sanctuary", old_workbook(), "INT-FORMAT-04"),
        ("sanctuary", DAMAGED, "INT-FORMAT-04"),
        ("csp_crime", old_workbook(), "INT-FORMAT-04"),
        ("population_midyear", old_workbook(macros=True), "INT-MACRO-01"),
        ("population_midyear", old_workbook(locked=True), "INT-LOCKED-01"),
        ("population_midyear", locked_workbook(as_bytes(filled())), "INT-LOCKED-01"),
        ("population_midyear", old_workbook(), "INT-PUBLISHED-01"),
        ("population_midyear", DAMAGED, "INT-FORMAT-03"),
        ("population_midyear", old_workbook()[:2_000], "INT-FORMAT-03"),
        ("population_midyear", compound_file({"WordDocument": b"_VBA_PROJECT_CUR"}), "INT-FORMAT-02"),
    ],
    ids=[
        "not accepted", "damaged, not accepted", "not accepted from a publisher", "macros", "locked", "locked, newer",
        "no sheets", "damaged", "cut off", "another program's",
    ],
)  # fmt: skip
def test_an_old_workbook_is_accepted_only_from_publishers_and_without_macros(
    return_name: str, content: bytes, rule: str
) -> None:
    agreed = contract(return_name)
    result = admit.inspect(
        io.BytesIO(content),
        "table.xls",
        agreed,
        source=next(iter(agreed.senders)),
        quarter=Quarter(2021, 1),
        received_on=date(2026, 1, 5),
    )
    assert [finding.rule_id for finding in result.findings] == [rule]
