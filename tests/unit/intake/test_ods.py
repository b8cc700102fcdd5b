from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sia.intake.readers import ods
from sia.intake.readers.cells import MAX_ROWS, CellKind, MergedBlock, SheetCell, SheetContent, clean

_URN = "urn:oasis:names:tc:opendocument:xmlns"
SPACES = (
    " ".join(f'xmlns:{prefix}="{_URN}:{prefix}:1.0"' for prefix in ("office", "table", "text", "style"))
    + ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)
SPANNED = 'table:number-columns-spanned="2"'
TAG_ROW = "<table:table-row><table:table-cell><text:p>#x.y</text:p></table:table-cell></table:table-row>"


def package(body: str, styles: str = "") -> io.BytesIO:
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {SPACES}><office:automatic-styles>{styles}'
        f"</office:automatic-styles><office:body><office:spreadsheet>{body}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return buffer


def read(rows: str, attributes: str = "", styles: str = "") -> SheetContent:
    (sheet,) = ods.read(package(f'<table:table table:name="Jobs" {attributes}>{TAG_ROW}{rows}</table:table>', styles))
    return sheet


def cell(attributes: str, shown: str = "") -> str:
    return f"<table:table-cell {attributes}><text:p>{shown}</text:p></table:table-cell>"


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (cell('office:value-type="float" office:value="86.5"', "£86.50"), SheetCell("86.5", CellKind.NUMBER)),
        (
            cell('office:value-type="currency" office:value="0.30000000000000004"', "0.3"),
            SheetCell("0.3", CellKind.NUMBER),
        ),
        (cell('office:value-type="percentage" office:value="12"', "1200%"), SheetCell("12", CellKind.PERCENTAGE)),
        (
            cell('office:value-type="date" office:date-value="2021-05-31"', "31 May"),
            SheetCell("2021-05-31", CellKind.DATE),
        ),
        (
            cell('office:value-type="date" office:date-value="2021-05-31T00:00:00"'),
            SheetCell("2021-05-31", CellKind.DATE),
        ),
        (
            cell('office:value-type="date" office:date-value="2021-05-31T14:05:00"'),
            SheetCell("2021-05-31 14:05:00", CellKind.DATE),
        ),
        (cell('office:value-type="boolean" office:boolean-value="true"', "WAHR"), SheetCell("TRUE", CellKind.BOOLEAN)),
        (cell('office:value-type="string"', "a<text:s/><text:span>b</text:span>"), SheetCell("a b")),
        (
            cell('table:formula="of:=1+1" office:value-type="float" office:value="2"', "2"),
            SheetCell("2", CellKind.NUMBER, True),
        ),
        (cell('table:formula="of:=1+1"'), SheetCell("", formula=True)),
        (
            cell('table:formula="of:=1/0" office:value-type="string" calcext:value-type="error"', "#DIV/0!"),
            SheetCell("#DIV/0!", CellKind.ERROR, True),
        ),
        (
            cell('table:formula="of:=x" office:value-type="string"', "Err:508"),
            SheetCell("Err:508", CellKind.ERROR, True),
        ),
        (
            # A German program saved 0 for an error, and shows its word.
            cell('table:formula="of:=x" office:value-type="float" office:value="0"', "#WERT!"),
            SheetCell("#WERT!", CellKind.ERROR, True),
        ),
        (
            "<table:table-cell><office:annotation><text:p>a note</text:p></office:annotation>"
            "<text:p>x</text:p></table:table-cell>",
            SheetCell("x"),
        ),
    ],
)
def test_a_cell_is_read_as_what_it_is(xml: str, expected: SheetCell) -> None:
    assert read(f"<table:table-row>{xml}</table:table-row>").rows[1].cells == {1: expected}


def test_a_formula_that_gave_an_empty_text_leaves_its_cell_empty() -> None:
    sheet = read(f"""<table:table-row>{cell('table:formula="of:=x" office:value-type="string"')}</table:table-row>""")
    assert [row.number for row in sheet.rows] == [1]


@pytest.mark.parametrize(("size", "is_hidden"), [("0cm", True), ("0.03in", True), ("0.45cm", False), ("14.5pt", False)])
def test_what_is_too_small_to_read_is_hidden(size: str, is_hidden: bool) -> None:
    sheet = read(
        '<table:table-column table:style-name="co1"/><table:table-column/>'
        f'<table:table-row table:style-name="ro1">{cell("", "x")}</table:table-row>',
        styles=f'<style:style style:name="ro1"><style:table-row-properties style:row-height="{size}"/></style:style>'
        f'<style:style style:name="co1"><style:table-column-properties style:column-width="{size}"/></style:style>',
    )
    assert [row.hidden for row in sheet.rows] == [False, is_hidden]
    assert sheet.hidden_columns == ({1} if is_hidden else frozenset())


def test_the_rows_of_a_closed_group_are_hidden() -> None:
    row = f"<table:table-row>{cell('', 'x')}</table:table-row>"
    sheet = read(
        f'<table:table-row-group table:display="false"><table:table-row-group>{row}</table:table-row-group>{row}'
        f"</table:table-row-group>{row}<table:table-row-group>{row}</table:table-row-group>"
    )
    assert [row.hidden for row in sheet.rows] == [False, True, True, False, False]


def test_repeated_cells_keep_their_addresses_and_blank_ones_cost_nothing() -> None:
    sheet = read(
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
        '<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="3"/>'
        '<table:table-cell table:number-columns-repeated="2"><text:p>x</text:p></table:table-cell>'
        '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
    )
    assert [(row.number, sorted(row.cells)) for row in sheet.rows[1:]] == [(1_048_002, [4, 5]), (1_048_003, [4, 5])]


def test_a_row_repeated_a_million_times_is_cut_and_reported() -> None:
    sheet = read(f'<table:table-row table:number-rows-repeated="1048575">{cell("", "x")}</table:table-row>')
    assert len(sheet.rows) == MAX_ROWS
    assert sheet.is_overlong


def test_hidden_rows_and_columns_and_merged_cells_are_read() -> None:
    sheet = read(
        '<table:table-column table:number-columns-repeated="2"/>'
        '<table:table-column table:visibility="collapse" table:number-columns-repeated="2"/>'
        f'<table:table-row table:visibility="filter">{cell("", "x")}</table:table-row>'
        f'<table:table-row-group><table:table-row table:visibility="collapse">{cell("", "y")}</table:table-row>'
        "</table:table-row-group>"
        f"<table:table-row>{cell(SPANNED, 'z')}"
        "<table:covered-table-cell/></table:table-row>",
        'table:style-name="ta2"',
        '<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/>'
        "</style:style>",
    )
    assert sheet.hidden
    assert sheet.hidden_columns == {3, 4}
    assert [row.hidden for row in sheet.rows] == [False, True, True, False]
    assert sheet.merged == (MergedBlock(4, 1, 4, 2),)


texts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=20).filter(clean)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.none() | texts | st.integers(-(10**9), 10**9), max_size=6), max_size=8))
def test_every_value_is_read_at_its_cell(rows: list[list[str | int | None]]) -> None:
    xml = "".join(f"<table:table-row>{''.join(map(_written, values))}</table:table-row>" for values in rows)
    texts = {(row.number, n): c.text for row in read(xml).rows[1:] for n, c in row.cells.items()}
    assert texts == {
        (r, n): clean(str(value))
        for r, values in enumerate(rows, 2)
        for n, value in enumerate(values, 1)
        if value is not None
    }


def _written(value: str | int | None) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, int):
        return cell(f'office:value-type="float" office:value="{value}"', str(value))
    return cell('office:value-type="string"', escape(value))
