"""Workbooks of a few kilobytes to a few megabytes that would take any memory, or a processor for hours."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from random import Random

from sia.contract.model import contract
from tests.broken_files import changed, packed, repacked
from tests.workbooks import QUARTER, as_bytes, filled

_GOOD = as_bytes(filled())
_JOBS = "xl/worksheets/sheet3.xml"
_END_OF_DATA = b"</sheetData>"


def _member(name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(_GOOD)) as package:
        return package.read(name)


def _after_data(addition: bytes) -> bytes:
    return changed(_GOOD, _JOBS, _END_OF_DATA, _END_OF_DATA + addition)


def _sheet_called(path: str, addition: bytes) -> bytes:
    """The sheet *Jobs* in a part of another name."""
    sheet = _member(_JOBS).replace(_END_OF_DATA, _END_OF_DATA + addition)
    moved = repacked(_GOOD, without=_JOBS, plus={path: sheet})
    moved = changed(moved, "xl/_rels/workbook.xml.rels", _JOBS.encode(), path.encode())
    return changed(moved, "[Content_Types].xml", _JOBS.encode(), path.encode())


def _with_comment() -> bytes:
    comments = (
        b'<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors><author/></authors>'
        b'<commentList><comment ref="A1:XFD1048576" authorId="0"><text><t>x</t></text></comment></commentList>'
        b"</comments>"
    )
    relations = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"'
        b' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"'
        b' Target="/xl/comments1.xml"/></Relationships>'
    )
    added = {"xl/comments1.xml": comments, "xl/worksheets/_rels/sheet3.xml.rels": relations}
    override = (
        b'<Override PartName="/xl/comments1.xml"'
        b' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"/></Types>'
    )
    return changed(repacked(_GOOD, plus=added), "[Content_Types].xml", b"</Types>", override)


def _with_cells(cells: bytes, rows: int) -> bytes:
    row = b"<row>" + cells + b"</row>"
    return _with_noise(changed(_GOOD, _JOBS, _END_OF_DATA, row * rows + _END_OF_DATA))


def _with_number_format(length: int) -> bytes:
    number_format = b'<numFmt numFmtId="200" formatCode="' + b"[" * length + b'"/></numFmts>'
    used = b'<xf numFmtId="200" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    styles = _member("xl/styles.xml").replace(b"</numFmts>", number_format).replace(b"</cellXfs>", used)
    return _with_noise(repacked(_GOOD, plus={"xl/styles.xml": styles}))


def _with_noise(content: bytes) -> bytes:
    """The same package with bytes that do not pack, so that unpacked it is not suspiciously large."""
    return repacked(content, plus={"xl/media/noise.bin": Random(1).randbytes(1_300_000)})


def _with_styles(count: int) -> bytes:
    styles = _member("xl/styles.xml")
    at = styles.index(b"</cellXfs>")
    return _with_noise(repacked(_GOOD, plus={"xl/styles.xml": styles[:at] + b"<xf/>" * count + styles[at:]}))


def _with_relations(count: int) -> bytes:
    relation = b'<Relationship Type="x" Target="x" Id="x"/>'
    added = relation * count + b"</Relationships>"
    return _with_noise(changed(_GOOD, "xl/_rels/workbook.xml.rels", b"</Relationships>", added))


def _with_merged_blocks(blocks: int, rows: int) -> bytes:
    merged = b"".join(b'<mergeCell ref="Z%d:Z%d"/>' % (row, row + 1) for row in range(1, 2 * blocks, 2))
    addition = b'<mergeCells count="%d">' % blocks + merged + b"</mergeCells>"
    filled_rows = b"".join(
        b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>x</t></is></c></row>' % (row, row) for row in range(100, rows)
    )
    return changed(_GOOD, _JOBS, _END_OF_DATA, filled_rows + _END_OF_DATA + addition)


def _spreadsheet(table: str) -> bytes:
    content = (
        '<?xml version="1.0"?><office:document-content'
        ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        f"{_cover()}{table}</office:spreadsheet></office:body></office:document-content>"
    )
    return packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": content.encode()})


def _cell(text: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def _cover() -> str:
    lines = {"#cover": "", "Return": "sanctuary", "Template version": contract("sanctuary").version}
    lines |= {"Source": "sanctuary_contractor", "Quarter": QUARTER}
    rows = "".join(f"<table:table-row>{_cell(label)}{_cell(text)}</table:table-row>" for label, text in lines.items())
    return f'<table:table table:name="Cover">{rows}</table:table>'


def _repeated_sheets() -> bytes:
    sheet = (
        '<table:table table:name="s{}"><table:table-row>' + _cell("#x") + "</table:table-row>"
        '<table:table-row table:number-rows-repeated="19000">'
        + _cell("x").replace("<table:table-cell", '<table:table-cell table:number-columns-repeated="256"')
        + "</table:table-row></table:table>"
    )
    return _spreadsheet("".join(sheet.format(number) for number in range(100)))


def _repeated_text() -> bytes:
    rows = f'<table:table-row table:number-rows-repeated="15000">{_cell("A" * 3_600_000)}</table:table-row>'
    return _spreadsheet(
        f'<table:table table:name="s"><table:table-row>{_cell("#sanctuary.jobs")}</table:table-row>{rows}</table:table>'
    )


_ALL_CELLS = b'<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
_ALL_LINKS = b'<hyperlinks><hyperlink ref="A1:XFD1048576" location="x"/></hyperlinks>'

HOSTILE: dict[str, Callable[[], bytes]] = {
    "merged over all cells.xlsx": lambda: _after_data(_ALL_CELLS),
    "merged over all cells in a part called dat.xlsx": lambda: _sheet_called("xl/worksheets/sheet3.dat", _ALL_CELLS),
    "merged over all cells in a part called XML.xlsx": lambda: _sheet_called("xl/worksheets/sheet3.XML", _ALL_CELLS),
    "one link over all cells.xlsx": lambda: _after_data(_ALL_LINKS),
    "one link over 26 columns.xlsx": lambda: _after_data(_ALL_LINKS.replace(b"XFD1048576", b"Z200000")),
    "one comment over all cells.xlsx": _with_comment,
    "20 million empty cells.xlsx": lambda: _with_cells(b"<c/>" * 1000, 20_000),
    "a number format of 200,000 brackets.xlsx": lambda: _with_number_format(200_000),
    "1.5 million cell formats.xlsx": lambda: _with_styles(1_500_000),
    "2.5 million relations.xlsx": lambda: _with_relations(2_500_000),
    "49,990 merged blocks.xlsx": lambda: _with_merged_blocks(49_990, 19_999),
    "100 sheets of repeated rows.ods": _repeated_sheets,
    "a long text in 15,000 rows.ods": _repeated_text,
}
"""By name, what makes the file. Each is to be refused as a return of the sanctuary scheme."""
