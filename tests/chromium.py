"""A real, headless Chromium for the tests of pages, spoken to by its own protocol."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from websockets.sync.client import ClientConnection, connect

CHROMIUM = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)
needed = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (apt-get install chromium)")


class Browser:
    """A headless Chromium, spoken to by its own protocol."""

    def __init__(self, socket: ClientConnection, session: str | None = None) -> None:
        self._numbers = count(1)
        self._socket = socket
        self._to = {} if session is None else {"sessionId": session}

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters, **self._to}))
        while True:
            answer = json.loads(self._socket.recv(timeout=60))
            if answer.get("id") == number:
                found: dict[str, Any] = answer["result"]
                return found

    def frame(self, url: str) -> Browser:
        """A frame of the page that has a process of its own, as a sandboxed one has, once it is there."""
        until = time.monotonic() + 30
        while True:
            targets = self.ask("Target.getTargets")["targetInfos"]
            found = [one["targetId"] for one in targets if one["type"] == "iframe" and one["url"] == url]
            if found:
                session = self.ask("Target.attachToTarget", targetId=found[0], flatten=True)["sessionId"]
                return Browser(self._socket, session)
            assert time.monotonic() < until, f"waited in vain for a frame with {url}"
            time.sleep(0.2)

    def value(self, script: str) -> Any:
        return self.ask("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def wait(self, script: str) -> None:
        until = time.monotonic() + 90
        while not self.value(script):
            assert time.monotonic() < until, f"waited in vain for {script}"
            time.sleep(0.2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The address at which a page answers."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    thread.join()


@contextmanager
def opened(profile: Path) -> Iterator[Browser]:
    """A browser with a profile of its own."""
    port = free_port()
    process = subprocess.Popen(
        [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--remote-debugging-port={port}",
            f"--user-data-dir={profile}",
            "about:blank",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 30
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=5) as said:
                    pages = [one for one in json.load(said) if one["type"] == "page"]
                if pages:
                    break
            except OSError:
                assert time.monotonic() < until
            time.sleep(0.2)
        with connect(pages[0]["webSocketDebuggerUrl"], max_size=64_000_000) as spoken:
            yield Browser(spoken)
    finally:
        process.terminate()
        process.wait(30)
