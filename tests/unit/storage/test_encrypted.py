"""Files held encrypted: who can read them, what is noticed, and how a key is replaced."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from sia.errors import PermanentError
from sia.storage import encrypted, landing

WORDS = b"made-up return of Florence Nightingale "
LARGE = b"".join(b"%08d" % n for n in range(300_000))  # three pieces


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    monkeypatch.delenv("SIA_LANDING_KEY", raising=False)
    return tmp_path


def read(folder: Path, name: str = "x/return.xlsx") -> bytes:
    with landing.open_file(folder, name) as file:
        return file.read()


@pytest.mark.parametrize("content", [b"", WORDS, LARGE], ids=["nothing", "little", "in pieces"])
def test_what_is_kept_is_encrypted_and_comes_back(folder: Path, content: bytes) -> None:
    encrypted.keep(folder, "x/return.xlsx", content)
    (kept,) = (folder / "x").iterdir()
    assert kept.name == "return.xlsx.sealed"
    assert WORDS not in kept.read_bytes()
    assert read(folder) == content
    encrypted.keep(folder, "x/return.xlsx", b"another")
    assert read(folder) == b"another"


def test_a_file_that_lies_plain_is_encrypted_in_its_place(folder: Path) -> None:
    (folder / "x").mkdir()
    (folder / "x" / "return.xlsx").write_bytes(LARGE)
    encrypted.seal(folder, "x/return.xlsx")
    encrypted.seal(folder, "x/return.xlsx")
    assert [path.name for path in (folder / "x").iterdir()] == ["return.xlsx.sealed"]
    assert read(folder) == LARGE


def test_each_installation_has_a_key_of_its_own_that_its_owner_alone_reads(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encrypted.keep(folder, "x/return.xlsx", WORDS)
    key = folder / "landing.key"
    assert key.stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("SIA_STATE", str(folder / "another"))
    with pytest.raises(PermanentError, match=r"^x/return.xlsx was sealed with another key"):
        read(folder)
    assert (folder / "another" / "landing.key").read_bytes() != key.read_bytes()


def test_a_key_is_replaced_by_one_before_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    encrypted.keep(folder, "made.xlsx", b"with the key of the folder")
    monkeypatch.setenv("SIA_LANDING_KEY", old)
    encrypted.keep(folder, "old.xlsx", b"with the old key")
    monkeypatch.setenv("SIA_LANDING_KEY", f"{new}, {old}")
    encrypted.keep(folder, "new.xlsx", b"with the new key")
    assert [read(folder, f"{name}.xlsx") for name in ("made", "old", "new")] == [
        b"with the key of the folder", b"with the old key", b"with the new key",
    ]  # fmt: skip
    monkeypatch.setenv("SIA_LANDING_KEY", new)
    assert read(folder, "new.xlsx") == b"with the new key"
    with pytest.raises(PermanentError):
        read(folder, "old.xlsx")


def test_what_is_no_key_is_said_without_repeating_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIA_LANDING_KEY", "changeme")
    with pytest.raises(PermanentError, match="32 random bytes") as fault:
        encrypted.keep(folder, "return.xlsx", WORDS)
    assert "changeme" not in str(fault.value)
    assert list(folder.rglob("return*")) == []


@pytest.mark.parametrize(
    "harmed",
    [
        lambda lines: lines[:-1],
        lambda lines: lines[:1],
        lambda lines: [lines[1], lines[0], *lines[2:]],
        lambda lines: [lines[0], *lines],
        lambda lines: [lines[0][:-2] + b"AA", *lines[1:]],
        lambda lines: [],
    ],
    ids=["the end cut off", "only a beginning", "moved", "twice", "changed", "empty"],
)
def test_what_is_not_as_it_was_sealed_is_not_read(folder: Path, harmed: object) -> None:
    encrypted.keep(folder, "x/return.xlsx", LARGE)
    path = folder / "x" / "return.xlsx.sealed"
    lines = path.read_bytes().splitlines()
    assert len(lines) == 4
    path.write_bytes(b"".join(line + b"\n" for line in harmed(lines)))  # type: ignore[operator]
    with pytest.raises(PermanentError, match="not as it was sealed"):
        read(folder)


def test_what_is_not_there_is_not_there(folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(folder)
