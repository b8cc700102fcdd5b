"""The marked workbook: a partner's own workbook back, with every cell to put right marked at the cell.

A mark is a fill, a thick border and a note; nothing is told by colour alone. Values, validations, protection and
formats stay as they were; in a protected sheet a marked cell is unlocked, so that it can be put right. A workbook that
was marked before and filled again loses its old marks first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from io import BytesIO
from typing import NamedTuple, cast

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Border, PatternFill, Protection, Side
from openpyxl.utils import coordinate_to_tuple
from openpyxl.worksheet.worksheet import Worksheet

from sia.feedback import dropdowns
from sia.feedback.finding_groups import Group, Place, group
from sia.feedback.findings_workbook import CHECK, MUST, TABLE_NAME, About, add_list
from sia.finding import Finding

AUTHOR = "What to fix"

_COVER_TAG = "#cover"
# Faults of the Cover sheet are about what stands beside these labels.
_COVER_LABELS = {
    "INT-TEMPLATE-02": "Return",
    "INT-TEMPLATE-03": "Template version",
    "INT-SOURCE-01": "Source",
    "INT-QUARTER-01": "Quarter",
    "INT-NIL-01": "Nil return",
}
# What is wrong with a sheet or a row itself is not put right by an entry in the cell that shows it.
_NO_ENTRY = ("INT-HEADING-", "INT-HIDDEN-", "INT-TOTAL-")
# A program that shows thousands of notes is slow to open; every cell beyond has its fill and border.
_MOST_NOTES = 5_000
_NOTE_START = re.compile(rf"(\n\n)?({MUST}|{CHECK}) \([A-Z]{{3}}-.*", re.DOTALL)
_SOLID = Side("thick", color="FF8A1C1C")
_DASHED = Side("mediumDashed", color="FF1F3A5F")
_UNLOCKED = Protection(locked=False)
_NOTE_WIDTH, _CHARACTERS_A_LINE, _LINE_PIXELS = 360, 52, 18


@dataclass(frozen=True, slots=True)
class _Mark:
    fill: PatternFill
    border: Border


_MARKS = {
    True: _Mark(PatternFill("solid", start_color="FFFFE699"), Border(_SOLID, _SOLID, _SOLID, _SOLID)),
    False: _Mark(PatternFill("solid", start_color="FFDCE9F7"), Border(_DASHED, _DASHED, _DASHED, _DASHED)),
}


class Marked(NamedTuple):
    """A marked workbook (xlsx), and what is wrong with it, each with the cell that it means where there is one."""

    content: bytes
    findings: list[Finding]


def can_be_marked(file_name: str, findings: Sequence[Finding]) -> bool:
    """Whether a file can be given back marked: an Excel workbook of ours, in which at least one cell is meant.

    A file that was not safe, or none of ours, was refused before any of its cells was read. One with personal data
    in it is not sent by mail.
    """
    rules = {finding.rule_id for finding in findings}
    if any(rule.startswith("INT-PERSONAL-") for rule in rules) or not file_name.lower().endswith(".xlsx"):
        return False
    return any(finding.cell for finding in findings) or not rules.isdisjoint(_COVER_LABELS)


def marked_workbook(original: bytes, about: About, findings: Sequence[Finding]) -> Marked:
    """Mark the failing cells of a workbook.

    Args:
        original: the partner's workbook (xlsx), which was found safe to open.
        about: what it is about.
        findings: what is wrong; those without a cell are in the list alone.

    Returns:
        The workbook with the sheet *What to fix* first. A fault of the Cover sheet comes without a cell and now has it.
    """
    # Rich text keeps the formats inside a cell; macros are refused before, and never kept.
    book = load_workbook(BytesIO(original), rich_text=True, keep_vba=False)
    dropdowns.restore(book, original)
    _unmark(book)
    for sheet in book.worksheets:
        _size_notes(sheet)
    placed = [_placed(book, finding) for finding in findings]
    groups = group(placed)
    _mark(book, about, groups)
    shown = frozenset(sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible")
    add_list(book, about, groups, reachable=shown)
    file = BytesIO()
    book.save(file)
    return Marked(file.getvalue(), placed)


def _placed(book: Workbook, finding: Finding) -> Finding:
    """The finding with the cell that it means, where that can be told from the workbook."""
    label = _COVER_LABELS.get(finding.rule_id)
    if finding.cell or label is None:
        return finding
    for sheet in book.worksheets:
        cells = [str(cell.value or "").strip().casefold() for (cell,) in sheet.iter_rows(max_row=60, max_col=1)]
        if _COVER_TAG in cells and label.casefold() in cells:
            row = cells.index(label.casefold()) + 1
            return Finding(
                finding.rule_id, finding.severity, finding.tier, finding.message,
                finding.table, sheet.title, row, finding.column, f"B{row}",
            )  # fmt: skip
    return finding


def _mark(book: Workbook, about: About, groups: Sequence[Group]) -> None:
    said: dict[Cell, list[str]] = {}
    # The gravest last, so that a cell with findings of both kinds has the mark of the graver.
    for one in reversed(groups):
        mark = _MARKS[one.must]
        for place in one.places:
            for cell in _cells(book, place):
                cell.fill, cell.border, cell.protection = mark.fill, mark.border, _UNLOCKED
                said.setdefault(cell, []).insert(0, note(about, one, place))
    for cell in list(reversed(said))[:_MOST_NOTES]:
        _annotate(cell, "\n\n".join(dict.fromkeys(said[cell])))


def note(about: About, group: Group, place: Place) -> str:
    """What a cell's note says: what is wrong, what to enter, an example, in the contract's words."""
    lines = [f"{MUST if group.must else CHECK} ({group.rule_id})", group.message]
    if place.table and place.column and not group.rule_id.startswith(_NO_ENTRY):
        column = about.contract.table(place.table).column(place.column)
        if column.help not in group.message:
            lines.append(f"What to enter: {column.help}")
        if column.example and column.example not in group.message:
            lines.append(f"For example: {column.example}")
    return "\n".join(lines)


def _cells(book: Workbook, place: Place) -> Iterator[Cell]:
    if place.sheet not in book.sheetnames or place.address is None or place.first is None or place.last is None:
        return
    sheet: Worksheet = book[place.sheet]
    column = coordinate_to_tuple(f"{place.letter}1")[1]
    for row in range(place.first, place.last + 1):
        cell = sheet.cell(row, column)
        if isinstance(cell, MergedCell):
            block = next(block for block in sheet.merged_cells.ranges if cell.coordinate in block)
            cell = sheet.cell(block.min_row, block.min_col)
        yield cast("Cell", cell)


def _annotate(cell: Cell, text: str) -> None:
    before = f"{cell.comment.text}\n\n" if cell.comment else ""
    cell.comment = _sized(Comment(before + text, AUTHOR))


def _sized(comment: Comment) -> Comment:
    lines = sum(len(line) // _CHARACTERS_A_LINE + 1 for line in comment.text.split("\n"))
    comment.width, comment.height = _NOTE_WIDTH, lines * _LINE_PIXELS + 16
    return comment


def _size_notes(sheet: Worksheet) -> None:
    # openpyxl reads the notes of a workbook but not how large their boxes are.
    for _, comment in _noted(sheet):
        _sized(comment)


def _noted(sheet: Worksheet) -> list[tuple[Cell, Comment]]:
    return [(cell, cell.comment) for cell in _existing(sheet) if cell.comment]


def _existing(sheet: Worksheet) -> list[Cell]:
    # Not iter_rows: that makes every cell of the sheet's rectangle, where the file has few.
    return [cell for cell in sheet._cells.values() if isinstance(cell, Cell)]


def _unmark(book: Workbook) -> None:
    """Take away the list and the marks of an earlier attempt; what the partner entered stays."""
    for sheet in [sheet for sheet in book.worksheets if TABLE_NAME in sheet.tables]:
        book.remove(sheet)
    looks = {style.name: style for style in book._named_styles}  # type: ignore[attr-defined]
    ours = {mark.fill.start_color.rgb for mark in _MARKS.values()}
    for sheet in book.worksheets:
        for cell, comment in _noted(sheet):
            rest = _NOTE_START.sub("", comment.text)
            if rest != comment.text:
                cell.comment = Comment(rest, comment.author) if rest else None
        for cell in _existing(sheet):
            if cell.has_style and cell.fill.fill_type == "solid" and cell.fill.start_color.rgb in ours:
                look = looks[cell.style if cell.style in looks else "Normal"]
                cell.fill, cell.border, cell.protection = copy(look.fill), copy(look.border), copy(look.protection)
