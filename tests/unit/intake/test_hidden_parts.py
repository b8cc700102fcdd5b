"""What a workbook has besides its cells is found, whatever its parts are called."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.packaging.custom import StringProperty
from openpyxl.workbook.defined_name import DefinedName

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.contract.return_workbook import to_bytes, workbook
from sia.intake.hidden_parts import COMMENTS, CONSTANTS, METADATA, PIVOT_TABLES, UNUSED_PARTS, HiddenParts, hidden_parts
from tests.broken_files import as_ods, changed, repacked
from tests.workbooks import as_bytes, filled

PERSON = "Agnes Canary, born 12/03/1985"
GOOD = as_bytes(filled())
PIVOT = (
    b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    b'pivotCacheDefinition" Target="cache/any.xml"/></Relationships>'
)


def with_comment(text: str, author: str) -> Workbook:
    book = filled()
    book["Jobs"]["B5"].comment = Comment(text, author)
    return book


def related(text: str) -> bytes:
    content = repacked(GOOD, plus={"xl/cache/any.xml": f'<cache><s v="{text}"/></cache>'.encode()})
    return changed(content, "xl/_rels/workbook.xml.rels", b"</Relationships>", PIVOT)


@pytest.mark.parametrize("return_name", ["sanctuary", "tvp_counts"])
def test_our_blank_workbook_has_nothing_but_its_cells(return_name: str) -> None:
    agreed = contract(return_name)
    blank = to_bytes(workbook(agreed, Quarter(2021, 1), next(iter(agreed.senders))))
    assert hidden_parts(blank, "xlsx") == HiddenParts()
    assert hidden_parts(GOOD, "xlsx") == HiddenParts()


def test_the_letter_mentions_a_comment_and_we_look_at_it() -> None:
    assert hidden_parts(as_bytes(with_comment("Ask Ann", "Ann")), "xlsx") == HiddenParts((COMMENTS,))
    assert hidden_parts(as_bytes(with_comment(PERSON, "Ann")), "xlsx") == HiddenParts((COMMENTS,), (COMMENTS,))
    assert hidden_parts(as_bytes(with_comment("What to enter", "Template")), "xlsx") == HiddenParts()


def test_the_source_of_a_pivot_table_is_looked_at_under_any_name() -> None:
    assert hidden_parts(related("12"), "xlsx") == HiddenParts((PIVOT_TABLES,))
    assert hidden_parts(related(PERSON), "xlsx") == HiddenParts((PIVOT_TABLES,), (PIVOT_TABLES,))


def test_a_part_that_nothing_leads_to_is_looked_at() -> None:
    unused = repacked(GOOD, plus={"xl/pivotCache/x.xml": f"<x>{PERSON}</x>".encode()})
    assert hidden_parts(unused, "xlsx") == HiddenParts((UNUSED_PARTS,), (UNUSED_PARTS,))


def test_a_name_for_a_text_and_a_property_are_looked_at() -> None:
    book = filled()
    book.defined_names["note"] = DefinedName("note", attr_text=f'"{PERSON}"')
    book.custom_doc_props.append(StringProperty(name="case", value=PERSON))
    assert hidden_parts(as_bytes(book), "xlsx") == HiddenParts((CONSTANTS,), (CONSTANTS, METADATA))


def test_the_address_of_who_saved_a_file_does_not_refuse_it() -> None:
    book = filled()
    book.custom_doc_props.append(StringProperty(name="_AuthorEmail", value="ann@example.org"))
    assert hidden_parts(as_bytes(book), "xlsx") == HiddenParts()


def test_annotations_of_an_opendocument_file_are_comments() -> None:
    content = as_ods(filled())
    assert hidden_parts(content, "ods") == HiddenParts()
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        body = package.read("content.xml")
    note = b"<office:annotation><text:p>Agnes Canary, born 12/03/1985</text:p></office:annotation>"
    at = body.index(b"<text:p")
    noted = repacked(content, plus={"content.xml": body[:at] + note + body[at:]})
    assert hidden_parts(noted, "ods") == HiddenParts((COMMENTS,), (COMMENTS,))
