"""A damaged file is read or refused. No error of a library reaches the caller."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.intake import admit, file_safety
from sia.intake.readers import return_file
from sia.intake.sandbox import SandboxError
from tests.workbooks import QUARTER, as_bytes, filled

SANCTUARY = contract("sanctuary")
GOOD = as_bytes(filled())
MEMBERS = [name for name in zipfile.ZipFile(io.BytesIO(GOOD)).namelist() if name.endswith((".xml", ".rels"))]


def take(content: bytes, name: str = "return.xlsx") -> bool:
    """Admit and read a file; whether it was refused."""
    quarter = Quarter.parse(QUARTER)
    seen = admit.inspect(
        io.BytesIO(content),
        name,
        SANCTUARY,
        source="sanctuary_contractor",
        quarter=quarter,
        received_on=date(2021, 7, 14),
    )
    if seen.refused:
        return True
    _, findings = return_file.read(io.BytesIO(content), name, SANCTUARY, quarter)
    return any(finding.refuses for finding in findings)


def test_the_whole_file_is_not_refused() -> None:
    assert not take(GOOD)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(GOOD) - 1))
def test_a_truncated_file(length: int) -> None:
    assert take(GOOD[:length])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(1, 255)), min_size=1, max_size=8))
def test_a_file_with_changed_bytes(changes: list[tuple[int, int]]) -> None:
    content = bytearray(GOOD)
    for place, difference in changes:
        content[place] ^= difference
    take(bytes(content))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(MEMBERS), st.data())
def test_a_package_with_damaged_parts(member: str, data: st.DataObject) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == member:
                start = data.draw(st.integers(0, len(part) - 1))
                end = data.draw(st.integers(start, len(part)))
                part = part[:start] + data.draw(st.binary(max_size=6)) + part[end:]
            new.writestr(name, part)
    take(buffer.getvalue())


# APPNOTE.TXT 6.3.10, 4.3.12 and 4.3.16: how a file is packed, and where the directory of the files begins.
@pytest.mark.parametrize(
    ("record", "place", "value"),
    [(b"PK\1\2", 10, zipfile.ZIP_BZIP2), (b"PK\1\2", 10, zipfile.ZIP_LZMA), (b"PK\5\6", 16, 0xFFFF)],
    ids=["bzip2", "lzma", "directory"],
)
def test_a_package_with_impossible_records(record: bytes, place: int, value: int) -> None:
    content = bytearray(GOOD)
    at = content.index(record) + place
    content[at : at + 2] = value.to_bytes(2, "little")
    assert take(bytes(content))


@pytest.mark.parametrize("coding", ["shift_jis", "no-such-coding"])
def test_a_part_in_an_unknown_encoding(coding: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "_rels/.rels":
                part = f'<?xml version="1.0" encoding="{coding}"?>'.encode() + part[part.index(b"<Relationships") :]
            new.writestr(name, part)
    assert take(buffer.getvalue())


@pytest.mark.parametrize("error", [KeyError, ValueError, RuntimeError, AttributeError])
def test_a_bug_is_not_reported_as_damage(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    def broken(_: str) -> bool:
        raise error("ours")

    monkeypatch.setattr(file_safety, "_leads_outside", broken)
    with pytest.raises(SandboxError, match=f"^{error.__name__} at .*test_damaged_files.py") as raised:
        take(GOOD)
    # An error's own text may quote the file.
    assert "ours" not in str(raised.value)


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b""])
@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes(start: bytes, rest: bytes) -> None:
    for name in ("return.xlsx", "return.ods", "return.zip", "return.csv", "return"):
        assert take(start + rest, name)
