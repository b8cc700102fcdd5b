"""Workbooks of before 2007: no library here writes them, so a sheet is put together from its records.

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
from sia.intake.readers.cells import Cell, Kind

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


def test_what_a_cell_holds_is_read_as_it_is() -> None:
    content = sheet(("Name ", 166321.0, 0.1 + 0.2), (True, "#N/A", None))
    (found,) = xls.read_named(io.BytesIO(content), EVERY_SHEET)
    assert [(row.number, row.cells) for row in found.rows] == [
        (1, {1: Cell("Name"), 2: Cell("166321", Kind.NUMBER), 3: Cell("0.3", Kind.NUMBER)}),
        (2, {1: Cell("TRUE", Kind.BOOLEAN), 2: Cell("#N/A", Kind.ERROR)}),
    ]


def test_the_first_lines_are_read_and_other_sheets_left() -> None:
    content = sheet(("Mid-Year Population Estimates", "June 2021"), ("Code",))
    assert list(xls.beginnings(io.BytesIO(content), 1)) == [[("Mid-Year Population Estimates", "June 2021")]]
    assert xls.read_named(io.BytesIO(content), re.compile("MYE4")) == []


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("return_name", "content", "rule"),
    [
        ("sanctuary", OLE + b"x", "INT-FORMAT-04"),
        ("csp_crime", OLE + b"x", "INT-FORMAT-04"),
        ("population_midyear", OLE + "_VBA_PROJECT_CUR".encode("utf-16-le"), "INT-MACRO-01"),
        ("population_midyear", OLE + "EncryptedPackage".encode("utf-16-le"), "INT-LOCKED-01"),
        ("population_midyear", OLE + b"x", "INT-FORMAT-03"),
    ],
)
def test_an_old_workbook_is_taken_of_publishers_alone_and_without_macros(
    return_name: str, content: bytes, rule: str
) -> None:
    agreed = contract(return_name)
    found = admit.inspect(
        io.BytesIO(content),
        "table.xls",
        agreed,
        source=next(iter(agreed.senders)),
        quarter=Quarter(2021, 1),
        received_on=date(2026, 1, 5),
    )
    assert [finding.rule_id for finding in found.findings] == [rule]
