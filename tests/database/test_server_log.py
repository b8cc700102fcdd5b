"""We warn the unit if the log of its own PostgreSQL server would repeat values of returns."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from sia.local import airflow, postgres, server_log, services
from sia.local.console import Console


@pytest.mark.parametrize("level", ["log", "fatal", "panic"])
def test_a_log_without_errors_needs_no_warning(server: postgres.Server, level: str) -> None:
    assert server_log.warning(server.url) is None
    assert server_log.warning(with_level(server, level)) is None


@pytest.mark.parametrize("level", ["warning", "error", "debug1"])
def test_a_log_with_errors_needs_a_warning_with_the_setting(server: postgres.Server, level: str) -> None:
    warning = server_log.warning(with_level(server, level))
    assert warning is not None
    assert f"Set log_min_messages = log on the server (it is {level})" in warning
    assert str(make_url(server.url).password) not in warning


def test_make_up_warns_before_it_starts_anything(
    server: postgres.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign_server = postgres.Server(with_level(server, "warning"), started_by_us=False)
    monkeypatch.setattr(postgres, "start", lambda _: foreign_server)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(airflow, "environment", interrupt)
    warning = StringIO()
    with pytest.raises(KeyboardInterrupt):
        services.up(tmp_path, Console(tmp_path / "log", err=warning))
    assert "Set log_min_messages = log on the server (it is warning)" in warning.getvalue()


def with_level(server: postgres.Server, level: str) -> str:
    """The server's address with another setting."""
    return f"{server.url}?options=-c%20log_min_messages%3D{level}"
