"""A web server on this machine that serves one file as a good one does: by its tag, in parts, and whole.

It can be made to break a connection off, once.
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
    """The tag that Amazon's S3 gives a file that was uploaded in one part."""
    return f'"{hashlib.md5(content).hexdigest()}"'


@dataclass
class Site:
    """What the server serves, and what it was asked. ``tag`` empty: none is given."""

    content: bytes
    tag: str
    address: str = ""
    break_after: int | None = None
    status: int | None = None
    leads_to: str | None = None
    says_length: bool = True
    asked: list[dict[str, str]] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    sent: int = 0

    def publish(self, content: bytes, tag: str | None = None) -> None:
        """Another version of the file."""
        self.content, self.tag = content, md5_tag(content) if tag is None else tag


@contextmanager
def serving(content: bytes, tag: str | None = None) -> Iterator[Site]:
    """Serve a file while the test runs."""
    site = Site(content, md5_tag(content) if tag is None else tag)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.asked.append(dict(self.headers))
            status, start = _status(site, self.headers.get)
            site.answered.append(status)
            self.send_response(status)
            body = site.content[start:] if status in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT) else b""
            if site.tag:
                self.send_header("ETag", site.tag)
            if site.leads_to:
                self.send_header("Location", site.leads_to)
            if status == HTTPStatus.PARTIAL_CONTENT:
                self.send_header("Content-Range", f"bytes {start}-{len(site.content) - 1}/{len(site.content)}")
            if site.says_length:
                self.send_header("Content-Length", str(len(body)))
            else:
                self.send_header("Connection", "close")
            self.end_headers()
            if body and site.break_after is not None:
                body, site.break_after = body[: site.break_after], None
                self.close_connection = True
            site.sent += len(body)
            self.wfile.write(body)
            self.close_connection = self.close_connection or not site.says_length

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.address = f"http://127.0.0.1:{server.server_port}/data/archive/latest.zip"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _status(site: Site, header: Callable[[str], str | None]) -> tuple[int, int]:
    """The answer's status, and from which byte on the file is sent."""
    if site.leads_to:
        return HTTPStatus.FOUND, 0
    if site.status is not None:
        return site.status, 0
    if site.tag and header("If-None-Match") == site.tag:
        return HTTPStatus.NOT_MODIFIED, 0
    asked = re.fullmatch(r"bytes=(\d+)-", header("Range") or "")
    if asked is None or header("If-Range") not in (None, site.tag):
        return HTTPStatus.OK, 0
    start = int(asked[1])
    if start < len(site.content):
        return HTTPStatus.PARTIAL_CONTENT, start
    return HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, 0
