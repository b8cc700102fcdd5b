"""Uploads: encrypted on the disk, their owner's alone, few, and forgotten after an hour."""

from __future__ import annotations

from pathlib import Path

import pytest

from sia.errors import PermanentError
from sia.intake.identify import Details, UnidentifiedFileError
from sia.pages import check_worker
from sia.pages.check_worker import CheckWorkers
from sia.web import uploads
from sia.web.uploads import TooManyUploads, Upload, Uploads

CONTENT = b"a return " * 100


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Uploads:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    return Uploads(CheckWorkers(), clock)


def add(kept: Uploads, owner: str = "ann@example.org") -> Upload:
    return kept.add(owner, "return.xlsx", ".xlsx", CONTENT, Details(), "")


def files(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "desk" / "uploads").iterdir())


def test_an_upload_is_encrypted_and_its_owner_s_alone(kept: Uploads, tmp_path: Path) -> None:
    upload = add(kept)
    (file,) = files(tmp_path)
    assert CONTENT not in file.read_bytes()
    assert kept.of("ann@example.org", upload.number) is upload
    assert kept.of("bob@example.org", upload.number) is None
    assert kept.all_of("bob@example.org") == []


def test_a_person_keeps_twenty_uploads(kept: Uploads) -> None:
    for _ in range(uploads.MAX_UPLOADS_OF_A_PERSON):
        add(kept)
    with pytest.raises(TooManyUploads):
        add(kept)
    add(kept, "bob@example.org")


def test_an_upload_is_forgotten_after_an_hour(kept: Uploads, clock: Clock, tmp_path: Path) -> None:
    upload = add(kept)
    clock.seconds = uploads.KEPT_SECONDS + 1
    assert kept.of("ann@example.org", upload.number) is None
    assert files(tmp_path) == []


def test_a_restart_leaves_no_upload(kept: Uploads, tmp_path: Path) -> None:
    add(kept)
    Uploads(CheckWorkers())
    assert not (tmp_path / "desk" / "uploads").exists()


def test_what_is_not_checked_is_not_sent(kept: Uploads, tmp_path: Path) -> None:
    with pytest.raises(PermanentError):
        kept.send(add(kept))
    assert not (tmp_path / "inbox").exists()


def test_a_file_that_names_no_sender_is_sent_by_who_uploads_it(tmp_path: Path) -> None:
    file = tmp_path / "return.csv"
    file.write_text("Indicator,Area\n", encoding="utf-8")
    given = Details("indicators", "2021-22Q4")
    assert check_worker._identified(file, given, "daat").source == "daat"
    with pytest.raises(UnidentifiedFileError):
        check_worker._identified(file, given, "")
