"""The monthly DAG: new months go to the inbox, and without new months it does nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from sia.local import dag_runs
from tests.http_server import serving
from tests.published_archive import archive

pytestmark = pytest.mark.usefixtures("airflow_database", "warehouse")
QUARTER = "2021-22Q4"


def test_new_months_are_downloaded_and_loaded_once(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(archive(("2022-02", "2022-03"))) as site:
        monkeypatch.setenv("SIA_POLICE_ARCHIVE", site.address)
        run = dag_runs.run_here("police_archive", QUARTER)
        assert run.succeeded
        assert run.results["fetch"] == [["tvp_crime", QUARTER], ["tvp_outcomes", QUARTER]]

        for name in ("tvp_crime", "tvp_outcomes"):
            (outcome,) = dag_runs.run_here(f"ingest_{name}", QUARTER).results["outcome"]
            assert outcome["status"] == "accepted"

        again = dag_runs.run_here("police_archive", QUARTER)
        assert again.succeeded
        assert again.tasks == ()
        assert site.statuses == [200, 304]


def test_an_address_that_is_not_safe_fails_at_once(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIA_POLICE_ARCHIVE", "http://data.police.uk/data/archive/latest.zip")
    run = dag_runs.run_here("police_archive", QUARTER)
    assert not run.succeeded
    assert run.failed[0] == "fetch"
