"""The page *Check before you send*: a signed-in member of staff drops a return and gets it back marked, at once.

The file is checked by ``sia.cli.check`` in a process of its own, which lends it a database and a folder that
are thrown away. It is on the disk in that folder alone; nothing of it is kept, logged or sent.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData, UploadFile

from sia.contract.model import contracts
from sia.pages.responses import html
from sia.paths import PROJECT

ENDINGS = (".xlsx", ".ods", ".csv")
PATIENCE = 180
# Each takes a few hundred megabytes for a few seconds.
AT_ONCE = 2
_FORM = 64_000
_NOT_TOLD = (
    "We could not tell which return this is. Use our blank workbook, or say below which return, sender and quarter "
    "it is."
)


class _Refused(Exception):
    """A file that is not checked: the status and what to say."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def megabytes() -> int:
    """The most that a return may have that is filled by hand; archives are not checked here."""
    return max(contract.max_megabytes for contract in contracts().values() if contract.is_template_return)


def create(signed_in: Callable[..., Any]) -> FastAPI:
    """The page as an application.

    Args:
        signed_in: a FastAPI dependency that lets nobody through who has not signed in.
    """
    app = FastAPI(dependencies=[Depends(signed_in)], docs_url=None, redoc_url=None, openapi_url=None)
    turn = asyncio.Semaphore(AT_ONCE)

    @app.get("/")
    def form() -> HTMLResponse:
        return _page()

    @app.post("/")
    async def check(request: Request) -> HTMLResponse:
        try:
            _from_our_own_page(request)
            _not_too_large(request)
            async with request.form(max_files=1, max_fields=3, max_part_size=1000) as sent, turn:
                return _page(answer=await _checked(sent))
        except _Refused as refused:
            return _page(refused.status, message=refused.message)

    return app


def _from_our_own_page(request: Request) -> None:
    """Another site must not have a browser send a file in its user's name."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    foreign = site != "same-origin" if site else origin is not None and origin.partition("://")[2] != request.url.netloc
    if foreign:
        raise _Refused(403, "This was not sent from this page. Open the page, and send it from there.")


def _not_too_large(request: Request) -> None:
    length = request.headers.get("content-length", "")
    if not length.isdigit():
        raise _Refused(411, "The size of the file was not given. Send it from this page.")
    if int(length) > megabytes() * 1_000_000 + _FORM:
        raise _Refused(413, f"The file is larger than {megabytes()} MB, the most that a return may have.")


async def _checked(sent: FormData) -> dict[str, Any]:
    file = sent.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise _Refused(400, "Choose a file first.")
    ending = Path(file.filename).suffix.lower()
    if ending not in ENDINGS:
        raise _Refused(415, f"Only these are checked here: {', '.join(ENDINGS)}.")
    with tempfile.TemporaryDirectory(prefix="sia-page-") as name:
        folder = Path(name)
        # Under a name of ours: the sender's own may name a person.
        path = folder / f"return{ending}"
        path.write_bytes(await file.read())
        options = [
            f"--{option}={value}" for option in ("return", "quarter", "source") if (value := _word(sent, option))
        ]
        code, said = await _run([str(path), f"--answer={folder}", *options])
        if code or not (folder / "answer.json").exists():
            raise _Refused(*_fault(said))
        answer: dict[str, Any] = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
        if answer["workbook"]:
            answer["workbook"] = base64.b64encode((folder / "what-to-fix.xlsx").read_bytes()).decode()
        return answer


def _word(sent: FormData, option: str) -> str:
    value = sent.get(option)
    return value if isinstance(value, str) and re.fullmatch(r"[\w/ -]{1,40}", value) else ""


async def _run(arguments: list[str]) -> tuple[int, str]:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "plugins")}
    for name in ("FILE", "RETURN", "QUARTER", "SOURCE"):
        environment.pop(name, None)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sia.cli.check", *arguments,
        cwd=PROJECT, env=environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        _, said = await asyncio.wait_for(process.communicate(), PATIENCE)
    except TimeoutError:
        raise _Refused(
            504, "The check took too long. Try again, or send the return: it is checked when it comes."
        ) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, said.decode(errors="replace")


def _fault(said: str) -> tuple[int, str]:
    # What the command says to the person at the terminal names options that this page has not.
    if re.search(
        r"^say (which|for which|from whom)|financial quarter|no return is called|from whom it is", said, re.MULTILINE
    ):
        return 422, _NOT_TOLD
    return 500, "The check did not work. Nothing is wrong with your file for all we know; please tell the unit."


def _page(status: int = 200, *, message: str = "", answer: dict[str, Any] | None = None) -> HTMLResponse:
    returns = [contract for contract in contracts().values() if contract.is_template_return]
    senders = {key: name for contract in returns for key, name in contract.senders.items()}
    return html(
        "check.html.j2", status, message=message, answer=answer, returns=returns, senders=senders,
        megabytes=megabytes(),
        endings=",".join(ENDINGS),
    )  # fmt: skip
