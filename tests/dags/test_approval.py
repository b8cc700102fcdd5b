"""Airflow's real services: a release is prepared, refused to who may not decide, approved, sent back, revised."""

from __future__ import annotations

import json
import os
import sys
import urllib.error
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from sia.calendar import Quarter
from sia.errors import PermanentFault
from sia.operations import airflow, approve, postgres, processes, release, services
from sia.operations.console import Console
from sia.warehouse import database, migrate
from sia.warehouse.load import load
from tests.dags.test_services import migrate_airflow
from tests.database.test_load import job, submit

QUARTER = Quarter(2018, 4)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The services on a state folder of their own; beside the unit a viewer and an administrator who is no approver."""
    state = tmp_path_factory.mktemp("approval")
    patch = pytest.MonkeyPatch()
    for name in [name for name in os.environ if name.startswith(("AIRFLOW", "SIA_"))]:
        patch.delenv(name)
    usual = airflow.environment

    def with_others(*given: Any) -> dict[str, str]:
        users = f"{airflow.USER}:admin,viewer:viewer,other:admin"
        return usual(*given) | {"AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": users}

    patch.setattr(airflow, "environment", with_others)
    patch.setenv("SIA_STATE", str(state))
    try:
        surroundings = airflow.environment(state, postgres.start(state))
        patch.setenv("SIA_WAREHOUSE_URL", surroundings["SIA_WAREHOUSE_URL"])
        with database.connection() as connection:
            migrate.migrate(connection)
            load(connection, submit(connection, "2019-04-23", [job(n) for n in range(49)]))
        migrate_airflow(surroundings)
        services.up(state, Console(sys.stdout, state / "log"))
        yield state
    finally:
        services.down(state)
        patch.undo()
    assert processes.running(state) == []


def api(state: Path, user: str) -> services.Api:
    address = f"http://{airflow.LOOPBACK}:{json.loads((state / 'run' / 'ports.json').read_text())['web']}"
    known = json.loads((state / "airflow" / "passwords.json").read_text())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(airflow, "USER", user)
        patch.setattr(airflow, "password", lambda _: known[user])
        return services.Api(state, address)


def decided() -> list[tuple[str, str, str]]:
    with database.connection() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT verdict, decided_by, remark FROM release.decision ORDER BY candidate_id")
        return cursor.fetchall()


def test_a_release_is_approved_through_the_rest_api_by_a_named_approver_and_by_nobody_else(state: Path) -> None:
    unit = api(state, airflow.USER)
    asked = approve.prepare(unit, QUARTER, patience=300)
    assert "# Release 2018-19Q4/1" in asked["body"]
    assert "Thames Valley Police" in asked["body"]
    for user in ("viewer", "other"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            approve.decide(api(state, user), asked, "", approved=True)
        assert refused.value.code == 403
    with pytest.raises(PermanentFault, match="2018-19Q4 is waiting"):
        approve.prepare(unit, QUARTER.next(), patience=60)
    done = approve.settle(unit, asked, "As agreed by the Board", approved=True, patience=300)
    assert done["release"] == "2018-19Q4/1"
    place = Path(done["folder"])
    assert place == state / "releases" / "2018-19Q4" / "1"
    assert json.loads((place / "manifest.json").read_text())["data_hash"] == done["data_hash"]
    assert decided() == [("approved", airflow.USER, "As agreed by the Board")]
    assert release.verify("2018-19Q4/1")[-1] == "Every byte is as it was published."


def test_the_command_sends_back_and_then_approves_the_revision(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.connection() as connection:
        load(connection, submit(connection, "2020-08-10", [job(n) for n in range(55)]))
    monkeypatch.setattr("sys.stdin", StringIO())
    approve.main(["2018-19Q4", "--reject", "--comment", "Ask the contractor"])
    assert "Sent back" in capsys.readouterr().out
    assert decided()[-1] == ("sent back", airflow.USER, "Ask the contractor")
    assert not (state / "releases" / "2018-19Q4" / "2").exists()
    approve.main(["2018-19Q4"])
    said = capsys.readouterr().out
    assert "from 49 to 55" in said
    assert "Published: release 2018-19Q4/2" in said
    assert (state / "releases" / "2018-19Q4" / "2" / "revision-note.html").exists()
    assert release.verify("2018-19Q4/1")[-1] == "Every byte is as it was published."


def test_the_command_says_so_where_airflow_is_not_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    with pytest.raises(PermanentFault, match="make up"):
        approve.main(["2018-19Q4"])
