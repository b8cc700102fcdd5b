"""The DAG folder: it imports without errors and fast, and each DAG says what it is and when it runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

from sia.contract.model import contracts
from sia.errors import PermanentError
from sia.paths import PROJECT
from sia.registers.approvers import approvers
from sia.registers.leads import leads
from tests.conftest import Warehouse

EXPECTED = {name for name, contract in contracts().items() if contract.expected}
PUBLISHED = {name for name, contract in contracts().items() if contract.published}
QUARTERLY = {f"ingest_{name}" for name in contracts()} | {
    "scorecard", "scorecard_due", "commentary", "release", "board_paper", "csp_reports",
}  # fmt: skip
DAGS = QUARTERLY | {
    "assessment", "backup", "heartbeat", "police_archive", "reminders", "retention", "send_outbox", "watch_inbox",
}  # fmt: skip
HEAVY = {"pandas", "numpy", "great_expectations", "openpyxl", "scipy", "gptables", "matplotlib"}


@pytest.fixture(scope="module")
def bag(airflow_home: Path) -> Any:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=str(PROJECT / "dags"))


def in_new_process(code: str, **environment: str) -> Any:
    """The JSON that some code prints on its last line, in a process that has imported nothing yet."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, timeout=120, env={**os.environ, **environment},
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def test_every_dag_imports(bag: Any) -> None:
    assert bag.import_errors == {}
    assert set(bag.dag_ids) == DAGS
    assert len(EXPECTED) >= 4


def test_a_dag_file_has_at_most_60_lines_and_a_runbook() -> None:
    files = sorted((PROJECT / "dags").glob("*.py"))
    names = {dag_id for dag_id in DAGS if not dag_id.startswith("ingest_")} | {"ingest"}
    assert {path.stem for path in files} == names
    assert {path.stem for path in (PROJECT / "dags" / "runbooks").glob("*.md")} == names
    assert {path.name: lines for path in files if (lines := len(path.read_text().splitlines())) > 60} == {}


def test_parsing_imports_nothing_heavy(airflow_home: Path) -> None:
    code = (
        "import json, sys\n"
        "from airflow.dag_processing.dagbag import DagBag\n"
        f"bag = DagBag(dag_folder={str(PROJECT / 'dags')!r})\n"
        "print(json.dumps([sorted(bag.dag_ids), sorted(sys.modules)]))\n"
    )
    dag_ids, modules = in_new_process(code)
    assert set(dag_ids) == DAGS
    assert sorted(HEAVY & set(modules)) == []
    # Rooms that a DAG file needs while it is parsed: none that reads files or builds pages.
    rooms = {module.split(".")[1] for module in modules if module.startswith("sia.")}
    assert rooms <= {
        "calendar", "contract", "errors", "geography", "paths", "register_file", "registers", "settings", "statistics",
        "warehouse",
    }  # fmt: skip


def test_a_worker_loads_the_plugin_without_the_pages(airflow_home: Path) -> None:
    code = (
        "import json, sys\n"
        "from airflow import plugins_manager\n"
        "timetables = sorted(plugins_manager.get_timetables_plugins())\n"
        "print(json.dumps([timetables, sorted(sys.modules), plugins_manager.get_import_errors()]))\n"
    )
    timetables, modules, errors = in_new_process(code)
    assert errors == {}
    # Airflow's database keeps these names, and the scheduler imports them.
    assert [name.rpartition(".") for name in timetables if name.startswith("sia_airflow")] == [
        ("sia_airflow.timetables", ".", "BusinessCycleTimetable"),
        ("sia_airflow.timetables", ".", "FinancialQuarterTimetable"),
    ]
    assert [module for module in modules if module.startswith(("sia.pages", "sia.presentation"))] == []
    assert sorted(HEAVY & set(modules)) == []


@pytest.mark.parametrize("dag_id", sorted(DAGS))
def test_every_dag_explains_itself_and_meets_errors_the_same_way(bag: Any, dag_id: str) -> None:
    from sia_airflow.defaults import TASKS

    dag = bag.dags[dag_id]
    for words in ("**What it does.**", "**When it runs.**", "failed", "clear the"):
        assert words in dag.doc_md
    assert "$" not in dag.doc_md
    assert dag.description.endswith(".")
    assert dag.dag_display_name != dag_id
    assert dag.tags
    assert dag.max_active_runs == {"scorecard": 2, "commentary": 8}.get(dag_id, 1)
    assert dag.catchup is False
    for task in dag.tasks:
        assert task.retry_policy is TASKS["retry_policy"]
        assert task.retries == 3
        assert task.owner == "safer-communities-unit"


def test_runbooks_name_the_people_and_returns_of_the_registers(bag: Any) -> None:
    assert all(lead in bag.dags["commentary"].doc_md for lead in leads({}))
    assert all(approver.name in bag.dags["release"].doc_md for approver in approvers({}))
    assert all(contracts()[name].title in bag.dags["scorecard"].doc_md for name in EXPECTED)


@pytest.mark.parametrize("dag_id", sorted(QUARTERLY))
def test_a_quarterly_dag_can_be_asked_for_a_quarter(bag: Any, dag_id: str) -> None:
    assert "quarterly" in bag.dags[dag_id].tags
    assert bag.dags[dag_id].params.get_param("quarter").value is None


@pytest.mark.parametrize("name", sorted(contracts()))
def test_an_ingest_dag_follows_its_contract(bag: Any, name: str) -> None:
    contract = contracts()[name]
    dag = bag.dags[f"ingest_{name}"]
    if name in PUBLISHED:
        assert dag.schedule is None, "nobody owes us what is published for all"
    else:
        assert dag.timetable.working_days == contract.due_working_days
        assert f"{contract.due_working_days} working days after the quarter" in dag.doc_md
    assert dag.tags == {"ingest", "quarterly", name, *contract.senders}
    assert dag.dag_display_name == f"Ingest: {contract.title}"
    assert contract.about in dag.doc_md
    assert all(sender in dag.doc_md for sender in contract.senders.values())
    outlets = {asset.name for task in dag.tasks for asset in task.outlets}
    assert outlets == {f"return_{name}", "draft_overtaken", "outbox"}


def test_a_new_contract_gets_a_dag(airflow_home: Path, tmp_path: Path) -> None:
    for part in ("dags", "plugins", "expectations", "include"):
        shutil.copytree(PROJECT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    text = (PROJECT / "expectations" / "mediation.yml").read_text(encoding="utf-8")
    more = text.replace("name: mediation\n", "name: mediation_two\n", 1).replace("MED", "MEE")
    (tmp_path / "expectations" / "mediation_two.yml").write_text(more, encoding="utf-8")
    code = (
        "import json\n"
        "from airflow.dag_processing.dagbag import DagBag\n"
        f"bag = DagBag(dag_folder={str(tmp_path / 'dags')!r})\n"
        "print(json.dumps([sorted(bag.dag_ids), bag.import_errors]))\n"
    )
    dag_ids, errors = in_new_process(code, AIRFLOW__CORE__PLUGINS_FOLDER=str(tmp_path / "plugins"), PYTHONPATH="")
    assert errors == {}
    assert set(dag_ids) == DAGS | {"ingest_mediation_two"}


def test_the_scorecard_waits_for_the_expected_returns_or_the_deadline_or_a_change(bag: Any) -> None:
    from airflow.sdk import AssetAll, AssetAny

    condition = bag.dags["scorecard"].timetable.asset_condition
    assert isinstance(condition, AssetAny)
    every, *others = condition.objects
    assert isinstance(every, AssetAll)
    assert {asset.name for asset in every.objects} == {f"return_{name}" for name in EXPECTED}
    assert {asset.name for asset in others} == {"scorecard_due", "draft_overtaken"}


def test_the_deadline_is_one_working_day_after_the_last_return_is_due(bag: Any) -> None:
    last = max(contracts()[name].due_working_days for name in EXPECTED)
    assert bag.dags["scorecard_due"].timetable.working_days == last + 1


def test_the_dags_survive_airflow_s_database(bag: Any) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    for dag in bag.dags.values():
        kept = DagSerialization.deserialize_dag(json.loads(json.dumps(DagSerialization.serialize_dag(dag))))
        assert kept.dag_id == dag.dag_id
        assert all(kept.get_task(task.task_id).has_retry_policy for task in dag.tasks)


# 23:30 UTC on 31 March is past midnight in London: 2021/22 Q4 has ended, and so has 2021-22.
LATE_IN_MARCH = datetime(2022, 3, 31, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "partition", "expected"),
    [
        ("2019-20Q2", "2021-22Q4", "2019-20Q2"),
        (None, "2021-22Q4", "2021-22Q4"),
        (None, None, "2021-22Q4"),
    ],
)
def test_a_run_is_about_its_parameter_or_partition_or_the_last_quarter(
    airflow_home: Path, asked: str | None, partition: str | None, expected: str
) -> None:
    from sia_airflow.defaults import quarter_of

    dag_run = SimpleNamespace(partition_key=partition, run_after=LATE_IN_MARCH)
    assert quarter_of(dag_run, {"quarter": asked}) == expected


@pytest.mark.parametrize(
    ("asked", "partition", "expected"),
    [("2019-20", "2020-21Q4", "2019-20"), (None, "2020-21Q4", "2020-21"), (None, None, "2021-22")],
)
def test_a_yearly_run_is_about_its_parameter_or_partition_or_the_last_year(
    airflow_home: Path, asked: str | None, partition: str | None, expected: str
) -> None:
    from sia_airflow.defaults import day_of, year_of

    dag_run = SimpleNamespace(partition_key=partition, run_after=LATE_IN_MARCH)
    assert year_of(dag_run, {"year": asked}) == expected
    assert day_of(dag_run) == "2022-04-01"


@pytest.mark.parametrize(
    ("error", "action"),
    [
        ("psycopg2.OperationalError", "RETRY"),
        ("psycopg2.errors.DeadlockDetected", "RETRY"),
        ("sqlalchemy.exc.OperationalError", "RETRY"),
        ("builtins.ConnectionResetError", "RETRY"),
        ("builtins.TimeoutError", "RETRY"),
        ("builtins.OSError", "RETRY"),
        ("builtins.FileNotFoundError", "RETRY"),
        ("builtins.MemoryError", "RETRY"),
        ("sia.errors.PermanentError", "FAIL"),
        ("psycopg2.errors.UniqueViolation", "FAIL"),
        ("builtins.KeyError", "FAIL"),
    ],
)
def test_temporary_errors_are_tried_again_and_others_fail_at_once(airflow_home: Path, error: str, action: str) -> None:
    from airflow.sdk import RetryAction
    from airflow.sdk.module_loading import import_string

    from sia_airflow.defaults import TASKS

    kind = import_string(error)
    raised = kind("", {}, Exception()) if error.startswith("sqlalchemy") else kind()
    decision = TASKS["retry_policy"].evaluate(raised, try_number=1, max_tries=3)
    assert decision.action is RetryAction[action]


def test_reminders_run_every_morning_and_an_email_says_when_they_are_late(bag: Any) -> None:
    from sia_airflow.callbacks import email_unit_late

    dag = bag.dags["reminders"]
    assert (dag.timetable.expression, str(dag.timetable.timezone)) == ("30 7 * * *", "Europe/London")
    # Neither waits for the other: a digest is written where reminders fail.
    assert {task.task_id: task.upstream_task_ids for task in dag.tasks} == {"remind": set(), "digests": set()}
    (alert,) = dag.deadline
    assert alert.callback.path == f"{email_unit_late.__module__}.{email_unit_late.__name__}"


def test_letters_are_sent_when_one_was_written_and_every_hour(bag: Any) -> None:
    timetable = bag.dags["send_outbox"].timetable
    assert [asset.name for asset in timetable.asset_condition.objects] == ["outbox"]
    assert timetable.timetable.expression == "0 * * * *"
    writers = {
        (dag.dag_id, task.task_id)
        for dag in bag.dags.values()
        for task in dag.tasks
        if "outbox" in {asset.name for asset in task.outlets}
    }
    assert writers == {(f"ingest_{name}", task) for name in contracts() for task in ("reply", "report_refused")} | {
        ("reminders", "remind"),
        ("reminders", "digests"),
        ("commentary", "write_to_leads"),
        ("release", "write_to_approvers"),
        ("release", "publish"),
    }


def test_tasks_that_need_much_memory_share_a_pool(bag: Any) -> None:
    from sia_airflow.pools import LARGE_MEMORY, POOLS

    pools = {(dag.dag_id.partition("_")[0], task.task_id): task.pool for dag in bag.dags.values() for task in dag.tasks}
    assert {place for place, pool in pools.items() if pool == LARGE_MEMORY} == {
        ("ingest", "submission.validate"),
        ("scorecard", "draft"),
        ("release", "prepare"),
        ("release", "publish"),
        ("board", "make"),
        ("csp", "make"),
        ("assessment", "make"),
    }
    assert set(pools.values()) == {*POOLS, "default_pool"}


def test_every_dag_tells_the_unit_of_a_failed_run(bag: Any) -> None:
    from sia_airflow.callbacks import email_unit_failed

    assert {dag.dag_id for dag in bag.dags.values() if dag.on_failure_callback is not email_unit_failed} == set()


@pytest.mark.parametrize("what", ["late", "failed"])
def test_the_unit_gets_an_email_when_a_run_is_late_or_failed(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    from sia.registers.partners import partners
    from sia_airflow import airflow_compat, callbacks

    server = Mock()
    monkeypatch.setattr(airflow_compat, "mail_server", lambda: nullcontext(server))
    getattr(callbacks, f"email_unit_{what}")({"dag_run": {"dag_id": "reminders", "run_id": "scheduled__2022-05-02"}})
    (message,) = server.send_message.call_args.args
    assert message["To"] == partners().unit.mailbox
    assert "scheduled__2022-05-02 of reminders" in message.get_body(("plain",)).get_content().replace("\n", " ")


def test_our_pages_are_among_airflow_s_and_only_for_those_who_signed_in() -> None:
    from sia_airflow.plugin import SaferCommunitiesPlugin

    plugin = SaferCommunitiesPlugin()
    pages = plugin.fastapi_apps
    assert [page["name"] for page in pages] == ["Check a return", "Trace a figure"]
    assert [view["href"] for view in plugin.external_views] == [f"{page['url_prefix']}/" for page in pages]
    for app in (page["app"] for page in pages):
        assert app.openapi_url is app.docs_url is app.redoc_url is None
        assert {dependency.dependency.__name__ for dependency in app.router.dependencies} == {"get_user"}


def test_passwords_are_braked_before_airflow_reads_them() -> None:
    from airflow.api_fastapi.app import AUTH_MANAGER_FASTAPI_APP_PREFIX

    from sia.pages.password_brake import PASSWORDS, PasswordBrake
    from sia_airflow.plugin import SaferCommunitiesPlugin

    assert [read_first["middleware"] for read_first in SaferCommunitiesPlugin().fastapi_root_middlewares] == [
        PasswordBrake
    ]
    assert f"{AUTH_MANAGER_FASTAPI_APP_PREFIX}/token" == PASSWORDS


@pytest.mark.parametrize("option", ["Approve", "Reject"])
@pytest.mark.parametrize("fields", [{"candidate": 1, "comment": ""}, {"comment": ""}, {}])
def test_an_answer_about_an_earlier_candidate_decides_nothing(
    airflow_home: Path, option: str, fields: dict[str, Any]
) -> None:
    from sia_airflow import release_tasks

    answer = {"chosen_options": [option], "params_input": fields, "responded_by_user": {"id": "unit", "name": "unit"}}
    decide = release_tasks.publish if option == "Approve" else release_tasks.send_back
    with pytest.raises(PermanentError, match=r"candidate 2 has taken its place\."):
        decide.function(prepared={"candidate": 2}, answer=answer)


@pytest.mark.parametrize("option", ["Approve", "Reject"])
@pytest.mark.parametrize(("log_in", "decided_by"), [("unit", "head"), ("desk", ""), ("desk", "left@example.org")])
def test_an_answer_in_the_name_of_nobody_who_is_an_approver_now_decides_nothing(
    airflow_home: Path,
    warehouse: Warehouse,
    monkeypatch: pytest.MonkeyPatch,
    option: str,
    log_in: str,
    decided_by: str,
) -> None:
    from sia_airflow import release_tasks

    monkeypatch.setenv("SIA_DESK_LOG_IN", "desk")
    answer = {
        "chosen_options": [option], "params_input": {"candidate": 2, "decided_by": decided_by},
        "responded_by_user": {"id": log_in, "name": log_in}, "responded_at": datetime(2022, 7, 4, tzinfo=UTC),
    }  # fmt: skip
    decide = release_tasks.publish if option == "Approve" else release_tasks.send_back
    with pytest.raises(PermanentError, match="is not an approver now"):
        decide.function(prepared={"candidate": 2}, answer=answer)


def test_the_question_goes_to_the_approvers_and_the_desk(bag: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from sia_airflow.operators import ReleaseQuestion

    users = [user["id"] for user in bag.dags["release"].get_task("approve").assigned_users]
    assert users == ["head"]
    monkeypatch.setenv("SIA_DESK_LOG_IN", "desk")
    question = ReleaseQuestion(task_id="approve", prepared={})
    assert {user["id"] for user in question.assigned_users} == {"desk", "head"}


@pytest.mark.parametrize(
    ("log_in", "fields", "decided_by"),
    [
        ("desk", {"decided_by": "head@example.org"}, "head@example.org"),
        ("desk", {}, "desk"),
        ("ann", {"decided_by": "head@example.org"}, "ann"),
    ],
)
def test_only_the_desk_names_another_approver(
    airflow_home: Path, monkeypatch: pytest.MonkeyPatch, log_in: str, fields: dict[str, Any], decided_by: str
) -> None:
    from sia_airflow.operators import decision_of

    monkeypatch.setenv("SIA_DESK_LOG_IN", "desk")
    user = {"id": log_in, "name": log_in}
    answer = {"chosen_options": ["Approve"], "params_input": fields, "responded_by_user": user, "responded_at": None}
    assert decision_of(answer).decided_by == decided_by
