"""Files of refused returns, held encrypted until they are removed.

The key is ``SIA_LANDING_KEY``, or one that is made at random once and kept in ``landing.key`` of the state folder,
readable by its owner alone. Without it a sealed file cannot be read again. A sealed file lies beside where the plain
one lay; it has a line a piece, each encrypted and signed by itself (Fernet), so that a large file needs little memory.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from cryptography.fernet import Fernet

from sia import paths

if TYPE_CHECKING:
    from sia.intake.landing import Folder

_PIECE = 1 << 20
_IN_MEMORY = 16 << 20


def place(folder: Folder, name: str) -> Folder:
    """Where the sealed copy of a landed file lies."""
    return folder / f"{name}.sealed"


def seal(folder: Folder, name: str) -> None:
    """Encrypt a landed file in its place; does nothing if it is sealed already or is not there.

    Raises:
        OSError: the file cannot be read, or the sealed one cannot be written.
    """
    plain, sealed = folder / name, place(folder, name)
    if not plain.exists():
        return
    locked = Fernet(_key())
    making = sealed.parent / f".{sealed.name}.part"
    with plain.open("rb") as original, making.open("wb") as copy:
        while piece := original.read(_PIECE):
            copy.write(locked.encrypt(piece) + b"\n")
    making.rename(sealed)  # type: ignore[arg-type]
    plain.unlink()


def unsealed(folder: Folder, name: str) -> BinaryIO:
    """A sealed file, decrypted, to be read; on the disk only where it is large, and then without a name.

    Raises:
        cryptography.fernet.InvalidToken: the key is not that with which it was sealed, or it was tampered with.
    """
    locked = Fernet(_key())
    opened = cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 - the caller closes it
    with place(folder, name).open("rb") as sealed:
        for line in sealed:
            opened.write(locked.decrypt(line.rstrip(b"\n")))
    opened.seek(0)
    return opened


def _key() -> bytes:
    if given := os.environ.get("SIA_LANDING_KEY"):
        return given.encode()
    path = paths.state() / "landing.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkstemp(dir=path.parent, prefix=".landing-key-")[1])  # mkstemp makes it 0600
        making.write_bytes(Fernet.generate_key())
        try:
            os.link(making, path)  # unlike a rename, it fails where another process was quicker
        except FileExistsError:
            pass
        finally:
            making.unlink()
    return path.read_bytes()
