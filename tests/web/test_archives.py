"""Archives of monthly police files on the desk: written to the disk as they arrive, and loaded as two returns."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from sia.intake.identify import UnidentifiedFileError, archived_returns
from sia.web import archive_pages
from tests.desk import MEDIATION, UNIT, Desk, load_new
from tests.published_archive import archive
from tests.submissions import query
from tests.waiting import wait_until
from tests.web.test_pages import QUARTER

MONTHS = ("2021-04", "2021-05", "2021-06")
ARCHIVE = archive(MONTHS, ("thames-valley",))


def left(desk: Desk) -> list[Path]:
    return list((desk.state / "desk" / "archives").glob("*"))


def send(desk: Desk, content: bytes, name: str = "latest.zip", **fields: str) -> Any:
    return desk.visitor(UNIT).post("/archives", files={"file": (name, content, "application/zip")}, **fields)


def test_an_archive_is_loaded_as_each_return_that_it_brings(desk: Desk) -> None:
    unit = desk.visitor(UNIT)
    answer = unit.post("/archives", files={"file": ("latest.zip", ARCHIVE, "application/zip")})
    assert (answer.status_code, answer.headers["location"]) == (303, "/uploads")
    wait_until(lambda: unit.page("/uploads").count(": sent") == 2, "both copies in the inbox")
    assert left(desk) == []
    copies = sorted(path.relative_to(desk.state / "inbox") for path in (desk.state / "inbox").rglob("*.zip"))
    assert [path.parts[:2] for path in copies] == [("tvp_crime", QUARTER), ("tvp_outcomes", QUARTER)]
    load_new("tvp_crime", QUARTER)
    pages = [unit.page(path) for path in re.findall(r'href="(/uploads/[^"]+)"', unit.page("/uploads"))]
    # Both are the same bytes: each page has the receipt of its own return.
    assert sorted("The receipt is" in page for page in pages) == [False, True]
    (months,) = query(
        desk.warehouse.connection,
        "SELECT count(DISTINCT period) FROM warehouse.return_version WHERE return_name = 'tvp_crime'",
    )
    assert months == (3,)
    done = query(
        desk.warehouse.connection, "SELECT about FROM desk.action WHERE action = 'sent an archive' ORDER BY about"
    )
    assert done == [(f"tvp_crime {QUARTER}",), (f"tvp_outcomes {QUARTER}",)]


def package(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as written:
        for name, text in files.items():
            written.writestr(name, text)
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 and no archive", b"not an archive", ARCHIVE[:-40], package(a=b"x"),
        package(**{"2021-04/2021-04-thames-valley-street.csv": b"0" * 300_000_000}), package(**{"../../x.csv": b"x"}),
    ],
    ids=["magic", "text", "cut", "of something else", "bomb", "path"],
)  # fmt: skip
def test_what_is_not_an_archive_is_refused_and_not_kept(desk: Desk, content: bytes) -> None:
    answer = send(desk, content)
    assert answer.status_code == 422
    assert "This is not an archive of monthly police files." in answer.text
    assert left(desk) == []
    assert not (desk.state / "inbox").exists()


def test_a_form_without_a_file_or_a_token_writes_nothing(desk: Desk) -> None:
    unit = desk.visitor(UNIT)
    assert "Choose a file first." in unit.post("/archives", files={"file": ("x.zip", b"")}).text
    for data in ({}, {"token": "0" * 64}):
        answer = unit.client.post("/archives", data=data, files={"file": ("x.zip", ARCHIVE)})
        assert answer.status_code == 403
    # The token comes after the file: it is not read.
    parts = f'--b\r\nContent-Disposition: form-data; name="file"; filename="x.zip"\r\n\r\n{"x" * 100_000}\r\n--b\r\n'
    parts += f'Content-Disposition: form-data; name="token"\r\n\r\n{unit.token("/archives")}\r\n--b--\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    assert unit.client.post("/archives", content=parts.encode(), headers=kind).status_code == 403
    for broken in (b"--b\r\nnonsense", b"", b"--c--\r\n"):
        answer = unit.client.post("/archives", content=broken, headers={**kind, "Content-Length": str(len(broken))})
        assert answer.status_code in {400, 403}, broken
    assert unit.client.post("/archives", data={"token": unit.token("/archives")}).status_code == 403
    assert left(desk) == []


def test_an_archive_that_is_too_large_is_not_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_pages, "max_bytes", lambda: 1_000_000)
    assert send(desk, b"0" * 1_100_000).status_code == 413
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1, 1, 3 * len(ARCHIVE)))
    assert "too little room" in send(desk, ARCHIVE).text
    assert left(desk) == []


def test_only_the_unit_loads_archives(desk: Desk) -> None:
    partner = desk.visitor(MEDIATION)
    assert partner.client.get("/archives").status_code == 403
    assert partner.post("/archives", "/send", files={"file": ("x.zip", ARCHIVE)}).status_code == 403
    assert "/archives" not in partner.page("/send")
    assert "/archives" in desk.visitor(UNIT).page("/send")


def test_an_archive_of_other_forces_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(archive(MONTHS, ("gloucestershire",)))
    with pytest.raises(UnidentifiedFileError, match="no file of a return"):
        archived_returns(path)
