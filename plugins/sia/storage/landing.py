"""Folders of files: the inbox that is read, and the landing that is written once.

Both may be on this machine or on what Airflow's ``ObjectStoragePath`` reaches (``s3://``, ``sftp://``).
"""

from __future__ import annotations

import hashlib
import re
import uuid
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, cast

from sia.settings import settings
from sia.storage import encrypted

if TYPE_CHECKING:
    from airflow.sdk import ObjectStoragePath

    Folder: TypeAlias = Path | ObjectStoragePath

_PIECE = 1 << 20


class StillChangingError(Exception):
    """A file changed while it was copied: whoever sends it has not finished."""


def folder(place: str | Folder) -> Folder:
    """A folder by its path or address.

    Airflow is imported for addresses alone: a path on this machine needs nothing of it.
    """
    if isinstance(place, Path):
        return place
    address = str(place)
    if address.startswith("file://") or "://" not in address:
        return Path(address.removeprefix("file://"))
    if isinstance(place, str):
        from airflow.sdk import ObjectStoragePath

        return ObjectStoragePath(place)
    return place


def inbox() -> Folder:
    """Where files are looked for: ``SIA_INBOX``, or ``inbox`` in the state folder."""
    return folder(settings().inbox or settings().state / "inbox")


def landing() -> Folder:
    """Where files are kept: ``SIA_LANDING``, or ``landing`` in the state folder."""
    return folder(settings().landing or settings().state / "landing")


def fingerprint(path: Folder) -> tuple[str, int]:
    """The SHA-256 of a file, in hexadecimal digits, and its size in bytes."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size


def landed_name(return_name: str, content_hash: str, file_name: str) -> str:
    """Where a file lies within the landing: ``<return>/<hash>.<extension>``."""
    return f"{return_name}/{content_hash}{extension(file_name)}"


def extension(file_name: str) -> str:
    """The ending of a file's name, with its dot, in lower case; nothing where it is no ending of a kind of file."""
    found = PurePosixPath(file_name).suffix.lower()
    return found if re.fullmatch(r"[.][a-z0-9]{1,8}", found) else ""


def keep(source: Folder, place: Folder, content_hash: str) -> None:
    """Copy a file to the landing, unless it lies there already. What lies there is never written again, only sealed.

    Raises:
        StillChangingError: the file is no longer the one whose hash this is.
    """
    if place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    making = place.parent / f".{place.name}.{uuid.uuid4().hex}.part"
    digest = hashlib.sha256()
    try:
        with source.open("rb") as original, making.open("wb") as copy:
            while piece := original.read(_PIECE):
                digest.update(piece)
                copy.write(piece)
        if digest.hexdigest() != content_hash:
            raise StillChangingError(content_hash)
        making.rename(place)  # type: ignore[arg-type]
    finally:
        if making.exists():
            making.unlink()


def open_file(place: Folder, name: str) -> BinaryIO:
    """Open a file of a folder for reading bytes, whether or not it was sealed."""
    try:
        return cast("BinaryIO", (place / name).open("rb"))
    except FileNotFoundError:
        return encrypted.unsealed(place, name)
