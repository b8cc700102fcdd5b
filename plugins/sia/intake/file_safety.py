"""Is a file what its name says, and safe to open? Nothing is parsed here that could do harm by being parsed."""

from __future__ import annotations

import codecs
import re
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml.ElementTree import fromstring, iterparse
from openpyxl.worksheet.cell_range import CellRange

from sia.contract.model import Contract
from sia.intake.rejection import Refusal, fault, format_words, formats

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Excel 97 to 2003, and every workbook locked with a password
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_OLD_MACROS = "_VBA_PROJECT_CUR".encode("utf-16-le")
_PIECE = 1 << 20

_MEGABYTE = 1 << 20
_WORKBOOK_MEMBERS = 2_000
_WORKBOOK_UNPACKED = 128 * _MEGABYTE
_ARCHIVE_MEMBERS = 20_000
# Police CSV packs about 1 to 5 and a workbook's XML 1 to 15; deflate's own limit is about 1 to 1,030.
_MOST_PACKED = 100
_RATIO_COUNTS_FROM = 4 * _MEGABYTE
_MOST_MERGED = 100_000
_PACKED = {".zip", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".tgz", ".xlsx", ".xlsm", ".ods", ".jar"}

_OUTSIDE_SOURCES = [
    b"<table:table-source",
    b"<table:cell-range-source",
    b"<office:dde-source",
    b"<table:dde-link",
]
MERGED = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}mergeCell"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
# What zipfile raises for a package that is not whole, if it was opened here. A fault of ours is none of these.
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError)


def check(file: BinaryIO, name: str, contract: Contract) -> str:
    """Find out which format a file has: ``xlsx``, ``ods``, ``xls``, ``csv`` or ``zip``.

    Args:
        file: the file, opened for reading bytes, seekable.
        name: its name as it was sent.
        contract: whose formats are taken.

    Raises:
        Refusal: the file is not safe, not what its name says, or not of a format that the contract takes.
    """
    file.seek(0)
    start = file.read(8)
    if not start:
        raise Refusal(fault("INT-SIZE-02"))
    extension = PurePosixPath(name).suffix.lower().lstrip(".")
    if extension in ("xlsm", "xltm", "xlam", "xla"):
        raise Refusal(fault("INT-MACRO-01", formats=formats(contract)))
    if start.startswith(_OLE):
        return _of_old_excel(file, extension, contract)
    kind = _of_zip(file, contract) if start.startswith(_ZIP) else _of_text(file)
    if extension != kind:
        if extension not in contract.formats:
            raise Refusal(fault("INT-FORMAT-01", title=contract.title, formats=formats(contract)))
        content = format_words(kind) if kind else "another kind of file"
        raise Refusal(fault("INT-FORMAT-02", extension=extension, kind=content, formats=formats(contract)))
    if kind not in contract.formats:
        raise Refusal(fault("INT-FORMAT-01", title=contract.title, formats=formats(contract)))
    return kind


def opened(file: BinaryIO | Path) -> zipfile.ZipFile:
    """A zip package, opened for reading.

    Raises:
        zipfile.BadZipFile, EOFError, NotImplementedError, UnicodeDecodeError: it is damaged. Reading its files may
            raise what else is in ``DAMAGE``.
    """
    package = zipfile.ZipFile(file)
    # Reading these would fail as our own faults do: with a ValueError, an OverflowError, an OSError. Other ways of
    # packing than the two that are used come of damage alone.
    if not all(
        0 <= member.header_offset < package.start_dir
        and member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        for member in package.infolist()
    ):
        package.close()
        raise zipfile.BadZipFile("a file lies outside the package, or is packed as none is")
    return package


def files_in(file: BinaryIO) -> list[str]:
    """The paths of the files in a zip archive that was checked."""
    file.seek(0)
    with opened(file) as package:
        return [member.filename for member in package.infolist() if not member.is_dir()]


def damaged(contract: Contract) -> Refusal:
    """The refusal of a file that cannot be opened."""
    return Refusal(fault("INT-FORMAT-03", formats=formats(contract)))


def _of_text(file: BinaryIO) -> str | None:
    file.seek(0)
    start = file.read(_PIECE)
    two_bytes = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return "csv" if two_bytes or not (b"\0" in start or start.startswith((b"%PDF", b"{\\rtf", b"<"))) else None


def _of_old_excel(file: BinaryIO, extension: str, contract: Contract) -> str:
    if _holds(file, [_ENCRYPTED_PACKAGE]):
        raise Refusal(fault("INT-LOCKED-01"))
    if extension != "xls" or "xls" not in contract.formats:
        raise Refusal(fault("INT-FORMAT-04", formats=formats(contract)))
    if _holds(file, [_OLD_MACROS]):
        raise Refusal(fault("INT-MACRO-01", formats=formats(contract)))
    return "xls"


def _of_zip(file: BinaryIO, contract: Contract) -> str:
    file.seek(0)
    try:
        with opened(file) as package:
            names = set(package.namelist())
            if "[Content_Types].xml" in names:
                _check_package(package, _WORKBOOK_MEMBERS, _WORKBOOK_UNPACKED)
                _check_excel(package, names, contract)
                return "xlsx"
            if "mimetype" in names and "content.xml" in names:
                _check_package(package, _WORKBOOK_MEMBERS, _WORKBOOK_UNPACKED)
                _check_opendocument(package, names, contract)
                return "ods"
            if "zip" in contract.formats:
                unpacked = contract.max_megabytes * _MEGABYTE * _MOST_PACKED
                _check_package(package, _ARCHIVE_MEMBERS, unpacked)
                if any(PurePosixPath(n).suffix.lower() in _PACKED for n in names):
                    raise Refusal(fault("INT-ZIP-02"))
            return "zip"
    except DAMAGE:
        raise damaged(contract) from None


def _check_package(package: zipfile.ZipFile, most_members: int, most_unpacked: int) -> None:
    members = package.infolist()
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if len(members) > most_members or unpacked > most_unpacked:
        raise Refusal(fault("INT-ZIP-01"))
    if unpacked > _RATIO_COUNTS_FROM and unpacked > packed * _MOST_PACKED:
        raise Refusal(fault("INT-ZIP-01"))
    if len({member.filename for member in members}) < len(members):
        raise Refusal(fault("INT-ZIP-02"))
    if any(_leads_outside(member.orig_filename) for member in members):
        raise Refusal(fault("INT-ZIP-02"))
    if any(member.flag_bits & 0x1 for member in members):
        raise Refusal(fault("INT-LOCKED-01"))


def _leads_outside(name: str) -> bool:
    return name.startswith("/") or "\\" in name or "\0" in name or ":" in name or ".." in name.split("/")


def _check_excel(package: zipfile.ZipFile, names: set[str], contract: Contract) -> None:
    types = package.read("[Content_Types].xml")
    if any(n.endswith("vbaProject.bin") for n in names) or b"macroEnabled" in types:
        raise Refusal(fault("INT-MACRO-01", formats=formats(contract)))
    if "xl/workbook.bin" in names:
        raise Refusal(fault("INT-FORMAT-04", formats=formats(contract)))
    if "xl/workbook.xml" not in names:
        raise damaged(contract)
    _check_declarations(package, names)
    if contract.is_template_return:
        _check_merged(package, names, contract)
    if any(n.startswith(("xl/externalLinks/", "xl/queryTables/")) or n == "xl/connections.xml" for n in names):
        raise Refusal(fault("INT-LINK-01"))
    if any(n.startswith(("xl/embeddings/", "xl/activeX/", "xl/ctrlProps/")) for n in names):
        raise Refusal(fault("INT-OBJECT-01"))
    for name in names:
        if name.endswith(".rels") and _reaches_out(package.read(name)):
            raise Refusal(fault("INT-LINK-01"))


def _check_merged(package: zipfile.ZipFile, names: Iterable[str], contract: Contract) -> None:
    """Refuse blocks that are merged over more cells than a return has: openpyxl makes an object of each of them."""
    needles = ["mergeCell".encode(coding) for coding in ("utf-8", "utf-16-le", "utf-16-be")]
    merged = 0
    for name in names:
        if not _any_part_holds(package, [name], needles):
            continue
        with package.open(name) as part:
            try:
                for _, element in iterparse(part, forbid_dtd=True):
                    if element.tag == MERGED:
                        size = CellRange(element.get("ref", "")).size
                        merged += size["rows"] * size["columns"]
                    element.clear()
            # A TypeError or a ValueError is also what openpyxl makes of a block that is none.
            except (ParseError, ValueError, LookupError, TypeError):
                raise damaged(contract) from None
        if merged > _MOST_MERGED:
            raise Refusal(fault("INT-MERGED-02"))


def _reaches_out(relations: bytes) -> bool:
    try:
        found = fromstring(relations, forbid_dtd=True)
    # A ValueError is what is forbidden; that or a LookupError is a coding that the parser does not know.
    except (ParseError, ValueError, LookupError):
        raise Refusal(fault("INT-XML-01")) from None
    # A hyperlink is text that a reader may click; every other outside relation is fetched by the program.
    return any(
        relation.get("TargetMode") == "External" and not relation.get("Type", "").endswith("/hyperlink")
        for relation in found.iter(_RELATION)
    )


def _check_opendocument(package: zipfile.ZipFile, names: set[str], contract: Contract) -> None:
    kind = package.read("mimetype").strip()
    if kind != b"application/vnd.oasis.opendocument.spreadsheet":
        raise Refusal(fault("INT-FORMAT-01", title=contract.title, formats=formats(contract)))
    if "META-INF/manifest.xml" in names and b"encryption-data" in package.read("META-INF/manifest.xml"):
        raise Refusal(fault("INT-LOCKED-01"))
    if any(n.startswith(("Basic/", "Scripts/")) for n in names):
        raise Refusal(fault("INT-MACRO-01", formats=formats(contract)))
    _check_declarations(package, names)
    if any(re.match(r"Object \d+/|ObjectReplacements/.+", n) for n in names):
        raise Refusal(fault("INT-OBJECT-01"))
    with package.open("content.xml") as content:
        if _holds(content, _OUTSIDE_SOURCES):
            raise Refusal(fault("INT-LINK-01"))


def mentions(file: BinaryIO, text: str) -> bool:
    """Whether a text stands anywhere in the parts of a workbook that was checked."""
    with zipfile.ZipFile(file) as package:
        return _any_part_holds(package, package.namelist(), [text.encode()])


def _check_declarations(package: zipfile.ZipFile, names: Iterable[str]) -> None:
    marks = ("<!DOCTYPE", "<!ENTITY")
    needles = [mark.encode(coding) for mark in marks for coding in ("utf-8", "utf-16-le", "utf-16-be")]
    if _any_part_holds(package, names, needles):
        raise Refusal(fault("INT-XML-01"))


def _any_part_holds(package: zipfile.ZipFile, names: Iterable[str], needles: list[bytes]) -> bool:
    for name in names:
        if name.endswith((".xml", ".rels", ".vml", ".rdf")):
            with package.open(name) as part:
                if _holds(part, needles):
                    return True
    return False


def _holds(file: IO[bytes], needles: list[bytes]) -> bool:
    """Whether any of some byte strings stands in a file, read by pieces."""
    overlap = max(map(len, needles)) - 1
    file.seek(0)
    held = b""
    while piece := file.read(_PIECE):
        held += piece
        if any(needle in held for needle in needles):
            return True
        held = held[-overlap:]
    return False
