"""Airflow's real services, the demo's samples: leads are asked; 2021/22 Q4 is approved, published, and revised."""

from __future__ import annotations

import csv
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import pytest
from openpyxl import load_workbook
from psycopg2 import sql

from demo.samples.submissions import submissions
from sia.calendar import Quarter
from sia.cli import approve
from sia.cli.releases import verified
from sia.errors import PermanentError
from sia.local import airflow, postgres, processes, services
from sia.local.console import Console
from sia.local.ports import Ports
from sia.paths import PROJECT
from sia.warehouse import database
from sia.web import browser_sessions
from sia_airflow import quarter_runs
from sia_airflow.release_answer import answer
from sia_airflow.rest_api import AirflowApi
from tests.conftest import Warehouse
from tests.dags.test_services import migrate_airflow
from tests.desk import APPROVER
from tests.desk_log_ins import allowed
from tests.ports import service_ports
from tests.steps import take
from tests.workbooks import put

QUARTER = Quarter(2021, 4)
SAID = "Canaryword: two new schemes opened, and more people know of them."
PERSONAL = "Ring Canaryword on 01865 240000."

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def state(server: postgres.Server, demo_copy: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Services with their own state folder. Users: those of make up, a viewer, and an administrator."""
    state = tmp_path_factory.mktemp("approval")
    patch = pytest.MonkeyPatch()
    for name in [name for name in os.environ if name.startswith(("AIRFLOW", "SIA_"))]:
        patch.delenv(name)
    usual = airflow.environment
    # Only the two DAGs that the test needs: the others would run too, and one of them downloads from the police.
    dags = tmp_path_factory.mktemp("dags")
    for name in ("commentary.py", "release.py", "send_outbox.py"):
        (dags / name).symlink_to(PROJECT / "dags" / name)

    def here(*given: Any) -> dict[str, str]:
        variables = usual(*given)
        log_ins = variables["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"]
        return variables | {
            "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{log_ins},viewer:viewer,other:admin",
            "SIA_WAREHOUSE_URL": demo_copy.url,
        }

    patch.setattr(airflow, "environment", here)
    ports = service_ports()
    patch.setenv("SIA_STATE", str(state))
    patch.setenv("SIA_WAREHOUSE_URL", demo_copy.url)
    with allowed(server, demo_copy):
        try:
            migrate_airflow(airflow.environment(state, postgres.start(state), ports))
            services.up(state, Console(state / "log"), ports)
            yield state
        finally:
            services.down(state)
            patch.undo()
    assert processes.running(state) == []


def api(state: Path, user: str) -> AirflowApi:
    ports = Ports.kept(state)
    assert ports
    passwords = json.loads((state / "airflow" / "passwords.json").read_text())
    return AirflowApi(ports.web_address, user, passwords[user])


def asked(statement: str) -> list[tuple[Any, ...]]:
    with database.connection() as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def airflows_own(state: Path) -> psycopg2.extensions.connection:
    # Do not ask for its environment: that would write the log-ins again.
    return psycopg2.connect(postgres.start(state).database_url("airflow"))


def tables_with(state: Path, word: str) -> list[str]:
    with closing(airflows_own(state)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = []
        for (table,) in cursor.fetchall():
            cursor.execute(
                sql.SQL("SELECT count(*) FROM {0} AS t WHERE t::text LIKE %s").format(sql.Identifier(table)),
                (f"%{word}%",),
            )
            if cursor.fetchone() != (0,):
                tables.append(table)
        return tables


def until(what: Callable[[], Any]) -> Any:
    patience = time.monotonic() + 240
    while not (result := what()):
        assert time.monotonic() < patience
        time.sleep(0.5)
    return result


def workers_gone(state: Path) -> int:
    """How many workers of leads have exited. An answer that arrives before a worker exits can be lost."""
    lines = (state / "log" / "scheduler.log").read_text().splitlines()
    return sum("Received executor event with state success" in line and "task_id='lead'" in line for line in lines)


def test_leads_are_asked_and_airflow_keeps_nothing_of_their_commentary(state: Path) -> None:
    unit = api(state, airflow.UNIT)
    runs = "/dags/commentary/dagRuns"
    assert quarter_runs.start(unit, "commentary", QUARTER.key)
    assert not quarter_runs.start(unit, "commentary", QUARTER.key)
    (run,) = [entry["dag_run_id"] for entry in unit.get(runs)["dag_runs"]]

    def open_questions() -> dict[str, dict[str, Any]]:
        """The questions to leads by subject, once the task waits and its worker has exited."""
        questions = unit.get(f"{runs}/{run}/hitlDetails?response_received=false")["hitl_details"]
        return {
            question["subject"]: question
            for question in questions
            if question["task_instance"]["state"] == "awaiting_input"
        }

    # The leads are asked one after another: two have exceptions.
    until(lambda: workers_gone(state) >= 2)
    (subject, question), *_ = until(
        lambda: [entry for entry in open_questions().items() if entry[0].startswith("Commentary of CSPs on 2021/22 Q4")]
    )
    fields = question["params"]
    assert len(fields) >= 2
    assert "Vehicle crime, Oxfordshire" in {entry["schema"]["title"] for entry in fields.values()}
    place = f"{runs}/{run}/taskInstances/lead/{question['task_instance']['map_index']}/hitlDetails"
    (first, second, *rest) = fields
    answer = {"chosen_options": ["OK"], "params_input": {first: SAID, second: PERSONAL, **dict.fromkeys(rest, "")}}
    with pytest.raises(httpx.HTTPStatusError, match="403"):
        api(state, "other").patch(place, answer)
    unit.patch(place, answer)
    # Airflow asks again for the text that we cannot store.
    until(lambda: asked("SELECT 1 FROM release.commentary") and subject in open_questions())
    until(lambda: workers_gone(state) >= 3)
    assert asked("SELECT request_id, commentary_text, given_by FROM release.commentary") == [
        (int(first.rpartition("_")[2]), SAID, airflow.UNIT)
    ]
    letters = dict(asked("SELECT kind, plain FROM feedback.letter WHERE recipient = 'csps' AND about IS NOT NULL"))
    assert set(letters) == {"commentary", "commentary_refused"}
    ports = Ports.kept(state)
    assert ports
    assert f"{ports.desk_address}/commentary" in letters["commentary"]
    assert "telephone" in letters["commentary_refused"]

    # The last day ends.
    with closing(airflows_own(state)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("UPDATE task_instance SET trigger_timeout = now() WHERE state = 'awaiting_input'")
    until(lambda: unit.get(f"{runs}/{run}")["state"] in {"success", "failed"})
    tasks = unit.get(f"{runs}/{run}/taskInstances")["task_instances"]
    assert {entry["state"] for entry in tasks} == {"success"}
    assert asked("SELECT count(*) FROM release.commentary") == [(1,)]

    assert tables_with(state, "Vehicle crime") != []  # the search finds what is there
    assert tables_with(state, "Canaryword") == []
    logs = [path for path in (state / "log").rglob("*") if path.is_file()]
    assert len(logs) > 5
    assert [path for path in logs if b"Canaryword" in path.read_bytes()] == []


def test_only_a_named_approver_can_approve_a_release_through_the_rest_api(state: Path) -> None:
    head = api(state, airflow.APPROVER)
    question = approve.prepare(head, QUARTER, timeout_seconds=300)
    assert "# Release 2021-22Q4/1" in question["body"]
    assert "first release of the quarter" in question["body"]
    assert asked("SELECT max(candidate_id) FROM release.candidate") == [(question["params"]["candidate"]["value"],)]
    # The letter is written while the question is asked.
    letters = "SELECT recipient, plain FROM feedback.letter WHERE kind = 'approval'"
    ((recipient, plain),) = until(lambda: asked(letters))
    assert recipient == airflow.APPROVER
    run = question["task_instance"]["dag_run_id"]
    assert f"/dags/release/runs/{run}/tasks/approve/required_actions" in plain
    for user in ("viewer", "other", airflow.UNIT):
        with pytest.raises(httpx.HTTPStatusError) as refused:
            answer(api(state, user), question, "", approved=True)
        assert refused.value.response.status_code == 403
    with pytest.raises(PermanentError, match="2021-22Q4 waits for a decision"):
        approve.prepare(head, QUARTER.next(), timeout_seconds=60)
    done = approve.settle(head, question, "As agreed by the Board", approved=True, timeout_seconds=300)
    assert done["release"] == "2021-22Q4/1"
    place = Path(done["folder"])
    assert place == state / "releases" / "2021-22Q4" / "1"
    assert json.loads((place / "manifest.json").read_text())["data_hash"] == done["data_hash"]
    assert asked("SELECT verdict, decided_by, remark FROM release.decision") == [
        ("approved", airflow.APPROVER, "As agreed by the Board")
    ]
    exceptions = (place / "exceptions-2021-22Q4.html").read_text()
    assert SAID in exceptions
    assert "We had received no commentary by" in exceptions


def test_a_restated_return_is_sent_back_and_then_makes_a_second_release_and_the_first_still_verifies(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    before, after = restate(monkeypatch, tmp_path)
    monkeypatch.setattr("sys.stdin", StringIO())
    approve.approve("2021-22Q4", "Ask the police", approved=False)
    assert "Sent back" in capsys.readouterr().out
    decisions = asked("SELECT verdict, remark FROM release.decision ORDER BY candidate_id")
    assert decisions[-1] == ("sent_back", "Ask the police")
    assert not (state / "releases" / "2021-22Q4" / "2").exists()
    approve_on_desk(state)
    assert asked("SELECT verdict, decided_by FROM release.decision ORDER BY candidate_id")[-1] == ("approved", APPROVER)
    with (state / "releases" / "2021-22Q4" / "2" / "revision-note.csv").open(newline="") as file:
        note = {(row["measure_id"], row["area_code"], row["figure"]): row for row in csv.DictReader(file)}
    # One count of one district was restated. Only that count and its sums change.
    restated = ("E07000178", "CSP-OXFORD", "E10000025")
    assert {(measure, area) for measure, area, _ in note} == {("all_recorded_crime", area) for area in restated}
    row = note["all_recorded_crime", "CSP-OXFORD", "quarter_figure"]
    assert (row["before"], row["after"]) == (f"{before:,}", f"{after:,}")
    assert "received 10 August 2022" in row["why"]
    # One letter for each candidate that waited.
    assert asked("SELECT count(*), count(DISTINCT about) FROM feedback.letter WHERE kind = 'approval'") == [(3, 3)]
    with database.connection() as connection:
        assert verified(connection, "2021-22Q4/1")[-1] == "Every byte is as it was published."


def approve_on_desk(state: Path) -> None:
    """Approve the release as an approver does on the desk, and wait until it is published."""

    def question() -> dict[str, Any] | None:
        waiting = approve.prepare(api(state, airflow.UNIT), QUARTER, timeout_seconds=300)
        return waiting if waiting["task_instance"]["state"] == "awaiting_input" else None

    candidate = until(question)["params"]["candidate"]["value"]
    with database.connection() as connection, connection, connection.cursor() as cursor:
        secret = browser_sessions.new_link(cursor, APPROVER, None)
    ports = Ports.kept(state)
    assert ports
    with httpx.Client(base_url=ports.desk_address, follow_redirects=True, timeout=60) as browser:
        browser.post(f"/sign-in/{secret}")
        fields = dict(re.findall(r'name="(token|data_hash)" value="(\w+)"', browser.get("/approval").text))
        page = browser.post(f"/approval/{candidate}", data={**fields, "decision": "approve", "read": "yes"})
        assert "was approved by" in page.text
    until((state / "releases" / "2021-22Q4" / "2" / "manifest.json").exists)


def restate(monkeypatch: pytest.MonkeyPatch, folder: Path) -> tuple[int, int]:
    """The police count 25 more crimes in Oxford in January. Returns the quarter's figure before and after."""
    (sample,) = (submission for submission in submissions(QUARTER) if submission.return_name == "tvp_counts")
    book = load_workbook(BytesIO(sample.content()))
    sheet = book["Counts"]
    (headings,) = sheet.iter_rows(min_row=4, max_row=4, values_only=True)
    oxford, total = headings.index("Oxford") + 1, headings.index("Oxfordshire total") + 1
    rows = [row for row in range(5, sheet.max_row + 1) if sheet.cell(row, 2).value == "All recorded crime"]
    before = sum(sheet.cell(row, oxford).value for row in rows)
    for column in (oxford, total):
        sheet.cell(rows[0], column).value += 25
    content = BytesIO()
    book.save(content)
    with monkeypatch.context() as patch:
        # Not in the inbox that the services watch.
        patch.setenv("SIA_STATE", str(folder))
        put(
            folder / "inbox", "restated.xlsx", content.getvalue(), "received-2022-08-10",
            return_name="tvp_counts", quarter=QUARTER.key,
        )  # fmt: skip
        take("tvp_counts", QUARTER.key)
    assert asked("SELECT status FROM intake.submission ORDER BY submission_id DESC LIMIT 1") == [("accepted",)]
    return before, before + 25


def test_the_command_reports_that_airflow_is_not_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    with pytest.raises(PermanentError, match="make up"):
        approve.approve("2021-22Q4", "", approved=True)
