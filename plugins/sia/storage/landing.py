"""The landing: each file is stored once, under its hash, and never written again, only encrypted."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, cast

from sia.storage import encrypted
from sia.storage.folders import CHUNK_SIZE, write_whole

if TYPE_CHECKING:
    from sia.storage.folders import Folder


class StillChangingError(Exception):
    """A file changed while it was copied: its sender has not finished."""


def fingerprint(path: Folder, most: int | None = None) -> tuple[str, int]:
    """The SHA-256 of a file, in hexadecimal digits, and its size in bytes.

    Args:
        path: the file.
        most: how many bytes we take at most. We read one byte more of a larger file, and the answers describe only
            what we read.
    """
    digest, size = hashlib.sha256(), 0
    left = float("inf") if most is None else most + 1
    with path.open("rb") as file:
        while left > size and (chunk := file.read(int(min(CHUNK_SIZE, left - size)))):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def landed_name(return_name: str, content_hash: str, file_name: str) -> str:
    """Where a file is kept in the landing: ``<return>/<hash>.<extension>``."""
    return f"{return_name}/{content_hash}{extension(file_name)}"


def extension(file_name: str) -> str:
    """The extension of a file's name, with its dot, in lower case; empty if it is longer than any format's."""
    suffix = PurePosixPath(file_name).suffix.lower()
    return suffix if re.fullmatch(r"[.][a-z0-9]{1,8}", suffix) else ""


def store_once(source: Folder, path: Folder, content_hash: str) -> None:
    """Copy a file to its path in the landing, unless it is there already.

    Raises:
        StillChangingError: the file is no longer the one whose hash this is.
    """
    if path.exists():
        return
    digest = hashlib.sha256()
    with source.open("rb") as original, write_whole(path) as copy:
        while chunk := original.read(CHUNK_SIZE):
            digest.update(chunk)
            copy.write(chunk)
        if digest.hexdigest() != content_hash:
            raise StillChangingError(content_hash)


def open_file(folder: Folder, name: str) -> BinaryIO:
    """Open a file of a folder for reading bytes, whether or not it was encrypted.

    Raises:
        PermanentError: it was encrypted for another key, or was changed since.
        FileNotFoundError: it is not there.
    """
    try:
        return cast("BinaryIO", (folder / name).open("rb"))
    except FileNotFoundError:
        return encrypted.open_decrypted(folder, name)
