"""The inbox is watched: a file that arrives starts its ingest once, and nothing else starts anything."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sia.calendar import Quarter
from sia.intake import admit, inbox
from sia.intake.inbox import SettledFiles
from sia.local import dag_runs
from tests.conftest import Warehouse
from tests.workbooks import as_bytes, filled, put

QUARTER = Quarter(2021, 1)
GOOD = as_bytes(filled())
POLL_SECONDS = 0.05


class Listener:
    """A small triggerer: it takes the events of the trigger as they come."""

    def __init__(self) -> None:
        self.events: list[SettledFiles] = []

    async def listen(self) -> None:
        from sia_airflow.triggers import InboxTrigger

        async for event in InboxTrigger(poll_seconds=POLL_SECONDS).run():
            self.events.append(event.payload)

    async def new_events(self) -> list[SettledFiles]:
        """The events of the next ten listings."""
        await asyncio.sleep(10 * POLL_SECONDS)
        events, self.events = self.events, []
        return events


def keys_in(folder: Path) -> dict[str, str]:
    """The key of each file in the inbox, by the file's name."""
    return {file.path.name: file.stamp.key for file in inbox.files(folder)}


def event_of(*keys: str, return_name: str = "sanctuary") -> SettledFiles:
    return {return_name: {QUARTER.key: list(keys)}}


def test_the_trigger_reports_a_file_once_when_it_has_stopped_changing(airflow_home: Path, state: Path) -> None:
    async def watched() -> None:
        listener = Listener()
        listening = asyncio.create_task(listener.listen())
        try:
            assert await listener.new_events() == [], "an inbox that is not there yet"
            path = put(state / "inbox", "return.xlsx", GOOD[:10])
            for size in range(20, 60):
                path.write_bytes(GOOD[:size])
                await asyncio.sleep(POLL_SECONDS / 4)
            assert listener.events == [], "it is still being written"
            path.write_bytes(GOOD)
            settled = keys_in(state / "inbox")["return.xlsx"]
            assert await listener.new_events() == [event_of(settled)]
            assert await listener.new_events() == []
            put(state / "inbox", "second.xlsx.part", GOOD)
            assert await listener.new_events() == []
            put(state / "inbox", "second.xlsx", GOOD)
            put(state / "inbox", "unmatched.xlsx", GOOD, return_name="unknown")
            settled = keys_in(state / "inbox")["second.xlsx"]
            assert await listener.new_events() == [event_of(settled)], "a file without a return starts nothing"
            path.unlink()
            assert await listener.new_events() == []
        finally:
            listening.cancel()

    asyncio.run(watched())


def test_the_trigger_outlives_an_inbox_that_cannot_be_reached(
    airflow_home: Path, state: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    put(state / "inbox", "return.xlsx", GOOD)
    settled = keys_in(state / "inbox")["return.xlsx"]
    files, failures = inbox.files, iter(range(3))

    def shaky(folder: Any) -> Any:
        if next(failures, None) is not None:
            raise PermissionError(folder)
        return files(folder)

    monkeypatch.setattr(inbox, "files", shaky)

    async def watched() -> None:
        listener = Listener()
        listening = asyncio.create_task(listener.listen())
        assert await listener.new_events() == [event_of(settled)]
        listening.cancel()

    asyncio.run(watched())
    assert caplog.messages == ["the inbox may not be mounted (PermissionError)"]


def test_a_reported_file_is_not_reported_again_when_the_inbox_is_mounted_again(
    airflow_home: Path, state: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(state / "inbox", "return.xlsx", GOOD)

    async def watched() -> None:
        listener = Listener()
        listening = asyncio.create_task(listener.listen())
        assert await listener.new_events() == [event_of(keys_in(state / "inbox")["return.xlsx"])]
        away = (state / "inbox").rename(state / "unmounted")
        assert await listener.new_events() == []
        away.rename(state / "inbox")
        assert await listener.new_events() == []
        put(state / "inbox", "second.xlsx", GOOD)
        assert await listener.new_events() == [event_of(keys_in(state / "inbox")["second.xlsx"])]
        listening.cancel()

    asyncio.run(watched())
    # Twice if it went away in the middle of a listing; never at each of the ten listings.
    assert 1 <= len([message for message in caplog.messages if "may not be mounted" in message]) <= 2


def test_airflow_creates_the_trigger_from_its_stored_arguments(airflow_home: Path) -> None:
    from airflow.sdk._shared.module_loading import import_string

    from sia_airflow.triggers import InboxTrigger

    path, arguments = InboxTrigger(poll_seconds=7).serialize()
    again = import_string(path)(**arguments)
    assert isinstance(again, InboxTrigger)
    assert again.poll_seconds == 7


@pytest.mark.usefixtures("airflow_database", "warehouse")
def test_a_file_that_arrived_leads_to_one_run_of_its_return_and_quarter(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox.look, "__defaults__", (0.1,))
    # Airflow knows a DAG that ran; this run finds nothing.
    dag_runs.run_here("ingest_sanctuary", QUARTER.key).check()
    before = run_ids("ingest_sanctuary")
    assert started() == []

    put(state / "inbox", "return.xlsx", GOOD)
    put(state / "inbox", "unmatched.xlsx", GOOD, return_name="unknown")
    settled = keys_in(state / "inbox")["return.xlsx"]
    (run,) = started()
    assert run["trigger_dag_id"] == "ingest_sanctuary"
    assert run_ids("ingest_sanctuary") - before == {run["trigger_run_id"]}
    # A second look while that run waits: no second one.
    assert started() == [run]
    assert run_ids("ingest_sanctuary") - before == {run["trigger_run_id"]}
    assert conf_of("ingest_sanctuary", run["trigger_run_id"]) == {"quarter": QUARTER.key, "settled": [settled]}

    (outcome,) = dag_runs.run_here("ingest_sanctuary", QUARTER.key).results["outcome"]
    assert outcome["status"] == "accepted"
    assert started() == []


def test_an_event_starts_what_is_new_without_a_second_look_at_the_inbox(
    warehouse: Warehouse, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same as ``look`` in the DAG does with events; a run in this process has none."""
    for name in ("first.xlsx", "second.xlsx"):
        put(state / "inbox", name, GOOD)
    first, second = (keys_in(state / "inbox")[name] for name in ("first.xlsx", "second.xlsx"))
    with monkeypatch.context() as patch:
        patch.setattr(inbox, "files", lambda _: pytest.fail("the inbox is listed again"))
        patch.setattr(inbox, "scan", lambda *_: pytest.fail("the inbox is listed again"))
        # Two events before the run; the second repeats a file, as after a restart of the triggerer.
        (new,) = inbox.pending(warehouse.connection, event_of(first), event_of(first, second))
    assert (new.return_name, new.quarter_key) == ("sanctuary", QUARTER.key)
    assert set(new.file_keys) == {first, second}
    receive(warehouse, state, new.file_keys)
    assert inbox.pending(warehouse.connection, event_of(first), event_of(first, second)) == []
    assert inbox.pending(warehouse.connection) == []


def test_settled_files_are_received_at_once_and_another_is_watched_first(
    warehouse: Warehouse, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(inbox.time, "sleep", waits.append)
    put(state / "inbox", "settled.xlsx", GOOD)
    receive(warehouse, state, [keys_in(state / "inbox")["settled.xlsx"]])
    assert waits == []
    put(state / "inbox", "unknown.xlsx", as_bytes(filled(synthetic="Yes")))
    receive(warehouse, state, [])
    assert waits == [inbox.QUIET_SECONDS]
    assert len(inbox.noted(warehouse.connection)) == 2


def receive(warehouse: Warehouse, state: Path, settled: Any) -> None:
    from sia.contract.model import contract

    admit.receive(
        warehouse.connection, contract("sanctuary"), QUARTER, state / "inbox", state / "landing", settled=settled
    )


def started() -> list[dict[str, Any]]:
    """The runs that a run of the DAG started."""
    run = dag_runs.run_here("watch_inbox", QUARTER.key)
    run.check()
    runs: list[dict[str, Any]] = run.results["look"]
    return runs


def run_ids(dag_id: str) -> set[str]:
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        return set(session.scalars(select(DagRun.run_id).where(DagRun.dag_id == dag_id)))


def conf_of(dag_id: str, run_id: str) -> dict[str, Any]:
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        run = session.scalars(select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)).one()
        return dict(run.conf)
