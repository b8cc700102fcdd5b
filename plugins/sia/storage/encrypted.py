"""Files kept encrypted until they are removed, refused returns and the workbooks that go back to partners; and secrets.

They are encrypted with `age <https://age-encryption.org/v1>`_, by pyrage. The key is ``SIA_LANDING_KEY``: one age
identity, or several with commas between, of which the first encrypts and all decrypt, so that a key can be replaced.
If it is not set, a random key is made once and kept in ``landing.key`` of the state folder, readable by its owner
alone; it still decrypts once another key is set. No key is known to everybody.
"""

from __future__ import annotations

import os
import tempfile
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, cast

import pyrage
from pyrage.x25519 import Identity

from sia.errors import PermanentError
from sia.settings import settings
from sia.storage.folders import write_whole

if TYPE_CHECKING:
    from sia.storage.folders import Folder

_MAX_IN_MEMORY = 16 << 20


def encrypted_path(folder: Folder, name: str) -> Folder:
    """Where the encrypted copy of a file is."""
    return folder / f"{name}.age"


def encrypt(folder: Folder, name: str) -> None:
    """Encrypt a file in its place; do nothing if it is not there, or is encrypted already.

    Raises:
        PermanentError: the key that is set is not one.
        OSError: the file cannot be read, or the encrypted one cannot be written.
    """
    plain = folder / name
    if not plain.exists():
        return
    with plain.open("rb") as original:
        _write(encrypted_path(folder, name), cast("IO[bytes]", original))
    plain.unlink()


def write_encrypted(folder: Folder, name: str, content: bytes) -> None:
    """Write a file that is never plain on the disk; it replaces an encrypted one of that name.

    Raises:
        PermanentError: the key that is set is not one.
        OSError: it cannot be written.
    """
    _write(encrypted_path(folder, name), BytesIO(content))


def open_decrypted(folder: Folder, name: str) -> BinaryIO:
    """An encrypted file, decrypted, for reading; on the disk only if it is large, and then without a name.

    Raises:
        PermanentError: it was encrypted for another key, or was changed since.
        FileNotFoundError: it is not there.
    """
    opened = cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=_MAX_IN_MEMORY))  # noqa: SIM115 - the caller closes it
    try:
        with encrypted_path(folder, name).open("rb") as file:
            decrypt_stream(cast("IO[bytes]", file), opened, name)
    except BaseException:
        opened.close()
        raise
    opened.seek(0)
    return opened


def encrypt_stream(content: IO[bytes], to: IO[bytes]) -> None:
    """Write all that is left of a stream, encrypted.

    Raises:
        PermanentError: the key that is set is not one.
        OSError: it cannot be read or written.
    """
    source, target = _Watched(content), _Watched(to)
    try:
        pyrage.encrypt_io(source, target, [_identities()[0].to_public()])
    finally:
        if failure := source.failure or target.failure:
            raise failure from None


def decrypt_stream(content: IO[bytes], to: IO[bytes], name: str) -> None:
    """Write all that is left of an encrypted stream, decrypted; ``name`` is what an error calls it.

    Raises:
        PermanentError: it was encrypted for another key, or was changed since.
        OSError: it cannot be read or written.
    """
    source, target = _Watched(content), _Watched(to)
    try:
        pyrage.decrypt_io(source, target, _identities())
    except (pyrage.DecryptError, OSError):  # an OSError is also what pyrage makes of a file that was changed
        changed = PermanentError(f"{name} was encrypted for another key, or was changed since")
        raise source.failure or target.failure or changed from None


def seal(secret: bytes) -> bytes:
    """A secret, encrypted.

    Raises:
        PermanentError: the key that is set is not one.
    """
    sealed: bytes = pyrage.encrypt(secret, [_identities()[0].to_public()])
    return sealed


def unseal(sealed: bytes) -> bytes:
    """A secret that was sealed.

    Raises:
        PermanentError: it was sealed for another key, or was changed since.
    """
    try:
        secret: bytes = pyrage.decrypt(sealed, _identities())
    except pyrage.DecryptError:
        raise PermanentError("a secret was encrypted for another key, or was changed since") from None
    return secret


class _Watched:
    """A file that remembers what failed: pyrage raises some failures as its own errors, and some not at all."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.failure: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            return self._file.read(size)
        except Exception as failure:
            self.failure = failure
            raise

    def write(self, content: bytes) -> int:
        try:
            return self._file.write(content)
        except Exception as failure:
            self.failure = failure
            raise


def _write(path: Folder, content: IO[bytes]) -> None:
    with write_whole(path) as file:
        encrypt_stream(content, file)


def _identities() -> list[Identity]:
    """The key that encrypts, then those that only decrypt.

    Raises:
        PermanentError: what was given as a key is not one; the message does not repeat it.
    """
    setting = settings().landing_key
    keys = [key.strip() for key in (setting.get_secret_value() if setting else "").split(",") if key.strip()]
    own = settings().state / "landing.key"
    if not keys and not own.exists():
        _make_key(own)
    if own.exists():
        keys.append(own.read_text(encoding="ascii").strip())
    try:
        return [Identity.from_str(key) for key in keys]
    except pyrage.IdentityError:
        raise PermanentError(
            "SIA_LANDING_KEY, or landing.key in the state folder, is not a key: each is an age identity, which begins"
            " with AGE-SECRET-KEY-1"
        ) from None


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkstemp(dir=path.parent, prefix=".landing-key-")[1])  # mkstemp makes it 0600
    part.write_text(str(Identity.generate()), encoding="ascii")
    try:
        os.link(part, path)  # unlike a rename, it fails if another process was quicker
    except FileExistsError:
        pass
    finally:
        part.unlink()
