"""A workbook's package in the form in which our readers know it, whatever program packed it.

Some programs write backslashes in the names of its parts. Somebody unpacks a workbook and packs it again with its
folder around it. Excel can save a workbook as *Strict Open XML*, whose elements have other namespaces. All of them are
the same workbook to a person.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from contextlib import suppress

# ISO/IEC 29500-1 (strict) and 29500-4 (transitional) differ in these names, and in elements that hold no figures.
_STRICT = b"http://purl.oclc.org/ooxml/"
_STRICT_NAME = re.compile(rb"http://purl\.oclc\.org/ooxml/(officeDocument|spreadsheetml|drawingml)/")
_ROOTS = ("[Content_Types].xml", "mimetype")
_RELATIONS = "_rels/.rels"
_MAX_PARTS, _MAX_BYTES = 2_000, 128 << 20
# What the file managers of macOS and Windows add.
_ADDED = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)")
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)


def usual_package(content: bytes) -> bytes:
    """The package with the usual names of parts and elements.

    The content itself if it has them already, is not a workbook, is too large, or cannot be read. The checks that
    follow say what is wrong with it.
    """
    with suppress(*_UNREADABLE), zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = [member for member in package.infolist() if not member.is_dir()]
        names = {member.filename: member.filename.replace("\\", "/") for member in parts}
        is_small = len(parts) <= _MAX_PARTS and sum(member.file_size for member in parts) <= _MAX_BYTES
        is_clear = len(set(names.values())) == len(parts) and not any(member.flag_bits & 0x1 for member in parts)
        top = _folder_around([name for name in names.values() if not _ADDED.search(name)])
        is_unusual = any(name != usual for name, usual in names.items()) or top
        if is_small and is_clear and (is_unusual or _is_strict(package)):
            return _repacked(package, names, top)
    return content


def _repacked(package: zipfile.ZipFile, names: dict[str, str], top: str) -> bytes:
    usual = io.BytesIO()
    with zipfile.ZipFile(usual, "w", zipfile.ZIP_DEFLATED) as written:
        for name, usual_name in names.items():
            if not _ADDED.search(usual_name):
                part = _STRICT_NAME.sub(rb"http://schemas.openxmlformats.org/\1/2006/", package.read(name))
                written.writestr(usual_name.removeprefix(top), part)
    return usual.getvalue()


def _folder_around(names: list[str]) -> str:
    """The folder that holds the whole package, with its slash; empty if there is none."""
    top = names[0].partition("/")[0] + "/" if names else ""
    is_around = all(name.startswith(top) for name in names) and any(f"{top}{root}" in names for root in _ROOTS)
    return top if is_around else ""


def _is_strict(package: zipfile.ZipFile) -> bool:
    return _RELATIONS in package.namelist() and _STRICT in package.read(_RELATIONS)
