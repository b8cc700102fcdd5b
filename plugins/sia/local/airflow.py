"""The environment variables for Airflow on this machine: folders, databases, secrets and addresses.

Airflow reads them when it is first imported, so call ``configure`` before any ``import airflow``. All services listen
on the loopback address only.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path

from sia.local.ports import LOOPBACK, Ports
from sia.local.postgres import Server
from sia.paths import PROJECT

UNIT, APPROVER, DESK = "unit", "head", "desk"
"""The log-ins: an administrator, the approver of ``approvers.yml``, and the one with which the desk acts."""

SENDER = "safer-communities-unit@example.org"


def environment(state: Path, server: Server, ports: Ports | None = None) -> dict[str, str]:
    """The environment variables for every part of Airflow.

    Creates the server's databases ``airflow`` and ``warehouse`` if they are missing. Also creates random secrets, which
    only their owner can read.
    """
    home = state / "airflow"
    known = _secrets(home)
    # Only the services have a desk. Without them, letters and workbooks have no link to it.
    desk = (
        {
            "SIA_DESK_ADDRESS": ports.desk_address,
            "SIA_DESK_LOG_IN": DESK,
            "SIA_DESK_LOG_IN_PASSWORD": known["desk_password"],
        }
        if ports
        else {}
    )
    ports = ports or Ports()
    web = ports.web_address
    metadata = server.ensure_database("airflow").replace("postgresql://", "postgresql+psycopg2://", 1)
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__ASSET_MANAGER_CLASS": "sia_airflow.airflow_compat.asset_manager",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__FERNET_KEY": known["fernet_key"],
        # Keeps the leads' commentary out of Airflow's audit log.
        "AIRFLOW__CORE__SENSITIVE_VAR_CONN_NAMES": "commentary",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{UNIT}:admin,{APPROVER}:user,{DESK}:user",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(_passwords_file(home, known)),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{web}/execution/",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata,
        "AIRFLOW__API__HOST": LOOPBACK,
        "AIRFLOW__API__PORT": str(ports.web),
        "AIRFLOW__API__BASE_URL": web,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": known["secret_key"],
        "AIRFLOW__API__INSTANCE_NAME": "Safer communities intelligence",
        "AIRFLOW__API_AUTH__JWT_SECRET": known["jwt_secret"],
        # A working day.
        "AIRFLOW__API_AUTH__JWT_EXPIRATION_TIME": "28800",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(state / "log" / "airflow"),
        # Airflow's second would make people wait at each step, and a tenth keeps a processor busy with nothing.
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.3",
        # DAG files change with an upgrade alone. Airflow would read them twice a minute.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "600",
        "AIRFLOW_CONN_SMTP_DEFAULT": f"smtp://{LOOPBACK}:{ports.mail}?disable_ssl=true&disable_tls=true&from_email={SENDER}",
        "GX_ANALYTICS_ENABLED": "false",
        "SIA_STATE": str(state),
        "SIA_WEB_ADDRESS": web,
        "SIA_WAREHOUSE_URL": server.ensure_database("warehouse"),
        **desk,
    }


def configure(state: Path, server: Server) -> None:
    """Set Airflow's environment variables for this process and the processes that it starts."""
    os.environ.update(environment(state, server))


def password(state: Path, log_in: str = UNIT) -> str:
    """The password of a log-in."""
    return _passwords(_secrets(state / "airflow"))[log_in]


def database_passwords(state: Path) -> dict[str, str]:
    """The passwords of the desk's log-ins on the database server."""
    known = _secrets(state / "airflow")
    return {name: known[f"{name}_database_password"] for name in ("desk", "checks")}


def _secrets(home: Path) -> dict[str, str]:
    path = home / "secrets.json"
    kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known = {
        "fernet_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "jwt_secret": secrets.token_urlsafe(64),
        "secret_key": secrets.token_urlsafe(32),
        "password": secrets.token_urlsafe(12),
        "approver_password": secrets.token_urlsafe(12),
        "desk_password": secrets.token_urlsafe(32),
        "desk_database_password": secrets.token_urlsafe(24),
        "checks_database_password": secrets.token_urlsafe(24),
    } | kept
    if known != kept:
        home.mkdir(parents=True, exist_ok=True)
        _write_private(path, json.dumps(known, indent=1))
    return known


def _passwords(known: dict[str, str]) -> dict[str, str]:
    return {UNIT: known["password"], APPROVER: known["approver_password"], DESK: known["desk_password"]}


def _passwords_file(home: Path, known: dict[str, str]) -> Path:
    # Without this file, Airflow's simple log-in would invent a password. Airflow opens the file for writing.
    path = home / "passwords.json"
    _write_private(path, json.dumps(_passwords(known)))
    return path


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read. If it fails, an earlier file is unchanged."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(text, encoding="utf-8")
    new.replace(path)
