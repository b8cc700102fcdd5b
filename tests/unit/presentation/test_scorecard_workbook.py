"""The workbook against the Analysis Function's checklist for accessible spreadsheets, on every sheet."""

from __future__ import annotations

import re
import textwrap
from datetime import datetime
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import range_boundaries

from sia.presentation.scorecard_workbook import workbook
from sia.scorecard.registry import QUARTER_NUMBER, RATE
from sia.scorecard.scorecard import Scorecard


@pytest.fixture(scope="module")
def content(synthetic_scorecard: Scorecard) -> bytes:
    return workbook(synthetic_scorecard)


@pytest.fixture(scope="module")
def book(content: bytes) -> Workbook:
    return load_workbook(BytesIO(content))


def faults(book: Workbook) -> list[str]:
    """What breaks the checklist; empty is a pass."""
    problems = []
    if book.sheetnames[:3] != ["Cover", "Contents", "Notes"]:
        problems.append("cover, contents and notes do not come first")
    names = [table for sheet in book for table in sheet.tables]
    if len(set(names)) != len(names):
        problems.append("two tables have one name")
    properties = book.properties
    if not (properties.title and properties.creator and properties.subject):
        problems.append("document properties are not set")
    for sheet in book:
        say = lambda fault, sheet=sheet: problems.append(f"{sheet.title}: {fault}")  # noqa: E731
        if sheet.merged_cells.ranges:
            say("merged cells")
        if sheet.sheet_state != "visible":
            say("hidden sheet")
        if any(row.hidden for row in sheet.row_dimensions.values()):
            say("hidden row")
        if any(column.hidden for column in sheet.column_dimensions.values()):
            say("hidden column")
        if sheet.freeze_panes or sheet.auto_filter.ref:
            say("freeze panes or filters")
        if sheet.sheet_view.selection[0].activeCell != "A1":
            say("cursor is not at A1")
        if not isinstance(sheet["A1"].value, str):
            say("no title in A1")
        for row in sheet.iter_rows():
            if all(cell.value is None for cell in row):
                say(f"blank row {row[0].row}")
            for cell in row:
                if cell.value is None:
                    continue
                if cell.font.name != "Arial" or cell.font.sz < 12:
                    say(f"{cell.coordinate} is not in a sans-serif font of at least 12 points")
                if not cell.alignment.wrap_text:
                    say(f"{cell.coordinate} is not wrapped")
                if cell.alignment.vertical == "superscript" or cell.font.vertAlign:
                    say(f"{cell.coordinate} is raised")
        if sheet.title == "Cover":
            continue
        if len(sheet.tables) != 1:
            say(f"{len(sheet.tables)} tables")
            continue
        (table,) = sheet.tables.values()
        left, top, right, bottom = range_boundaries(table.ref)
        if left != 1 or bottom != sheet.max_row or right != sheet.max_column:
            say("the table does not begin in column A or something is next to or below it")
        if (
            table.autoFilter
            or not re.fullmatch(r"[a-z][a-z0-9_]{3,}", table.name)
            or re.fullmatch(r"table\d+", table.name)
        ):
            say("the table has a filter or no meaningful name")
        headings = [cell.value for cell in sheet[top][: right - left + 1]]
        if not all(isinstance(heading, str) and heading.strip() for heading in headings):
            say("an empty heading")
        if len({str(heading).casefold() for heading in headings}) != len(headings):
            say("two headings are the same")
        above = " ".join(str(sheet.cell(row, 1).value) for row in range(1, top))
        for row in sheet.iter_rows(min_row=top + 1, max_row=bottom, max_col=right):
            for cell in row:
                if cell.value is None:
                    say(f"{cell.coordinate} is empty")
                if isinstance(cell.value, str) and re.fullmatch(r"\[\w+\]", cell.value) and cell.value not in above:
                    say(f"{cell.coordinate} holds a symbol that the sheet does not explain")
                if isinstance(cell.value, str) and not re.search(r"\w", cell.value):
                    say(f"{cell.coordinate} is only punctuation")
    return problems


def test_the_workbook_keeps_the_checklist(book: Workbook) -> None:
    assert faults(book) == []


@pytest.mark.parametrize(
    ("harm", "problem"),
    [
        (lambda sheet: sheet.merge_cells("A1:B1"), "merged cells"),
        (lambda sheet: sheet.row_dimensions.__getitem__(9).__setattr__("hidden", True), "hidden row"),
        (lambda sheet: sheet.column_dimensions.__getitem__("B").__setattr__("hidden", True), "hidden column"),
        (lambda sheet: sheet.__setattr__("sheet_state", "hidden"), "hidden sheet"),
        (lambda sheet: sheet.__setattr__("freeze_panes", "B2"), "freeze panes"),
        (lambda sheet: sheet["B12"].__setattr__("value", None), "B12 is empty"),
        (lambda sheet: sheet.insert_rows(4), "blank row"),
    ],
)
def test_the_checklist_can_fail(content: bytes, harm, problem: str) -> None:  # type: ignore[no-untyped-def]
    book = load_workbook(BytesIO(content))
    harm(book["Domestic abuse"])
    assert any(problem in fault for fault in faults(book))


def test_every_note_that_is_referred_to_is_there(book: Workbook) -> None:
    notes = {row[0].value for row in book["Notes"].iter_rows(min_row=4)}
    referred = {
        int(number)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        for number in re.findall(r"\[note (\d+)\]", str(cell.value))
    }
    assert referred == notes
    assert len(notes) > 5


def test_every_note_is_as_high_as_its_words(book: Workbook) -> None:
    notes = book["Notes"]
    for row in notes.iter_rows(min_row=4):
        lines = len(textwrap.wrap(str(row[1].value), notes.column_dimensions["B"].width))
        assert notes.row_dimensions[row[0].row].height >= lines * 15, row[1].value


def test_every_sheet_says_that_it_is_a_draft_of_synthetic_figures(book: Workbook) -> None:
    for sheet in book:
        if sheet.title not in {"Contents", "Notes"}:
            text = " ".join(str(sheet.cell(row, 1).value) for row in range(1, 6))
            assert "Draft, not for publication: small numbers are not hidden" in text
            assert "Made-up sample data" in text


def test_numbers_are_numbers_and_say_the_same_as_the_scorecard(synthetic_scorecard: Scorecard, book: Workbook) -> None:
    sheet = book["Crime and anti-social behaviour"]
    (table,) = sheet.tables.values()
    top = range_boundaries(table.ref)[1]
    headings = [str(cell.value).split("\n")[0] for cell in sheet[top]]
    first = {heading: cell.value for heading, cell in zip(headings, sheet[top + 1], strict=True)}
    line = synthetic_scorecard.lines_of(synthetic_scorecard.measures[0])["E10000025"]
    assert first["Area"] == "Oxfordshire"
    assert first["Jan to Mar 2022"] == line.value(QUARTER_NUMBER)
    assert first["Rate per 1,000 residents"] == pytest.approx(line.value(RATE), abs=0.005)
    assert first["Quarter"] == "Reported"


def test_the_summary_comes_first_and_what_is_printed_has_ten_columns_at_most(book: Workbook) -> None:
    assert book.sheetnames[3] == "Summary"
    (table,) = book["Summary"].tables.values()
    assert range_boundaries(table.ref)[2] == 10
    themes = [sheet for sheet in book if "Compared with Oxfordshire" in str([*sheet.iter_rows(values_only=True)])]
    assert len(themes) >= 5
    for sheet in themes:
        left, _, right, _ = range_boundaries(sheet.print_area.rpartition("!")[2].replace("$", ""))
        assert (left, right) == (1, 10)
        # Long texts are on a sheet of their own.
        assert "Why" not in {str(cell).split("\n")[0] for row in sheet.iter_rows(values_only=True) for cell in row}
    why = {row[:2]: row[3] for row in book["Directions explained"].iter_rows(min_row=6, values_only=True)}
    assert len(max(map(str, why.values()), key=len)) > 60


def test_every_printed_sheet_has_its_marking_and_its_number(book: Workbook) -> None:
    for sheet in book:
        assert sheet.oddHeader.left.text == "Draft, not for publication: small numbers are not hidden."
        assert sheet.oddFooter.left.text == "Safer communities scorecard, 2021/22 Q4 (draft)"
        assert sheet.oddFooter.right.text == "Page &P of &N"


def test_the_returns_sheet_says_what_is_missing_and_why(book: Workbook) -> None:
    rows = {row[0]: row for row in book["Returns"].iter_rows(values_only=True)}
    assert rows["Mediation return"][2] == "Refused: none of it was loaded"
    assert "This case reference appears more than once." in rows["Mediation return"][5]
    assert rows["Crime-level police files"][2] == "Accepted in part: months are missing"


def test_the_same_scorecard_gives_the_same_bytes(
    synthetic_scorecard: Scorecard, content: bytes, book: Workbook
) -> None:
    assert workbook(synthetic_scorecard) == content
    # The document's date is that of the newest return, not of today.
    assert book.properties.created == datetime(2022, 4, 29, 9)  # noqa: DTZ001
