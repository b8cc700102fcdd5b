"""A real PostgreSQL for the tests: a server for each worker, and a database for each test that asks for one."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
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
from sia.paths import PROJECT
from sia.warehouse import database, migrate, roles

SHARED_DATA = PROJECT.parent / "shared" / "data"

SHARED_FIXTURES = ("demo", "airflow_database")
"""Fixtures that take long. One worker makes each of them, and runs every test that uses it."""

MIN_MEMORY_BYTES = 4 << 30
# The data need not survive a power cut.
SERVER_SETTINGS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_wal_size": "256MB"}


def pytest_configure() -> None:
    """Let the processes that tests start import what the tests import."""
    os.environ["PYTHONPATH"] = os.pathsep.join((str(PROJECT / "plugins"), str(PROJECT)))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a module, and of a shared fixture, on one worker. The longest start first."""
    modules: dict[str, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.nodeid.partition("::")[0], []).append(item)
    groups: dict[str, list[pytest.Item]] = {name: [] for name in SHARED_FIXTURES}
    for module, tests in sorted(modules.items(), key=lambda entry: not is_slow(entry[1])):
        group = next((name for name in SHARED_FIXTURES if any(name in _fixtures(test) for test in tests)), module)
        groups.setdefault(group, []).extend(tests)
        for test in tests:
            test.add_marker(pytest.mark.xdist_group(group))
    items[:] = [test for tests in groups.values() for test in tests]


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Call bytes by the name of their parameter: a workbook's have the time in them, which differs between workers."""
    return argname if isinstance(val, bytes) else None


def is_slow(tests: list[pytest.Item]) -> bool:
    """Whether any of the tests is marked as slow."""
    return any(test.get_closest_marker("slow") for test in tests)


def _fixtures(test: pytest.Item) -> list[str]:
    return test.fixturenames if isinstance(test, pytest.Function) else []


@dataclass(frozen=True)
class Warehouse:
    """A migrated database that is dropped after the test: its address, and an open connection to it."""

    url: str
    connection: Connection


@pytest.fixture(scope="session")
def database_folder() -> Iterator[Path]:
    """A folder for databases, in memory if there is room: on a disk, copying a database takes ten times as long.

    It is not in pytest's own folders: the server may run as another user, to whom they are closed.
    """
    memory = Path("/dev/shm")
    has_room = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > MIN_MEMORY_BYTES
    with tempfile.TemporaryDirectory(prefix="sia-tests-", dir=memory if has_room else None) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="session")
def server(database_folder: Path) -> Iterator[postgres.Server]:
    """The worker's server."""
    server = postgres.start(database_folder)
    set_for_tests(server)
    yield server
    postgres.stop(database_folder)


def set_for_tests(server: postgres.Server) -> None:
    """Make a server faster and its log smaller, at the price of its data after a power cut."""
    with closing(psycopg2.connect(server.url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        for setting, value in SERVER_SETTINGS.items():
            cursor.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(setting), sql.Literal(value)))
        cursor.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def migrated(server: postgres.Server) -> str:
    """The name of the migrated database that is copied for each test."""
    os.environ["SIA_WAREHOUSE_URL"] = server.ensure_database("migrated")
    with database.connection() as connection:
        migrate.migrate(connection)
    return "migrated"


@pytest.fixture(scope="session")
def airflow_home(server: postgres.Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Airflow's home folder. Airflow's settings are in the environment before Airflow is first imported.

    Airflow reads its settings once. A test that imports it without this fixture would leave every later test on its
    worker without our plugin.
    """
    assert "airflow.settings" not in sys.modules, "A test imported Airflow without the fixture airflow_home."
    state = tmp_path_factory.mktemp("airflow-state")
    airflow.configure(state, server)
    return state / "airflow"


@contextmanager
def copy_of(server: postgres.Server, template: str) -> Iterator[Warehouse]:
    """A copy of a database to which nobody is connected. The environment names the copy meanwhile."""
    name = sql.Identifier(f"test_{uuid.uuid4().hex[:12]}")
    url = server.database_url(name.strings[0])
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(name, sql.Identifier(template))
    with closing(psycopg2.connect(server.url)) as owner, owner.cursor() as cursor:
        owner.autocommit = True
        cursor.execute(create)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SIA_WAREHOUSE_URL", url)
            with closing(database.connect()) as connection:
                yield Warehouse(url, connection)
        cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.fixture
def warehouse(server: postgres.Server, migrated: str) -> Iterator[Warehouse]:
    """A warehouse for one test."""
    with copy_of(server, migrated) as warehouse:
        yield warehouse


@pytest.fixture(scope="module")
def warehouse_of_module(server: postgres.Server, migrated: str) -> Iterator[Warehouse]:
    """A warehouse that the tests of a module share, because filling it takes long. They only read it."""
    with copy_of(server, migrated) as warehouse:
        yield warehouse


@pytest.fixture(scope="session")
def demo(server: postgres.Server, migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database with what ``make demo`` loads, and the sanctuary returns of 2018/19.

    The samples go through every step, once a session. Nobody is connected to it, so that it can be copied.
    """
    from demo.run import QUARTERS
    from demo.samples.files import write_samples
    from tests.steps import take

    with copy_of(server, migrated) as warehouse:
        with pytest.MonkeyPatch.context() as patch:
            state = tmp_path_factory.mktemp("demo")
            patch.setenv("SIA_STATE", str(state))
            for quarter in (*quarters_between(Quarter(2018, 1), Quarter(2018, 4)), *QUARTERS):
                write_samples(state / "inbox", quarter)
                for name in ("sanctuary",) if quarter.year == 2018 else contracts():
                    take(name, quarter.key)
        roles.apply(warehouse.connection)
        warehouse.connection.commit()
        warehouse.connection.close()
        # A test that names no warehouse must not get this one.
        os.environ["SIA_WAREHOUSE_URL"] = server.database_url(migrated)
        yield str(make_url(warehouse.url).database)


@pytest.fixture(scope="session")
def demo_warehouse(server: postgres.Server, demo: str) -> Iterator[Warehouse]:
    """The demo's warehouse, for tests that only read it."""
    with copy_of(server, demo) as warehouse:
        os.environ["SIA_WAREHOUSE_URL"] = server.database_url("migrated")
        yield warehouse


@pytest.fixture(scope="module")
def demo_copy(server: postgres.Server, demo: str) -> Iterator[Warehouse]:
    """A copy of the demo's warehouse, for the tests of a module that write to it."""
    with copy_of(server, demo) as warehouse:
        yield warehouse


@pytest.fixture
def shared_data() -> Path:
    """The folder of public files. A test that needs it is skipped on a machine without it."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the public files (../shared/data) are not on this machine")
    return SHARED_DATA
