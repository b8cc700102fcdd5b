"""Fetch one large file over HTTP: carried on where it broke off, begun anew where it changed, checked at the end.

What has come so far lies beside the target with ``.part`` added, and what the server said of it in ``.part.json``.
The bytes of two versions are never joined: the rest is asked for only of the version that was begun (``If-Range``,
RFC 9110), and a server that sends something else sends the whole.
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
from ipaddress import ip_address
from pathlib import Path

import httpx

from sia.errors import PermanentError
from sia.intake import file_safety

_PATIENCE = httpx.Timeout(60.0, connect=20.0)
_MD5 = re.compile(r'"([0-9a-f]{32})"')
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")


@dataclass(frozen=True, slots=True)
class Version:
    """What a server says of a file: its tag, quotation marks included, and how long it is. Either may be unknown.

    ``md5`` is the checksum that it publishes: the tag itself, where Amazon's S3 made it of an upload in one part.
    """

    tag: str | None
    size: int | None
    md5: str | None


def fetch(address: str, target: Path, *, max_bytes: int, known: str | None = None) -> Version | None:
    """Bring a zip archive here, whole and checked.

    Args:
        address: its https address; http only on this machine.
        target: where it will lie.
        max_bytes: how large it may be.
        known: the tag of the version that we have, if any.

    Returns:
        The version that now lies at ``target``; nothing if it is the one that was known.

    Raises:
        ConnectionError: the connection or the server failed, or what came is not what was published. Asking again
            carries on with what has come, or begins anew where that was wrong.
        PermanentError: the address is not safe or not found, or the file is too large.
    """
    part = target.with_name(f"{target.name}.part")
    target.parent.mkdir(parents=True, exist_ok=True)
    version = _begun(part)
    if version is None or version.size is None or part.stat().st_size < version.size:
        with _answer(address, _asking(part, version, known)) as answer:
            if answer.status_code == HTTPStatus.NOT_MODIFIED:
                return None
            version = _receive(answer, part, version, max_bytes)
    _check(part, version)
    part.replace(target)
    _note(part).unlink()
    return version


def _note(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _begun(part: Path) -> Version | None:
    """The version of which a part lies here, if it can be carried on."""
    if not (part.exists() and _note(part).exists()):
        return None
    try:
        version = Version(**json.loads(_note(part).read_text(encoding="utf-8")))
    except ValueError:  # the machine stopped while it was written
        return None
    return None if version.size is not None and part.stat().st_size > version.size else version


def _asking(part: Path, version: Version | None, known: str | None) -> dict[str, str]:
    # As it is: a server that compresses on the way would count other bytes than it has.
    asked = {"Accept-Encoding": "identity"}
    if version is not None and version.tag is not None and part.stat().st_size:
        return {**asked, "Range": f"bytes={part.stat().st_size}-", "If-Range": version.tag}
    return {**asked, "If-None-Match": known} if known else asked


@contextmanager
def _answer(address: str, headers: dict[str, str]) -> Iterator[httpx.Response]:
    try:
        guard = partial(_refuse_unsafe, _is_here(httpx.URL(address).host))
        with (
            httpx.Client(follow_redirects=True, timeout=_PATIENCE, event_hooks={"request": [guard]}) as client,
            client.stream("GET", address, headers=headers) as answer,
        ):
            yield answer
    except httpx.TransportError as fault:
        raise ConnectionError(f"the connection to {httpx.URL(address).host} failed ({type(fault).__name__})") from fault
    except (httpx.InvalidURL, httpx.TooManyRedirects) as fault:
        raise PermanentError(f"there is nothing to fetch at the address ({type(fault).__name__})") from None


def _refuse_unsafe(asked_here: bool, request: httpx.Request) -> None:
    """Also where a server leads elsewhere: only https, but where this machine was asked and answers itself."""
    if request.url.scheme != "https" and not (asked_here and _is_here(request.url.host)):
        raise PermanentError(f"{request.url.host} is not asked without https")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _receive(answer: httpx.Response, part: Path, begun: Version | None, max_bytes: int) -> Version:
    """Write what comes to the part; the version that it then is a part of."""
    status = answer.status_code
    if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        _discard(part)
        raise ConnectionError("the server has no rest of the file to send: it is begun anew")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        raise ConnectionError(f"the server answered {status}")
    if status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        raise PermanentError(f"{_named(answer.url)} answered {status}: is the address still right?")
    if status == HTTPStatus.PARTIAL_CONTENT and begun is not None:
        version, mode = begun, "ab"
        ranged = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if not ranged or (int(ranged[1]), int(ranged[2])) != (part.stat().st_size, begun.size):
            _discard(part)
            raise ConnectionError("the server sent another part than was asked for: it is begun anew")
    else:
        version, mode = _version(answer.headers), "wb"
        _note(part).write_text(json.dumps(asdict(version)), encoding="utf-8")
    if (version.size or 0) > max_bytes:
        raise _too_large(answer, part, max_bytes)
    with part.open(mode) as file:
        for piece in answer.iter_raw():
            if file.tell() + len(piece) > max_bytes:
                raise _too_large(answer, part, max_bytes)
            file.write(piece)
    return version


def _too_large(answer: httpx.Response, part: Path, max_bytes: int) -> PermanentError:
    _discard(part)
    return PermanentError(f"{_named(answer.url)} is larger than {max_bytes // 1_000_000} MB")


def _named(url: httpx.URL) -> str:
    """An address for people, without what may be secret in it."""
    return f"{url.host}{url.path}"


def _version(headers: httpx.Headers) -> Version:
    tag = headers.get("ETag")
    # A weak tag does not say that the bytes are the same.
    strong = tag if tag and not tag.startswith("W/") else None
    size = headers.get("Content-Length", "")
    # With a key of its own, S3's tag is no checksum.
    encrypted = headers.get("x-amz-server-side-encryption", "").startswith("aws:kms")
    md5 = _MD5.fullmatch(strong or "")
    return Version(strong, int(size) if size.isdigit() else None, md5[1] if md5 and not encrypted else None)


def _check(part: Path, version: Version) -> None:
    """The published checksum where there is one, else the length and those that the archive itself holds."""
    if version.size is not None and part.stat().st_size != version.size:
        raise ConnectionError(f"{part.stat().st_size} of {version.size} bytes came: the rest is asked for again")
    if version.md5 is not None:
        with part.open("rb") as file:
            sound = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest() == version.md5
    else:
        try:
            with file_safety.open_package(part) as archive:
                sound = archive.testzip() is None
        except file_safety.PACKAGE_ERRORS:
            sound = False
    if not sound:
        _discard(part)
        raise ConnectionError("what came is not what was published (its checksum is another): it is begun anew")


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)
