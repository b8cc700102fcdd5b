"""A form with one large file, which goes to the disk as it arrives: nothing of it waits in memory or in ``/tmp``."""

from __future__ import annotations

from typing import BinaryIO

from fastapi import Request
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool

from sia.web.visits import RequestRefused, Visit, refuse_other_pages

_MAX_FIELD_BYTES = 1_000
_UNREADABLE = "We could not read the form. Open the page again, and send it from there."


async def receive(request: Request, visit: Visit, to: BinaryIO) -> int:
    """Write the file of a form as it arrives. The form's token comes before it.

    Args:
        request: whose size was checked.
        visit: of the person who sends the form.
        to: where the file goes.

    Returns:
        How many bytes the file has.

    Raises:
        RequestRefused: the form cannot be read, or does not carry the session's token before its file.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise RequestRefused(403, _UNREADABLE)
    form = _Form(visit, to)
    parser = MultipartParser(
        options[b"boundary"],
        {
            "on_part_begin": form.begin,
            "on_header_field": form.add_header_name,
            "on_header_value": form.add_header_value,
            "on_header_end": form.end_header,
            "on_headers_finished": form.end_headers,
            "on_part_data": form.add_data,
            "on_part_end": form.end,
        },
    )
    try:
        async for chunk in request.stream():
            await run_in_threadpool(parser.write, chunk)
        parser.finalize()
    except MultipartParseError:
        raise RequestRefused(400, _UNREADABLE) from None
    refuse_other_pages(form.fields, visit)
    return form.file_bytes


class _Form:
    """What has arrived of a form."""

    def __init__(self, visit: Visit, to: BinaryIO) -> None:
        self.fields: dict[str, str] = {}
        self.file_bytes = 0
        self._visit, self._to = visit, to
        self.begin()

    def begin(self) -> None:
        self._header_name, self._header_value, self._disposition = bytearray(), bytearray(), b""
        self._name, self._is_file, self._value = "", False, bytearray()

    def add_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def add_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def end_header(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            self._disposition = bytes(self._header_value)
        self._header_name, self._header_value = bytearray(), bytearray()

    def end_headers(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        self._is_file = b"filename" in options
        if self._is_file:
            refuse_other_pages(self.fields, self._visit)
            if self.file_bytes:
                raise RequestRefused(422, "Choose one file only.")

    def add_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._to.write(data[start:end])
            self.file_bytes += end - start
        elif len(self._value) + end - start > _MAX_FIELD_BYTES:
            raise RequestRefused(413, _UNREADABLE)
        else:
            self._value += data[start:end]

    def end(self) -> None:
        if not self._is_file:
            self.fields[self._name] = self._value.decode("utf-8", "replace").strip()
