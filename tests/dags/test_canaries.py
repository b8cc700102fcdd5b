"""Canaries are found nowhere except in the partner's own file, after runs of Airflow and the making of pages.

The test searches Airflow's whole database (XCom, rendered fields, events, the audit log), the output of its tasks, the
warehouse and its server's log, letters as sent, drafts, the dictionary, extracts and the page *Check a return*. The
canaries are in a column with a personal heading, in extra columns, and in a cell of a column that we keep.
``test_services.py`` searches the log files of tasks.
"""

from __future__ import annotations

import base64
import logging
import os
import re
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from starlette.testclient import TestClient

from sia.contract.model import contract
from sia.dictionary import files as dictionary_files
from sia.extracts import extract
from sia.local import dag_runs
from sia.pages import check
from sia.warehouse import roles
from tests.canaries import (
    STAGING_TABLES,
    archive_with_canaries,
    canaries_in,
    server_log,
    text_of,
    texts_in,
    whole_database,
    workbook_with_canaries,
    workbook_with_canary_in_cell,
)
from tests.conftest import Warehouse
from tests.mail_server import Mailbox, running
from tests.ports import free_port
from tests.submissions import query
from tests.workbooks import QUARTER, as_bytes, put

SANCTUARY = contract("sanctuary")
REFUSED = as_bytes(workbook_with_canary_in_cell(SANCTUARY, "Florence Nightingale 1985-03-12"))


def airflow_s_database() -> str:
    """All text in Airflow's own database."""
    address = os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")
    with closing(psycopg2.connect(address)) as connection:
        return whole_database(connection)


@pytest.mark.usefixtures("airflow_database")
def test_canaries_are_found_nowhere_after_runs_of_airflow(
    warehouse: Warehouse,
    state: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    port = free_port()
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", f"smtp://127.0.0.1:{port}?disable_ssl=true&disable_tls=true")
    inbox, connection = state / "inbox", warehouse.connection
    put(inbox, "Florence Nightingale.xlsx", as_bytes(workbook_with_canaries(SANCTUARY)), "received-2021-07-01")
    put(inbox, "CANARYNAME 1985-03-12.xlsx", REFUSED, "received-2021-07-02")
    put(inbox, "Nightingale.zip", archive_with_canaries("2021-04"), "received-2021-07-03", return_name="tvp_crime")
    mailbox = Mailbox()
    with running(mailbox, port), caplog.at_level(logging.INFO):
        for dag in ("ingest_sanctuary", "ingest_tvp_crime", "scorecard", "send_outbox"):
            dag_runs.run_here(dag, QUARTER).check()
    statuses = query(connection, "SELECT return_name, status FROM intake.submission ORDER BY received_at")
    assert statuses == [("sanctuary", "accepted"), ("sanctuary", "refused"), ("tvp_crime", "accepted")]
    assert query(connection, STAGING_TABLES) == []
    assert len(list((state / "drafts" / QUARTER).iterdir())) == 3
    roles.apply(connection)
    connection.commit()
    assert dictionary_files.write(connection, state / "dictionary")
    assert extract(connection, state / "extracts")
    page = TestClient(check.create(lambda: None), base_url="http://testserver")
    answer = page.post("/", files={"file": ("Florence Nightingale.xlsx", REFUSED)}).text
    ((packed),) = re.findall(r'href="data:[^,]*,([^"]*)"', answer)

    texts = texts_in(state, "inbox", "landing")
    texts = {what: text for what, text in texts.items() if " inbox/" not in what}
    for n, message in enumerate(mailbox.letters):
        texts[f"mail {n}"] = "\n".join(
            [
                str(message.items()),
                *(part.get_content() for part in message.walk() if part.get_content_maintype() == "text"),
            ]
        )
    texts |= {
        "the page's answer": answer.replace(packed, ""),
        "the page's workbook": text_of(base64.b64decode(packed)),
        "the warehouse": whole_database(connection),
        "the server's log": server_log(connection),
        "Airflow's database": airflow_s_database(),
        "what the tasks logged": caplog.text,
        "what was printed": "".join(capfd.readouterr()),
    }
    assert {what: canaries for what, text in texts.items() if (canaries := canaries_in(text))} == {}
    # The search looked where something was.
    assert len(mailbox.letters) == 4
    assert "ingest_sanctuary" in texts["Airflow's database"]
    assert f"Sanctuary scheme return, {QUARTER}: " in texts["what the tasks logged"]
    assert sum(what.startswith("the file extracts/") for what in texts) > 5
