"""The mail catcher as a service: ``python -m sia.local.mail_service <SMTP port> <page port>``.

It serves SMTP and the mail catcher's page on the loopback address. The page has the same log-in as Airflow's pages.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import uvicorn

from sia.local import airflow, mail_catcher
from sia.local.ports import LOOPBACK
from sia.pages import mail as page
from sia.settings import settings


def serve(state: Path, smtp_port: int, page_port: int) -> None:
    """Serve until the process is asked to stop."""
    app = page.create(partial(mail_catcher.caught, state), airflow.UNIT, airflow.password(state))
    with mail_catcher.catching(state, smtp_port):
        # Do not log who reads what, and do not name the server's software.
        uvicorn.run(app, host=LOOPBACK, port=page_port, access_log=False, server_header=False, log_level="warning")


if __name__ == "__main__":
    serve(settings().state, int(sys.argv[1]), int(sys.argv[2]))
