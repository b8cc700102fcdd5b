"""Downloads over a real connection: they continue after a break, start again after a change, and are checked."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sia.data_police_uk.download import fetch
from sia.errors import PermanentError
from tests.http_server import Site, md5_tag, serving

MOST = 5_000_000


def archive(seed: int = 1, size: int = 2_000_000) -> bytes:
    """A zip archive that packs no smaller."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("2022-01/2022-01-thames-valley-street.csv", random.Random(seed).randbytes(size))
    return buffer.getvalue()


def packed_and_damaged() -> bytes:
    """A zip archive whose only file cannot be unpacked to its end."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("2022-01/2022-01-thames-valley-street.csv", "a,b\n" * 1000)
    content = bytearray(buffer.getvalue())
    content[80] ^= 0xFF
    return bytes(content)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(archive()) as address:
        yield address


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "fetched" / "archive.zip"


def left_next_to(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir() if path != target)


def break_off(site: Site, target: Path) -> int:
    """The connection breaks half-way; how much of the file has come."""
    site.close_after_bytes = len(site.content) // 2
    with pytest.raises(ConnectionError, match=r"connection to 127\.0\.0\.1 failed"):
        fetch(site.address, target, max_bytes=MOST)
    assert not target.exists()
    come = target.with_name("archive.zip.part").stat().st_size
    assert 0 < come <= len(site.content) // 2
    return come


def test_a_file_is_fetched_whole_and_only_once(site: Site, target: Path) -> None:
    version = fetch(site.address, target, max_bytes=MOST)
    assert target.read_bytes() == site.content
    assert version is not None
    assert (version.tag, version.size, version.md5) == (site.tag, len(site.content), site.tag.strip('"'))
    assert left_next_to(target) == []
    assert fetch(site.address, target, max_bytes=MOST, known=version.tag) is None
    assert site.statuses == [200, 304]


def test_a_download_continues_after_a_broken_connection(site: Site, target: Path) -> None:
    come = break_off(site, target)
    sent_before = site.bytes_sent
    fetch(site.address, target, max_bytes=MOST)
    assert target.read_bytes() == site.content
    assert site.statuses == [200, 206]
    assert (site.request_headers[1]["Range"], site.request_headers[1]["If-Range"]) == (f"bytes={come}-", site.tag)
    assert site.bytes_sent - sent_before == len(site.content) - come


def test_a_file_that_has_changed_is_downloaded_from_the_start(site: Site, target: Path) -> None:
    break_off(site, target)
    site.publish(archive(seed=2))
    version = fetch(site.address, target, max_bytes=MOST)
    assert site.statuses == [200, 200]
    assert target.read_bytes() == site.content
    assert version is not None
    assert version.tag == site.tag


def test_without_a_tag_parts_are_never_joined(site: Site, target: Path) -> None:
    site.publish(archive(), tag="")
    break_off(site, target)
    site.publish(archive(seed=2), tag="")
    fetch(site.address, target, max_bytes=MOST)
    assert "Range" not in site.request_headers[1]
    assert target.read_bytes() == site.content


def test_a_download_does_not_continue_with_a_weak_tag(site: Site, target: Path) -> None:
    site.publish(archive(), tag=f"W/{md5_tag(archive())}")
    break_off(site, target)
    fetch(site.address, target, max_bytes=MOST)
    assert "Range" not in site.request_headers[1]


def test_a_wrong_checksum_is_refused_and_the_download_starts_again(site: Site, target: Path) -> None:
    right = site.content
    site.publish(right[:-100] + bytes(100), tag=md5_tag(right))
    with pytest.raises(ConnectionError, match="checksum"):
        fetch(site.address, target, max_bytes=MOST)
    assert not target.exists()
    assert left_next_to(target) == []
    site.publish(right)
    fetch(site.address, target, max_bytes=MOST)
    assert target.read_bytes() == right


def test_without_a_published_checksum_the_archive_s_own_are_checked(site: Site, target: Path) -> None:
    middle = len(site.content) // 2
    damaged = site.content[:middle] + bytes(100) + site.content[middle + 100 :]
    site.publish(damaged, tag='"an-upload-in-9-parts"')
    with pytest.raises(ConnectionError, match="checksum"):
        fetch(site.address, target, max_bytes=MOST)
    site.publish(packed_and_damaged(), tag='"packed"')
    with pytest.raises(ConnectionError, match="checksum"):
        fetch(site.address, target, max_bytes=MOST)
    site.publish(b"no archive at all", tag='"another"')
    with pytest.raises(ConnectionError, match="checksum"):
        fetch(site.address, target, max_bytes=MOST)
    site.publish(archive(), tag='"an-upload-in-9-parts"')
    version = fetch(site.address, target, max_bytes=MOST)
    assert version is not None
    assert version.md5 is None


def test_a_part_longer_than_the_file_is_downloaded_again(site: Site, target: Path) -> None:
    break_off(site, target)
    target.with_name("archive.zip.part").write_bytes(bytes(len(site.content) + 1))
    fetch(site.address, target, max_bytes=MOST)
    assert target.read_bytes() == site.content


def test_a_part_without_a_complete_version_note_is_downloaded_again(site: Site, target: Path) -> None:
    break_off(site, target)
    target.with_name("archive.zip.part.json").write_text("", encoding="utf-8")
    fetch(site.address, target, max_bytes=MOST)
    assert target.read_bytes() == site.content


@pytest.mark.parametrize("sends_length", [True, False])
def test_a_file_larger_than_allowed_is_not_kept(site: Site, target: Path, sends_length: bool) -> None:
    site.sends_length = sends_length
    with pytest.raises(PermanentError, match="larger than 1 MB"):
        fetch(site.address, target, max_bytes=1_000_000)
    assert left_next_to(target) == []
    assert not target.exists()


@pytest.mark.parametrize(
    "address", ["http://data.police.uk/a.zip", "http://127.0.0.1.example.org/a.zip", "ftp://x/a.zip", "file:///a"]
)
def test_only_this_machine_may_be_addressed_without_https(target: Path, address: str) -> None:
    with pytest.raises(PermanentError):
        fetch(address, target, max_bytes=MOST)


def test_a_redirect_to_an_address_without_https_is_refused(site: Site, target: Path) -> None:
    site.redirects_to = "http://data.police.uk/data/archive/2022-03.zip"
    with pytest.raises(PermanentError, match=r"from data\.police\.uk without https"):
        fetch(site.address, target, max_bytes=MOST)


@pytest.mark.parametrize(
    ("status", "fault"), [(404, PermanentError), (403, PermanentError), (503, ConnectionError), (429, ConnectionError)]
)
def test_temporary_and_permanent_errors_are_distinguished(
    site: Site, target: Path, status: int, fault: type[Exception]
) -> None:
    site.status = status
    with pytest.raises(fault):
        fetch(site.address.replace("//", "//name:secret@"), target, max_bytes=MOST)
    site.status = None
    fetch(site.address, target, max_bytes=MOST)


def test_an_error_never_repeats_secrets_in_an_address(site: Site, target: Path) -> None:
    site.status = 404
    with pytest.raises(PermanentError) as raised:
        fetch(site.address.replace("//", "//name:secret@") + "?key=secret", target, max_bytes=MOST)
    assert "secret" not in str(raised.value)
