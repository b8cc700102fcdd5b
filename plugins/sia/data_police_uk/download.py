"""Download one large file over HTTP: resume it where it broke off, start again if it changed, check it at the end.

The part that we have is next to the target with ``.part`` added, and what the server says about it in ``.part.json``.
The bytes of two versions are never joined: we ask for the rest of the version that we have begun (``If-Range``,
RFC 9110), and a server with another version sends all of it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path

import httpx

from sia.errors import PermanentError
from sia.hosts import is_this_machine
from sia.intake import file_safety

_TIMEOUT = httpx.Timeout(60.0, connect=20.0)
_MD5 = re.compile(r'"([0-9a-f]{32})"')
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")


@dataclass(frozen=True, slots=True)
class Version:
    """What a server says about a file: its tag, with quotation marks, and its size in bytes. Either may be unknown.

    ``md5`` is the checksum that it publishes: the tag itself, if Amazon's S3 made it of an upload in one part.
    """

    tag: str | None
    size: int | None
    md5: str | None


def fetch(address: str, target: Path, *, max_bytes: int, known: str | None = None) -> Version | None:
    """Download a zip archive, whole and checked.

    Args:
        address: its https address, or an http address on this machine.
        target: where to write it.
        max_bytes: the largest size allowed.
        known: the tag of the version that we have, if any.

    Returns:
        The version that is now at ``target``; nothing if it is the known one.

    Raises:
        ConnectionError: the connection or the server failed, or the file is not the published one. Another attempt
            resumes the download, or starts it again if the part that we have is wrong.
        PermanentError: the address is unsafe or unknown, or the file is too large.
    """
    part = target.with_name(f"{target.name}.part")
    target.parent.mkdir(parents=True, exist_ok=True)
    version = _begun_version(part)
    if version is None or version.size is None or part.stat().st_size < version.size:
        with _response(address, _request_headers(part, version, known)) as response:
            if response.status_code == HTTPStatus.NOT_MODIFIED:
                return None
            version = _receive(response, part, version, max_bytes)
    _check(part, version)
    part.replace(target)
    _note(part).unlink()
    return version


def _note(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _begun_version(part: Path) -> Version | None:
    """The version that we have a part of, if it can be resumed."""
    if not (part.exists() and _note(part).exists()):
        return None
    try:
        version = Version(**json.loads(_note(part).read_text(encoding="utf-8")))
    except ValueError:  # the machine stopped while it was written
        return None
    return None if version.size is not None and part.stat().st_size > version.size else version


def _request_headers(part: Path, version: Version | None, known: str | None) -> dict[str, str]:
    # A server that compresses on the way would count other bytes than those of the file.
    headers = {"Accept-Encoding": "identity"}
    if version is not None and version.tag is not None and part.stat().st_size:
        return {**headers, "Range": f"bytes={part.stat().st_size}-", "If-Range": version.tag}
    return {**headers, "If-None-Match": known} if known else headers


@contextmanager
def _response(address: str, headers: dict[str, str]) -> Iterator[httpx.Response]:
    try:
        guard = partial(_refuse_unsafe, is_this_machine(httpx.URL(address).host))
        with (
            httpx.Client(follow_redirects=True, timeout=_TIMEOUT, event_hooks={"request": [guard]}) as client,
            client.stream("GET", address, headers=headers) as response,
        ):
            yield response
    except httpx.TransportError as error:
        raise ConnectionError(f"the connection to {httpx.URL(address).host} failed ({type(error).__name__})") from error
    except (httpx.InvalidURL, httpx.TooManyRedirects) as error:
        raise PermanentError(f"there is nothing to download at the address ({type(error).__name__})") from None


def _refuse_unsafe(is_local: bool, request: httpx.Request) -> None:
    """Allow only https, also for redirects; http only from this machine to itself."""
    if request.url.scheme != "https" and not (is_local and is_this_machine(request.url.host)):
        raise PermanentError(f"we do not download from {request.url.host} without https")


def _receive(response: httpx.Response, part: Path, begun: Version | None, max_bytes: int) -> Version:
    """Add the response to the part, and give the version that it is a part of."""
    status = response.status_code
    if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        _discard(part)
        raise ConnectionError("the server has no more of the file: the download starts again")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        raise ConnectionError(f"the server answered {status}")
    if status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        raise PermanentError(f"{_public(response.url)} answered {status}: is the address still right?")
    if status == HTTPStatus.PARTIAL_CONTENT and begun is not None:
        version, mode = begun, "ab"
        content_range = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if not content_range or (int(content_range[1]), int(content_range[2])) != (part.stat().st_size, begun.size):
            _discard(part)
            raise ConnectionError("the server sent another part than we asked for: the download starts again")
    else:
        version, mode = _version(response.headers), "wb"
        _note(part).write_text(json.dumps(asdict(version)), encoding="utf-8")
    if (version.size or 0) > max_bytes:
        raise _too_large(response, part, max_bytes)
    with part.open(mode) as file:
        for chunk in response.iter_raw():
            if file.tell() + len(chunk) > max_bytes:
                raise _too_large(response, part, max_bytes)
            file.write(chunk)
    return version


def _too_large(response: httpx.Response, part: Path, max_bytes: int) -> PermanentError:
    _discard(part)
    return PermanentError(f"{_public(response.url)} is larger than {max_bytes // 1_000_000} MB")


def _public(url: httpx.URL) -> str:
    """An address without the parts that may be secret."""
    return f"{url.host}{url.path}"


def _version(headers: httpx.Headers) -> Version:
    tag = headers.get("ETag")
    # Two files with the same weak tag may have different bytes.
    strong = tag if tag and not tag.startswith("W/") else None
    size = headers.get("Content-Length", "")
    # If S3 encrypts with a key of its owner, its tag is not a checksum.
    encrypted = headers.get("x-amz-server-side-encryption", "").startswith("aws:kms")
    md5 = _MD5.fullmatch(strong or "")
    return Version(strong, int(size) if size.isdigit() else None, md5[1] if md5 and not encrypted else None)


def _check(part: Path, version: Version) -> None:
    """Check the published checksum; without one, the size and the checksums in the archive itself."""
    if version.size is not None and part.stat().st_size != version.size:
        raise ConnectionError(f"{part.stat().st_size} of {version.size} bytes came: the next attempt asks for the rest")
    if version.md5 is not None:
        with part.open("rb") as file:
            is_whole = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest() == version.md5
    else:
        try:
            with file_safety.open_package(part) as archive:
                is_whole = archive.testzip() is None
        except file_safety.PACKAGE_ERRORS:
            is_whole = False
    if not is_whole:
        _discard(part)
        raise ConnectionError("the checksum is not the published one: the download starts again")


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)
