"""A workbook is the same whatever program packed it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from sia.intake.readers import xlsx
from sia.intake.usual_package import usual_package
from tests.workbooks import as_bytes, filled

GOOD = as_bytes(filled())


def rewritten(change: Callable[[str, bytes], tuple[str, bytes]], content: bytes = GOOD) -> bytes:
    """The package with the name and content of each part changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            changed, part = change(name, old.read(name))
            # Python itself writes slashes: the name is changed after it was made.
            entry = zipfile.ZipInfo("x")
            entry.filename = changed
            new.writestr(entry, part)
    return buffer.getvalue()


def strict(part: bytes) -> bytes:
    for kind in (b"spreadsheetml", b"officeDocument", b"drawingml"):
        usual = b"http://schemas.openxmlformats.org/" + kind + b"/2006/"
        part = part.replace(usual, b"http://purl.oclc.org/ooxml/" + kind + b"/")
    return part


@pytest.mark.parametrize(
    "change",
    [
        lambda name, part: (name.replace("/", "\\"), part),
        lambda name, part: (f"my return/{name}", part),
        lambda name, part: (f"my return\\{name}".replace("/", "\\"), part),
        lambda name, part: (name, strict(part)),
        lambda name, part: (
            name.replace("xl/", "excel/"),
            part.replace(b'"/xl/', b'"/excel/').replace(b'"xl/', b'"excel/'),
        ),
    ],
    ids=["backslashes", "folder", "both", "strict", "another main folder"],
)
def test_a_workbook_that_was_packed_in_another_way_reads_the_same(
    change: Callable[[str, bytes], tuple[str, bytes]],
) -> None:
    content = rewritten(change)
    assert content != GOOD
    assert xlsx.read(io.BytesIO(usual_package(content))) == xlsx.read(io.BytesIO(GOOD))


def test_what_needs_no_change_or_cannot_be_read_stays_as_it_is() -> None:
    two_of_a_name = rewritten(lambda name, part: (name.replace("sheet2", "sheet1").replace("/", "\\"), part))
    for content in (GOOD, b"", b"a,b\n", GOOD[: len(GOOD) // 2], two_of_a_name):
        assert usual_package(content) == content


def test_we_leave_out_what_a_file_manager_adds() -> None:
    buffer = io.BytesIO(rewritten(lambda name, part: (f"return/{name}", part)))
    with zipfile.ZipFile(buffer, "a") as package:
        package.writestr("__MACOSX/return/._workbook.xml", b"x")
        package.writestr("return/.DS_Store", b"x")
    with (
        zipfile.ZipFile(io.BytesIO(usual_package(buffer.getvalue()))) as package,
        zipfile.ZipFile(io.BytesIO(GOOD)) as good,
    ):
        assert sorted(package.namelist()) == sorted(good.namelist())
