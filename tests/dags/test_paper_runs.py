"""Runs of the papers' DAGs, by Airflow's in-process runner: about which quarter or year, and what without a release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sia.calendar import Quarter
from sia.local import dag_runs
from sia.papers import make
from sia.papers.editions import Edition
from sia_airflow import airflow_compat

QUARTER = Quarter(2021, 4)

pytestmark = pytest.mark.usefixtures("airflow_database", "warehouse")


def of_year(year: str) -> dict[str, str]:
    """The states of the assessment's tasks."""
    return {task.task_id: task.state for task in airflow_compat.run_here("assessment", {"year": year}).tasks}


def test_without_a_release_no_paper_is_made_and_the_run_fails_at_once(state: Path) -> None:
    run = dag_runs.run_here("csp_reports", QUARTER.key)
    assert (run.succeeded, run.failed) == (False, ("make",))
    assert of_year("2021-22") == {"make": "failed"}
    assert not (state / "papers").exists()


def test_a_paper_is_about_the_run_s_quarter_or_year(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Any, ...]] = []

    def made(*about: Any) -> Edition:
        asked.append(about)
        return Edition(state / "papers", (f"{QUARTER.key}/1",), "0" * 64, new=True)

    monkeypatch.setattr(make, "csp_reports", made)
    monkeypatch.setattr(make, "assessment", made)
    monkeypatch.setattr(make, "board_paper", made)
    for dag_id in ("csp_reports", "board_paper"):
        run = dag_runs.run_here(dag_id, QUARTER.key)
        assert run.results["make"] == {
            "folder": str(state / "papers"), "made_from": ["2021-22Q4/1"], "data_hash": "0" * 64, "new": True,
        }  # fmt: skip
    assert of_year("2021-22") == {"make": "success"}
    assert asked == [(QUARTER, state / "releases", state / "papers")] * 3
