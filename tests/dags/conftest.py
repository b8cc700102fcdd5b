"""Airflow's own database, on the same real server as the warehouse."""

from __future__ import annotations

from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from sia_airflow import airflow_compat


@pytest.fixture(scope="session")
def airflow_database(airflow_home: Path) -> Path:
    """Airflow configured and its database migrated."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        airflow_compat.migrate_database()
    return airflow_home


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of the test's own."""
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    return tmp_path
