"""What we use of Airflow beyond its public interface: it is in one module, and works as that module expects."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from sia.errors import PermanentError
from sia.paths import PROJECT
from sia_airflow import airflow_compat
from sia_airflow.pools import LARGE_MEMORY, POOLS

# https://airflow.apache.org/docs/apache-airflow/stable/public-airflow-interface.html, and what its how-to guides for
# timetables, event-driven scheduling, plugins and their pages import.
PUBLIC = (
    "airflow.sdk", "airflow.providers", "airflow.timetables.base", "airflow.triggers.base", "airflow.plugins_manager",
    "airflow.api_fastapi.core_api.security", "airflow.utils.types",
)  # fmt: skip
NOT_PUBLIC = ("airflow.sdk.execution_time", "airflow.sdk.api", "airflow.sdk.definitions", "airflow.sdk._")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_only_one_module_uses_airflow_s_private_parts() -> None:
    files = [path for room in ("plugins", "dags", "demo") for path in (PROJECT / room).rglob("*.py")]
    private = {
        str(path.relative_to(PROJECT))
        for path in files
        for module in imports(path)
        if module.partition(".")[0] == "airflow" and (not module.startswith(PUBLIC) or module.startswith(NOT_PUBLIC))
    }
    assert len(files) > 200
    assert private == {"plugins/sia_airflow/airflow_compat.py"}


@pytest.mark.usefixtures("airflow_database")
def test_pools_are_created_and_keep_the_slots_that_somebody_gave_them() -> None:
    from airflow.models.pool import Pool

    assert Pool.get_pool(LARGE_MEMORY).slots == POOLS[LARGE_MEMORY].slots
    Pool.create_or_update_pool(LARGE_MEMORY, 5, "More memory", include_deferred=False)
    try:
        assert airflow_compat.migrate_database() is False
        assert Pool.get_pool(LARGE_MEMORY).slots == 5
    finally:
        Pool.delete_pool(LARGE_MEMORY)
        airflow_compat.create_pools()
    assert Pool.get_pool(LARGE_MEMORY).slots == POOLS[LARGE_MEMORY].slots


def test_the_page_of_a_question_is_where_airflow_says(airflow_home: Path) -> None:
    from airflow.providers.standard.operators.hitl import HITLEntryOperator

    lead = HITLEntryOperator(task_id="lead", subject="Why?")
    run = SimpleNamespace(dag_id="commentary", run_id="manual__2022-05-02T09:00:00+00:00")
    instance = SimpleNamespace(dag_id=run.dag_id, run_id=run.run_id, task_id="lead", map_index=3)
    assert airflow_compat.question_page(run, "lead", 3) == lead.generate_link_to_ui(task_instance=instance)


def test_a_task_that_waits_for_an_answer_goes_on_with_it(airflow_home: Path) -> None:
    from airflow.sdk.exceptions import TaskAwaitingInput

    with pytest.raises(TaskAwaitingInput) as waiting:
        airflow_compat.wait_for_answer(timedelta(days=2))
    assert (waiting.value.method_name, waiting.value.timeout) == ("execute_complete", timedelta(days=2))


def test_a_folder_that_does_not_import_is_reported(
    airflow_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.dag_processing.bundles.local import LocalDagBundle
    from airflow.dag_processing.bundles.manager import DagBundlesManager

    (tmp_path / "broken.py").write_text("from airflow.sdk import DAG\nraise ValueError\n")
    bundle = LocalDagBundle(name="dags-folder", path=str(tmp_path))
    monkeypatch.setattr(DagBundlesManager, "get_all_dag_bundles", lambda _: [bundle])
    with pytest.raises(PermanentError, match=r"do not import: broken\.py"):
        airflow_compat._dag_folder.__wrapped__()


@pytest.mark.usefixtures("airflow_database", "warehouse")
def test_runs_here_build_the_newest_version_alone_of_airflow_s_api(state: Path) -> None:
    from airflow.sdk.api.datamodels import _generated
    from airflow.sdk.execution_time.supervisor import in_process_api_server

    assert airflow_compat.run_here("retention", {}).state == "success"
    versions = in_process_api_server().app.router.versioned_routers
    assert [version for version, router in versions.items() if router.routes] == [_generated.API_VERSION]
    assert len(versions) > 1, "nothing to be saved: the patch can go"
