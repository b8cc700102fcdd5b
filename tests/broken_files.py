"""Files that each break one common rule: at least one file for every rule of ``expectations/_common.yml``."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from sia.contract.model import contract
from tests import publications
from tests.compound_files import labelled_workbook, locked_workbook, old_workbook
from tests.staged import Row, good_rows, whole_rows
from tests.workbooks import QUARTER, as_bytes, filled, sheet_of

JOB = good_rows("sanctuary", "jobs")[0]
TWO_JOBS = {"jobs": [JOB, {**JOB, "job_reference": "SAN-2021-0043"}]}
# Two forces' letters, so that a month stands for one sender.
FORCE, OTHER_FORCE = "thames-valley", "gloucestershire"
CANARY = "Agnes Canary"

Place = tuple[str | None, int | None, str | None, str | None]
NOWHERE: Place = (None, None, None, None)


@dataclass(frozen=True)
class BrokenFile:
    """A file as it is sent, and the sheet, row, column and cell at which the rule must find it."""

    name: str
    make: Callable[[], bytes]
    place: Place = NOWHERE
    return_name: str = "sanctuary"
    quarter: str = QUARTER
    folders: Sequence[str] = field(default=())


# Packages.


def repacked(content: bytes, *, without: str = "", plus: dict[str, bytes] | None = None) -> bytes:
    """The same package with a member left out or replaced, and members added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != without and name not in (plus or {}):
                new.writestr(name, old.read(name))
        for name, added in (plus or {}).items():
            new.writestr(name, added)
    return buffer.getvalue()


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as package:
        for name, content in files.items():
            package.writestr(name, content)
    return buffer.getvalue()


def changed(content: bytes, member: str, old: bytes, new: bytes) -> bytes:
    """The same package with other bytes in one member."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        was = package.read(member)
    assert old in was
    return repacked(content, plus={member: was.replace(old, new)})


GOOD = as_bytes(filled())
_NAMES_MACROS = (b"spreadsheetml.sheet.main", b"spreadsheetml.sheet.macroEnabled.main")
# Only looked at for what is merged: as cells it would fill the memory.
_MERGED = (b"</sheetData>", b'</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>')
_NO_BLOCK = (b"</sheetData>", b'</sheetData><mergeCells count="1"><mergeCell ref="all"/></mergeCells>')
_LINKED = (
    b"</Relationships>",
    b'<Relationship Id="r" Type="x/oleObject" Target="file:///c:/x.xlsx" TargetMode="External"/></Relationships>',
)


def plus(member: str, content: bytes = GOOD) -> bytes:
    return repacked(content, plus={member: b"<x/>"})


def related(kind: str, content: bytes = GOOD) -> bytes:
    """The package with a relation of a kind from the workbook to a part called *m.bin*."""
    relation = f'<Relationship Id="rId99" Type="{kind}" Target="media/m.bin"/></Relationships>'.encode()
    content = repacked(content, plus={"xl/media/m.bin": b"x"})
    return changed(content, "xl/_rels/workbook.xml.rels", b"</Relationships>", relation)


def ods(content: bytes = b"<x/>") -> bytes:
    return packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": content})


def listed(path: str, kind: str) -> bytes:
    """An OpenDocument spreadsheet whose manifest lists a part of a kind."""
    manifest = (
        '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<m:file-entry m:full-path="{path}" m:media-type="{kind}"/></m:manifest>'
    )
    return repacked(ods(), plus={"META-INF/manifest.xml": manifest.encode()})


# Workbooks.


def cover(**changes: str) -> bytes:
    return as_bytes(filled(**changes))  # type: ignore[arg-type]


def with_cover(label: str, value: object) -> bytes:
    """A good workbook with another value next to a label of its cover."""
    book = filled()
    cover_sheet = sheet_of(book, "Cover")
    (row,) = [cell.row for cell in cover_sheet["A"] if cell.value == label]
    cover_sheet.cell(row, 2, value).value = value
    return as_bytes(book)


def without_tag() -> bytes:
    book = filled()
    sheet_of(book, "Cover")["A3"] = "Cover sheet"
    return as_bytes(book)


def foreign() -> bytes:
    book = Workbook()
    book.worksheets[0].append([CANARY, 4])
    return as_bytes(book)


def with_jobs(change: Callable[[Any], Any], sheet: str = "Jobs") -> bytes:
    """Two jobs and a camera, with one sheet changed."""
    book = filled(rows=TWO_JOBS)
    change(sheet_of(book, sheet))
    return as_bytes(book)


def with_extra_sheet(title: str = "Notes", text: str = f"{CANARY} 12/03/1985") -> bytes:
    book = filled(rows=TWO_JOBS)
    book.create_sheet(title)["C3"] = text
    return as_bytes(book)


def with_cell(address: str, value: object, number_format: str = "General") -> bytes:
    def change(sheet: Worksheet) -> None:
        sheet[address] = value
        sheet[address].number_format = number_format

    return with_jobs(change)


def with_comment(text: str) -> bytes:
    return with_jobs(lambda sheet: setattr(sheet["B5"], "comment", Comment(text, "A colleague")))


def headings_again(sheet: Worksheet) -> None:
    sheet.append([cell.value for cell in sheet[4]])


def with_services(address: str, value: object) -> bytes:
    book = filled("odas")
    sheet_of(book, "Services")[address] = value
    return as_bytes(book)


def with_saved_result() -> bytes:
    """A formula as a spreadsheet program leaves it: openpyxl writes one without its result."""
    content = with_cell("J5", "=80+6.5")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        (sheet,) = (name for name in package.namelist() if b"<f>80+6.5</f>" in package.read(name))
        empty = b"<f>80+6.5</f><v></v>" if b"<f>80+6.5</f><v></v>" in package.read(sheet) else b"<f>80+6.5</f><v />"
    return changed(content, sheet, empty, b"<f>80+6.5</f><v>86.5</v>")


def without_sheet(name: str) -> bytes:
    book = filled(rows=TWO_JOBS)
    del book[name]
    return as_bytes(book)


def with_copied_sheet(name: str) -> bytes:
    book = filled(rows=TWO_JOBS)
    book.copy_worksheet(sheet_of(book, name))
    return as_bytes(book)


def _of_the_next_quarter(jobs: list[Row]) -> list[Row]:
    return [{**job, "referred_on": "2021-07-31", "completed_on": "2021-08-14"} for job in jobs]


def with_rows(rows: dict[str, list[Row]], nil: str) -> bytes:
    return as_bytes(filled(rows=rows, nil=nil))


def without_row(return_name: str, sheet: str) -> bytes:
    """A return whose sender deleted the last row that the blank workbook has."""
    book = filled(return_name)
    sheet_of(book, sheet).delete_rows(sheet_of(book, sheet).max_row)
    return as_bytes(book)


_TOTAL = [None, "Total", None, None, None, None, None, None, None, 173]


# CSV files and archives.


def counts_csv(change: Callable[[list[list[str]]], object] = lambda _: None, encoding: str = "utf-8") -> bytes:
    """The police counts as a CSV file, with the lines changed."""
    table = contract("tvp_counts").tables[0]
    lines = [[column.label for column in table.columns]]
    lines += [[row[name] or "" for name in table.names] for row in whole_rows("tvp_counts", "counts")]
    change(lines)
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode(encoding)


def monthly(month: str, force: str = FORCE, kind: str = "street") -> str:
    return f"{month}-{force}-{kind}.csv"


def street(month: str = "2022-01", old: bytes = b"", new: bytes = b"") -> bytes:
    """A monthly file of three incidents, with some bytes changed."""
    headings = ",".join(column.label for column in contract("tvp_crime").tables[0].columns)
    row = (
        f",{month},Thames Valley Police,Thames Valley Police,-1.257,51.752,On or near High Street,"
        "E01028522,Oxford 008A,Anti-social behaviour,,"
    )
    content = "\n".join([headings, row, row, row, ""]).encode()
    assert not old or old in content
    return content.replace(old, new) if old else content


def new_kind(month: str) -> bytes:
    """A monthly file whose last two rows are crimes of a kind that the contract does not know."""
    headings, row, *rows = street(month).splitlines(keepends=True)
    new = [b"0123456789abcdef" * 4 + row.replace(b"Anti-social behaviour", b"Fly tipping") for row in rows]
    return b"".join([headings, row, *new])


def archive(**files: bytes) -> bytes:
    """An archive with the good file of January 2022, and more."""
    return packed({f"2022-01/{monthly('2022-01')}": street(), **files})


def _police(name: str, make: Callable[[], bytes], place: Place = NOWHERE) -> BrokenFile:
    return BrokenFile(name, make, place, return_name="tvp_crime", quarter="2021-22Q4")


def _counts(make: Callable[[], bytes], place: Place = NOWHERE) -> BrokenFile:
    return BrokenFile("counts.csv", make, place, return_name="tvp_counts")


# Publications.


def publication(change: Callable[[Workbook], object]) -> bytes:
    book = load_workbook(io.BytesIO(publications.csp_crime()))
    change(book)
    return publications.saved(book)


def _published(change: Callable[[Workbook], object], place: Place = NOWHERE, quarter: str = "2024-25Q3") -> BrokenFile:
    return BrokenFile("crime.xlsx", lambda: publication(change), place, return_name="csp_crime", quarter=quarter)


def _c2(address: str, value: object) -> Callable[[Workbook], object]:
    return lambda book: sheet_of(book, "Table C2").__setitem__(address, value)


FILES: dict[str, Sequence[BrokenFile]] = {
    "INT-SIZE-01": [BrokenFile("return.xlsx", lambda: GOOD + b"\0" * 10_000_001)],
    "INT-SIZE-02": [BrokenFile("return.xlsx", lambda: b"")],
    "INT-FORMAT-01": [
        BrokenFile("return.pdf", lambda: b"%PDF-1.7 ..."),
        BrokenFile("return.csv", lambda: b"a,b\n1,2\n"),
    ],
    "INT-FORMAT-02": [
        BrokenFile("return.xlsx", lambda: b"\x89PNG\r\n\x1a\n\0\0"),
        BrokenFile("return.xlsx", lambda: b"a,b\n1,2\n"),
        BrokenFile("return.ods", lambda: GOOD),
    ],
    "INT-FORMAT-03": [
        BrokenFile("return.xlsx", lambda: GOOD[: len(GOOD) // 2]),
        BrokenFile("return.xlsx", lambda: repacked(GOOD, without="xl/workbook.xml")),
        BrokenFile(
            "return.xlsx",
            lambda: repacked(GOOD, plus={"xl/worksheets/sheet1.xml": b"<worksheet><sheetData>#cover<row"}),
        ),
        BrokenFile("return.xlsx", lambda: changed(GOOD, "xl/worksheets/sheet2.xml", *_NO_BLOCK)),
    ],
    "INT-FORMAT-04": [
        BrokenFile("return.xls", old_workbook),
        BrokenFile("return.xlsx", lambda: plus("xl/workbook.bin")),
    ],
    "INT-MACRO-01": [
        BrokenFile("return.xlsm", lambda: GOOD),
        BrokenFile("return.xlsx", lambda: plus("xl/vbaProject.bin")),
        BrokenFile("return.xlsx", lambda: changed(GOOD, "[Content_Types].xml", *_NAMES_MACROS)),
        BrokenFile("return.xlsx", lambda: related("x/vbaProject")),
        BrokenFile("return.xlsx", lambda: related("x/xlMacrosheet")),
        BrokenFile("return.xlsx", lambda: related("x/ui/extensibility")),
        BrokenFile("return.ods", lambda: plus("Basic/Standard/x.xml", ods())),
    ],
    "INT-LOCKED-01": [
        BrokenFile("return.xlsx", lambda: locked_workbook(GOOD)),
        BrokenFile(
            "return.ods", lambda: repacked(ods(), plus={"META-INF/manifest.xml": b"<manifest:encryption-data/>"})
        ),
    ],
    "INT-LOCKED-02": [
        BrokenFile("return.xlsx", labelled_workbook),
    ],
    "INT-ZIP-03": [
        _police("x.zip", lambda: packed({monthly("2022-01"): street()}, zipfile.ZIP_BZIP2)),
        BrokenFile("return.xlsx", lambda: packed({"[Content_Types].xml": b"<x/>"}, zipfile.ZIP_LZMA)),
    ],
    "INT-ZIP-01": [
        BrokenFile("return.xlsx", lambda: repacked(GOOD, plus={"xl/media/x.xml": b"0" * 30_000_000})),
        _police("x.zip", lambda: packed({monthly("2022-01"): b"0" * 30_000_000})),
    ],
    "INT-ZIP-02": [
        BrokenFile("return.xlsx", lambda: plus("../../etc/x")),
        _police("x.zip", lambda: archive(**{"more.zip": b"PK"})),
        _police("x.zip", lambda: archive(**{"/etc/passwd": b"x"})),
    ],
    "INT-LINK-01": [
        BrokenFile("return.xlsx", lambda: plus("xl/externalLinks/externalLink1.xml")),
        BrokenFile("return.xlsx", lambda: plus("xl/connections.xml")),
        BrokenFile("return.xlsx", lambda: related("x/connections")),
        BrokenFile("return.xlsx", lambda: related("x/externalLink")),
        BrokenFile("return.xlsx", lambda: changed(GOOD, "xl/_rels/workbook.xml.rels", *_LINKED)),
        BrokenFile("return.ods", lambda: ods(b"<x><table:table-source/></x>")),
    ],
    "INT-LINK-02": [
        BrokenFile(
            "crime.xlsx",
            lambda: plus("xl/externalLinks/externalLink1.xml", publications.csp_crime()),
            return_name="csp_crime",
            quarter="2024-25Q3",
        )
    ],
    "INT-OBJECT-01": [
        BrokenFile("return.xlsx", lambda: plus("xl/embeddings/oleObject1.bin")),
        BrokenFile("return.xlsx", lambda: related("x/oleObject")),
        BrokenFile("return.xlsx", lambda: related("x/webextension")),
        BrokenFile("return.ods", lambda: plus("Object 1/content.xml", ods())),
        BrokenFile("return.ods", lambda: listed("Figures", "application/vnd.oasis.opendocument.chart")),
        BrokenFile("return.ods", lambda: listed("Pictures/1", "application/vnd.sun.star.oleobject")),
    ],
    "INT-OBJECT-02": [
        BrokenFile("return.xlsx", lambda: related("x/somethingNew")),
        BrokenFile("return.ods", lambda: plus("Database/x.odb", ods())),
        BrokenFile("return.ods", lambda: listed("Pictures/1", "video/mp4")),
    ],
    "INT-XML-01": [
        BrokenFile(
            "return.xlsx",
            lambda: changed(GOOD, "xl/workbook.xml", b"<workbook", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><workbook'),
        ),
        BrokenFile("return.ods", lambda: ods(b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>')),
    ],
    "INT-TEMPLATE-01": [BrokenFile("return.xlsx", foreign), BrokenFile("return.xlsx", without_tag)],
    "INT-TEMPLATE-02": [BrokenFile("return.xlsx", lambda: cover(return_name="mediation"))],
    "INT-TEMPLATE-03": [BrokenFile("return.xlsx", lambda: cover(version="2016.2"))],
    "INT-TEMPLATE-04": [
        _counts(lambda: b"a,b\n1,2\n", ("tvp_counts.csv", 1, None, None)),
        _counts(lambda: b"Month;Measure;Cherwell;Oxford\n", ("tvp_counts.csv", 1, None, None)),
        _counts(lambda: b"\n\n", ("tvp_counts.csv", 1, None, None)),
        _police(monthly("2022-01"), lambda: b"\n", (monthly("2022-01"), 1, None, None)),
    ],
    "INT-COVER-01": [
        BrokenFile("return.xlsx", lambda: with_cover("Source", None), folders=["sanctuary_contractor"]),
        BrokenFile("return.xlsx", lambda: with_cover("Quarter", None)),
    ],
    "INT-SOURCE-01": [BrokenFile("return.xlsx", lambda: cover(source="odas"))],
    "INT-QUARTER-01": [
        BrokenFile("return.xlsx", lambda: cover(quarter="2021-22Q2")),
        BrokenFile("return.xlsx", lambda: cover(quarter="spring")),
    ],
    "INT-QUARTER-02": [BrokenFile("return.xlsx", lambda: cover(quarter="2016-17Q4"), quarter="2016-17Q4")],
    "INT-QUARTER-03": [
        BrokenFile(
            "return.xlsx", lambda: with_rows({"jobs": _of_the_next_quarter(TWO_JOBS["jobs"]), "cameras": []}, "No")
        )
    ],
    "INT-ARCHIVE-01": [_police("x.zip", lambda: packed({}))],
    "INT-ARCHIVE-02": [
        _police("x.zip", lambda: packed({monthly("2022-01", OTHER_FORCE): b"x"})),
        _police(monthly("2022-01", OTHER_FORCE), street),
    ],
    "INT-ARCHIVE-03": [
        _police(
            "x.zip",
            lambda: packed({monthly("2016-12"): street("2016-12")}),
            (monthly("2016-12"), None, None, None),
        ),
        _police(
            "x.zip",
            lambda: packed({monthly("2022-13"): street("2022-13")}),
            (monthly("2022-13"), None, None, None),
        ),
    ],
    "INT-ARCHIVE-04": [
        _police("x.zip", lambda: archive(**{monthly("2022-01"): street()}), (monthly("2022-01"), None, None, None))
    ],
    "INT-ARCHIVE-08": [
        _police(
            monthly("2022-01"),
            lambda: street().partition(b"\n")[0] + b"\n",
            (monthly("2022-01"), None, None, None),
        )
    ],
    "INT-ARCHIVE-09": [
        BrokenFile(
            monthly("2022-02"),
            lambda: street("2022-02"),
            (monthly("2022-02"), None, None, None),
            return_name="tvp_crime",
            quarter="2021-22Q4",
            folders=["received-2022-02-28"],
        )
    ],
    "INT-ARCHIVE-05": [_police("x.zip", lambda: archive(**{monthly("2022-01", kind="outcomes"): b"x"}))],
    "INT-ARCHIVE-06": [_police("x.zip", lambda: archive(**{"read me.txt": b"x"}))],
    "INT-ARCHIVE-10": [_police("x.zip", lambda: archive(**{monthly("2022-01", OTHER_FORCE): b"x"}))],
    "INT-ARCHIVE-11": [
        _police(
            "x.zip",
            lambda: archive(**{monthly("2022-02"): new_kind("2022-02")}),
            (monthly("2022-02"), 3, "crime_type", None),
        )
    ],
    "INT-ARCHIVE-12": [
        _police(monthly("2022-01"), lambda: new_kind("2022-01"), (monthly("2022-01"), 3, "crime_type", None))
    ],
    "INT-ARCHIVE-07": [_police("x.csv", street)],
    "INT-SHEET-01": [
        BrokenFile("return.xlsx", lambda: without_sheet("Cameras"), ("Cameras", None, None, None)),
        BrokenFile(
            "return.xlsx",
            lambda: with_jobs(lambda sheet: sheet.__setitem__("A3", None), "Cameras"),
            ("Cameras", None, None, None),
        ),
    ],
    "INT-SHEET-02": [BrokenFile("return.xlsx", lambda: with_copied_sheet("Jobs"), ("Jobs", None, None, None))],
    "INT-SHEET-03": [
        BrokenFile(
            "return.xlsx",
            lambda: with_jobs(lambda sheet: setattr(sheet, "sheet_state", "hidden"), "Cameras"),
            ("Cameras", None, None, None),
        )
    ],
    "INT-HEADING-01": [
        BrokenFile("return.xlsx", lambda: with_cell("J4", "Cost (net)"), ("Jobs", 4, "works_cost", "J4")),
        BrokenFile(
            "return.xlsx",
            lambda: with_jobs(lambda sheet: sheet.merge_cells("J3:J5")),
            ("Jobs", 4, "works_cost", "J4"),
        ),
        _published(_c2("I5", "Murder"), ("Table C2", None, None, None)),
    ],
    "INT-HEADING-02": [
        BrokenFile("return.xlsx", lambda: with_cell("K4", "Tenant's name"), ("Jobs", 4, None, "K4")),
        _police(
            monthly("2022-01"),
            lambda: street(old=b"\n", new=b",Notes\n"),
            (monthly("2022-01"), 1, None, None),
        ),
    ],
    "INT-HEADING-03": [
        BrokenFile("return.xlsx", lambda: with_cell("K4", "District"), ("Jobs", 4, "district", "K4")),
        _published(_c2("AD5", "Robbery"), ("Table C2", None, None, None)),
    ],
    "INT-HEADING-04": [BrokenFile("return.xlsx", lambda: with_cell("L6", CANARY), ("Jobs", 4, None, "L4"))],
    "INT-HEADING-05": [
        BrokenFile("return.xlsx", lambda: with_jobs(lambda sheet: sheet.insert_rows(4)), ("Jobs", 4, None, None))
    ],
    "INT-HIDDEN-01": [
        BrokenFile(
            "return.xlsx",
            lambda: with_jobs(lambda sheet: setattr(sheet.row_dimensions[6], "hidden", True)),
            ("Jobs", 6, None, "A6"),
        )
    ],
    "INT-HIDDEN-02": [
        BrokenFile(
            "return.xlsx",
            lambda: with_jobs(lambda sheet: setattr(sheet.column_dimensions["C"], "hidden", True)),
            ("Jobs", 4, "referred_on", "C4"),
        )
    ],
    "INT-HIDDEN-03": [BrokenFile("return.xlsx", lambda: with_comment("Ask Ann about this one"))],
    "INT-FORMULA-01": [BrokenFile("return.xlsx", lambda: with_cell("J5", "=80+6.5"), ("Jobs", 5, "works_cost", "J5"))],
    "INT-FORMULA-02": [BrokenFile("return.xlsx", with_saved_result, ("Jobs", 5, "works_cost", "J5"))],
    "INT-MERGED-01": [
        BrokenFile(
            "return.xlsx",
            lambda: with_jobs(lambda sheet: sheet.merge_cells("B5:B6")),
            ("Jobs", 5, "district", "B5"),
        )
    ],
    "INT-MERGED-02": [BrokenFile("return.xlsx", lambda: changed(GOOD, "xl/worksheets/sheet2.xml", *_MERGED))],
    "INT-ERROR-01": [BrokenFile("return.xlsx", lambda: with_cell("J6", "#DIV/0!"), ("Jobs", 6, "works_cost", "J6"))],
    "INT-NUMBER-01": [BrokenFile("return.xlsx", lambda: with_cell("J5", "86.50"), ("Jobs", 5, "works_cost", "J5"))],
    "INT-NUMBER-02": [
        BrokenFile(
            "return.xlsx", lambda: with_cell("J5", 86.5, number_format="dd/mm/yyyy"), ("Jobs", 5, "works_cost", "J5")
        )
    ],
    "INT-NUMBER-03": [
        BrokenFile("return.xlsx", lambda text=text: with_cell("J5", text), ("Jobs", 5, "works_cost", "J5"))
        for text in ("£86.50", "£ 86.50", "1,086.50", "-£1", "£1 086")
    ],
    "INT-NUMBER-04": [
        BrokenFile(
            "return.xlsx",
            lambda text=text: with_services("C5", text),
            ("Services", 5, "oxford", "C5"),
            return_name="odas",
        )
        for text in ("nil", "None", "ZERO")
    ],
    "INT-WITHHELD-01": [
        BrokenFile(
            "return.xlsx",
            lambda text=text: with_services("C5", text),
            ("Services", 5, "oxford", "C5"),
            return_name="odas",
        )
        for text in ("withheld", "Withheld", " WITHHELD ")
    ],
    "INT-NUMBER-08": [
        BrokenFile(
            "return.xlsx",
            lambda: with_services("C5", 3_000_000_000_000),
            ("Services", 5, "oxford", "C5"),
            return_name="odas",
        )
    ],
    **{
        rule_id: [
            BrokenFile("return.xlsx", lambda text=text: with_cell("J5", text), ("Jobs", 5, "works_cost", "J5"))
            for text in texts
        ]
        for rule_id, texts in {
            "INT-NUMBER-05": ("<5", "< 5", "*", "[c]", "fewer than 5", "1-4", "suppressed", "≤4"),
            "INT-NUMBER-06": ("withheld", "Confidential"),
            "INT-NUMBER-07": ("-", "–", "n/a", "N/A", "TBC", "not known", "?", "..", "unknown", "nil"),
        }.items()
    },
    "INT-DATE-01": [
        BrokenFile("return.xlsx", lambda text=text: with_cell("C5", text), ("Jobs", 5, "referred_on", "C5"))
        for text in (
            "31.05.2021",
            "31-05-2021",
            "31/05/21",
            "31 May 2021",
            "31st May 2021",
            "31-May-21",
            "Monday 31 May 2021",
            "May 31, 2021",
            "2021/05/31",
        )
    ],
    "INT-DATE-02": [
        BrokenFile("return.xlsx", lambda text=text: with_cell("C5", text), ("Jobs", 5, "referred_on", "C5"))
        for text in ("2021-05-32", "31/06/2021", "05/31/2021", "30 February 2021")
    ],
    "INT-CHOICE-01": [
        BrokenFile("return.xlsx", lambda text=text: with_cell("B5", text), ("Jobs", 5, "district", "B5"))
        for text in (
            "Oxford City Council",
            "South Oxfordshire District Council",
            "the Vale of White Horse",
            "Oxford City",
        )
    ],
    "INT-CHOICE-02": [
        BrokenFile("return.xlsx", lambda text=text: with_cell("B5", text), ("Jobs", 5, "district", "B5"))
        for text in ("Oxfrod", "Cherwel", "Vale of the White Hourse")
    ],
    "INT-PERCENT-01": [
        BrokenFile("return.xlsx", lambda: with_cell("J5", "45%"), ("Jobs", 5, "works_cost", "J5")),
        BrokenFile("return.xlsx", lambda: with_cell("J5", 86.5, number_format="0%"), ("Jobs", 5, "works_cost", "J5")),
    ],
    "INT-TOTAL-01": [
        BrokenFile("return.xlsx", lambda: with_jobs(lambda sheet: sheet.append(_TOTAL)), ("Jobs", 7, "district", "B7"))
    ],
    "INT-ROW-01": [
        BrokenFile("return.xlsx", lambda: with_cell("B50", "x"), ("Jobs", 50, "district", "B50")),
        BrokenFile("return.xlsx", lambda: with_cell("A9", "Source: our system"), ("Jobs", 9, "job_reference", "A9")),
        _counts(
            lambda: counts_csv(lambda lines: lines.append(["Source: our system"])),
            ("tvp_counts.csv", 74, "month", None),
        ),
    ],
    "INT-ROW-02": [
        BrokenFile("return.xlsx", lambda: with_jobs(headings_again), ("Jobs", 7, None, "A7")),
        _counts(lambda: counts_csv(lambda lines: lines.append(lines[0])), ("tvp_counts.csv", 74, None, None)),
    ],
    "INT-ROWS-01": [
        _counts(
            lambda: counts_csv(lambda lines: lines.extend([lines[1]] * 20_001)), ("tvp_counts.csv", None, None, None)
        )
    ],
    "INT-LINE-01": [
        _counts(lambda: b'Month,Measure\n2021-04,"Robbery\n', ("tvp_counts.csv", 2, None, None)),
        _police(
            monthly("2022-01"),
            lambda: street() + b"too,few\n",
            (monthly("2022-01"), 5, None, None),
        ),
    ],
    "INT-LINE-02": [_counts(lambda: counts_csv(lambda lines: lines[2].append("1")), ("tvp_counts.csv", 3, None, None))],
    "INT-LINE-03": [
        _police(
            monthly("2022-01"),
            lambda: street(old=b"On or near High Street", new=b'"High\nStreet"'),
            (monthly("2022-01"), None, None, None),
        )
    ],
    "INT-TEXT-01": [
        _counts(lambda: counts_csv(encoding="utf-32")),
        _police(
            monthly("2022-01"),
            lambda: street(old=b"High", new=b"\x81\x8d"),
            (monthly("2022-01"), None, None, None),
        ),
    ],
    "INT-AGREEMENT-01": [BrokenFile("return.xlsx", lambda: GOOD, folders=["received-2016-01-04"])],
    "INT-PUBLISHED-01": [_published(lambda book: sheet_of(book, "Cover_sheet").__setitem__("A1", "Crime"))],
    "INT-PUBLISHED-02": [_published(lambda _: None, quarter="2024-25Q2")],
    "INT-PUBLISHED-03": [_published(lambda book: book.__delitem__("Table C5"))],
    "INT-PUBLISHED-04": [_published(_c2("H5", "Violence"), ("Table C2", None, None, None))],
    "INT-PUBLISHED-05": [_published(_c2("AD5", "Witchcraft"), ("Table C2", None, None, None))],
    "INT-PUBLISHED-06": [_published(_c2("B8", None), ("Table C2", 8, None, None))],
    "INT-PUBLISHED-07": [
        _published(_c2("A1", "Table C2: Number of crimes"), ("Table C2", None, None, None)),
    ],
    "INT-PUBLISHED-08": [_published(_c2("A100000", "x"), ("Table C2", None, None, None))],
    "INT-PUBLISHED-09": [
        BrokenFile(
            "population.csv",
            lambda: publications.population_csv().replace(b"Oxford,,", b"Oxford City,,"),
            ("population_midyear.csv", None, None, None),
            return_name="population_midyear",
            quarter="2023-24Q1",
        )
    ],
    "INT-NIL-01": [BrokenFile("return.xlsx", lambda: with_rows({"jobs": [], "cameras": []}, "No"))],
    "INT-NIL-03": [
        _counts(
            lambda: ",".join(column.label for column in contract("tvp_counts").tables[0].columns).encode(),
            ("tvp_counts.csv", None, None, None),
        )
    ],
    "INT-NIL-04": [
        _counts(lambda: counts_csv(lambda lines: lines.pop(7)), ("tvp_counts.csv", None, None, None)),
        BrokenFile(
            "return.xlsx",
            lambda: without_row("odas", "Services"),
            ("Services", None, None, None),
            return_name="odas",
        ),
    ],
    "INT-NIL-02": [
        BrokenFile("return.xlsx", lambda: with_rows({"jobs": [JOB], "cameras": []}, "Yes"), ("Jobs", None, None, None))
    ],
    "INT-PERSONAL-09": [
        BrokenFile(
            "return.xlsx",
            lambda: repacked(
                GOOD,
                plus={"xl/pivotCache/pivotCacheRecords1.xml": f'<r><s v="{CANARY}, born 12/03/1985"/></r>'.encode()},
            ),
        ),
    ],
    **{
        f"INT-PERSONAL-{number:02d}": [
            BrokenFile("return.xlsx", lambda text=text: with_cell("A6", text), ("Jobs", 6, "job_reference", "A6"))
        ]
        for number, text in enumerate(
            (
                f"{CANARY} 12/03/1985",
                "OX1 1ND",
                "01865 792422",
                "agnes@example.org",
                "QQ123456C".replace("QQ", "AB"),
                "943 476 5919",
            ),
            1,
        )
    },
    "INT-PERSONAL-07": [
        BrokenFile("return.xlsx", with_extra_sheet),
        BrokenFile("return.xlsx", lambda: with_extra_sheet(title="agnes@example.org", text="x")),
    ],
    "INT-PERSONAL-08": [
        BrokenFile("return.xlsx", lambda: with_jobs(lambda sheet: setattr(sheet, "title", "agnes@example.org")))
    ],
}


# The same workbook in the other format.

_SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def as_ods(book: Workbook) -> bytes:
    """The same workbook as an OpenDocument spreadsheet, every cell as text or number."""

    def cell(value: object) -> str:
        if value is None:
            return "<table:table-cell/>"
        kind = f'office:value-type="float" office:value="{value}"' if isinstance(value, int | float) else ""
        day = getattr(value, "isoformat", None)
        kind = f'office:value-type="date" office:date-value="{day()[:10]}"' if day else kind
        return f"<table:table-cell {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"

    tables = "".join(
        f'<table:table table:name="{sheet.title}">'
        + "".join(
            f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in sheet.iter_rows(values_only=True)
        )
        + "</table:table>"
        for sheet in book.worksheets
    )
    content = (
        f"<office:document-content {_SPACES}><office:body><office:spreadsheet>{tables}</office:spreadsheet>"
        "</office:body></office:document-content>"
    )
    return ods(content.encode())
