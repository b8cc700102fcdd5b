"""Files held encrypted until they are removed: refused returns, and the workbooks that go back to partners.

The key is ``SIA_LANDING_KEY``: one key, or several with commas between, of which the first encrypts and all decrypt, so
that a key can be replaced. Without it, it is made at random once and kept in ``landing.key`` of the state folder,
readable by its owner alone; what was encrypted with that can still be read once another is given. There is no key that
everybody knows. A sealed file has a line a piece, each encrypted and signed by itself (Fernet), so that a large
file needs little memory; the last line holds the hash of the whole, so that nothing can be cut off or moved unnoticed.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast
from uuid import uuid4

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from sia.errors import PermanentError
from sia.settings import settings

if TYPE_CHECKING:
    from sia.storage.landing import Folder

_PIECE = 1 << 20
_IN_MEMORY = 16 << 20


def place(folder: Folder, name: str) -> Folder:
    """Where the sealed copy of a file lies."""
    return folder / f"{name}.sealed"


def seal(folder: Folder, name: str) -> None:
    """Encrypt a landed file in its place; does nothing if it is sealed already or is not there.

    Raises:
        PermanentError: what was given as a key is none.
        OSError: the file cannot be read, or the sealed one cannot be written.
    """
    plain = folder / name
    if not plain.exists():
        return
    with plain.open("rb") as original:
        _write(place(folder, name), iter(lambda: original.read(_PIECE), b""))
    plain.unlink()


def keep(folder: Folder, name: str, content: bytes) -> None:
    """Write a file that is never plain on the disk; one that was sealed there before is replaced.

    Raises:
        PermanentError: what was given as a key is none.
        OSError: it cannot be written.
    """
    _write(place(folder, name), (content[at : at + _PIECE] for at in range(0, len(content), _PIECE)))


def unsealed(folder: Folder, name: str) -> BinaryIO:
    """A sealed file, decrypted, to be read; on the disk only where it is large, and then without a name.

    Raises:
        PermanentError: it was sealed with another key, or was tampered with.
        OSError: it is not there.
    """
    opened = cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 - the caller closes it
    try:
        with place(folder, name).open("rb") as sealed:
            for piece in _pieces(line.rstrip(b"\n") for line in sealed):
                opened.write(piece)
    except InvalidToken:
        opened.close()
        # Without the cause, whose traceback would be long and say nothing.
        raise PermanentError(f"{name} was sealed with another key, or is not as it was sealed") from None
    opened.seek(0)
    return opened


def _write(sealed: Folder, pieces: Iterable[bytes]) -> None:
    """Encrypt pieces into a file, whole or not at all."""
    locked, digest = _keys(), hashlib.sha256()
    sealed.parent.mkdir(parents=True, exist_ok=True)
    making = sealed.parent / f".{sealed.name}.{uuid4().hex}.part"
    try:
        with making.open("wb") as copy:
            for piece in pieces:
                digest.update(piece)
                copy.write(locked.encrypt(piece) + b"\n")
            copy.write(locked.encrypt(digest.digest()) + b"\n")
        making.rename(sealed)  # type: ignore[arg-type]
    finally:
        if making.exists():
            making.unlink()


def _pieces(lines: Iterator[bytes]) -> Iterator[bytes]:
    """The decrypted pieces of a sealed file, whose last line says that they are all there."""
    locked, digest = _keys(), hashlib.sha256()
    ahead: bytes | None = None
    for line in lines:
        if ahead is not None:
            digest.update(ahead)
            yield ahead
        ahead = locked.decrypt(line)
    if ahead != digest.digest():
        raise InvalidToken


def _keys() -> MultiFernet:
    """The key that encrypts, before those that only decrypt.

    Raises:
        PermanentError: what was given as a key is none; the message does not repeat it.
    """
    named = settings().landing_key
    given = [key.strip().encode() for key in (named.get_secret_value() if named else "").split(",") if key.strip()]
    own = settings().state / "landing.key"
    if not given and not own.exists():
        _make(own)
    try:
        return MultiFernet([Fernet(key) for key in (*given, *([own.read_bytes()] if own.exists() else []))])
    except ValueError:
        raise PermanentError(
            "SIA_LANDING_KEY, or landing.key in the state folder, is no key: each is 32 random bytes in URL-safe base64"
        ) from None


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkstemp(dir=path.parent, prefix=".landing-key-")[1])  # mkstemp makes it 0600
    making.write_bytes(Fernet.generate_key())
    try:
        os.link(making, path)  # unlike a rename, it fails where another process was quicker
    except FileExistsError:
        pass
    finally:
        making.unlink()
