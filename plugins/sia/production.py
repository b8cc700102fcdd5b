"""The work of the service ``init`` of ``docker-compose.yml``: roles, databases, migrations and the first log-in."""

from __future__ import annotations

import subprocess
from contextlib import closing

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from sia.errors import PermanentError
from sia.feedback import dry_run
from sia.local import desk_log_ins, postgres, server_log
from sia.settings import settings
from sia.warehouse import database, roles
from sia.warehouse.migrate import migrate
from sia_airflow import airflow_compat

# The warehouse's role creates its group roles, and the second database of a backup.
_RIGHTS = {"airflow": "", "warehouse": "CREATEROLE CREATEDB", **desk_log_ins.RIGHTS}


def prepare() -> None:
    """Prepare the server and Airflow's pools. A second run changes nothing.

    Raises:
        PermanentError: a setting is missing; the message names it.
    """
    server = _required("SIA_DATABASE_URL", settings().database_url)
    if warning := server_log.warning(server):
        print(warning)
    passwords = {
        "airflow": _required("SIA_AIRFLOW_PASSWORD", settings().airflow_password),
        "warehouse": _required("SIA_WAREHOUSE_PASSWORD", settings().warehouse_password),
        desk_log_ins.DESK: _required("SIA_DESK_PASSWORD", settings().desk_password),
        desk_log_ins.CHECKS: _required("SIA_CHECKS_PASSWORD", settings().checks_password),
    }
    with closing(psycopg2.connect(server)) as connection:
        connection.autocommit = True
        _create_databases(connection, passwords)
    with database.connection() as warehouse:
        migrate(warehouse)
    if settings().harden_server:
        superuser = make_url(server).set(drivername="postgresql", database="warehouse")
        address = superuser.render_as_string(hide_password=False)
        with closing(psycopg2.connect(address)) as connection, connection, connection.cursor() as cursor:
            roles.harden(cursor)
    desk_log_ins.grant(server)
    dry_run.prepare_template()
    subprocess.run(["airflow", "db", "migrate"], check=True)
    airflow_compat.create_pools()
    _create_first_log_in(_required("SIA_ADMIN_PASSWORD", settings().admin_password))


def _create_databases(connection: Connection, passwords: dict[str, str]) -> None:
    """Create the roles, and for each but the desk a database that it owns, closed to everyone else."""
    with connection.cursor() as cursor:
        for name, password in passwords.items():
            postgres.set_log_in(cursor, name, _RIGHTS[name], password)
        owners = [name for name in passwords if name != desk_log_ins.DESK]
        for name in owners:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(sql.Identifier(name)))
        for name in (*owners, *postgres.SERVER_DATABASES):
            postgres.close_database(cursor, name)
        # The warehouse's role connects to this database to create and drop the second database of a backup.
        cursor.execute("GRANT CONNECT ON DATABASE postgres TO warehouse")
        # It ends sessions of log-ins that are at work for too long.
        cursor.execute("GRANT pg_read_all_stats, pg_signal_backend TO warehouse")


def _create_first_log_in(password: str) -> None:
    """Create the log-in ``unit`` if it is missing. An existing log-in keeps its password."""
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    with get_application_builder() as builder:
        security = builder.sm
        if security.find_user("unit") is None:
            admin = security.find_role("Admin")
            security.add_user("unit", "Safer", "Communities", "safer-communities-unit@example.org", admin, password)


def _required(variable: str, value: SecretStr | None) -> str:
    if value is None:
        raise PermanentError(f"Set {variable}: docs/settings.md describes it.")
    return value.get_secret_value()
