"""The desk as a service: ``python -m sia.web <host> <port>``. ``SIA_DESK_ADDRESS`` is the address that people open."""

from __future__ import annotations

import sys

import uvicorn

from sia.errors import PermanentError
from sia.settings import settings
from sia.web.app import create
from sia_airflow.airflow_compat import mail_server


def serve(host: str, port: int) -> None:
    """Serve until the process is asked to stop.

    Raises:
        PermanentError: ``SIA_DESK_ADDRESS`` is not set.
    """
    address = settings().desk_address
    if address is None:
        raise PermanentError("Set SIA_DESK_ADDRESS: docs/settings.md describes it.")
    # Do not log who reads what, and do not name the server's software.
    uvicorn.run(
        create(mail_server, address.rstrip("/")), host=host, port=port,
        access_log=False, server_header=False, log_level="warning",
    )  # fmt: skip


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
