"""The ports of the services, all on this machine's loopback address."""

from __future__ import annotations

import json
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from sia.errors import PermanentError

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of Airflow's pages, of the mail catcher, of the mail catcher's page and of the desk."""

    web: int = 8080
    mail: int = 8025
    mail_page: int = 8026
    desk: int = 8090

    @classmethod
    def kept(cls, state: Path) -> Self | None:
        """The ports of the services started last; ``None`` if no services were started."""
        file = _file(state)
        return cls(**json.loads(file.read_text(encoding="utf-8"))) if file.exists() else None

    def keep(self, state: Path) -> None:
        """Save the ports for later commands."""
        _file(state).parent.mkdir(parents=True, exist_ok=True)
        _file(state).write_text(json.dumps(asdict(self)), encoding="utf-8")

    def free(self) -> Self:
        """These ports. A port that another program uses is replaced with a free one."""
        return type(self)(*(free_port(port) for port in asdict(self).values()))

    @property
    def web_address(self) -> str:
        """The address of Airflow's pages."""
        return f"http://{LOOPBACK}:{self.web}"

    @property
    def desk_address(self) -> str:
        """The address of the desk."""
        return f"http://{LOOPBACK}:{self.desk}"

    @property
    def mail_page_address(self) -> str:
        """The address of the mail catcher's page."""
        return f"http://{LOOPBACK}:{self.mail_page}"


def free_port(preferred: int = 0) -> int:
    """A free port: the preferred one if it is free, or any other.

    Raises:
        PermanentError: no port is free.
    """
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise PermanentError(f"no port is free on {LOOPBACK}")


def _file(state: Path) -> Path:
    return state / "run" / "ports.json"
