"""An approver opens every file of the candidate that waits, and sees at once if it is not what was proposed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from sia.calendar import LONDON, Quarter
from sia.feedback import outbox
from sia.release import approval, manifest, publishing
from sia.release.draft_folders import candidate_folder
from sia.release.ledger import Decision
from tests import desk as desks
from tests import mail_server
from tests.conftest import Warehouse
from tests.desk import APPROVER, MEDIATION, UNIT, Desk, propose, release
from tests.submissions import query

QUARTER = Quarter(2021, 4)
PassedOn = tuple[int, bool, str, str]
FILES = {"scorecard-2021-22Q4.csv": b"measure,area\n", "exceptions-2021-22Q4.html": b"<!DOCTYPE html><p>Page</p>"}
TEXT = "# Release 2021-22Q4/1\n\n## Returns missing\n\n- <b>none</b>"


class Airflow:
    """What the desk passes on to Airflow, which may not answer, or may not ask about the candidate."""

    def __init__(self) -> None:
        self.decisions: list[PassedOn] = []
        self.asks, self.answers = True, True

    def decide(self, *decision: Any) -> bool:
        if not self.answers:
            raise httpx.ConnectError("no answer")
        if self.asks:
            self.decisions.append(decision)
        return self.asks


@pytest.fixture
def airflow() -> Airflow:
    return Airflow()


@pytest.fixture
def desk(warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, airflow: Airflow) -> Iterator[Desk]:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    with desks.running(warehouse, tmp_path, airflow.decide) as desk:
        yield desk


@pytest.fixture
def candidate(desk: Desk) -> int:
    """A candidate that waits for approval."""
    return propose(desk.warehouse.connection, QUARTER, FILES, TEXT)


def test_an_approver_reads_what_differs_and_opens_every_file(desk: Desk, candidate: int) -> None:
    approver, other = desk.visitor(APPROVER), desk.visitor(MEDIATION)
    page = approver.page("/approval")
    assert "<h2>Returns missing</h2>" in page
    assert page.count("<h1>") == 1
    assert "&lt;b&gt;none" in page
    assert "A release waits for approval: 2021/22 Q4" in desk.visitor(UNIT).page("/returns")
    for name, content in FILES.items():
        assert f"/approval/{candidate}/{name}" in page
        assert approver.client.get(f"/approval/{candidate}/{name}").content == content
        assert approver.client.get(f"/approval/{candidate + 1}/{name}").status_code == 404
        assert other.client.get(f"/approval/{candidate}/{name}").status_code == 403
    assert approver.client.get(f"/approval/{candidate}/difference.md").status_code == 404


def test_each_file_is_listed_with_that_of_the_quarter_before(desk: Desk) -> None:
    # A later quarter was released first: it is not what came before.
    release(desk.warehouse.connection, QUARTER.next(), ("scorecard-2022-23Q1.csv",))
    release(desk.warehouse.connection, QUARTER.plus(-1), ("scorecard-2021-22Q3.csv",))
    propose(desk.warehouse.connection, QUARTER, FILES, TEXT)
    page = desk.visitor(APPROVER).page("/approval")
    assert '<a href="/released/2021-22Q3/1/scorecard-2021-22Q3.csv">' in page
    assert "2022-23Q1" not in page
    assert page.count("<td>None</td>") == 1


def test_files_that_were_changed_are_not_shown(desk: Desk, candidate: int) -> None:
    name = next(iter(FILES))
    (candidate_folder(QUARTER) / name).write_bytes(b"measure,area\nsomething,else\n")
    approver = desk.visitor(APPROVER)
    assert "Do not approve it" in approver.page("/approval")
    assert approver.client.get(f"/approval/{candidate}/{name}").status_code == 404


def test_what_was_decided_no_longer_waits(desk: Desk, candidate: int) -> None:
    query(
        desk.warehouse.connection,
        "INSERT INTO release.decision VALUES (%s, 'sent_back', 'unit', now(), '') RETURNING 1",
        (candidate,),
    )
    approver = desk.visitor(APPROVER)
    page = approver.page("/approval")
    assert "No release waits" in page
    assert f"Candidate {candidate}, 2021/22 Q4, was sent back by " in page
    for answer in (
        approver.client.get(f"/approval/{candidate}/{next(iter(FILES))}"),
        approver.post(f"/approval/{candidate}", "/decisions/approvers/new", decision="approve", read="yes"),
    ):
        assert answer.status_code in {404, 409}
        assert "was sent back by " in answer.text


def waiting_letter(desk: Desk, candidate: int) -> list[tuple[Any, ...]]:
    """The state of the letter to the approver, which is put into the outbox unless it was before."""
    approval.write_to_approvers(desk.warehouse.connection, candidate, "https://airflow.example/")
    return query(desk.warehouse.connection, "SELECT state FROM feedback.letter WHERE kind = 'approval'")


def test_the_letter_is_withdrawn_once_it_is_decided(desk: Desk, candidate: int) -> None:
    assert waiting_letter(desk, candidate) == [("queued",)]
    assert decide(desk, candidate, read="yes").status_code == 303
    assert waiting_letter(desk, candidate) == [("withdrawn",)]
    sent = len(desk.mailbox.letters)
    with mail_server.running(desk.mailbox) as server:
        outbox.send_due(desk.warehouse.connection, server)
    assert len(desk.mailbox.letters) == sent
    assert "could not be sent" not in desk.visitor(UNIT).page("/returns")


def test_no_letter_asks_about_what_is_decided(desk: Desk, candidate: int) -> None:
    decision = Decision("sent_back", "unit", datetime(2022, 7, 4, tzinfo=LONDON), "Ask the police.")
    publishing.send_back(desk.warehouse.connection, candidate, decision)
    assert waiting_letter(desk, candidate) == []


def decide(desk: Desk, candidate: int, **fields: str) -> Any:
    given = {"data_hash": manifest.data_hash(FILES), "decision": "approve", **fields}
    return desk.visitor(APPROVER).post(f"/approval/{candidate}", "/approval", **given)


def test_an_approver_approves_what_they_have_read(desk: Desk, candidate: int, airflow: Airflow) -> None:
    assert decide(desk, candidate).status_code == 422
    assert airflow.decisions == []
    assert decide(desk, candidate, read="yes").status_code == 303
    assert airflow.decisions == [(candidate, True, "", APPROVER)]
    page = desk.visitor(APPROVER).page("/approval")
    assert f"Candidate {candidate}, 2021/22 Q4, was approved by " in page
    assert "Approve and publish" not in page
    again = decide(desk, candidate, read="yes")
    assert (again.status_code, "was approved by" in again.text) == (409, True)
    assert len(airflow.decisions) == 1


def test_sending_back_needs_a_comment(desk: Desk, candidate: int, airflow: Airflow) -> None:
    assert decide(desk, candidate, decision="send_back").status_code == 422
    assert decide(desk, candidate, decision="send_back", comment="Correct the hate crime figures.").status_code == 303
    assert airflow.decisions == [(candidate, False, "Correct the hate crime figures.", APPROVER)]


def test_what_was_replaced_or_changed_cannot_be_approved(desk: Desk, candidate: int, airflow: Airflow) -> None:
    assert decide(desk, candidate + 1, read="yes").status_code == 409
    assert decide(desk, candidate, read="yes", data_hash="0" * 64).status_code == 409
    (candidate_folder(QUARTER) / next(iter(FILES))).write_bytes(b"other")
    assert decide(desk, candidate, read="yes").status_code == 409
    assert airflow.decisions == []


def test_a_decision_that_does_not_reach_airflow_is_none(desk: Desk, candidate: int, airflow: Airflow) -> None:
    airflow.answers = False
    assert "Nothing was decided" in decide(desk, candidate, read="yes").text
    airflow.answers, airflow.asks = True, False
    assert "does not ask about this candidate" in decide(desk, candidate, read="yes").text
    assert query(
        desk.warehouse.connection, "SELECT count(*) FROM desk.action WHERE about = %s", (f"candidate {candidate}",)
    ) == [(0,)]
