"""Airflow's environment: random secrets, the loopback address, free ports."""

from __future__ import annotations

import json
import socket
import stat
from io import StringIO
from pathlib import Path

from sia.local import airflow, postgres, services
from sia.local.console import Console
from sia.local.ports import Ports


def test_secrets_are_random_kept_and_private(tmp_path: Path, server: postgres.Server) -> None:
    environment = airflow.environment(tmp_path, server)
    assert airflow.environment(tmp_path, server) == environment
    assert (
        airflow.environment(tmp_path / "other", server)["AIRFLOW__CORE__FERNET_KEY"]
        != environment["AIRFLOW__CORE__FERNET_KEY"]
    )
    assert len(environment["AIRFLOW__API_AUTH__JWT_SECRET"]) >= 64
    for name in ("secrets.json", "passwords.json"):
        assert stat.S_IMODE((tmp_path / "airflow" / name).stat().st_mode) == 0o600
    passwords = json.loads((tmp_path / "airflow" / "passwords.json").read_text())
    assert passwords == {log_in: airflow.password(tmp_path, log_in) for log_in in ("unit", "head", "desk")}
    assert len(set(passwords.values())) == 3


def test_a_secret_that_an_earlier_version_did_not_have_is_added(tmp_path: Path, server: postgres.Server) -> None:
    airflow.environment(tmp_path, server)
    path = tmp_path / "airflow" / "secrets.json"
    kept = json.loads(path.read_text())
    earlier = {name: secret for name, secret in kept.items() if name != "desk_password"}
    path.write_text(json.dumps(earlier))
    airflow.environment(tmp_path, server)
    now = json.loads(path.read_text())
    assert now.pop("desk_password") != kept["desk_password"]
    assert now == earlier


def test_everything_listens_on_the_loopback_address_only(tmp_path: Path, server: postgres.Server) -> None:
    environment = airflow.environment(tmp_path, server)
    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert environment["AIRFLOW__API__BASE_URL"].startswith("http://127.0.0.1:")
    assert all("--skip-serve-logs" in services.commands(Ports())[name] for name in ("scheduler", "triggerer"))


def test_a_port_in_use_is_replaced_and_reported(tmp_path: Path) -> None:
    out = StringIO()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        ports = services._ports(tmp_path, Console(tmp_path / "x.log", err=out), Ports(web=taken))
    assert ports.web != taken
    assert Ports.kept(tmp_path) == ports
    assert f"Another program uses port {taken}. Airflow uses {ports.web}." in out.getvalue()
