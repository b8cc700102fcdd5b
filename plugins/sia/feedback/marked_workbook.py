"""The marked workbook: the partner's own workbook with every cell to correct or check marked.

A mark is a fill, a border and a note, so that colour alone never carries the meaning. Values, validations, protection
and formats stay as they were, except that a marked cell is unlocked so that the partner can correct it. Marks of an
earlier attempt are removed first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import NamedTuple, cast

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Border, PatternFill, Protection, Side
from openpyxl.utils import coordinate_to_tuple
from openpyxl.worksheet.worksheet import Worksheet

from sia.contract.model import COVER_TAG
from sia.feedback import dropdowns
from sia.feedback.finding_groups import FindingGroup, Location, group_findings
from sia.feedback.findings_workbook import REQUIRED, TABLE_NAME, TO_CHECK, FixListHeader, add_list
from sia.finding import Finding
from sia.intake.readers import return_file
from sia.intake.readers.cells import is_plain_number

AUTHOR = "What to fix"

# These rules are about the Cover sheet: the value is in the cell to the right of the label.
_COVER_LABELS = {
    "INT-TEMPLATE-02": "Return",
    "INT-TEMPLATE-03": "Template version",
    "INT-SOURCE-01": "Source",
    "INT-QUARTER-01": "Quarter",
    "INT-QUARTER-03": "Quarter",
    "INT-NIL-01": "Nil return",
}
# These rules are about a sheet, row or column, so a value entered in the marked cell would not help.
_NO_ENTRY = ("INT-HEADING-", "INT-HIDDEN-", "INT-TOTAL-")
# A workbook with many thousands of notes is slow to open; the cells beyond have a fill and a border only.
_MAX_NOTES = 5_000
_NOTE_START = re.compile(rf"(\n\n)?({REQUIRED}|{TO_CHECK}) \([A-Z]{{3}}-.*", re.DOTALL)
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


class MarkedWorkbook(NamedTuple):
    """A marked workbook (xlsx), and its findings, each with the cell that it is shown at where there is one."""

    content: bytes
    findings: list[Finding]


def can_be_marked(file_name: str, findings: Sequence[Finding]) -> bool:
    """Whether we can mark a file: it is our Excel workbook and at least one finding has a cell.

    We refuse a file that is unsafe, or is not our workbook, before we read its cells. We never email a file with
    personal data in it.
    """
    rules = {finding.rule_id for finding in findings}
    if any(rule.startswith("INT-PERSONAL-") for rule in rules) or not file_name.lower().endswith(".xlsx"):
        return False
    return any(finding.cell for finding in findings) or not rules.isdisjoint(_COVER_LABELS)


def marked_workbook(original: bytes, header: FixListHeader, findings: Sequence[Finding]) -> MarkedWorkbook:
    """Mark the failing cells of a workbook.

    Args:
        original: the partner's workbook (xlsx), which the intake has checked to be safe to open.
        header: the return that it is for.
        findings: its findings; those without a cell are in the list only.

    Returns:
        The workbook with the sheet *What to fix* first. Findings about the Cover sheet now have their cell.
    """
    # Rich text keeps the formats inside a cell. Files with macros are refused earlier.
    book = load_workbook(BytesIO(original), rich_text=True, keep_vba=False)
    dropdowns.restore(book, original)
    _unmark(book)
    for sheet in book.worksheets:
        _size_notes(sheet)
    located = [_with_cell(book, finding) for finding in findings]
    groups = group_findings(located)
    _mark(book, header, groups, row_sums(original, header))
    shown = frozenset(sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible")
    add_list(book, header, groups, reachable=shown)
    file = BytesIO()
    book.save(file)
    return MarkedWorkbook(file.getvalue(), located)


def _with_cell(book: Workbook, finding: Finding) -> Finding:
    """The finding with the cell of the Cover sheet that it is about, if the workbook has it."""
    label = _COVER_LABELS.get(finding.rule_id)
    if finding.cell or label is None:
        return finding
    for sheet in book.worksheets:
        cells = [str(cell.value or "").strip().casefold() for (cell,) in sheet.iter_rows(max_row=60, max_col=1)]
        if COVER_TAG in cells and label.casefold() in cells:
            row = cells.index(label.casefold()) + 1
            return Finding(
                finding.rule_id, finding.severity, finding.tier, finding.message,
                finding.table, sheet.title, row, finding.column, f"B{row}",
            )  # fmt: skip
    return finding


def row_sums(original: bytes, header: FixListHeader) -> dict[tuple[str, str, int], str]:
    """What a row adds up to and what its total says, by rule, sheet and row, where the two differ.

    The figures are the partner's own. They stay in its own workbook.
    """
    words: dict[tuple[str, str, int], str] = {}
    tables, _ = return_file.read(BytesIO(original), "return.xlsx", header.contract, header.quarter)
    for read_table in tables:
        for rule in header.contract.table(read_table.table).rules:
            if rule.total is None or not read_table.columns.keys() >= {rule.total, *rule.parts}:
                continue
            for number, texts in read_table.rows:
                row = dict(zip(read_table.columns, texts, strict=True))
                if all(is_plain_number(row[name] or "") for name in (rule.total, *rule.parts)):
                    parts, total = sum(Decimal(row[name] or 0) for name in rule.parts), Decimal(row[rule.total] or 0)
                    difference = f"{abs(parts - total):,} {'more' if parts > total else 'less'}"
                    words[rule.id, read_table.sheet, number] = (
                        f"They add up to {parts:,}, and the total here is {total:,}: {difference}."
                    )
    return words


def _mark(
    book: Workbook,
    header: FixListHeader,
    groups: Sequence[FindingGroup],
    sums: Mapping[tuple[str, str, int], str],
) -> None:
    notes: dict[Cell, list[str]] = {}
    # Required corrections come last, so that a cell with findings of both kinds has their mark.
    for group in reversed(groups):
        mark = _MARKS[group.is_required]
        for location in group.locations:
            for cell in _cells(book, location):
                cell.fill, cell.border, cell.protection = mark.fill, mark.border, _UNLOCKED
                text = note_text(header, group, location)
                if in_words := sums.get((group.rule_id, location.sheet or "", cell.row)):
                    text = f"{text}\n{in_words}"
                notes.setdefault(cell, []).insert(0, text)
    for cell in list(reversed(notes))[:_MAX_NOTES]:
        _annotate(cell, "\n\n".join(dict.fromkeys(notes[cell])))


def note_text(header: FixListHeader, group: FindingGroup, location: Location) -> str:
    """The text of a cell's note: what is wrong, what to enter and an example, from the contract."""
    lines = [f"{REQUIRED if group.is_required else TO_CHECK} ({group.rule_id})", group.message]
    if location.table and location.column and not group.rule_id.startswith(_NO_ENTRY):
        column = header.contract.table(location.table).column(location.column)
        if column.help not in group.message:
            lines.append(f"What to enter: {column.help}")
        if column.example and column.example not in group.message:
            lines.append(f"For example: {column.example}")
    return "\n".join(lines)


def _cells(book: Workbook, location: Location) -> Iterator[Cell]:
    if location.sheet not in book.sheetnames or location.letter is None:
        return
    if location.first is None or location.last is None:
        return
    sheet: Worksheet = book[location.sheet]
    column = coordinate_to_tuple(f"{location.letter}1")[1]
    for row in range(location.first, location.last + 1):
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
    # openpyxl reads the notes of a workbook but not the size of their boxes.
    for _, comment in _noted(sheet):
        _sized(comment)


def _noted(sheet: Worksheet) -> list[tuple[Cell, Comment]]:
    return [(cell, cell.comment) for cell in _existing(sheet) if cell.comment]


def _existing(sheet: Worksheet) -> list[Cell]:
    # Not iter_rows: it creates every cell of the sheet's rectangle, and the file has few.
    return [cell for cell in sheet._cells.values() if isinstance(cell, Cell)]


def _unmark(book: Workbook) -> None:
    """Remove the list and the marks of an earlier attempt; what the partner entered stays."""
    for sheet in [sheet for sheet in book.worksheets if TABLE_NAME in sheet.tables]:
        book.remove(sheet)
    styles = {style.name: style for style in book._named_styles}  # type: ignore[attr-defined]
    our_colours = {mark.fill.start_color.rgb for mark in _MARKS.values()}
    for sheet in book.worksheets:
        for cell, comment in _noted(sheet):
            rest = _NOTE_START.sub("", comment.text)
            if rest != comment.text:
                cell.comment = Comment(rest, comment.author) if rest else None
        for cell in _existing(sheet):
            if cell.has_style and cell.fill.fill_type == "solid" and cell.fill.start_color.rgb in our_colours:
                style = styles[cell.style if cell.style in styles else "Normal"]
                cell.fill, cell.border, cell.protection = copy(style.fill), copy(style.border), copy(style.protection)
