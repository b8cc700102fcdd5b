"""Two files of one return and quarter land at the same moment, and two real processes take them in at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from sia.intake import inbox
from sia.intake.outcomes import outcomes
from sia.storage.folders import inbox_folder
from sia.warehouse import invariants
from tests.concurrency import Landing, run_at_once
from tests.conftest import Warehouse
from tests.staged import good_rows
from tests.submissions import query
from tests.workbooks import QUARTER, as_bytes, filled

JOB = good_rows("sanctuary", "jobs")[0]
ROUNDS = 4


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    (tmp_path / "ready").mkdir()
    (tmp_path / "inbox" / "sanctuary" / QUARTER).mkdir(parents=True)
    return tmp_path


def costing(pounds: int) -> bytes:
    return as_bytes(filled(rows={"jobs": [{**JOB, "works_cost": str(pounds)}]}))


def prepared(state: Path, name: str, content: bytes) -> Landing:
    ready = state / "ready" / name
    ready.write_bytes(content)
    return Landing(ready, state / "inbox" / "sanctuary" / QUARTER / name)


def test_neither_is_lost_and_they_make_one_chain_in_order(warehouse: Warehouse, state: Path) -> None:
    rounds = [
        (
            prepared(state, f"{n}-first.xlsx", costing(100 + n)),
            # Every third time one of the two is refused.
            prepared(state, f"{n}-second.xlsx", costing(-200 - n if n % 3 == 2 else 200 + n)),
        )
        for n in range(ROUNDS)
    ]
    assert run_at_once("sanctuary", QUARTER, rounds) == []

    files = 2 * ROUNDS
    of_quarter = outcomes(warehouse.connection, "sanctuary", QUARTER)
    assert [one["attempt"] for one in of_quarter] == list(range(1, files + 1))
    refused = [one["receipt"] for one in of_quarter if one["status"] == "refused"]
    assert len(refused) == ROUNDS // 3
    assert {one["status"] for one in of_quarter} == {"accepted", "refused"}
    assert len({one["receipt"] for one in of_quarter}) == files

    # Each accepted one was held from its receipt until the receipt of the next; the newest is held today.
    chain = query(
        warehouse.connection,
        "SELECT s.received_at, lower(h.known_during), upper(h.known_during) FROM intake.submission AS s"
        " INNER JOIN warehouse.return_version AS h ON h.submission_id = s.submission_id ORDER BY s.submission_id",
    )
    assert len(chain) == files - len(refused)
    received = [received_at for received_at, _, _ in chain]
    assert received == sorted(received)
    assert [(since, until) for _, since, until in chain] == list(zip(received, [*received[1:], None], strict=True))

    # Each was answered once, as the attempt that it was.
    replies = query(
        warehouse.connection,
        "SELECT r.attempt, count(l.letter_id) FROM feedback.reply AS r"
        " LEFT JOIN feedback.letter AS l ON l.submission_id = r.submission_id GROUP BY r.attempt, r.submission_id"
        " ORDER BY r.submission_id",
    )
    assert replies == [(n, 1) for n in range(1, files + 1)]
    (open_tasks,) = query(warehouse.connection, "SELECT count(*) FROM feedback.task WHERE state = 'open'")[0]
    assert open_tasks == (1 if of_quarter[-1]["status"] == "refused" else 0)
    invariants.require_sound(warehouse.connection)
    assert inbox.look(warehouse.connection, inbox_folder(), 0) == []


def test_the_same_bytes_twice_at_once_are_one_receipt(warehouse: Warehouse, state: Path) -> None:
    rounds = [
        (
            prepared(state, f"{n}-first.xlsx", costing(100 + n)),
            prepared(state, f"{n}-second.xlsx", costing(100 + n)),
        )
        for n in range(ROUNDS)
    ]
    for first, second in rounds:
        second.ready.write_bytes(first.ready.read_bytes())
    assert run_at_once("sanctuary", QUARTER, rounds) == []
    of_quarter = outcomes(warehouse.connection, "sanctuary", QUARTER)
    assert [(one["attempt"], one["status"]) for one in of_quarter] == [(n, "accepted") for n in range(1, ROUNDS + 1)]
    assert query(warehouse.connection, "SELECT count(*) FROM feedback.letter") == [(ROUNDS,)]
    assert query(warehouse.connection, "SELECT count(*) FROM warehouse.return_version") == [(ROUNDS,)]
    invariants.require_sound(warehouse.connection)
