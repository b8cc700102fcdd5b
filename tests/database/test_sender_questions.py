"""A sender's answer counts from when it was given, and until the figures are replaced: a release can be rebuilt."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sia.calendar import LONDON, Quarter
from sia.release import candidate, scorecard_inputs
from sia.scorecard.sender_notes import SenderAnswer
from tests.acceptance.test_questioned_figures import without_figures
from tests.conftest import Warehouse
from tests.submissions import hand_in, query
from tests.workbooks import filled

QUARTER = Quarter(2021, 2)


@pytest.fixture
def question(warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """A question about a return in which every figure is 0 for the first time."""
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    hand_in(warehouse, tmp_path, filled("odas"), "2021-07-20", return_name="odas")
    hand_in(warehouse, tmp_path, without_figures(QUARTER.key), "2021-10-20", return_name="odas", quarter=QUARTER.key)
    ((number,),) = query(warehouse.connection, "SELECT finding_id FROM quality.questioned_figure")
    return int(number)


def answer(warehouse: Warehouse, question: int, *, is_right: bool, reason: str) -> datetime:
    ((answered_at,),) = query(
        warehouse.connection,
        "INSERT INTO feedback.question_answer (finding_id, is_right, reason, answered_by)"
        " VALUES (%s, %s, %s, 'odas-returns@example.org') RETURNING answered_at",
        (question, is_right, reason),
    )
    assert isinstance(answered_at, datetime)
    return answered_at


def known(warehouse: Warehouse, at: datetime | str = "infinity") -> list[SenderAnswer]:
    return scorecard_inputs.read(warehouse.connection, QUARTER, at).answers


def reasons(warehouse: Warehouse, at: datetime | str = "infinity") -> list[str]:
    return [part.reason for part in known(warehouse, at)]


def test_an_answer_counts_until_the_next(warehouse: Warehouse, question: int) -> None:
    assert known(warehouse) == []
    first = answer(warehouse, question, is_right=True, reason="We were closed.")
    second = answer(warehouse, question, is_right=False, reason="The wrong file.")
    (part,) = known(warehouse)
    assert (part.return_name, part.source, part.quarter_key) == ("odas", "odas", QUARTER.key)
    assert (part.component, part.area_code, part.is_right, part.reason) == (None, None, False, "The wrong file.")
    moment = timedelta(microseconds=1)
    assert reasons(warehouse, first - moment) == []
    assert reasons(warehouse, first) == reasons(warehouse, second - moment) == ["We were closed."]
    assert reasons(warehouse, second) == ["The wrong file."]


def test_an_answer_ends_with_its_figures(warehouse: Warehouse, question: int, tmp_path: Path) -> None:
    answer(warehouse, question, is_right=False, reason="The wrong file.")
    book = filled("odas", quarter=QUARTER.key)
    hand_in(warehouse, tmp_path, book, datetime.now(LONDON).date().isoformat(), "new.xlsx", "odas", quarter=QUARTER.key)
    assert known(warehouse) == []


def test_an_approver_reads_what_senders_have_not_confirmed(warehouse: Warehouse, question: int, tmp_path: Path) -> None:
    def listed() -> str:
        candidate.prepare(warehouse.connection, QUARTER, tmp_path / "candidate")
        ((text,),) = query(
            warehouse.connection, "SELECT difference FROM release.proposal ORDER BY candidate_id DESC LIMIT 1"
        )
        return str(text).split("## Figures that senders have not confirmed\n\n")[1].split("\n\n##")[0]

    about = "Domestic abuse service return (Oxfordshire Domestic Abuse Service)"
    assert listed().startswith(f"- {about}: not answered. Every figure for 2021/22 Q2 is 0; is this right?")
    answer(warehouse, question, is_right=False, reason="The wrong file.")
    assert listed().startswith(f"- {about}: the sender says that these are wrong.")
    answer(warehouse, question, is_right=True, reason="We were closed.")
    assert listed() == "None."
