"""Whatever a person types or a program writes into a file: it is read, or refused with a message, in time.

A few dozen examples in the suite, and as many as you have time for with ``make fuzz``.
"""

from __future__ import annotations

import io
import os
import time
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.exceptions import IllegalCharacterError

from sia.calendar import Quarter
from sia.contract.model import contract, returns
from sia.finding import Finding
from sia.intake import admit
from sia.intake.readers import return_file
from sia.intake.rejection import FileRejected
from tests.workbooks import QUARTER, as_bytes, filled, sheet_of

MAX_SECONDS = 10.0
FUZZ = settings(max_examples=int(os.environ.get("FUZZ_EXAMPLES", "12")), deadline=None)
CORPUS = Path(__file__).parent / "fuzz_corpus"
"""Files that were not answered once, each called ``<return>-<what was wrong>``. They are tried every time."""
GOOD = as_bytes(filled())
PARTS = {name: zipfile.ZipFile(io.BytesIO(GOOD)).read(name) for name in zipfile.ZipFile(io.BytesIO(GOOD)).namelist()}

TYPED = st.one_of(
    st.text(max_size=60),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.sampled_from(
        ["=1/0", "=A1", "'5", "<5", "*", "n/a", "#N/A", "£1,234.50", "1e400", "12/13/2021", "\u202e12", "١٢"]
    ),
)
"""What may be in a cell."""


def take(content: bytes, name: str, return_name: str = "sanctuary") -> list[Finding]:
    """Admit and read a file. Returns the findings; an error of any kind fails the test."""
    agreed, quarter, began = contract(return_name), Quarter.parse(QUARTER), time.monotonic()
    sender = next(iter(agreed.senders))
    seen = admit.inspect(
        io.BytesIO(content), name, agreed, source=sender, quarter=quarter, received_on=date(2021, 7, 14)
    )
    answers = list(seen.findings)
    if not seen.refused:
        try:
            answers += return_file.read(io.BytesIO(content), name, agreed, quarter)[1]
        except FileRejected as rejected:
            answers += rejected.findings
    assert time.monotonic() - began < MAX_SECONDS
    assert all(finding.message.strip() for finding in answers)
    return answers


@FUZZ
@given(st.dictionaries(st.tuples(st.integers(1, 12), st.integers(1, 12)), TYPED, min_size=1, max_size=12), st.data())
def test_anything_in_any_cell_of_a_workbook(cells: dict[tuple[int, int], object], data: st.DataObject) -> None:
    return_name = data.draw(st.sampled_from(sorted(set(returns()) & WORKBOOKS)))
    book = filled(return_name)
    sheet = sheet_of(book, data.draw(st.sampled_from(book.sheetnames)))
    for (row, column), value in cells.items():
        try:
            sheet.cell(row, column, value)  # type: ignore[arg-type]
        except (ValueError, IllegalCharacterError):  # openpyxl writes no such character
            continue
    take(as_bytes(book), "return.xlsx", return_name)


WORKBOOKS = {name for name in returns() if "xlsx" in contract(name).formats and contract(name).is_template_return}


@FUZZ
@given(st.binary(max_size=2000))
@example(b"\xff\xfe")
@example(b"sep=,\r\n\x00")
def test_any_bytes_as_a_csv_file(content: bytes) -> None:
    take(content, "return.csv", "indicators")


@FUZZ
@given(st.lists(st.lists(st.text(max_size=20), max_size=12), max_size=12), st.sampled_from(",;\t|"))
def test_any_table_as_a_csv_file(rows: list[list[str]], delimiter: str) -> None:
    take("\r\n".join(delimiter.join(row) for row in rows).encode(errors="replace"), "return.csv", "indicators")


@FUZZ
@given(
    st.sampled_from(sorted(PARTS)),
    st.integers(0, 10_000),
    st.integers(0, 40),
    st.sampled_from([b"", b"<", b"/>", b'"', b"&#0;", b"<c/>", b"</row>", b'r="XFD1048576"', b's="99999"', b"\xff"]),
)
def test_a_part_of_a_workbook_with_other_words_in_it(part: str, place: int, length: int, words: bytes) -> None:
    before = PARTS[part]
    place %= len(before) + 1
    changed = {**PARTS, part: before[:place] + words + before[place + length :]}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in changed.items():
            archive.writestr(name, content)
    take(buffer.getvalue(), "return.xlsx")


@pytest.mark.parametrize("kept", sorted(CORPUS.glob("*")), ids=lambda path: path.name)
def test_a_file_that_once_was_not_answered(kept: Path) -> None:
    take(kept.read_bytes(), f"return{kept.suffix}", kept.name.partition("-")[0])
