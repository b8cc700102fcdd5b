"""Compound files ([MS-CFB]), in which Excel 97 to 2003 and every locked workbook are kept."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping, Sequence

import msoffcrypto

_SECTOR = 512
_FREE, _END, _FAT, _NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
_BOF, _FILE_PASS, _EOF = 0x0809, 0x002F, 0x000A


def compound_file(streams: Mapping[str, bytes], storages: Sequence[str] = ()) -> bytes:
    """A compound file with streams and empty storages in its root; small streams are padded with zeros."""
    # A stream of 4,096 bytes or more is in sectors of its own.
    contents = [content.ljust(4096, b"\0") for content in streams.values()]
    sectors = [-(-len(content) // _SECTOR) for content in contents]
    entries = [("Root Entry", 5, _END, 0), *((name, 1, 0, 0) for name in storages)]
    directory_sectors = -(-(len(entries) + len(contents)) // 4)
    first = 1 + directory_sectors
    chains: list[int] = [_FAT, *range(2, 1 + directory_sectors), _END]
    for name, content, count in zip(streams, contents, sectors, strict=True):
        entries.append((name, 2, first, len(content)))
        chains += [*range(first + 1, first + count), _END]
        first += count
    assert len(chains) <= _SECTOR // 4
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<I", 0) + struct.pack("<I", _FREE) * 108
    fat = struct.pack(f"<{_SECTOR // 4}I", *chains, *[_FREE] * (_SECTOR // 4 - len(chains)))
    directory = b"".join(_entry(number, *entry, last=len(entries) - 1) for number, entry in enumerate(entries))
    directory = directory.ljust(directory_sectors * _SECTOR, b"\0")
    return (
        header + fat + directory + b"".join(c.ljust(n * _SECTOR, b"\0") for c, n in zip(contents, sectors, strict=True))
    )


def _entry(number: int, name: str, kind: int, first: int, size: int, *, last: int) -> bytes:
    text = name.encode("utf-16-le")
    sibling = number + 1 if 0 < number < last else _NONE
    child = 1 if number == 0 and last else _NONE
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(text) + 2, kind, 1, _NONE, sibling, child)
        + bytes(36)
        + struct.pack("<IQ", first, size)
    )


def _record(number: int, content: bytes) -> bytes:
    return struct.pack("<HH", number, len(content)) + content


def old_workbook(*, locked: bool = False, macros: bool = False) -> bytes:
    """An Excel 97 to 2003 workbook without sheets: as far as its container and first records go."""
    start = _record(_BOF, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0))
    if locked:
        start += _record(_FILE_PASS, struct.pack("<HHH48x", 1, 1, 1))
    return compound_file({"Workbook": start + _record(_EOF, b"")}, ["_VBA_PROJECT_CUR"] if macros else [])


def locked_workbook(content: bytes) -> bytes:
    """A workbook as Excel saves it with a password."""
    locked = io.BytesIO()
    msoffcrypto.OfficeFile(io.BytesIO(content)).encrypt("a password", locked)
    return locked.getvalue()


def labelled_workbook() -> bytes:
    """A workbook that a sensitivity label encrypts, as far as the names in its container go ([MS-OFFCRYPTO])."""
    return compound_file({"EncryptedPackage": b"x"}, ["DataSpaces", "DRMEncryptedDataSpace"])
