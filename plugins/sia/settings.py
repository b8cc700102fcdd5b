"""The settings of the software: environment variables whose names begin with ``SIA_``.

``docs/settings.md`` lists them; it is checked against this module.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from sia.errors import PermanentError
from sia.paths import CONTRACTS, PROJECT

PREFIX = "SIA_"


class Settings(BaseSettings):
    """Every setting. A variable that is empty counts as not set."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    state: Path = Field(default=PROJECT / "var", description="The state folder: everything that the software writes.")
    inbox: str | None = Field(
        default=None,
        description="The inbox, as a path or an address such as `s3://…`. Not set: `inbox` in the state folder.",
    )
    landing: str | None = Field(
        default=None,
        description="The landing, as a path or an address such as `s3://…`. Not set: `landing` in the state folder.",
    )
    landing_key: SecretStr | None = Field(
        default=None,
        description="The key of encrypted files: an age identity, or several with commas between, of which the first "
        "encrypts and all decrypt. Not set: a random key in `landing.key` of the state folder.",
    )
    warehouse_url: SecretStr | None = Field(
        default=None,
        description="The warehouse: `postgresql://user:password@host:port/database`. The `make` commands set it.",
    )
    check_url: SecretStr | None = Field(
        default=None,
        description="A login that may create databases on the warehouse's server, for checks before a return is sent. "
        "It needs no right to the warehouse, so that a page that checks files has none. Not set: checks use the "
        "warehouse's login, which must own the warehouse. `make up` sets it for the desk.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="A PostgreSQL server of your own, version 16 or later, as its superuser or as a role that may "
        "create databases and roles. Not set: the `make` commands start a server on this machine.",
    )
    harden_server: bool = Field(
        default=False,
        description="Whether the PostgreSQL server is for this software alone. A superuser then takes from everybody "
        "what PostgreSQL lets everybody do, such as writing functions. Never set it on a shared server.",
    )
    postgres_programs: Path | None = Field(
        default=None,
        description="The folder of PostgreSQL's programs (`pg_ctl`, `pg_dump`). Not set: those on the path if they are "
        "version 16 or later, or those that `make` installs.",
    )
    backups_kept: int = Field(
        default=14, ge=1, description="How many backups stay in a folder; a new one replaces the oldest."
    )
    contracts: Path = Field(default=CONTRACTS, description="The folder of contracts.")
    registers: Path | None = Field(
        default=None,
        description="A folder with registers of your own, such as the addresses of partners. A file in it replaces "
        "the file of the same name in `include/registers`.",
    )
    first_quarter: str | None = Field(
        default=None,
        description="The first quarter for which partners owe returns, for example `2026-27Q1`: nobody is reminded of "
        "an earlier one. Not set: the contracts alone say from when. `make env` sets the quarter in which it runs.",
    )
    police_archive: str = Field(
        default="https://data.police.uk/data/archive/latest.zip",
        description="Where the archive of police data is downloaded.",
    )
    web_address: str | None = Field(
        default=None, description="The address of Airflow's pages, for links in drafts. Not set: drafts have no links."
    )
    desk_address: str | None = Field(
        default=None,
        description="The address of the desk, where the unit and its partners work, for links in letters. `make up` "
        "sets it.",
    )
    desk_log_in: str | None = Field(
        default=None,
        description="The log-in in Airflow with which the desk passes on what an approver decided, and starts "
        "runs. It needs the right to start DAGs. Keep its password for the desk alone: anyone who has it can decide "
        "for an approver. Not set: people do both in Airflow. `make up` sets it.",
    )
    desk_log_in_password: SecretStr | None = Field(default=None, description="The password of that log-in.")
    sign_on_issuer: str | None = Field(
        default=None,
        description="The issuer of the council's own sign-on (OpenID Connect), for example "
        "`https://login.example.org`. Not set: everybody signs in to the desk with a link by email. "
        "`docs/partners.md` says how to set it up.",
    )
    sign_on_client: str | None = Field(default=None, description="The desk's client id at that sign-on.")
    sign_on_secret: SecretStr | None = Field(default=None, description="The secret of that client.")
    admin_password: SecretStr | None = Field(
        default=None, description="Docker only: the first password of the log-in `unit`."
    )
    warehouse_password: SecretStr | None = Field(
        default=None, description="Docker only: the password of the role `warehouse`."
    )
    airflow_password: SecretStr | None = Field(
        default=None, description="Docker only: the password of the role `airflow`."
    )
    desk_password: SecretStr | None = Field(
        default=None,
        description="Docker only: the password of the role `desk`, with which the desk reads the warehouse.",
    )
    checks_password: SecretStr | None = Field(
        default=None, description="Docker only: the password of the role `checks`, with which the desk checks files."
    )


VARIABLES = tuple(f"{PREFIX}{name.upper()}" for name in Settings.model_fields)


def settings() -> Settings:
    """The settings as the environment gives them now.

    Raises:
        PermanentError: a variable cannot be read; the message names it and does not repeat its value.
    """
    return _read(tuple(os.environ.get(variable) for variable in VARIABLES))


@lru_cache(maxsize=8)
def _read(_values: tuple[str | None, ...]) -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        raise PermanentError(
            "\n".join(f"{PREFIX}{str(e['loc'][0]).upper()}: {e['msg']}; see docs/settings.md" for e in error.errors())
        ) from None


@contextmanager
def overridden(**values: str | Path | None) -> Iterator[None]:
    """Change settings of this process, and of those it starts, until the end; ``None`` takes one away."""
    before = {f"{PREFIX}{name.upper()}": os.environ.get(f"{PREFIX}{name.upper()}") for name in values}
    _set({f"{PREFIX}{name.upper()}": None if value is None else str(value) for name, value in values.items()})
    try:
        yield
    finally:
        _set(before)


def _set(values: dict[str, str | None]) -> None:
    for variable, value in values.items():
        if value is None:
            os.environ.pop(variable, None)
        else:
            os.environ[variable] = value
