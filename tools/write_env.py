"""``make env``: write ``.env``, the secrets and settings of ``docker-compose.yml``.

It needs only Python, so a host that runs Docker needs no virtual environment.
"""

from __future__ import annotations

import base64
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

ENV = Path(__file__).resolve().parents[1] / ".env"
_HEAD = """\
# Secrets and settings of docker-compose.yml, written by make env; docs/settings.md describes them.
# Keep this file: the databases use these passwords. Never commit it. You may change anything that is not a password.
"""


def _head() -> str:
    """The first lines of a new file. A file that is there keeps its first quarter, or none."""
    today = datetime.now(UTC)
    year, number = today.year - (today.month < 4), (today.month - 4) % 12 // 3 + 1
    return f"{_HEAD}SIA_FIRST_QUARTER={year}-{(year + 1) % 100:02}Q{number}\n"


def new_environment() -> dict[str, str]:
    """New values for all variables, with random passwords."""
    return {
        "SIA_VERSION": "0.1.0",
        "SIA_HOST": "localhost",
        "SIA_TLS": "internal",
        "SIA_WEB_PORT": "8080",
        "SIA_WEB_ADDRESS": "https://localhost:8080",
        "SIA_DESK_PORT": "8090",
        "SIA_DESK_ADDRESS": "https://localhost:8090",
        "SIA_MAIL_PORT": "8025",
        "SIA_SMTP_CONNECTION": (
            "smtp://mail:1025?disable_ssl=true&disable_tls=true&from_email=safer-communities-unit%40example.org"
        ),
        "SIA_ADMIN_PASSWORD": secrets.token_urlsafe(18),
        "SIA_MAIL_PASSWORD": secrets.token_urlsafe(18),
        "SIA_WAREHOUSE_PASSWORD": secrets.token_urlsafe(24),
        "SIA_AIRFLOW_PASSWORD": secrets.token_urlsafe(24),
        "SIA_DESK_PASSWORD": secrets.token_urlsafe(24),
        "SIA_CHECKS_PASSWORD": secrets.token_urlsafe(24),
        "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
        "SIA_LANDING_KEY": _age_identity(secrets.token_bytes(32)),
        "AIRFLOW_FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "AIRFLOW_SECRET_KEY": secrets.token_urlsafe(32),
        "AIRFLOW_JWT_SECRET": secrets.token_urlsafe(64),
    }


def _age_identity(key: bytes) -> str:
    """A secret key of 32 bytes in age's format: Bech32 (BIP 173)."""
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
    """Write the file, readable by its owner only. An existing file keeps its lines and gets the missing variables.

    Returns:
        The names of the variables added.
    """
    before = path.read_text(encoding="utf-8") if path.exists() else _head()
    known = {line.split("=", 1)[0].strip() for line in before.splitlines()}
    added = {name: value for name, value in new_environment().items() if name not in known}
    if added:
        text = before if before.endswith("\n") else f"{before}\n"
        new = path.with_name(f"{path.name}.new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text + "".join(f"{name}={value}\n" for name, value in added.items()))
        new.replace(path)
    return list(added)


def main() -> None:
    """Write ``.env``, and print what changed."""
    added = write_env(ENV)
    if len(added) == len(new_environment()):
        print("Wrote .env with random passwords. Log in as unit, with the password SIA_ADMIN_PASSWORD.")
    elif added:
        print(f"Added to .env: {', '.join(added)}. Its other lines have not changed.")
    else:
        print("You have an .env already. Nothing is missing from it, and nothing was changed.")


if __name__ == "__main__":
    main()
