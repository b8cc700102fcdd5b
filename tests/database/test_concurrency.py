"""Two files of one return and quarter appear at the same moment, and two processes ingest them at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from sia.intake import inbox
from sia.intake.outcomes import outcomes
from sia.storage.folders import inbox_folder
from sia.warehouse import invariants
from tests.concurrency import Upload, ingest_together
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


def workbook_with_cost(pounds: int) -> bytes:
    return as_bytes(filled(rows={"jobs": [{**JOB, "works_cost": str(pounds)}]}))


def upload(state: Path, name: str, content: bytes) -> Upload:
    uploaded = state / "ready" / name
    uploaded.write_bytes(content)
    return Upload(uploaded, state / "inbox" / "sanctuary" / QUARTER / name)


def test_no_file_is_lost_and_return_versions_follow_one_another(warehouse: Warehouse, state: Path) -> None:
    rounds = [
        (
            upload(state, f"{n}-first.xlsx", workbook_with_cost(100 + n)),
            # In every third round, one of the two is refused.
            upload(state, f"{n}-second.xlsx", workbook_with_cost(-200 - n if n % 3 == 2 else 200 + n)),
        )
        for n in range(ROUNDS)
    ]
    assert ingest_together("sanctuary", QUARTER, rounds) == []

    files = 2 * ROUNDS
    submissions = outcomes(warehouse.connection, "sanctuary", QUARTER)
    assert [outcome["attempt"] for outcome in submissions] == list(range(1, files + 1))
    receipts_refused = [outcome["receipt"] for outcome in submissions if outcome["status"] == "refused"]
    assert len(receipts_refused) == ROUNDS // 3
    assert {outcome["status"] for outcome in submissions} == {"accepted", "refused"}
    assert len({outcome["receipt"] for outcome in submissions}) == files

    # Each version was known from its receipt until the receipt of the next. The newest is known today.
    versions = query(
        warehouse.connection,
        "SELECT s.received_at, lower(h.known_during), upper(h.known_during) FROM intake.submission AS s"
        " INNER JOIN warehouse.return_version AS h ON h.submission_id = s.submission_id ORDER BY s.submission_id",
    )
    assert len(versions) == files - len(receipts_refused)
    received = [received_at for received_at, _, _ in versions]
    assert received == sorted(received)
    assert [(since, until) for _, since, until in versions] == list(zip(received, [*received[1:], None], strict=True))

    # Each sender got one letter about each attempt.
    replies = query(
        warehouse.connection,
        "SELECT r.attempt, count(l.letter_id) FROM feedback.reply AS r"
        " LEFT JOIN feedback.letter AS l ON l.submission_id = r.submission_id GROUP BY r.attempt, r.submission_id"
        " ORDER BY r.submission_id",
    )
    assert replies == [(n, 1) for n in range(1, files + 1)]
    (open_tasks,) = query(warehouse.connection, "SELECT count(*) FROM feedback.task WHERE state = 'open'")[0]
    assert open_tasks == (1 if submissions[-1]["status"] == "refused" else 0)
    invariants.require_sound(warehouse.connection)
    assert inbox.look(warehouse.connection, inbox_folder(), 0) == []


def test_a_file_that_is_sent_twice_at_once_gets_one_receipt(warehouse: Warehouse, state: Path) -> None:
    rounds = [
        (
            upload(state, f"{n}-first.xlsx", workbook_with_cost(100 + n)),
            upload(state, f"{n}-second.xlsx", workbook_with_cost(100 + n)),
        )
        for n in range(ROUNDS)
    ]
    for first, second in rounds:
        second.uploaded.write_bytes(first.uploaded.read_bytes())
    assert ingest_together("sanctuary", QUARTER, rounds) == []
    submissions = outcomes(warehouse.connection, "sanctuary", QUARTER)
    assert [(outcome["attempt"], outcome["status"]) for outcome in submissions] == [
        (attempt, "accepted") for attempt in range(1, ROUNDS + 1)
    ]
    assert query(warehouse.connection, "SELECT count(*) FROM feedback.letter") == [(ROUNDS,)]
    assert query(warehouse.connection, "SELECT count(*) FROM warehouse.return_version") == [(ROUNDS,)]
    invariants.require_sound(warehouse.connection)
