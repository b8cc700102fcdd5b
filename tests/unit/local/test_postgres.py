"""The server on this machine comes back where its clients look for it."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy.engine import make_url

from sia.local import postgres

ENDED = 2**22 - 1
"""Above the numbers that the kernel gives in our time."""


@pytest.mark.slow
def test_after_a_crash_the_server_has_its_old_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Services that still run know this port. The preferred one was taken by another program at the first start."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(postgres, "PREFERRED_PORT", taken.getsockname()[1])
        first = postgres.start(tmp_path)
    record = tmp_path / "postgres" / "data" / "postmaster.pid"
    lines = record.read_text(encoding="utf-8").splitlines()
    postgres.stop(tmp_path)
    # What a server leaves that was killed: its record, with the number of a process that is no more.
    record.write_text("\n".join([str(ENDED), *lines[1:]]) + "\n", encoding="utf-8")
    try:
        again = postgres.start(tmp_path)
        assert again.started_by_us
        assert make_url(again.url).port == make_url(first.url).port
        with closing(psycopg2.connect(again.url)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        postgres.stop(tmp_path)
