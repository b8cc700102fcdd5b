"""How fast the desk answers 60 people (``python -m benchmarks.desk``; ``--save`` writes ``results-desk.md``).

They read: each opens a page every few seconds, as people do. Or they all press at once, and again once they have it,
which no two processors answer quickly. It prints the median and the 95th percentile of each page, and multiples of an
empty page of the same server. The warehouse has no return, so that every return that is owed is late.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import random
import statistics
import time
from collections.abc import Sequence
from contextlib import suppress

import httpx
import uvicorn
from fastapi.responses import HTMLResponse

from benchmarks.server import machine, own_server
from sia.local.ports import LOOPBACK, free_port
from sia.paths import PROJECT
from sia.registers.partners import partners
from sia.warehouse import database
from sia.warehouse.migrate import migrate
from sia.web import app, browser_sessions
from sia.web.visits import SESSION_COOKIE

SESSIONS, ROUNDS = 60, 4
READING_SECONDS = (2.0, 8.0)
"""How long a person reads a page, at least and at most."""
EMPTY = "/empty"
PAGES = (EMPTY, "/returns", "/senders/sanctuary_contractor", "/decisions/waivers", "/released", "/approval")


def main() -> None:
    """Measure every page, print a table, and save it if asked."""
    options = argparse.ArgumentParser()
    options.add_argument("--save", action="store_true", help="write benchmarks/results-desk.md")
    arguments = options.parse_args()
    with own_server() as (server, folder, version):
        os.environ |= {"SIA_STATE": str(folder), "SIA_WAREHOUSE_URL": server.ensure_database("desk")}
        with database.connection() as connection:
            migrate(connection)
            with connection, connection.cursor() as cursor:
                secrets = [browser_sessions.begin(cursor, partners().unit.mailbox) for _ in range(SESSIONS)]
        address = f"http://{LOOPBACK}:{(port := free_port())}"
        desk = multiprocessing.get_context("spawn").Process(target=_serve, args=(address, port))
        desk.start()
        try:
            _wait(address)
            reading = {path: asyncio.run(_open(address, path, secrets, reads=True)) for path in PAGES}
            at_once = {path: asyncio.run(_open(address, path, secrets, reads=False)) for path in PAGES}
        finally:
            desk.terminate()
            desk.join()
    lines = [
        "| page | reading: median ms | 95% ms | × empty page | at once: median ms | 95% ms | × empty page |",
        "| --- |" + " --: |" * 6,
    ]
    for path in PAGES:
        cells = []
        for measured in (reading, at_once):
            median, most = _quantiles(measured[path])
            cells += [f"{median * 1000:.0f}", f"{most * 1000:.0f}", f"{most / _quantiles(measured[EMPTY])[1]:.1f}"]
        lines.append(f"| `{path}` | {' | '.join(cells)} |")
    table = "\n".join(lines)
    print(f"{machine(version)}\n\n{table}")
    if arguments.save:
        (PROJECT / "benchmarks" / "results-desk.md").write_text(
            f"# The desk\n\n{SESSIONS} people with a page each (`python -m benchmarks.desk`). *Reading*: each opens it,"
            f" reads for {READING_SECONDS[0]:g} to {READING_SECONDS[1]:g} seconds, and opens it again. *At once*: all"
            f" press in one instant, and again once they have it. {machine(version)}\n\n{table}\n",
            encoding="utf-8",
        )


def _serve(address: str, port: int) -> None:
    desk = app.create(lambda: None, address)  # type: ignore[arg-type,return-value]
    desk.add_api_route(EMPTY, lambda: HTMLResponse(""))
    uvicorn.run(desk, host=LOOPBACK, port=port, access_log=False, log_level="warning", timeout_keep_alive=120)


def _wait(address: str) -> None:
    for _ in range(600):
        with suppress(httpx.TransportError):
            httpx.get(address + EMPTY)
            return
        time.sleep(0.1)
    raise TimeoutError("the desk did not start within a minute")


async def _open(address: str, path: str, secrets: Sequence[str], *, reads: bool) -> list[float]:
    """The seconds of each answer: everybody opens the page, and again once they have it, or have read it."""
    # The same pauses in every run.
    pauses = random.Random(1)

    async def repeat(browser: httpx.AsyncClient, secret: str) -> list[float]:
        times = []
        for _ in range(ROUNDS):
            if reads:
                await asyncio.sleep(pauses.uniform(*READING_SECONDS))
            started = time.perf_counter()
            (await browser.get(path, headers={"Cookie": f"{SESSION_COOKIE}={secret}"})).raise_for_status()
            times.append(time.perf_counter() - started)
        return times

    # One client with a connection for each person: a client takes long to make.
    limits = httpx.Limits(max_connections=SESSIONS, max_keepalive_connections=SESSIONS)
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits) as browser:
        listed = await asyncio.gather(*(repeat(browser, secret) for secret in secrets))
    return [seconds for times in listed for seconds in times]


def _quantiles(times: Sequence[float]) -> tuple[float, float]:
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    main()
