"""Production with Docker: the file of secrets beside ``docker-compose.yml``, and what its ``init`` service prepares.

``make env`` runs this with the system's own Python, before anything is installed: only the standard library
is imported until ``prepare`` is called.
"""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sia.errors import PermanentError
from sia.paths import PROJECT

if TYPE_CHECKING:
    from pydantic import SecretStr

_HEAD = """\
# Secrets and settings of docker-compose.yml, made at random by make env. Keep it: the databases know these passwords.
# Never commit it. What is not a password may be changed.
"""


def new_environment() -> dict[str, str]:
    """New settings, every password in them random."""
    return {
        "SIA_VERSION": "0.1.0",
        "SIA_WEB_PORT": "8080",
        "SIA_WEB_ADDRESS": "http://127.0.0.1:8080",
        "SIA_MAIL_PORT": "8025",
        "SIA_SMTP_CONNECTION": "smtp://mail:1025?disable_ssl=true&disable_tls=true&from_email=safer-communities-unit%40example.org",
        "SIA_ADMIN_PASSWORD": secrets.token_urlsafe(18),
        "SIA_MAIL_PASSWORD": secrets.token_urlsafe(18),
        "SIA_WAREHOUSE_PASSWORD": secrets.token_urlsafe(24),
        "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
        "SIA_AIRFLOW_PASSWORD": secrets.token_urlsafe(24),
        "SIA_LANDING_KEY": _age_identity(secrets.token_bytes(32)),
        "AIRFLOW_FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "AIRFLOW_SECRET_KEY": secrets.token_urlsafe(32),
        "AIRFLOW_JWT_SECRET": secrets.token_urlsafe(64),
    }


def _age_identity(key: bytes) -> str:
    """A secret key of 32 bytes as age writes it: in Bech32 (BIP 173)."""
    alphabet, bits, prefix = (
        "qpzry9x8gf2tvdw0s3jn54khce6mua7l",
        "".join(f"{byte:08b}" for byte in key),
        "age-secret-key-",
    )
    words = [int(bits[at : at + 5].ljust(5, "0"), 2) for at in range(0, len(bits), 5)]
    spread = [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]
    checksum = 1
    for word in [*spread, *words, 0, 0, 0, 0, 0, 0]:
        top, checksum = checksum >> 25, (checksum & 0x1FFFFFF) << 5 ^ word
        for power, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            checksum ^= generator if top >> power & 1 else 0
    words += [(checksum ^ 1) >> 5 * (5 - place) & 31 for place in range(6)]
    return f"{prefix}1{''.join(alphabet[word] for word in words)}".upper()


def write_env(path: Path) -> list[str]:
    """Write the file of secrets, readable by its owner only. One that is there keeps its lines, and gets what it lacks.

    Returns:
        The names of the settings that were added.
    """
    before = path.read_text(encoding="utf-8") if path.exists() else _HEAD
    known = {line.split("=", 1)[0].strip() for line in before.splitlines()}
    added = {name: value for name, value in new_environment().items() if name not in known}
    if added:
        text = before if before.endswith("\n") else f"{before}\n"
        new = path.with_name(f"{path.name}.new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text + "".join(f"{name}={value}\n" for name, value in added.items()))
        new.replace(path)
    return list(added)


def prepare() -> None:
    """Roles, databases, migrations, Airflow's pools and the first log-in. Done again it changes nothing."""
    import psycopg2
    from psycopg2 import sql
    from sqlalchemy.engine import make_url

    from sia.local import postgres, server_log
    from sia.settings import settings
    from sia.warehouse import database, roles
    from sia.warehouse.migrate import migrate
    from sia_airflow import airflow_compat

    server = _required("SIA_DATABASE_URL", settings().database_url)
    if warning := server_log.warning(server):
        print(warning)
    connection = psycopg2.connect(server)
    connection.autocommit = True
    passwords = {
        "airflow": _required("SIA_AIRFLOW_PASSWORD", settings().airflow_password),
        "warehouse": _required("SIA_WAREHOUSE_PASSWORD", settings().warehouse_password),
    }
    # The warehouse makes its roles, and a second database when a backup is verified.
    rights = {"airflow": "", "warehouse": "CREATEROLE CREATEDB "}
    with connection.cursor() as cursor:
        for name, password in passwords.items():
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,))
            what = "ALTER" if cursor.fetchone() else "CREATE"
            role = sql.SQL(f"{what} ROLE {{}} LOGIN {rights[name]}PASSWORD %s").format(sql.Identifier(name))
            cursor.execute(role, (password,))
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(sql.Identifier(name)))
        for name in (*passwords, *postgres.OF_THE_SERVER):
            postgres.close_database(cursor, name)
        # From there the warehouse's login makes and drops the second database of a backup.
        cursor.execute("GRANT CONNECT ON DATABASE postgres TO warehouse")
    connection.close()
    with database.connection() as warehouse:
        migrate(warehouse)
    superuser = make_url(server).set(drivername="postgresql", database="warehouse")
    address = superuser.render_as_string(hide_password=False)
    with closing(psycopg2.connect(address)) as connection, connection, connection.cursor() as cursor:
        roles.close(cursor)
    subprocess.run(["airflow", "db", "migrate"], check=True)
    airflow_compat.create_pools()
    _ensure_first_log_in(_required("SIA_ADMIN_PASSWORD", settings().admin_password))


def _required(variable: str, value: SecretStr | None) -> str:
    if value is None:
        raise PermanentError(f"{variable} is not set; docs/settings.md says what it is")
    return value.get_secret_value()


def _ensure_first_log_in(password: str) -> None:
    """Make the log-in ``unit`` if there is none; a password that was changed since stays changed."""
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    with get_application_builder() as builder:
        security = builder.sm
        if security.find_user("unit") is None:
            admin = security.find_role("Admin")
            security.add_user("unit", "Safer", "Communities", "safer-communities-unit@example.org", admin, password)


def main(arguments: list[str]) -> None:
    """Write the file of secrets, or ``prepare``."""
    if arguments == ["prepare"]:
        prepare()
        return
    added = write_env(PROJECT / ".env")
    if len(added) == len(new_environment()):
        print("Written: .env, with random passwords. The log-in is unit; its password is SIA_ADMIN_PASSWORD.")
    elif added:
        print(f"Added to .env, which lacked them: {', '.join(added)}. Its other lines are as they were.")
    else:
        print("There is an .env already, and it lacks nothing. It was left as it is.")


if __name__ == "__main__":
    main(sys.argv[1:])
