"""Files that nobody else may read, whatever the umask."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sia.storage.private_folder import write_private


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def test_only_the_owner_may_list_and_read(open_umask: None, tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    place = write_private(tmp_path / "root", "a/b", {"x": b"1", "y": b"2"})
    assert place == tmp_path / "root" / "a" / "b"
    (place / ".x.part").write_bytes(b"an interrupted run")
    write_private(tmp_path / "root", "a/b", {"x": b"3"})
    assert {path.name: path.read_bytes() for path in place.iterdir()} == {"x": b"3", "y": b"2"}
    modes = {path.relative_to(tmp_path).as_posix(): oct(path.stat().st_mode & 0o777) for path in tmp_path.rglob("*")}
    assert modes == {
        "root": "0o700",
        "root/a": "0o700",
        "root/a/b": "0o700",
        "root/a/b/x": "0o600",
        "root/a/b/y": "0o600",
    }
