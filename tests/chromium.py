"""A headless Chromium for the tests of pages, driven by its DevTools protocol."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from websockets.sync.client import ClientConnection, connect

from tests.waiting import wait_until

PROGRAM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
needed = pytest.mark.skipif(PROGRAM is None, reason="no Chromium on this machine (apt-get install chromium)")

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # So that a page is as wide as its tab.
    "--hide-scrollbars",
    # Any free port; Chromium writes which one it took.
    "--remote-debugging-port=0",
)


class CommandError(Exception):
    """Chromium could not run a command, for example because one page just gave way to the next."""


class Session:
    """Commands to one target of Chromium: to the browser, to a tab, or to a frame with a process of its own."""

    def __init__(self, socket: ClientConnection, session: str | None = None) -> None:
        self._numbers = count(1)
        self._socket = socket
        self._address = {} if session is None else {"sessionId": session}

    def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command, and return its result.

        Raises:
            CommandError: Chromium answered with an error.
        """
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters, **self._address}))
        while True:
            message = json.loads(self._socket.recv(timeout=60))
            if message.get("id") == number:
                if "error" in message:
                    raise CommandError(f"{method}: {message['error']}")
                result: dict[str, Any] = message["result"]
                return result

    def evaluate(self, script: str) -> Any:
        """The value of a script, or of the promise that it gives."""
        result = self.command("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        return result["result"].get("value")

    def wait_for(self, script: str) -> None:
        """Wait until a script gives something true. It cannot run while one page gives way to the next."""

        def holds() -> Any:
            try:
                return self.evaluate(script)
            except CommandError:
                return False

        wait_until(holds, f"{script} in the browser")


class Tab(Session):
    """A tab that shares no cookie, login or cache with any other tab."""

    def __init__(self, socket: ClientConnection, context: str) -> None:
        super().__init__(socket)
        self._context = context
        self.command("Page.enable")

    def open(self, url: str) -> None:
        """Open a page, and wait until it is complete."""
        self.command("Page.navigate", url=url)
        self.wait_for("location.href !== 'about:blank' && document.readyState === 'complete'")

    def resize(self, width: int) -> None:
        """Make the tab this wide, in CSS pixels."""
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)

    def choose_file(self, selector: str, path: Path) -> None:
        """Choose a file in a form's field."""
        root = self.command("DOM.getDocument")["root"]["nodeId"]
        field = self.command("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.command("DOM.setFileInputFiles", nodeId=field, files=[str(path)])

    def download_to(self, folder: Path) -> None:
        """Keep what the page downloads in a folder."""
        self.command(
            "Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder), browserContextId=self._context
        )

    def screenshot(self) -> bytes:
        """What the tab shows, as a PNG."""
        return base64.b64decode(self.command("Page.captureScreenshot")["data"])

    def frame(self, url: str) -> Session:
        """A frame of the page that has a process of its own, as a sandboxed frame has."""

        def target() -> str | None:
            targets = self.command("Target.getTargets")["targetInfos"]
            return next((t["targetId"] for t in targets if t["type"] == "iframe" and t["url"] == url), None)

        number = wait_until(target, f"a frame with {url}")
        session = self.command("Target.attachToTarget", targetId=number, flatten=True)["sessionId"]
        return Session(self._socket, session)


class Chromium:
    """A running Chromium; ``address`` is where its DevTools listen."""

    def __init__(self, address: str, socket: ClientConnection) -> None:
        self._address = address
        self._browser = Session(socket)

    @contextmanager
    def tab(self) -> Iterator[Tab]:
        """A new tab, closed at the end with all that it kept."""
        context = self._browser.command("Target.createBrowserContext")["browserContextId"]
        target = self._browser.command("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        try:
            with connect(f"{self._address}/devtools/page/{target}", max_size=64_000_000) as socket:
                yield Tab(socket, context)
        finally:
            self._browser.command("Target.disposeBrowserContext", browserContextId=context)


@contextmanager
def running(profile: Path) -> Iterator[Chromium]:
    """A Chromium with a profile folder of its own."""
    process = subprocess.Popen(
        [str(PROGRAM), *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        port, path = wait_until(lambda: _port_and_path(profile), "Chromium to listen")
        with connect(f"ws://127.0.0.1:{port}{path}", max_size=64_000_000) as socket:
            yield Chromium(f"ws://127.0.0.1:{port}", socket)
    finally:
        process.terminate()
        process.wait(30)


def _port_and_path(profile: Path) -> list[str] | None:
    file = profile / "DevToolsActivePort"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return lines if len(lines) == 2 else None


@contextmanager
def serving(app: FastAPI, port: int = 0) -> Iterator[str]:
    """Serve an app on a port, or on any free one; its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started or not thread.is_alive(), "the page's server to start")
    assert server.started
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    thread.join()
