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
from collections.abc import Collection
from contextlib import suppress

# ISO/IEC 29500-1 (strict) and 29500-4 (transitional) differ in these names, and in elements that hold no figures.
_STRICT = b"http://purl.oclc.org/ooxml/"
_STRICT_NAME = re.compile(rb"http://purl\.oclc\.org/ooxml/(officeDocument|spreadsheetml|drawingml)/")
_TYPES = "[Content_Types].xml"
_ROOTS = (_TYPES, "mimetype")
_RELATIONS = "_rels/.rels"
_RELATION = re.compile(rb"<Relationship [^>]*>")
_TARGET = re.compile(rb'Target="/?([^"/]+)/[^"/]+"')
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
        members = [member for member in package.infolist() if not member.is_dir()]
        names = {member.filename: member.filename.replace("\\", "/") for member in members}
        is_small = len(members) <= _MAX_PARTS and sum(member.file_size for member in members) <= _MAX_BYTES
        is_clear = len(set(names.values())) == len(members) and not any(member.flag_bits & 0x1 for member in members)
        if is_small and is_clear:
            parts = [name for name in names.values() if not _ADDED.search(name)]
            top = _folder_around(parts)
            usual = {name: given.removeprefix(top) for name, given in names.items() if given in parts}
            relations = {given: name for name, given in usual.items()}.get(_RELATIONS)
            start = package.read(relations) if relations else b""
            folder = _main_folder(start, usual.values())
            if usual.keys() != {*usual.values()} or _STRICT in start or folder:
                return _repacked(package, usual, folder)
    return content


def _repacked(package: zipfile.ZipFile, names: dict[str, str], folder: str) -> bytes:
    """The package with other names, its main folder called *xl*, and the namespaces of transitional Open XML."""
    target = re.compile(rb'(=")(/?)' + re.escape(folder.encode()) + b"/")
    usual = io.BytesIO()
    with zipfile.ZipFile(usual, "w", zipfile.ZIP_DEFLATED) as written:
        for name, usual_name in names.items():
            part = _STRICT_NAME.sub(rb"http://schemas.openxmlformats.org/\1/2006/", package.read(name))
            if folder and usual_name.endswith((".rels", _TYPES)):
                part = target.sub(rb"\1\2xl/", part)
            is_inside = folder and usual_name.startswith(f"{folder}/")
            written.writestr(f"xl{usual_name.removeprefix(folder)}" if is_inside else usual_name, part)
    return usual.getvalue()


def _folder_around(names: list[str]) -> str:
    """The folder that holds the whole package, with its slash; empty if there is none."""
    top = names[0].partition("/")[0] + "/" if names else ""
    is_around = all(name.startswith(top) for name in names) and any(f"{top}{root}" in names for root in _ROOTS)
    return top if is_around else ""


def _main_folder(relations: bytes, names: Collection[str]) -> str:
    """The folder of the workbook's part if it is not *xl*, the only one that openpyxl reads the formats of."""
    for relation in _RELATION.findall(relations):
        target = _TARGET.search(relation)
        if b'/officeDocument"' in relation and target:
            folder = target[1].decode("ascii", "replace")
            return folder if folder != "xl" and not any(name.startswith("xl/") for name in names) else ""
    return ""
