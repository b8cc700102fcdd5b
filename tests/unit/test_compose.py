"""docker-compose.yml and its image, without Docker: against the specification's schema, and against our own rules."""

from __future__ import annotations

import json
import re
import shlex
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pyrage
import pytest
import yaml
from pyrage.x25519 import Identity
from tools.write_env import new_environment, write_env

from sia.calendar import Quarter
from sia.paths import PROJECT
from sia.settings import VARIABLES

SCHEMA = Path(__file__).parent / "schema" / "compose-spec.json"
TEXT = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
LASTING = sorted(set(SERVICES) - {"init"})
CADDYFILE = (PROJECT / "docker" / "Caddyfile").read_text(encoding="utf-8")
DOCKERFILE = (PROJECT / "docker" / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
EXACT_TAG = re.compile(r"[\w./-]+:v?\d+\.\d+(\.\d+)?[\w.-]*(@sha256:[0-9a-f]{64})?")


def schema() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return document


def test_the_file_is_valid_by_the_compose_specification() -> None:
    jsonschema.Draft7Validator(schema()).validate(COMPOSE)


def test_the_schema_finds_errors() -> None:
    wrong = {**COMPOSE, "services": {**SERVICES, "mail": {**SERVICES["mail"], "restarts": "always"}}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(schema()).validate(wrong)


def test_all_of_airflow_s_services_a_database_and_mail_are_there() -> None:
    assert set(LASTING) == {
        "proxy", "postgres", "api-server", "scheduler", "dag-processor", "triggerer", "desk", "watchdog", "mail",
    }  # fmt: skip


def test_tasks_start_once_the_api_server_can_answer_them() -> None:
    needs = {name: service["condition"] for name, service in SERVICES["scheduler"]["depends_on"].items()}
    assert needs == {**{name: need["condition"] for name, need in SERVICES["triggerer"]["depends_on"].items()},
                     "api-server": "service_healthy"}  # fmt: skip


@pytest.mark.parametrize("name", LASTING)
def test_a_service_has_a_health_check_a_restart_policy_and_limits(name: str) -> None:
    service = SERVICES[name]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_images_are_pinned_and_no_port_is_open_to_the_network(name: str) -> None:
    service = SERVICES[name]
    if "build" not in service:
        assert EXACT_TAG.fullmatch(service["image"])
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    assert service.get("privileged") is None


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_has_no_right_and_no_place_to_write_that_it_does_not_need(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all({"nosuid", "nodev", "noexec"} <= set(place.split(":")[1].split(",")) for place in service["tmpfs"])
    assert all("size=" in place for place in service["tmpfs"])
    assert any(place.startswith("/tmp:") for place in service["tmpfs"])
    assert not {"privileged", "pid", "ipc", "network_mode", "devices", "userns_mode"} & set(service)
    assert "docker.sock" not in str(service.get("volumes"))


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_logs_do_not_fill_the_disk(name: str) -> None:
    assert SERVICES[name]["logging"] == {"driver": "local", "options": {"max-size": "10m", "max-file": "5"}}


def test_only_the_proxy_has_ports_and_networks_join_only_those_who_talk() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    members = {
        network: {name for name, service in SERVICES.items() if network in service["networks"]}
        for network in COMPOSE["networks"]
    }
    assert members == {
        "database": {"postgres", "init", "api-server", "scheduler", "dag-processor", "triggerer", "desk"},
        "tasks": {"api-server", "scheduler", "triggerer"},
        "pages": {"proxy", "api-server", "desk", "mail"},
        # A relay of letters may be anywhere, and data.police.uk is outside.
        "post": {"mail", "scheduler", "dag-processor", "desk", "watchdog"},
        "outside": {"proxy", "scheduler", "dag-processor", "desk", "watchdog"},
    }
    assert {network for network, options in COMPOSE["networks"].items() if not options.get("internal")} == {"outside"}


@pytest.mark.parametrize(
    ("secret", "services"),
    [
        ("SIA_LANDING_KEY", {"scheduler", "desk"}),
        ("SIA_WAREHOUSE_URL", {"init", "api-server", "scheduler", "desk"}),
        ("SIA_WAREHOUSE_PASSWORD", {"init"}),
        ("SIA_CHECK_URL", {"desk"}),
        ("AIRFLOW__API_AUTH__JWT_SECRET", {"init", "api-server", "scheduler", "triggerer"}),
        ("AIRFLOW__API__SECRET_KEY", {"init", "api-server", "scheduler", "triggerer"}),
        ("AIRFLOW__CORE__FERNET_KEY", {"init", "api-server", "scheduler", "dag-processor", "triggerer"}),
        ("AIRFLOW_CONN_SMTP_DEFAULT", {"scheduler", "dag-processor", "desk", "watchdog"}),
        ("SIA_SIGN_ON_SECRET", {"desk"}),
        ("POSTGRES_PASSWORD", {"postgres"}),
        ("SIA_DATABASE_URL", {"init"}),
        ("MP_UI_AUTH", {"mail"}),
    ],
)
def test_a_secret_is_where_it_is_needed(secret: str, services: set[str]) -> None:
    assert {name for name, service in SERVICES.items() if secret in service.get("environment", {})} == services


def test_the_watchdog_can_change_nothing_and_waits_for_nobody() -> None:
    assert SERVICES["watchdog"]["volumes"] == ["state:/var/lib/sia:ro"]
    assert not SERVICES["watchdog"]["depends_on"]


def test_every_page_behind_the_proxy_has_tls_and_policies() -> None:
    sites = dict(re.findall(r"^(https?://\S+) \{\n(.*?)^\}", CADDYFILE, re.MULTILINE | re.DOTALL))
    pages = {address: block for address, block in sites.items() if address != "http://:8081"}
    published = {port.rsplit(":", 1)[1] for port in SERVICES["proxy"]["ports"]}
    assert {address.rsplit(":", 1)[1] for address in pages} == published
    for address, block in pages.items():
        assert address.startswith("https://")
        assert "import guarded" in block
    (guard,) = re.findall(r"^\(guarded\) \{\n(.*?)^\}", CADDYFILE, re.MULTILINE | re.DOTALL)
    assert "tls {$SIA_TLS}" in guard
    assert "Strict-Transport-Security" in guard
    # With a question mark: the pages' own policies are narrower, and stay.
    assert '?X-Frame-Options "SAMEORIGIN"' in guard
    (policy,) = re.findall(r'\?Content-Security-Policy "([^"]+)"', guard)
    for rule in ("default-src 'self'", "frame-ancestors 'self'", "object-src 'none'", "base-uri 'self'"):
        assert rule in policy
    assert "unsafe-eval" not in policy
    assert "respond @closed 404" in pages["https://{$SIA_HOST}:8080"]
    for path in ("/docs", "/redoc", "/openapi.json", "/execution/*"):
        assert path in pages["https://{$SIA_HOST}:8080"]


def test_what_the_image_runs_writes_for_its_user_alone() -> None:
    (entrypoint,) = re.findall(r"^ENTRYPOINT (.+)$", DOCKERFILE, re.MULTILINE)
    shown = subprocess.run([*json.loads(entrypoint), "sh", "-c", "umask"], capture_output=True, text=True, check=True)
    assert shown.stdout == "0077\n"


def test_postgresql_is_17_or_later() -> None:
    assert int(SERVICES["postgres"]["image"].split(":")[1].split(".")[0]) >= 17


def test_the_image_s_base_is_pinned() -> None:
    (base,) = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert EXACT_TAG.fullmatch(base)


def test_every_variable_is_required_and_written_by_make_env() -> None:
    used = re.findall(r"\$\{(\w+)(:\?[^}]+)?\}", TEXT)
    assert used
    assert all(demand for _, demand in used)
    assert "$$" not in TEXT
    assert {name for name, _ in used} == set(new_environment())


def test_the_file_has_no_password() -> None:
    secrets = re.compile(r"PASSWORD|SECRET|FERNET|_KEY|AUTH$|CONN|_URL$", re.IGNORECASE)
    plain = {
        "AIRFLOW__CORE__AUTH_MANAGER",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
        "AIRFLOW__CORE__SENSITIVE_VAR_CONN_NAMES",
        "AIRFLOW__API__BASE_URL",
    }
    checked = 0
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if secrets.search(name) and name not in plain:
                assert "${" in value, name
                checked += 1
    assert checked >= 10


def test_permanent_data_is_in_named_volumes() -> None:
    used = {mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", ())}
    assert used == {*COMPOSE["volumes"], "./docker/Caddyfile"}
    assert "./docker/Caddyfile:/etc/caddy/Caddyfile:ro" in SERVICES["proxy"]["volumes"]


def test_every_register_of_our_own_reaches_the_services() -> None:
    for service in ("api-server", "scheduler", "dag-processor", "triggerer", "desk"):
        assert "SIA_REGISTERS" in SERVICES[service]["environment"]


def test_compose_sets_only_known_settings() -> None:
    ours = [service for name, service in SERVICES.items() if name not in ("proxy", "postgres", "mail")]
    given = {name for service in ours for name in service["environment"] if name[:4] == "SIA_"}
    assert len(given) > 10
    assert given <= set(VARIABLES)


def test_make_env_writes_long_random_secrets_that_only_the_owner_can_read(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    assert write_env(path) == list(new_environment())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = path.read_text(encoding="utf-8").splitlines()
    variables = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    first_quarter = variables.pop("SIA_FIRST_QUARTER")
    assert first_quarter in {Quarter.containing(datetime.now(UTC).date() - timedelta(days=days)).key for days in (0, 1)}
    assert set(variables) == set(new_environment())
    again = new_environment()
    random = {name: value for name, value in variables.items() if re.search("PASSWORD|SECRET|FERNET|_KEY", name)}
    assert len(random) >= 8
    for name, value in random.items():
        assert len(value) >= 24
        assert value != again[name]
        # Nothing that a database address or a shell would read as something else.
        assert re.fullmatch(r"[\w=-]+", value)


def test_make_env_adds_missing_variables_and_changes_no_other(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    older = "".join(f"{name}=kept\n" for name in new_environment() if name != "SIA_LANDING_KEY")
    path.write_text(f"MINE=1\n{older}".rstrip("\n"), encoding="utf-8")
    assert write_env(path) == ["SIA_LANDING_KEY"]
    whole = path.read_text(encoding="utf-8")
    assert whole.startswith(f"MINE=1\n{older}SIA_LANDING_KEY=")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert write_env(path) == []
    assert path.read_text(encoding="utf-8") == whole


def test_age_accepts_the_key_of_encrypted_files() -> None:
    first, second = (Identity.from_str(new_environment()["SIA_LANDING_KEY"]) for _ in range(2))
    assert pyrage.decrypt(pyrage.encrypt(b"x", [first.to_public()]), [first]) == b"x"
    assert str(first) != str(second)


def test_make_env_needs_nothing_but_python() -> None:
    code = "from tools import write_env"
    subprocess.run([sys.executable, "-S", "-c", code], cwd=PROJECT, check=True)


def test_every_file_that_the_image_copies_exists_and_is_not_ignored() -> None:
    ignored = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [source for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.MULTILINE) for source in line.split()[:-1]]
    assert copied
    for source in copied:
        assert (PROJECT / source).exists()
        assert f"!{source}" in ignored


@pytest.mark.parametrize("lock", ["requirements-bootstrap.txt", "requirements-production.txt"])
def test_the_image_installs_its_locks_with_hashes_and_they_resolve(lock: str) -> None:
    steps = [shlex.split(line) for line in re.findall(r"^RUN (.+)$", DOCKERFILE, re.MULTILINE) if lock in line]
    assert len(steps) == 1
    assert "--require-hashes" in steps[0]
    uv = Path(sys.executable).parent / "uv"
    done = subprocess.run(
        [uv, "pip", "install", "--dry-run", "--quiet", "--python", sys.executable, "--require-hashes", "-r", lock],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_production_runs_what_is_tested_here() -> None:
    def pins(lock: str) -> dict[str, str]:
        text = (PROJECT / lock).read_text(encoding="utf-8")
        return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))

    here, there = pins("requirements.txt"), pins("requirements-production.txt")
    assert {name: there.get(name) for name in here} == here
    assert "apache-airflow-providers-fab" in there
