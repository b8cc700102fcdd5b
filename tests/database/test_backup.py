"""Backups: a restore brings back what was saved, and a damaged backup is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import cursor as Cursor
from sqlalchemy.engine import make_url

from sia.backup import backup, restore
from sia.errors import PermanentError
from sia.local import postgres
from sia.settings import overridden
from sia.warehouse import database
from sia.warehouse.load import load
from tests.conftest import Warehouse
from tests.database.test_load import job, known, submit
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def written(warehouse_of_module: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of 49 jobs."""
    connection = warehouse_of_module.connection
    load(connection, submit(connection, "2019-04-23", [job(n) for n in range(49)]))
    return backup.backup(tmp_path_factory.mktemp("backups"))


@pytest.fixture
def saved(written: Path, tmp_path: Path) -> Path:
    """A copy of the backup that a test may damage."""
    shutil.copytree(written.parent, tmp_path / "copy")
    return tmp_path / "copy" / written.name


def databases() -> set[str]:
    with psycopg2.connect(backup.address("postgres")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor.fetchall()}


def test_a_manifest_counts_the_rows_of_every_table(saved: Path) -> None:
    manifest = backup.read_manifest(saved)
    assert manifest.tables["warehouse.sanctuary_job"].rows == 49
    assert manifest.tables["warehouse.return_version"].rows == 1
    assert "public.migration" in manifest.tables
    assert "0001_baseline" in manifest.migrations
    assert saved.stat().st_mode & 0o077 == 0


def test_nothing_is_left_of_the_second_database(written: Path) -> None:
    assert not {name for name in databases() if name.endswith("_verify")}
    assert {path.suffix for path in written.parent.iterdir()} == {".age", ".json"}


def test_a_background_vacuum_does_not_keep_the_second_database(
    server: postgres.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner is an ordinary login, which may not end a process of the server."""
    vacuums = "autovacuum_vacuum_threshold = 1, autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1"
    url = make_url(server.database_url("postgres"))
    with closing(psycopg2.connect(server.url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("CREATE ROLE vacuumed LOGIN CREATEDB PASSWORD 'x'")
        cursor.execute("GRANT CONNECT ON DATABASE postgres TO vacuumed")
        cursor.execute("ALTER SYSTEM SET autovacuum_naptime = '1s'")
        cursor.execute("SELECT pg_reload_conf()")
        monkeypatch.setenv(
            "SIA_WAREHOUSE_URL",
            url.set(username="vacuumed", password="x").render_as_string(hide_password=False),
        )
        try:
            with backup.second_database("vacuumed") as copy:
                with closing(psycopg2.connect(copy)) as owner, owner.cursor() as of_owner:
                    of_owner.execute(
                        f"CREATE TABLE t WITH ({vacuums}) AS SELECT repeat('x', 500) FROM generate_series(1, 50000)"
                    )
                    owner.commit()
                    of_owner.execute("DELETE FROM t")
                    owner.commit()

                def is_vacuumed() -> bool:
                    cursor.execute(
                        "SELECT FROM pg_stat_activity WHERE datname = 'vacuumed' AND backend_type = 'autovacuum worker'"
                    )
                    return cursor.rowcount > 0

                wait_until(is_vacuumed, "the vacuum")
            assert "vacuumed" not in databases()
        finally:
            cursor.execute("ALTER SYSTEM RESET autovacuum_naptime")
            cursor.execute("SELECT pg_reload_conf()")
            cursor.execute("DROP DATABASE IF EXISTS vacuumed WITH (FORCE)")
            cursor.execute("DROP OWNED BY vacuumed")
            cursor.execute("DROP ROLE vacuumed")


def test_a_restore_brings_back_the_old_warehouse_and_keeps_the_present_one(warehouse: Warehouse, saved: Path) -> None:
    load(warehouse.connection, submit(warehouse.connection, "2020-08-10", [job(n) for n in range(55)]))
    warehouse.connection.close()
    kept = restore.restore(saved)
    try:
        with database.connection() as connection:
            assert known(connection, "sanctuary_referrals", "2020-09-21") == 49
        with psycopg2.connect(backup.address(str(kept))) as connection:
            assert known(connection, "sanctuary_referrals", "2020-09-21") == 55
        connection.close()
        # Nobody may connect to the one we keep: no migration revokes rights there. The restored one has today's rights.
        with database.connection() as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT has_database_privilege('sia_analyst', %s, 'CONNECT'),"
                " has_database_privilege('sia_analyst', current_database(), 'CONNECT'),"
                " has_table_privilege('sia_analyst', 'marts.component_total', 'SELECT'),"
                " has_table_privilege('sia_analyst', 'warehouse.sanctuary_job', 'SELECT')",
                (kept,),
            )
            assert cursor.fetchone() == (False, True, True, False)
    finally:
        with (server := backup.server()).cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{kept}" WITH (FORCE)')
        server.close()


def test_a_restore_waits_until_nobody_is_connected(warehouse_of_module: Warehouse, written: Path) -> None:
    before = databases()
    with pytest.raises(PermanentError, match="Somebody is connected"):
        restore.restore(written)
    assert databases() == before
    assert known(warehouse_of_module.connection, "sanctuary_referrals", "2020-09-21") == 49


def test_a_restore_that_fails_at_the_swap_leaves_the_warehouse(
    warehouse: Warehouse, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A monitoring program connects to the second database while it is compared. Its session cannot be ended."""
    name, others = str(make_url(warehouse.url).database), []
    warehouse.connection.close()

    def compared(*_: object) -> None:
        others.append(psycopg2.connect(backup.address(f"{name}_restored")))

    monkeypatch.setattr(backup, "compare", compared)
    before = databases()
    with pytest.raises(PermanentError, match=f"Somebody is connected to {name}_restored"):
        restore.restore(saved)
    assert databases() == before
    with database.connection() as connection:
        assert known(connection, "sanctuary_referrals", "2020-09-21") is None


def test_a_restore_that_is_killed_between_the_two_names_leaves_the_warehouse(
    warehouse: Warehouse, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.connection.close()
    before = databases()
    close = restore._close

    def killed(cursor: Cursor, name: str) -> None:
        close(cursor, name)
        raise KeyboardInterrupt

    monkeypatch.setattr(restore, "_close", killed)
    with pytest.raises(KeyboardInterrupt):
        restore.restore(saved)
    assert databases() == before


def test_a_backup_is_encrypted_and_only_its_owner_may_read_it(saved: Path) -> None:
    content = saved.read_bytes()
    assert content.startswith(b"age-encryption.org/v1")
    assert b"PGDMP" not in content
    assert {path.stat().st_mode & 0o777 for path in saved.parent.iterdir()} == {0o600}


def test_a_backup_for_another_key_is_refused_and_leaves_nothing(
    warehouse: Warehouse, saved: Path, tmp_path: Path
) -> None:
    before = databases()
    with (
        overridden(state=tmp_path / "other"),
        pytest.raises(PermanentError, match=r"\.age was encrypted for another key"),
    ):
        backup.rehearse(saved)
    assert databases() == before


def test_a_rehearsal_restores_and_migrates_a_backup_and_leaves_nothing(warehouse: Warehouse, saved: Path) -> None:
    before = databases()
    assert backup.rehearse(saved).tables["warehouse.sanctuary_job"].rows == 49
    assert databases() == before


def test_the_newest_backups_stay_and_leftovers_go(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "warehouse-20200101T000000Z.dump.unproven").write_bytes(b"of a backup that was killed")
    (tmp_path / "warehouse-20200102T030000Z.dump.age.json").write_text("{}")
    for day in (1, 2, 3):
        old = tmp_path / f"warehouse-2020010{day}T000000Z.dump.age"
        old.touch()
        backup.manifest_of(old).touch()
    (tmp_path / "notes.txt").touch()
    with overridden(backups_kept="2"):
        newest = backup.backup(tmp_path)
    assert backup.kept(tmp_path) == [tmp_path / "warehouse-20200103T000000Z.dump.age", newest]
    assert len(list(tmp_path.iterdir())) == 5


def test_a_changed_dump_is_refused(saved: Path) -> None:
    content = bytearray(saved.read_bytes())
    content[len(content) // 2] ^= 1
    saved.write_bytes(content)
    with pytest.raises(PermanentError, match="SHA-256"):
        restore.restore(saved)


def test_a_dump_that_differs_from_its_manifest_is_refused(saved: Path) -> None:
    manifest = json.loads(backup.manifest_of(saved).read_text())
    manifest["tables"]["warehouse.sanctuary_job"]["hash"] += "1"
    backup.manifest_of(saved).write_text(json.dumps(manifest))
    with pytest.raises(PermanentError, match=r"differs from the backup: warehouse\.sanctuary_job\.$"):
        restore.restore(saved)


def test_the_hash_depends_on_the_rows_and_not_on_their_order(warehouse: Warehouse) -> None:
    connection = warehouse.connection

    def after(*statements: str) -> backup.Contents:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE marts.tried (a integer, b text)")
            for statement in statements:
                cursor.execute(statement)
            contents = backup.contents(connection)["marts.tried"]
        connection.rollback()
        return contents

    saved_rows = after("INSERT INTO marts.tried VALUES (1, 'x'), (2, 'y')")
    assert saved_rows == after("INSERT INTO marts.tried VALUES (2, 'y'), (1, 'x')")
    assert saved_rows != after("INSERT INTO marts.tried VALUES (1, 'y'), (2, 'x')")
    assert saved_rows != after("INSERT INTO marts.tried VALUES (1, 'x'), (2, 'y'), (2, 'y')")


def test_no_password_is_on_a_command_line(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    password = str(make_url(warehouse.url).password)
    calls: list[tuple[list[str], dict[str, Any]]] = []

    class Recorded(subprocess.Popen[bytes]):
        def __init__(self, command: list[str], **more: Any) -> None:
            calls.append((command, more))
            super().__init__(command, **more)

    monkeypatch.setattr(subprocess, "Popen", Recorded)
    name = make_url(warehouse.url).database
    with backup.program("pg_dump", "--schema-only", "--schema=intake", "--file=/dev/null", f"--dbname={name}"):
        pass
    assert not [word for command, _ in calls for word in command if password in word]
    assert calls[-1][1]["env"]["PGPASSWORD"] == password


def test_a_program_that_fails_leaves_no_backup(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "compare", lambda *_: (_ for _ in ()).throw(PermanentError("not the same")))
    with pytest.raises(PermanentError):
        backup.backup(tmp_path)
    assert list(tmp_path.iterdir()) == []
