"""The DAG folder: it imports clean and light, and each DAG says what it is and when it runs."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sia.contract.model import contracts
from sia.paths import PROJECT

EXPECTED = {name for name, contract in contracts().items() if contract.expected}
QUARTERLY = {f"ingest_{name}" for name in contracts()} | {
    "scorecard", "scorecard_due", "commentary", "release", "csp_reports",
}  # fmt: skip
DAGS = QUARTERLY | {"assessment", "chase", "police_archive", "post", "watch"}


@pytest.fixture(scope="module")
def bag(airflow_home: Path) -> Any:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=str(PROJECT / "dags"))


def test_one_ingest_dag_a_contract_and_the_scorecard_import_without_fault(bag: Any) -> None:
    assert bag.import_errors == {}
    assert set(bag.dag_ids) == DAGS
    assert len(EXPECTED) >= 4


def test_parsing_imports_nothing_heavy(airflow_home: Path) -> None:
    code = (
        "import json, sys, time\n"
        "from airflow.dag_processing.dagbag import DagBag\n"
        f"bag = DagBag(dag_folder={str(PROJECT / 'dags')!r})\n"
        "heavy = {'pandas', 'numpy', 'great_expectations', 'openpyxl', 'scipy', 'gptables', 'matplotlib'}\n"
        "print(json.dumps([sorted(bag.dag_ids), sorted(heavy & set(sys.modules))]))\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120).stdout
    found, heavy = json.loads(said.splitlines()[-1])
    assert set(found) == DAGS
    assert heavy == []


@pytest.mark.parametrize("dag_id", sorted(DAGS))
def test_every_dag_explains_itself_and_meets_faults_the_same_way(bag: Any, dag_id: str) -> None:
    from sia_airflow.defaults import TASKS

    dag = bag.dags[dag_id]
    assert len(dag.doc_md) > 300
    assert dag.description
    assert dag.tags
    assert dag.max_active_runs == {"scorecard": 2, "commentary": 8}.get(dag_id, 1)
    assert dag.catchup is False
    for task in dag.tasks:
        assert task.retry_policy is TASKS["retry_policy"]
        assert task.retries == 3
        assert task.owner == "safer-communities-unit"


@pytest.mark.parametrize("dag_id", sorted(QUARTERLY))
def test_a_quarterly_dag_can_be_asked_for_a_quarter(bag: Any, dag_id: str) -> None:
    assert "quarterly" in bag.dags[dag_id].tags
    assert bag.dags[dag_id].params.get_param("quarter").value is None


@pytest.mark.parametrize("name", sorted(contracts()))
def test_an_ingest_dag_follows_its_contract(bag: Any, name: str) -> None:
    contract = contracts()[name]
    dag = bag.dags[f"ingest_{name}"]
    assert dag.timetable.working_days == contract.due_working_days
    assert dag.tags == {"ingest", "quarterly", name, *contract.senders}
    assert dag.dag_display_name == f"Ingest: {contract.title}"
    assert contract.about in dag.doc_md
    assert all(sender in dag.doc_md for sender in contract.senders.values())
    outlets = {asset.name for task in dag.tasks for asset in task.outlets}
    assert outlets == {f"return_{name}", "draft_overtaken"}


def test_a_contract_more_is_a_dag_more(airflow_home: Path, tmp_path: Path) -> None:
    import shutil

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
    import os

    surroundings = {**os.environ, "AIRFLOW__CORE__PLUGINS_FOLDER": str(tmp_path / "plugins")}
    surroundings.pop("PYTHONPATH", None)
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120, env=surroundings
    ).stdout
    found, errors = json.loads(said.splitlines()[-1])
    assert errors == {}
    assert set(found) == DAGS | {"ingest_mediation_two"}


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


@pytest.mark.parametrize(
    ("asked", "partition", "expected"),
    [
        ("2019-20Q2", "2021-22Q4", "2019-20Q2"),
        (None, "2021-22Q4", "2021-22Q4"),
        (None, None, "2021-22Q4"),
    ],
)
def test_a_run_is_about_what_was_asked_for_else_its_partition_else_the_last_quarter(
    airflow_home: Path, asked: str | None, partition: str | None, expected: str
) -> None:
    from sia_airflow.defaults import quarter_of_run

    # 23:30 UTC on 31 March is past midnight in London: 2021/22 Q4 has ended.
    assert quarter_of_run(asked, partition, datetime(2022, 3, 31, 23, 30, tzinfo=UTC)) == expected


@pytest.mark.parametrize(
    ("fault", "action"),
    [
        ("psycopg2.OperationalError", "RETRY"),
        ("psycopg2.errors.DeadlockDetected", "RETRY"),
        ("sqlalchemy.exc.OperationalError", "RETRY"),
        ("builtins.ConnectionResetError", "RETRY"),
        ("builtins.TimeoutError", "RETRY"),
        ("sia.errors.PermanentError", "FAIL"),
        ("psycopg2.errors.UniqueViolation", "FAIL"),
        ("builtins.KeyError", "FAIL"),
        ("builtins.FileNotFoundError", "FAIL"),
    ],
)
def test_passing_faults_are_tried_again_and_others_fail_at_once(airflow_home: Path, fault: str, action: str) -> None:
    from airflow.sdk import RetryAction
    from airflow.sdk.module_loading import import_string

    from sia_airflow.defaults import TASKS

    kind = import_string(fault)
    raised = kind("", {}, Exception()) if fault.startswith("sqlalchemy") else kind()
    decision = TASKS["retry_policy"].evaluate(raised, try_number=1, max_tries=3)
    assert decision.action is RetryAction[action]


def test_the_chase_runs_every_morning_sends_whatever_befell_and_says_when_it_is_late(bag: Any) -> None:
    from sia_airflow.callbacks import tell_unit

    dag = bag.dags["chase"]
    assert (dag.timetable.expression, str(dag.timetable.timezone)) == ("30 7 * * *", "Europe/London")
    assert dag.task_dict["send"].upstream_task_ids == {"remind", "digests"}
    assert dag.task_dict["send"].trigger_rule == "all_done"
    (alert,) = dag.deadline
    assert alert.callback.path == f"{tell_unit.__module__}.{tell_unit.__name__}"


def test_the_unit_is_mailed_when_a_run_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import nullcontext
    from unittest.mock import Mock

    from sia.feedback import smtp
    from sia.registers.partners import partners
    from sia_airflow.callbacks import tell_unit

    server = Mock()
    monkeypatch.setattr(smtp, "airflow_server", lambda: nullcontext(server))
    tell_unit({"dag_run": {"dag_id": "chase", "run_id": "scheduled__2022-05-02"}})
    (message,) = server.send_message.call_args.args
    assert message["To"] == partners().unit.mailbox
    assert "scheduled__2022-05-02 of chase" in message.get_body(("plain",)).get_content().replace("\n", " ")


def test_our_pages_are_among_airflows_and_only_for_those_who_signed_in() -> None:
    from sia_airflow.plugin import SaferCommunitiesPlugin

    mounted = SaferCommunitiesPlugin.fastapi_apps
    assert [one["name"] for one in mounted] == ["Check before you send", "Trace a figure"]
    assert [view["href"] for view in SaferCommunitiesPlugin.external_views] == [
        f"{one['url_prefix']}/" for one in mounted
    ]
    for app in (one["app"] for one in mounted):
        assert app.openapi_url is app.docs_url is app.redoc_url is None
        assert {one.dependency.__name__ for one in app.router.dependencies} == {"get_user"}
