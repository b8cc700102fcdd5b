"""Serves the mail catcher's page on the loopback address, for the log-in of Airflow's pages."""

from __future__ import annotations

import os
from functools import partial

import uvicorn

from sia.local import airflow, mail_catcher
from sia.local.console import run_command
from sia.pages import mail as page
from sia.settings import settings


def main() -> None:
    """Serve until told to stop, on the port in ``SIA_MAIL_PAGE_PORT``."""
    state = settings().state
    app = page.create(partial(mail_catcher.caught, state), airflow.USER, airflow.password(state))
    uvicorn.run(
        app,
        host=airflow.LOOPBACK,
        port=int(os.environ["SIA_MAIL_PAGE_PORT"]),
        # What was read, and by whom, is nobody's business; the server's own name is none of the browser's.
        access_log=False,
        server_header=False,
        log_level="warning",
    )


if __name__ == "__main__":
    run_command(main)
