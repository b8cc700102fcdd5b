"""Encrypted files: who can read them, which changes are noticed, and how to replace a key."""

from __future__ import annotations

import errno
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from pyrage import x25519

from sia.errors import PermanentError
from sia.storage import encrypted, landing

WORDS = b"made-up return of Florence Nightingale "
LARGE = b"".join(b"%08d" % n for n in range(300_000))
CHUNK = 64 * 1024  # age encrypts so many bytes at a time


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    monkeypatch.delenv("SIA_LANDING_KEY", raising=False)
    return tmp_path


def read(folder: Path, name: str = "x/return.xlsx") -> bytes:
    with landing.open_file(folder, name) as file:
        return file.read()


@pytest.mark.parametrize("content", [b"", WORDS, LARGE], ids=["nothing", "little", "in pieces"])
def test_a_file_is_stored_encrypted_and_can_be_read(folder: Path, content: bytes) -> None:
    encrypted.write_encrypted(folder, "x/return.xlsx", content)
    (kept,) = (folder / "x").iterdir()
    assert kept.name == "return.xlsx.age"
    assert WORDS not in kept.read_bytes()
    assert read(folder) == content
    encrypted.write_encrypted(folder, "x/return.xlsx", b"another")
    assert read(folder) == b"another"


def test_a_plain_file_is_replaced_with_its_encrypted_form(folder: Path) -> None:
    (folder / "x").mkdir()
    (folder / "x" / "return.xlsx").write_bytes(LARGE)
    encrypted.encrypt(folder, "x/return.xlsx")
    encrypted.encrypt(folder, "x/return.xlsx")
    assert [path.name for path in (folder / "x").iterdir()] == ["return.xlsx.age"]
    assert read(folder) == LARGE


def test_each_installation_has_its_own_key_that_only_its_owner_can_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encrypted.write_encrypted(folder, "x/return.xlsx", WORDS)
    key = folder / "landing.key"
    assert key.stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("SIA_STATE", str(folder / "another"))
    with pytest.raises(PermanentError, match=r"^x/return.xlsx was encrypted for another key"):
        read(folder)
    assert (folder / "another" / "landing.key").read_bytes() != key.read_bytes()


def test_a_new_key_goes_before_the_old_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = (str(x25519.Identity.generate()) for _ in range(2))
    encrypted.write_encrypted(folder, "made.xlsx", b"with the key of the folder")
    monkeypatch.setenv("SIA_LANDING_KEY", old)
    encrypted.write_encrypted(folder, "old.xlsx", b"with the old key")
    monkeypatch.setenv("SIA_LANDING_KEY", f"{new}, {old}")
    encrypted.write_encrypted(folder, "new.xlsx", b"with the new key")
    assert [read(folder, f"{name}.xlsx") for name in ("made", "old", "new")] == [
        b"with the key of the folder", b"with the old key", b"with the new key",
    ]  # fmt: skip
    monkeypatch.setenv("SIA_LANDING_KEY", new)
    assert read(folder, "new.xlsx") == b"with the new key"
    with pytest.raises(PermanentError):
        read(folder, "old.xlsx")


def test_a_secret_opens_with_its_key_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = encrypted.seal(WORDS)
    assert WORDS not in sealed
    assert encrypted.unseal(sealed) == WORDS
    (folder / "landing.key").unlink()
    with pytest.raises(PermanentError, match="for another key"):
        encrypted.unseal(sealed)
    with pytest.raises(PermanentError, match="was changed since"):
        encrypted.unseal(encrypted.seal(WORDS)[:-1])


def test_an_invalid_key_is_reported_without_repeating_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIA_LANDING_KEY", "changeme")
    with pytest.raises(PermanentError, match="each is an age identity") as error:
        encrypted.write_encrypted(folder, "return.xlsx", WORDS)
    assert "changeme" not in str(error.value)
    assert list(folder.rglob("return*")) == []


@pytest.mark.parametrize(
    "harmed",
    [
        lambda content: content[:-1],
        lambda content: content[:CHUNK],
        lambda content: content[:-CHUNK],
        lambda content: content[: 2 * CHUNK] + content[3 * CHUNK :],
        lambda content: content + content[-CHUNK:],
        lambda content: content[:CHUNK] + b"AA" + content[CHUNK + 2 :],
        lambda _: b"",
    ],
    ids=[
        "the end cut off",
        "only a beginning",
        "a part cut off",
        "a part left out",
        "a part twice",
        "changed",
        "empty",
    ],
)
def test_a_file_that_was_changed_is_not_read(folder: Path, harmed: Callable[[bytes], bytes]) -> None:
    encrypted.write_encrypted(folder, "x/return.xlsx", LARGE)
    path = folder / "x" / "return.xlsx.age"
    path.write_bytes(harmed(path.read_bytes()))
    with pytest.raises(PermanentError, match="was changed since"):
        read(folder)


@pytest.mark.parametrize("size", [10, 1_000_000])
def test_a_disk_that_is_full_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(errno.ENOSPC, "no space left")

    real = Path.open
    monkeypatch.setattr(
        Path, "open", lambda path, mode="r", **rest: Full() if mode == "wb" else real(path, mode, **rest)
    )
    with pytest.raises(OSError, match="no space left"):
        encrypted.write_encrypted(folder, "return.xlsx", b"x" * size)
    assert list(folder.rglob("*return*")) == []


def test_a_read_error_leaves_the_file_and_does_not_blame_the_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.BytesIO):
        def read(self, _: object = -1) -> bytes:
            raise ConnectionError("the storage went away")

    encrypted.write_encrypted(folder, "kept.xlsx", WORDS)
    (folder / "return.xlsx").write_bytes(WORDS)
    real = Path.open
    monkeypatch.setattr(
        Path, "open", lambda path, mode="r", **rest: Gone() if mode == "rb" else real(path, mode, **rest)
    )
    with pytest.raises(ConnectionError):
        encrypted.encrypt(folder, "return.xlsx")
    with pytest.raises(ConnectionError):
        encrypted.open_decrypted(folder, "kept.xlsx")
    assert sorted(path.name for path in folder.glob("*.xlsx*")) == ["kept.xlsx.age", "return.xlsx"]


def test_a_missing_file_is_missing(folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(folder)
