"""A web server on this machine that serves one file: whole, in parts, or not at all if its tag is unchanged.

A test can make it close a connection too early, once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


def md5_tag(content: bytes) -> str:
    """The tag that Amazon S3 gives a file that is uploaded in one part."""
    return f'"{hashlib.md5(content).hexdigest()}"'


@dataclass
class Site:
    """What the server serves, and what clients asked. Without a ``tag``, it sends none."""

    content: bytes
    tag: str
    address: str = ""
    close_after_bytes: int | None = None
    status: int | None = None
    redirects_to: str | None = None
    sends_length: bool = True
    request_headers: list[dict[str, str]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    bytes_sent: int = 0

    def publish(self, content: bytes, tag: str | None = None) -> None:
        """Serve another version of the file."""
        self.content, self.tag = content, md5_tag(content) if tag is None else tag


@contextmanager
def serving(content: bytes, tag: str | None = None) -> Iterator[Site]:
    """Serve a file while the test runs."""
    site = Site(content, md5_tag(content) if tag is None else tag)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.request_headers.append(dict(self.headers))
            status, start = _status(site, self.headers.get)
            site.statuses.append(status)
            self.send_response(status)
            body = site.content[start:] if status in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT) else b""
            if site.tag:
                self.send_header("ETag", site.tag)
            if site.redirects_to:
                self.send_header("Location", site.redirects_to)
            if status == HTTPStatus.PARTIAL_CONTENT:
                self.send_header("Content-Range", f"bytes {start}-{len(site.content) - 1}/{len(site.content)}")
            if site.sends_length:
                self.send_header("Content-Length", str(len(body)))
            else:
                self.send_header("Connection", "close")
            self.end_headers()
            if body and site.close_after_bytes is not None:
                body, site.close_after_bytes = body[: site.close_after_bytes], None
                self.close_connection = True
            site.bytes_sent += len(body)
            self.wfile.write(body)
            self.close_connection = self.close_connection or not site.sends_length

        def log_message(self, *args: object) -> None: ...

    with listening(Handler) as address:
        site.address = f"{address}/data/archive/latest.zip"
        yield site


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """A web server that answers as a handler does, while the test runs; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _status(site: Site, header: Callable[[str], str | None]) -> tuple[int, int]:
    """The status of the answer, and the first byte of the file that it sends."""
    if site.redirects_to:
        return HTTPStatus.FOUND, 0
    if site.status is not None:
        return site.status, 0
    if site.tag and header("If-None-Match") == site.tag:
        return HTTPStatus.NOT_MODIFIED, 0
    wanted_range = re.fullmatch(r"bytes=(\d+)-", header("Range") or "")
    if wanted_range is None or header("If-Range") not in (None, site.tag):
        return HTTPStatus.OK, 0
    start = int(wanted_range[1])
    if start < len(site.content):
        return HTTPStatus.PARTIAL_CONTENT, start
    return HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, 0
