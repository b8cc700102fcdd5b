"""Check that a file is what its name says and safe to open, before anything parses it in full."""

from __future__ import annotations

import codecs
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO
from xml.etree.ElementTree import Element, ParseError

import msoffcrypto
from defusedxml.ElementTree import fromstring, iterparse
from olefile import OleFileIO
from openpyxl.worksheet.cell_range import CellRange

from sia.contract.model import COVER_TAG, Contract
from sia.intake.readers import geojson
from sia.intake.rejection import FileRejected, format_name, format_names, make_finding
from sia.storage.folders import CHUNK_SIZE

_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Excel 97 to 2003, and every workbook locked with a password

_MEGABYTE = 1 << 20
_MAX_WORKBOOK_MEMBERS = 2_000
_MAX_WORKBOOK_BYTES = 128 * _MEGABYTE
_MAX_ARCHIVE_MEMBERS = 20_000
# CSV files of crimes pack to about a fifth, a workbook's XML to a fifteenth; deflate's own limit is about 1 to 1,030.
_MAX_RATIO = 100
_RATIO_COUNTS_FROM = 4 * _MEGABYTE
# openpyxl makes an object of each cell that a merged block, a link or a comment covers.
_MAX_COVERED_CELLS = 100_000
_MAX_COVERING_RANGES = 20_000
_PACKED_SUFFIXES = {".zip", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".tgz", ".xlsx", ".xlsm", ".ods", ".jar"}
_XML_SUFFIXES = (".xml", ".rels", ".vml", ".rdf")

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
MERGED_CELL = f"{_MAIN}mergeCell"
_COVERING = {MERGED_CELL, f"{_MAIN}hyperlink", f"{_MAIN}comment"}
# What a part is for, by the last word of the type of a relation that leads to it. Office programs find parts in this
# way, whatever their names are.
_MACROS = {"vbaProject", "xlMacrosheet", "xlIntlMacrosheet", "attachedToolbars", "ui", "extensibility"}
_SOURCES = {
    "externalLink", "externalLinkPath", "xlExternalLinkPath", "connections", "queryTable", "powerPivotData",
    "volatileDependencies",
}  # fmt: skip
_OBJECTS = {
    "oleObject", "package", "control", "activeXControlBinary", "ctrlProp", "webextension", "webextensiontaskpanes",
    "taskpanes", "audio", "video", "media",
}  # fmt: skip
_HARMLESS = {
    "officeDocument", "core-properties", "extended-properties", "custom-properties", "thumbnail", "worksheet",
    "chartsheet", "styles", "theme", "themeOverride", "sharedStrings", "calcChain", "hyperlink", "comments",
    "vmlDrawing", "drawing", "image", "hdphoto", "chart", "chartEx", "chartStyle", "chartColorStyle", "chartUserShapes",
    "table", "tableSingleCells", "printerSettings", "sheetMetadata", "customXml", "customXmlProps", "customProperty",
    "pivotTable", "pivotCacheDefinition", "pivotCacheRecords", "slicer", "slicerCache", "timeline", "timelineCache",
    "threadedComment", "person", "classificationlabels", "usernames", "revisionHeaders", "revisionLog", "rdRichValue",
    "rdRichValueStructure", "rdRichValueTypes", "rdArray", "richStyles", "rdSupportingPropertyBag",
    "rdSupportingPropertyBagStructure", "rdRichValueWebImage", "richValueRel", "FeaturePropertyBag", "namedSheetView",
    "documenttasks", "diagramData", "diagramLayout", "diagramQuickStyle", "diagramColors", "diagramDrawing", "xmlMaps",
    "wsSortMap", "origin", "signature", "certificate",
}  # fmt: skip
# The parts of an OpenDocument spreadsheet, and the types that its manifest gives them.
_OPENDOCUMENT_PARTS = re.compile(
    r"mimetype|(content|styles|meta|settings)\.xml|manifest\.rdf|layout-cache"
    r"|META-INF/(manifest|documentsignatures)\.xml|(Thumbnails|Pictures|media|Fonts)/[^/]+|Configurations2/.+|.+/"
)
_OPENDOCUMENT_TYPES = re.compile(
    r"|text/(xml|plain)|application/(xml|rdf\+xml|binary|vnd\.sun\.xml\.ui\.configuration)"
    r"|image/.+|(font|application/x-font).+"
)
_OPENDOCUMENT_OBJECT = re.compile(r"application/vnd\.(oasis\.opendocument|sun\.star)\..+")
_MANIFEST = "META-INF/manifest.xml"
_MANIFEST_SPACE = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"
_MAIN_PART = b"spreadsheetml.sheet.main+xml"
_BINARY_PART = b"sheet.binary"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
PACKAGE_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError)
"""What ``zipfile`` raises for a damaged package that ``open_package`` opened. Our own errors are none of these."""


class UnknownPackingError(zipfile.BadZipFile):
    """A package is packed in a way that no office program uses, or has a password."""

    def __init__(self, *, is_locked: bool) -> None:
        super().__init__("a member is packed in an unknown way")
        self.is_locked = is_locked


def _in_each_encoding(*texts: str) -> list[bytes]:
    return [text.encode(encoding) for text in texts for encoding in ("utf-8", "utf-16-le", "utf-16-be")]


_DECLARATION, _RANGES, _COVER, _OUTSIDE_SOURCE = "declaration", "ranges", "cover", "outside source"
_NEEDLES = {
    _DECLARATION: _in_each_encoding("<!DOCTYPE", "<!ENTITY"),
    _RANGES: _in_each_encoding("mergeCell", "hyperlink", "comment"),
    _COVER: _in_each_encoding(COVER_TAG),
    _OUTSIDE_SOURCE: [
        b"<table:table-source", b"<table:cell-range-source", b"<office:dde-source", b"<table:dde-link",
    ],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that is safe to open.

    ``has_cover_tag``: the tag of a cover is anywhere in a workbook. ``has_links``: a publication has links to other
    files, which we do not follow.
    """

    format: str
    has_cover_tag: bool = False
    has_links: bool = False


def check_file(file: BinaryIO, name: str, contract: Contract) -> CheckedFile:
    """Find out which format a file has (a name in a contract's ``formats``), and that it is safe to open.

    Args:
        file: the file, opened for reading bytes, seekable.
        name: its name as it was sent.
        contract: whose formats we take.

    Raises:
        FileRejected: the file is not safe, not what its name says, or not in a format that the contract takes.
    """
    file.seek(0)
    start = file.read(8)
    if not start:
        raise FileRejected(make_finding("INT-SIZE-02"))
    extension = PurePosixPath(name).suffix.lower().lstrip(".")
    if extension in ("xlsm", "xltm", "xlam", "xla"):
        raise FileRejected(make_finding("INT-MACRO-01", formats=format_names(contract)))
    package = CheckedFile("zip")
    actual: str | None
    if start.startswith(_OLE_MAGIC):
        actual = _check_ole(file, extension, contract)
    elif start.startswith(_ZIP_MAGIC):
        package = _check_zip(file, contract)
        actual = package.format
    else:
        actual = _format_of_text(file, extension)
    if extension != actual and extension in contract.formats:
        kind = format_name(actual) if actual else "another kind of file"
        raise FileRejected(
            make_finding("INT-FORMAT-02", extension=extension, kind=kind, formats=format_names(contract))
        )
    if extension != actual or actual not in contract.formats:
        raise FileRejected(make_finding("INT-FORMAT-01", title=contract.title, formats=format_names(contract)))
    return CheckedFile(actual, package.has_cover_tag, package.has_links)


def open_package(file: BinaryIO | Path) -> zipfile.ZipFile:
    """A zip package, opened for reading. Reading its members may raise what is in ``PACKAGE_ERRORS``.

    Raises:
        zipfile.BadZipFile, EOFError, NotImplementedError, UnicodeDecodeError: it is damaged.
        UnknownPackingError: it is packed in a way that we cannot unpack; a kind of BadZipFile.
    """
    package = zipfile.ZipFile(file)
    # Reading other members would fail with the same errors as our own mistakes: a ValueError, an OverflowError, an
    # OSError. No program uses other ways of packing than these two.
    members = package.infolist()
    if not all(0 <= member.header_offset < package.start_dir for member in members):
        package.close()
        raise zipfile.BadZipFile("a member is outside the package")
    if not all(member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
        package.close()
        raise UnknownPackingError(is_locked=any(member.flag_bits & 0x1 for member in members))
    return package


def member_paths(file: BinaryIO) -> list[str]:
    """The paths of the files in a zip archive that was checked."""
    file.seek(0)
    with open_package(file) as package:
        return [member.filename for member in package.infolist() if not member.is_dir()]


def damaged_file(contract: Contract) -> FileRejected:
    """The rejection of a file that cannot be opened."""
    return FileRejected(make_finding("INT-FORMAT-03", formats=format_names(contract)))


def _format_of_text(file: BinaryIO, extension: str) -> str | None:
    file.seek(0)
    start = file.read(CHUNK_SIZE)
    is_utf16 = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if extension in geojson.EXTENSIONS and start.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        return extension
    is_other = b"\0" in start or start.startswith((b"%PDF", b"{\\rtf", b"<"))
    return "csv" if is_utf16 or not is_other else None


def _check_ole(file: BinaryIO, extension: str, contract: Contract) -> str | None:
    """The format of a compound file ([MS-CFB]): ``xls``, or nothing if it is not a workbook."""
    is_taken = extension == "xls" and "xls" in contract.formats
    try:
        with OleFileIO(file) as container:
            is_locked = container.exists("EncryptedPackage")
            has_macros = container.exists("_VBA_PROJECT_CUR")
            is_workbook = container.exists("Workbook") or container.exists("Book")
        file.seek(0)
        is_locked = is_locked or (is_workbook and msoffcrypto.OfficeFile(file).is_encrypted())
    except MemoryError:
        raise
    except Exception:  # these libraries raise whatever a damaged container makes them meet
        if is_taken:
            raise damaged_file(contract) from None
        is_locked = has_macros = False
    if _has_label(file):
        raise FileRejected(make_finding("INT-LOCKED-02"))
    if is_locked:
        raise FileRejected(make_finding("INT-LOCKED-01"))
    if not is_taken:
        raise FileRejected(make_finding("INT-FORMAT-04", formats=format_names(contract)))
    if has_macros:
        raise FileRejected(make_finding("INT-MACRO-01", formats=format_names(contract)))
    return "xls" if is_workbook else None


def _has_label(file: BinaryIO) -> bool:
    """Whether a sensitivity label encrypts a compound file: its directory names the transformation ([MS-OFFCRYPTO])."""
    file.seek(0)
    return "DRMEncrypted".encode("utf-16-le") in file.read(CHUNK_SIZE)


def _check_zip(file: BinaryIO, contract: Contract) -> CheckedFile:
    file.seek(0)
    try:
        with open_package(file) as package:
            names = set(package.namelist())
            if "[Content_Types].xml" in names:
                _check_package(package, _MAX_WORKBOOK_MEMBERS, _MAX_WORKBOOK_BYTES)
                return _check_excel(package, names, contract)
            if "mimetype" in names and "content.xml" in names:
                _check_package(package, _MAX_WORKBOOK_MEMBERS, _MAX_WORKBOOK_BYTES)
                return CheckedFile("ods", _check_opendocument(package, names, contract))
            if "zip" in contract.formats:
                _check_package(package, _MAX_ARCHIVE_MEMBERS, contract.max_megabytes * _MEGABYTE * _MAX_RATIO)
                if any(PurePosixPath(name).suffix.lower() in _PACKED_SUFFIXES for name in names):
                    raise FileRejected(make_finding("INT-ZIP-02"))
            return CheckedFile("zip")
    except UnknownPackingError as error:
        raise FileRejected(make_finding("INT-LOCKED-01" if error.is_locked else "INT-ZIP-03")) from None
    except PACKAGE_ERRORS:
        raise damaged_file(contract) from None


def _check_package(package: zipfile.ZipFile, max_members: int, max_bytes: int) -> None:
    members = package.infolist()
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if len(members) > max_members or unpacked > max_bytes:
        raise FileRejected(make_finding("INT-ZIP-01"))
    if unpacked > _RATIO_COUNTS_FROM and unpacked > packed * _MAX_RATIO:
        raise FileRejected(make_finding("INT-ZIP-01"))
    if len({member.filename for member in members}) < len(members):
        raise FileRejected(make_finding("INT-ZIP-02"))
    if any(_leads_outside(member.orig_filename) for member in members):
        raise FileRejected(make_finding("INT-ZIP-02"))
    if any(member.flag_bits & 0x1 for member in members):
        raise FileRejected(make_finding("INT-LOCKED-01"))


def _leads_outside(name: str) -> bool:
    return name.startswith("/") or "\\" in name or "\0" in name or ":" in name or ".." in name.split("/")


def _check_excel(package: zipfile.ZipFile, names: set[str], contract: Contract) -> CheckedFile:
    types = package.read("[Content_Types].xml")
    related = [
        relation for name in names if name.endswith(".rels") for relation in _elements(package.read(name), _RELATION)
    ]
    kinds = {relation.get("Type", "").rpartition("/")[2] for relation in related}
    if any(name.endswith("vbaProject.bin") for name in names) or b"macroEnabled" in types or kinds & _MACROS:
        raise FileRejected(make_finding("INT-MACRO-01", formats=format_names(contract)))
    if "xl/workbook.bin" in names or _BINARY_PART in types:
        raise FileRejected(make_finding("INT-FORMAT-04", formats=format_names(contract)))
    if _MAIN_PART not in types or "officeDocument" not in kinds:
        raise damaged_file(contract)
    parts = _scan_parts(package)
    if contract.is_template_return:
        _check_ranges(package, parts[_RANGES], contract)
    has_links = any(
        name.startswith(("xl/externalLinks/", "xl/queryTables/")) or name == "xl/connections.xml" for name in names
    ) or any(_reaches_out(relation) for relation in related)
    # A publication stays as it was published. We fetch nothing and read the values that were saved.
    if has_links and not contract.published:
        raise FileRejected(make_finding("INT-LINK-01"))
    if any(name.startswith(("xl/embeddings/", "xl/activeX/", "xl/ctrlProps/")) for name in names):
        raise FileRejected(make_finding("INT-OBJECT-01"))
    if kinds & _OBJECTS:
        raise FileRejected(make_finding("INT-OBJECT-01"))
    if contract.is_template_return and kinds - _HARMLESS - _SOURCES:
        raise FileRejected(make_finding("INT-OBJECT-02"))
    return CheckedFile("xlsx", bool(parts[_COVER]), has_links)


def _check_opendocument(package: zipfile.ZipFile, names: set[str], contract: Contract) -> bool:
    # The type of a template is that of a spreadsheet with another ending.
    kind = package.read("mimetype").strip().removesuffix(b"-template")
    if kind != b"application/vnd.oasis.opendocument.spreadsheet":
        raise FileRejected(make_finding("INT-FORMAT-01", title=contract.title, formats=format_names(contract)))
    if _MANIFEST in names and b"encryption-data" in package.read(_MANIFEST):
        raise FileRejected(make_finding("INT-LOCKED-01"))
    if any(name.startswith(("Basic/", "Scripts/")) for name in names):
        raise FileRejected(make_finding("INT-MACRO-01", formats=format_names(contract)))
    parts = _scan_parts(package)
    types = _opendocument_types(package.read(_MANIFEST)) if _MANIFEST in names else []
    if any(re.match(r"Object \d+/|ObjectReplacements/.+", name) for name in names) or any(
        _OPENDOCUMENT_OBJECT.fullmatch(kind) for kind in types
    ):
        raise FileRejected(make_finding("INT-OBJECT-01"))
    known = [_OPENDOCUMENT_PARTS.fullmatch(name) for name in names]
    known += [_OPENDOCUMENT_TYPES.fullmatch(kind) for kind in types]
    if contract.is_template_return and not all(known):
        raise FileRejected(make_finding("INT-OBJECT-02"))
    if "content.xml" in parts[_OUTSIDE_SOURCE]:
        raise FileRejected(make_finding("INT-LINK-01"))
    return bool(parts[_COVER])


def _scan_parts(package: zipfile.ZipFile) -> Mapping[str, Sequence[str]]:
    """Read each part of a workbook once: by what we look for, the names of the parts that contain it.

    Office programs find parts by relations. So a part is read whatever its name is.

    Raises:
        FileRejected: a part declares a document type or an entity.
    """
    parts: dict[str, list[str]] = {sought: [] for sought in _NEEDLES}
    for name in package.namelist():
        with package.open(name) as part:
            for sought in _sought_in(part):
                parts[sought].append(name)
        if any(declaring.lower().endswith(_XML_SUFFIXES) for declaring in parts[_DECLARATION]):
            raise FileRejected(make_finding("INT-XML-01"))
    return parts


def _sought_in(part: IO[bytes]) -> set[str]:
    overlap = max(len(needle) for needles in _NEEDLES.values() for needle in needles) - 1
    present: set[str] = set()
    text = b""
    while chunk := part.read(CHUNK_SIZE):
        text = text[-overlap:] + chunk
        present |= {
            sought
            for sought, needles in _NEEDLES.items()
            if sought not in present and any(needle in text for needle in needles)
        }
    return present


def _check_ranges(package: zipfile.ZipFile, names: Sequence[str], contract: Contract) -> None:
    """Reject ranges of merged cells, links and comments that cover more cells than a return has."""
    ranges = covered = 0
    for name in names:
        if not _is_xml(package, name):
            continue
        with package.open(name) as part:
            try:
                for _, element in iterparse(part, forbid_dtd=True):
                    if element.tag in _COVERING:
                        size = CellRange(element.get("ref", "")).size
                        ranges += 1
                        covered += size["rows"] * size["columns"]
                    element.clear()
            # openpyxl raises a TypeError or a ValueError for an address that is not one.
            except (ParseError, ValueError, LookupError, TypeError):
                raise damaged_file(contract) from None
        if covered > _MAX_COVERED_CELLS or ranges > _MAX_COVERING_RANGES:
            raise FileRejected(make_finding("INT-MERGED-02"))


def _is_xml(package: zipfile.ZipFile, name: str) -> bool:
    """Whether a part begins as XML does. A picture may hold any bytes."""
    with package.open(name) as part:
        return part.read(64).lstrip(b"\xef\xbb\xbf\xff\xfe\0\t\r\n ").startswith(b"<")


def _elements(part: bytes, tag: str) -> list[Element]:
    """The elements of a part with a tag."""
    try:
        return list(fromstring(part, forbid_dtd=True).iter(tag))
    # A ValueError is raised for what is forbidden, and that or a LookupError for an unknown encoding.
    except (ParseError, ValueError, LookupError):
        raise FileRejected(make_finding("INT-XML-01")) from None


def _opendocument_types(manifest: bytes) -> list[str]:
    """The types of the parts that a manifest lists, without that of the spreadsheet itself."""
    entries = _elements(manifest, f"{_MANIFEST_SPACE}file-entry")
    return [
        entry.get(f"{_MANIFEST_SPACE}media-type", "")
        for entry in entries
        if entry.get(f"{_MANIFEST_SPACE}full-path") != "/"
    ]


def _reaches_out(relation: Element) -> bool:
    """Whether a program fetches what a relation leads to. A hyperlink is text that a reader may click."""
    kind = relation.get("Type", "").rpartition("/")[2]
    return kind in _SOURCES or (relation.get("TargetMode") == "External" and kind != "hyperlink")
