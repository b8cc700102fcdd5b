"""The watch: a file that lands wakes it, it starts the ingest once, and nothing else starts anything."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sia.calendar import Quarter
from sia.intake import inbox
from sia.local import dag_runs
from tests.workbooks import as_bytes, filled, put

QUARTER = Quarter(2021, 1)
GOOD = as_bytes(filled())
LOOK = 0.05


class Listener:
    """Airflow's triggerer in small: takes the events of the trigger as they come."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    async def listen(self) -> None:
        from sia_airflow.triggers import InboxTrigger

        async for event in InboxTrigger(every=LOOK).run():
            self.events.append(event.payload)

    async def told(self, seconds: float = 10 * LOOK) -> list[dict[str, Any]]:
        await asyncio.sleep(seconds)
        told, self.events = self.events, []
        return told


def test_the_trigger_tells_of_a_file_once_when_it_has_stopped_changing(airflow_home: Path, state: Path) -> None:
    async def watched() -> None:
        listener = Listener()
        listening = asyncio.create_task(listener.listen())
        try:
            assert await listener.told() == [], "an inbox that is not there yet"
            path = put(state / "inbox", "return.xlsx", GOOD[:10])
            for size in range(20, 60):
                path.write_bytes(GOOD[:size])
                await asyncio.sleep(LOOK / 4)
            assert listener.events == [], "it is still being written"
            path.write_bytes(GOOD)
            assert await listener.told() == [{"files": 1}]
            assert await listener.told() == []
            put(state / "inbox", "second.xlsx.part", GOOD)
            assert await listener.told() == []
            put(state / "inbox", "second.xlsx", GOOD)
            put(state / "inbox", "nobodys.xlsx", GOOD, return_name="unknown")
            assert sum(told["files"] for told in await listener.told()) == 2
            path.unlink()
            assert await listener.told() == []
        finally:
            listening.cancel()

    asyncio.run(watched())


def test_the_trigger_outlives_an_inbox_that_cannot_be_reached(
    airflow_home: Path, state: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    put(state / "inbox", "return.xlsx", GOOD)
    files, failures = inbox.files, iter(range(3))

    def shaky(place: Any) -> Any:
        if next(failures, None) is not None:
            raise PermissionError(place)
        return files(place)

    monkeypatch.setattr(inbox, "files", shaky)

    async def watched() -> None:
        listener = Listener()
        listening = asyncio.create_task(listener.listen())
        assert await listener.told() == [{"files": 1}]
        listening.cancel()

    asyncio.run(watched())
    assert caplog.messages == ["the inbox may not be mounted (PermissionError)"]


def test_what_the_trigger_told_of_is_no_news_when_the_inbox_is_mounted_again(
    airflow_home: Path, state: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(state / "inbox", "return.xlsx", GOOD)

    async def watched() -> None:
        listener = Listener()
        listening = asyncio.create_task(listener.listen())
        assert await listener.told() == [{"files": 1}]
        away = (state / "inbox").rename(state / "unmounted")
        assert await listener.told() == []
        away.rename(state / "inbox")
        assert await listener.told() == []
        put(state / "inbox", "second.xlsx", GOOD)
        assert await listener.told() == [{"files": 1}]
        listening.cancel()

    asyncio.run(watched())
    # Twice where it went away in the middle of a look; never at each of the ten looks.
    assert 1 <= len([message for message in caplog.messages if "may not be mounted" in message]) <= 2


def test_airflow_makes_the_trigger_again_from_what_it_keeps(airflow_home: Path) -> None:
    from airflow.sdk._shared.module_loading import import_string

    from sia_airflow.triggers import InboxTrigger

    path, given = InboxTrigger(every=7).serialize()
    again = import_string(path)(**given)
    assert isinstance(again, InboxTrigger)
    assert again.every == 7


@pytest.mark.usefixtures("airflow_database", "warehouse")
def test_a_file_that_landed_leads_to_one_run_of_its_return_and_quarter(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox.look, "__defaults__", (0.1,))
    # Airflow knows a DAG that ran; this run finds nothing.
    dag_runs.run_here("ingest_sanctuary", QUARTER.key).check()
    before = run_ids("ingest_sanctuary")
    assert started() == []

    put(state / "inbox", "return.xlsx", GOOD)
    put(state / "inbox", "nobodys.xlsx", GOOD, return_name="unknown")
    (news,) = started()
    assert news["trigger_dag_id"] == "ingest_sanctuary"
    assert run_ids("ingest_sanctuary") - before == {news["trigger_run_id"]}
    # A second look while that run waits: no second one.
    assert started() == [news]
    assert run_ids("ingest_sanctuary") - before == {news["trigger_run_id"]}
    assert asked("ingest_sanctuary", news["trigger_run_id"]) == {"quarter": QUARTER.key}

    run = dag_runs.run_here("ingest_sanctuary", QUARTER.key)
    assert [one["status"] for one in run.results["outcome"]] == ["accepted"]
    assert started() == []


def started() -> list[dict[str, Any]]:
    """What a run of the watch started."""
    run = dag_runs.run_here("watch", QUARTER.key)
    run.check()
    found: list[dict[str, Any]] = run.results["look"]
    return found


def run_ids(dag_id: str) -> set[str]:
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        return set(session.scalars(select(DagRun.run_id).where(DagRun.dag_id == dag_id)))


def asked(dag_id: str, run_id: str) -> dict[str, Any]:
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        run = session.scalars(select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)).one()
        return dict(run.conf)
