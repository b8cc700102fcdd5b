"""The marked workbook: the partner's own, with marks that never rely on colour alone."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from sia.feedback.finding_groups import group_findings
from sia.feedback.findings_workbook import HEADINGS, TABLE_NAME, TITLE, findings_workbook
from sia.feedback.marked_workbook import can_be_marked, marked_workbook
from sia.finding import Finding
from tests.unit.feedback.sample_findings import RECEIPT, header, job, returned, warning, wrong_quarter
from tests.workbooks import as_bytes, sheet_of

FINDINGS = [
    job("SAN-COST-01", 8, "works_cost"),
    job("SAN-JOBKEY-01", 5, "job_reference"),
    job("SAN-JOBKEY-01", 6, "job_reference"),
    job("SAN-DATE-02", 30, "completed_on"),
    warning(9),
    warning(8),
    wrong_quarter(),
]


def mark(book: Workbook | bytes, findings: list[Finding] | None = None) -> bytes:
    content = book if isinstance(book, bytes) else as_bytes(book)
    return marked_workbook(content, header(), FINDINGS if findings is None else findings).content


def opened(content: bytes) -> Workbook:
    return load_workbook(BytesIO(content))


def listed(book: Workbook) -> Worksheet:
    return sheet_of(book, TITLE)


def look(cell: Cell) -> tuple[object, ...]:
    """Everything about a cell but how it is marked."""
    return cell.value, cell.data_type, cell.number_format, repr(cell.font), repr(cell.alignment)


def dressing(cell: Cell) -> tuple[str, str, str, str | None]:
    note = cell.comment.text if cell.comment else None
    return repr(cell.fill), repr(cell.border), repr(cell.protection), note


def cells(sheet: Worksheet) -> list[Cell]:
    return [cell for row in sheet.iter_rows() for cell in row if isinstance(cell, Cell)]


def layout(sheet: Worksheet) -> tuple[object, ...]:
    return (
        sorted(
            str((v.type, v.operator, v.formula1, v.formula2, str(v.sqref), v.error, v.prompt, v.allow_blank))
            for v in sheet.data_validations.dataValidation
        ),
        sheet.protection.sheet, sheet.protection.password, sheet.sheet_state, sheet.print_title_rows,
        {letter: (d.width, d.hidden) for letter, d in sheet.column_dimensions.items()},
        {number: (d.height, d.hidden) for number, d in sheet.row_dimensions.items()},
        [str(block) for block in sheet.merged_cells.ranges], sheet.freeze_panes, sheet.auto_filter.ref,
    )  # fmt: skip


def test_values_formats_validations_and_protection_are_untouched() -> None:
    sent = returned()
    jobs = sheet_of(sent, "Jobs")
    jobs["L7"], jobs["L8"] = "=SUM(J5:J24)", "our own remark"
    jobs["L8"].font = Font(italic=True, color="FF00AA00")
    jobs.row_dimensions[7].height = 40
    jobs.column_dimensions["L"].hidden = True
    before, after = opened(as_bytes(sent)), opened(mark(sent))
    assert after.sheetnames == [TITLE, *before.sheetnames]
    assert {name: n.value for name, n in before.defined_names.items()} == {
        name: n.value for name, n in after.defined_names.items()
    }
    dressed = set()
    for sheet in before.worksheets:
        other = sheet_of(after, sheet.title)
        assert layout(sheet) == layout(other)
        for cell in cells(sheet):
            assert look(cell) == look(other[cell.coordinate])
            if dressing(cell) != dressing(other[cell.coordinate]):
                dressed.add(f"{sheet.title}!{cell.coordinate}")
    assert dressed == {"Jobs!J8", "Jobs!J9", "Jobs!A5", "Jobs!A6", "Jobs!F30", "Cover!B7"}


def test_a_cell_is_marked_by_fill_thick_border_and_a_note_in_the_contracts_words() -> None:
    jobs = sheet_of(opened(mark(returned())), "Jobs")
    wrong, to_check = jobs["J8"], jobs["J9"]
    assert wrong.fill.fill_type == "solid"
    assert {getattr(wrong.border, side).style for side in ("left", "right", "top", "bottom")} == {"thick"}
    assert {getattr(to_check.border, side).style for side in ("left", "right", "top", "bottom")} == {"mediumDashed"}
    assert wrong.comment is not None
    assert wrong.comment.text.startswith("Must be fixed (SAN-COST-01)\nWorks cost must be between £0 and £5,000")
    assert "What to enter: Cost of the works in pounds and pence" in wrong.comment.text
    assert "Please check (INT-NUMBER-01)" in wrong.comment.text
    assert to_check.comment is not None
    assert to_check.comment.text.startswith("Please check (INT-NUMBER-01)")
    assert to_check.comment.text.endswith("For example: 86.50")
    assert "-86.5" not in wrong.comment.text


def test_a_marked_cell_of_a_protected_sheet_can_be_corrected() -> None:
    before, after = (sheet_of(book, "Cover") for book in (returned(), opened(mark(returned()))))
    assert (before["B7"].protection.locked, after["B7"].protection.locked) == (True, False)
    assert (before["B5"].protection.locked, after["B5"].protection.locked) == (True, True)
    assert after.protection.sheet


def test_a_note_says_what_to_enter_only_where_something_is_to_be_entered() -> None:
    message = "This row is a total among the data."
    total = Finding("INT-TOTAL-01", wrong_quarter().severity, 2, message, "jobs", "Jobs", 24, "job_reference", "A24")
    note = sheet_of(opened(mark(returned(), [total])), "Jobs")["A24"].comment
    assert note is not None
    assert note.text == f"Must be fixed (INT-TOTAL-01)\n{message}"


def test_a_note_of_the_partners_own_is_kept_above_ours() -> None:
    sent = returned()
    sheet_of(sent, "Jobs")["J8"].comment = Comment("Asked the fitter", "A partner")
    note = sheet_of(opened(mark(sent)), "Jobs")["J8"].comment
    assert note is not None
    assert note.text.startswith("Asked the fitter\n\nMust be fixed (SAN-COST-01)")
    again = sheet_of(opened(mark(mark(sent), [])), "Jobs")["J8"].comment
    assert again is not None
    assert again.text == "Asked the fitter"


def test_a_merged_cell_is_marked_where_it_can_be_seen() -> None:
    sent = returned()
    sheet_of(sent, "Jobs").merge_cells("I10:J11")
    jobs = sheet_of(opened(mark(sent, [job("SAN-COST-01", 11, "works_cost")])), "Jobs")
    assert jobs["I10"].comment is not None


def test_marking_again_takes_the_old_marks_away() -> None:
    first = mark(returned())
    nothing_left, clean = opened(mark(first, [warning(9)])), opened(as_bytes(returned()))
    for sheet in clean.worksheets:
        for cell in cells(sheet):
            other = sheet_of(nothing_left, sheet.title)[cell.coordinate]
            if (sheet.title, cell.coordinate) != ("Jobs", "J9"):
                assert dressing(cell) == dressing(other), cell.coordinate
    assert nothing_left.sheetnames == [TITLE, *clean.sheetnames]
    assert listed(nothing_left).max_row == 5


def test_the_same_findings_give_the_same_marks_however_often() -> None:
    once, twice = opened(mark(returned())), opened(mark(mark(returned())))
    for sheet in once.worksheets:
        assert [(look(c), dressing(c)) for c in cells(sheet)] == [
            (look(c), dressing(c)) for c in cells(sheet_of(twice, sheet.title))
        ]


def test_a_drop_down_that_excel_keeps_elsewhere_is_kept() -> None:
    plain = as_bytes(returned())
    extension = (
        '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" '
        'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
        '<x14:dataValidations count="1" xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">'
        '<x14:dataValidation type="list" allowBlank="1" showErrorMessage="1" error="Choose one">'
        "<x14:formula1><xm:f>Lists!$A$5:$A$9</xm:f></x14:formula1><xm:sqref>L5:L40</xm:sqref>"
        "</x14:dataValidation></x14:dataValidations></ext></extLst></worksheet>"
    )
    saved = BytesIO()
    with zipfile.ZipFile(BytesIO(plain)) as package, zipfile.ZipFile(saved, "w") as other:
        for member in package.infolist():
            text = package.read(member)
            if member.filename == "xl/worksheets/sheet2.xml":
                text = text.replace(b"</worksheet>", extension.encode())
            other.writestr(member, text)
    with pytest.warns(UserWarning, match="Data Validation extension"):
        marked = mark(saved.getvalue())
    validations = {str(v.sqref): v for v in sheet_of(opened(marked), "Jobs").data_validations.dataValidation}
    assert (validations["L5:L40"].formula1, validations["L5:L40"].type, validations["L5:L40"].error) == (
        "Lists!$A$5:$A$9", "list", "Choose one",
    )  # fmt: skip


def test_the_list_leads_to_the_cells() -> None:
    book = opened(mark(returned()))
    sheet = listed(book)
    assert book.active is sheet
    assert RECEIPT in str(sheet["A2"].value)
    assert "You have 4 things to correct, in 5 places, and 1 thing to check, in 2 places." in str(sheet["A2"].value)
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)]
    assert [(row[1], row[2], row[3], row[5], row[6]) for row in rows] == [
        ("Must be fixed", "Cover", "Cell B7", 1, "INT-QUARTER-01"),
        ("Must be fixed", "Jobs", "Cells A5 to A6", 2, "SAN-JOBKEY-01"),
        ("Must be fixed", "Jobs", "Cell J8", 1, "SAN-COST-01"),
        ("Must be fixed", "Jobs", "Cell F30", 1, "SAN-DATE-02"),
        ("Please check", "Jobs", "Cells J8 to J9", 2, "INT-NUMBER-01"),
    ]
    links = [sheet.cell(row, 4).hyperlink for row in range(5, 10)]
    assert [link.location for link in links if link] == [
        "'Cover'!B7", "'Jobs'!A5:A6", "'Jobs'!J8", "'Jobs'!F30", "'Jobs'!J8:J9",
    ]  # fmt: skip
    assert all(link is not None and link.target is None for link in links)


def test_a_hidden_sheet_is_named_and_not_linked() -> None:
    sent = returned()
    sheet_of(sent, "Jobs").sheet_state = "hidden"
    assert listed(opened(mark(sent))).cell(6, 4).hyperlink is None


@pytest.mark.parametrize("alone", [False, True])
def test_the_list_is_accessible(alone: bool) -> None:
    content = findings_workbook(header(marked=False), group_findings(FINDINGS)) if alone else mark(returned())
    sheet = listed(opened(content))
    assert str(sheet["A1"].value).startswith("What to fix: Sanctuary scheme return, 2021/22 Q4")
    (table,) = sheet.tables.values()
    assert table.displayName == TABLE_NAME
    assert table.ref == f"A4:G{sheet.max_row}"
    assert table.autoFilter is None
    assert tuple(column.name for column in table.tableColumns) == HEADINGS
    assert tuple(cell.value for cell in sheet[4]) == HEADINGS
    assert not sheet.merged_cells.ranges
    assert sheet.freeze_panes is None
    assert not any(d.hidden for d in (*sheet.row_dimensions.values(), *sheet.column_dimensions.values()))
    body = [cell for row in sheet.iter_rows(min_row=4) for cell in row]
    assert all(cell.value not in (None, "") for cell in body), "no empty cell, row or column in the table"
    assert all(cell.font.name == "Arial" and (cell.font.size or 0) >= 12 and cell.alignment.wrap_text for cell in body)
    assert sheet.sheet_view.selection[0].activeCell == "A1"
    if alone:
        assert opened(content).properties.title == "What to fix: Sanctuary scheme return, 2021/22 Q4"


def test_ten_thousand_findings_are_few_lines_and_every_cell_is_marked() -> None:
    columns = ("works_cost", "district", "reason", "locks")
    rules = ("SAN-COST-01", "SAN-JOBS-DISTRICT-REQUIRED", "SAN-JOBS-REASON-REQUIRED", "SAN-JOBS-LOCKS-REQUIRED")
    many = [job(rule, 5 + 2 * n, column) for n in range(2500) for rule, column in zip(rules, columns, strict=True)]
    book = opened(mark(returned(), many))
    sheet = listed(book)
    assert sheet.max_row == 4 + 4 * 6
    assert sheet["D10"].value == "Other places, all marked"
    assert sheet["F10"].value == 2495
    jobs = sheet_of(book, "Jobs")
    solid = sum(cell.border.left.style == "thick" for row in jobs.iter_rows(min_row=5) for cell in row)
    assert solid == 10_000
    assert jobs["J5"].comment is not None


def test_a_text_that_begins_like_a_formula_is_text() -> None:
    message = "=HYPERLINK() is not a heading that we know."
    finding = Finding("INT-HEADING-02", warning(5).severity, 1, message, "jobs", "Jobs", 4, None, "K4")
    cell = listed(opened(mark(returned(), [finding])))["A5"]
    assert (cell.data_type, cell.value) == ("s", message)


def test_which_files_can_be_given_back_marked() -> None:
    assert can_be_marked("sanctuary/abc.xlsx", FINDINGS)
    assert can_be_marked("sanctuary/abc.xlsx", [wrong_quarter()])
    assert not can_be_marked("sanctuary/abc.ods", FINDINGS)
    unsafe = Finding("INT-LINK-01", wrong_quarter().severity, 1, "The workbook is linked to other files.")
    assert not can_be_marked("sanctuary/abc.xlsx", [unsafe])


def test_a_fill_that_the_partner_chose_is_kept() -> None:
    sent = returned()
    sheet_of(sent, "Jobs")["B12"].fill = PatternFill("solid", start_color="FF00FF00")
    assert sheet_of(opened(mark(mark(sent))), "Jobs")["B12"].fill.start_color.rgb == "FF00FF00"


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")
def test_libreoffice_opens_it_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "marked.xlsx").write_bytes(mark(returned()))
    (tmp_path / "list.xlsx").write_bytes(findings_workbook(header(marked=False), group_findings(FINDINGS)))
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf",
         "--outdir", str(tmp_path), str(tmp_path / "marked.xlsx"), str(tmp_path / "list.xlsx")],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    for name in ("marked.pdf", "list.pdf"):
        assert (tmp_path / name).read_bytes().startswith(b"%PDF")
