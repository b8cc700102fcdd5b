"""A real PostgreSQL for the tests: one server for the session, a database for each test that asks."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from sqlalchemy.engine import make_url

from sia.calendar import Quarter, quarters_between
from sia.contract.model import contracts
from sia.local import airflow, postgres
from sia.warehouse import database, migrate, roles

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@dataclass(frozen=True)
class Warehouse:
    """A migrated throw-away database: its address, and an open connection to it."""

    url: str
    connection: Connection


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    # Not below pytest's own folders, which are closed to others: the server may run as nobody.
    state = Path(tempfile.mkdtemp(prefix="sia-tests-"))
    state.chmod(0o755)
    started = postgres.start(state)
    _forget_on_power_cut(started)
    yield started
    postgres.stop(state)
    shutil.rmtree(state)


def _forget_on_power_cut(server: postgres.Server) -> None:
    """Nothing of a test must survive a power cut, and hundreds of databases are made and dropped."""
    connection = psycopg2.connect(server.url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            cursor.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        cursor.execute("SELECT pg_reload_conf()")
    connection.close()


@pytest.fixture(scope="session")
def migrated(server: postgres.Server) -> str:
    """The name of a migrated database from which each test's is copied."""
    os.environ["SIA_WAREHOUSE_URL"] = server.ensure_database("migrated")
    with database.connection() as connection:
        migrate.migrate(connection)
    return "migrated"


@pytest.fixture(scope="session")
def airflow_home(server: postgres.Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Airflow's surroundings, set before Airflow is first imported; its folder."""
    state = tmp_path_factory.mktemp("airflow-state")
    airflow.configure(state, server)
    return state / "airflow"


@contextmanager
def _throw_away(server: postgres.Server, migrated: str) -> Iterator[Warehouse]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    owner = psycopg2.connect(server.url)
    owner.autocommit = True
    with owner.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(migrated)
            )
        )
    url = server.database_url(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIA_WAREHOUSE_URL", url)
        connection = database.connect()
        yield Warehouse(url, connection)
        connection.close()
    with owner.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    owner.close()


@pytest.fixture
def warehouse(server: postgres.Server, migrated: str) -> Iterator[Warehouse]:
    """A database for one test."""
    with _throw_away(server, migrated) as made:
        yield made


@pytest.fixture(scope="module")
def warehouse_of_module(server: postgres.Server, migrated: str) -> Iterator[Warehouse]:
    """A database that the tests of a module share, where to fill it takes long and they only ask."""
    with _throw_away(server, migrated) as made:
        yield made


@pytest.fixture(scope="session")
def demo(server: postgres.Server, migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database with what ``make demo`` loads, and the sanctuary returns of 2018/19.

    The samples go through every step, once a session; nobody connects to it, so that copies can be made.
    """
    from demo.__main__ import QUARTERS
    from demo.samples.__main__ import write_samples
    from tests.steps import take

    with _throw_away(server, migrated) as made:
        with pytest.MonkeyPatch.context() as patch:
            state = tmp_path_factory.mktemp("demo")
            patch.setenv("SIA_STATE", str(state))
            for quarter in (*quarters_between(Quarter(2018, 1), Quarter(2018, 4)), *QUARTERS):
                write_samples(state / "inbox", quarter)
                for name in ("sanctuary",) if quarter.year == 2018 else contracts():
                    take(name, quarter.key)
        roles.apply(made.connection)
        made.connection.commit()
        made.connection.close()
        # A test that names no warehouse must not find this one.
        os.environ["SIA_WAREHOUSE_URL"] = server.database_url(migrated)
        yield str(make_url(made.url).database)


@pytest.fixture(scope="session")
def demo_warehouse(server: postgres.Server, demo: str) -> Iterator[Warehouse]:
    """The demo's warehouse, for tests that only ask."""
    with _throw_away(server, demo) as made:
        os.environ["SIA_WAREHOUSE_URL"] = server.database_url("migrated")
        yield made


@pytest.fixture(scope="module")
def demo_copy(server: postgres.Server, demo: str) -> Iterator[Warehouse]:
    """A copy of the demo's warehouse, for the tests of a module that write."""
    with _throw_away(server, demo) as made:
        yield made


@pytest.fixture
def shared_data() -> Path:
    """The public files to run against; a test that needs them is skipped where they are not."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the public files (../shared/data) are not on this machine")
    return SHARED_DATA
