"""A PostgreSQL server for the benchmarks, and a description of the machine."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2

from sia.local import postgres
from sia.settings import settings


@contextmanager
def own_server() -> Iterator[tuple[postgres.Server, Path, str]]:
    """A new server, its folder and its version. The server stops at the end.

    Never measure on a server that is in use.
    """
    os.environ.pop("SIA_DATABASE_URL", None)
    folder = settings().state / "benchmark"
    folder.mkdir(parents=True, exist_ok=True)
    server = postgres.start(folder)
    try:
        with connected(server.url) as connection, connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            (version,) = cursor.fetchone()
        yield server, folder, version
    finally:
        if server.started_by_us:
            postgres.stop(folder)


@contextmanager
def connected(url: str) -> Iterator[psycopg2.extensions.connection]:
    """A connection that commits after each statement."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def machine(postgres_version: str) -> str:
    """The machine, Python and PostgreSQL, in one line."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} × {model}, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, PostgreSQL {postgres_version}"
    )


def show_progress(step: str) -> None:
    """Print the current step on standard error."""
    print(f"  {step}", file=sys.stderr, flush=True)
