"""Folders on this machine, or anywhere that Airflow's ``ObjectStoragePath`` reaches (``s3://``, ``sftp://``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias
from uuid import uuid4

from sia.settings import settings

if TYPE_CHECKING:
    from airflow.sdk import ObjectStoragePath

    Folder: TypeAlias = Path | ObjectStoragePath

_UNFINISHED = re.compile(r"\..+\.[0-9a-f]{32}\.part")
CHUNK_SIZE = 1 << 20
"""How many bytes are read at a time."""


def folder_at(address: str | Folder) -> Folder:
    """The folder at a path or address.

    Airflow is imported for addresses alone: a path on this machine needs nothing of it.
    """
    if isinstance(address, Path):
        return address
    text = str(address)
    if text.startswith("file://") or "://" not in text:
        return Path(text.removeprefix("file://"))
    if isinstance(address, str):
        from airflow.sdk import ObjectStoragePath

        return ObjectStoragePath(address)
    return address


def inbox_folder() -> Folder:
    """Where files arrive: ``SIA_INBOX``, or ``inbox`` in the state folder."""
    return folder_at(settings().inbox or settings().state / "inbox")


def landing_folder() -> Folder:
    """Where files are kept: ``SIA_LANDING``, or ``landing`` in the state folder."""
    return folder_at(settings().landing or settings().state / "landing")


@contextmanager
def write_whole(path: Folder) -> Iterator[IO[bytes]]:
    """Write a file that appears at its path whole, or not at all if the block raises.

    Until then it has a name that begins with a dot and ends in ``.part``, which nobody takes for a file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.parent / f".{path.name}.{uuid4().hex}.part"
    try:
        with part.open("wb") as file:
            yield file
        part.rename(path)  # type: ignore[arg-type]
    finally:
        if part.exists():
            part.unlink()


def is_unfinished(name: str) -> bool:
    """Whether :func:`write_whole` gives such a name to a file that is not whole yet."""
    return _UNFINISHED.fullmatch(name) is not None


def write_if_changed(path: Path, content: bytes) -> bool:
    """Write a file whole, unless it has this content already; whether it was written."""
    if path.is_file() and path.read_bytes() == content:
        return False
    with write_whole(path) as file:
        file.write(content)
    return True
