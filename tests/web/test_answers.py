"""A sender answers our questions about its figures on the page of the receipt, and the answers appear next to them."""

from __future__ import annotations

import re

import pytest

from tests.acceptance.test_questioned_figures import without_figures
from tests.desk import SANCTUARY, UNIT, Desk, Visitor
from tests.submissions import hand_in, query
from tests.workbooks import filled

ODAS = "odas-returns@example.org"
QUARTER = "2021-22Q2"
ANSWERS = "SELECT is_right, reason, answered_by FROM feedback.question_answer ORDER BY answer_id"


@pytest.fixture
def receipt(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> str:
    """The receipt of an accepted return in which every figure is 0, for the first time."""
    monkeypatch.setenv("SIA_DESK_ADDRESS", "https://desk.example")
    hand_in(desk.warehouse, desk.state, filled("odas"), "2021-07-20", return_name="odas")
    return receive_zeros(desk, "2021-10-20")


def receive_zeros(desk: Desk, day: str) -> str:
    book = without_figures(QUARTER)
    book["Help"]["A9"] = day
    number = hand_in(desk.warehouse, desk.state, book, day, f"{day}.xlsx", return_name="odas", quarter=QUARTER)
    ((receipt,),) = query(
        desk.warehouse.connection, "SELECT receipt FROM intake.submission WHERE submission_id = %s", (number,)
    )
    return str(receipt)


def answer_form(visitor: Visitor, receipt: str) -> str:
    (path, *_) = re.findall(r'action="(/receipts/[^"]+/questions/\d+)"', visitor.page(f"/receipts/{receipt}"))
    return str(path)


def test_the_letter_leads_to_the_question(desk: Desk, receipt: str) -> None:
    ((plain,),) = query(desk.warehouse.connection, "SELECT plain FROM feedback.letter ORDER BY queued_at DESC LIMIT 1")
    assert f"https://desk.example/receipts/{receipt}#questions" in plain
    page = desk.visitor(ODAS).page(f"/receipts/{receipt}")
    assert page.count("Every figure for 2021/22 Q2 is 0; is this right?") == 1


def test_a_partner_answers_and_the_board_has_nothing_to_check(desk: Desk, receipt: str) -> None:
    partner, unit = desk.visitor(ODAS), desk.visitor(UNIT)
    board = f"/returns?until={QUARTER}"
    assert "Accepted, 1 to check" in unit.page(board)
    form = answer_form(partner, receipt)
    answer = partner.post(form, f"/receipts/{receipt}", is_right="yes", reason="The service was closed.")
    assert answer.headers["location"] == f"/receipts/{receipt}#questions"
    for visitor in (partner, unit):
        assert re.search(r"They are right</strong>.*: The service was closed\.", visitor.page(f"/receipts/{receipt}"))
    assert "to check" not in unit.page(board)
    assert query(desk.warehouse.connection, ANSWERS) == [(True, "The service was closed.", ODAS)]
    assert "answered a question about figures" in unit.page("/actions")


def test_a_reason_is_one_line(desk: Desk, receipt: str) -> None:
    partner = desk.visitor(ODAS)
    partner.post(answer_form(partner, receipt), f"/receipts/{receipt}", is_right="yes", reason="We were\r\nclosed.")
    assert query(desk.warehouse.connection, ANSWERS) == [(True, "We were closed.", ODAS)]


def test_the_unit_answers_for_a_sender_that_rang(desk: Desk, receipt: str) -> None:
    unit = desk.visitor(UNIT)
    unit.post(answer_form(unit, receipt), f"/receipts/{receipt}", is_right="no", reason="They sent the wrong file.")
    assert "They are wrong, and a new file will follow" in desk.visitor(ODAS).page(f"/receipts/{receipt}")
    assert query(desk.warehouse.connection, ANSWERS) == [(False, "They sent the wrong file.", UNIT)]


def test_the_newest_answer_counts_and_the_older_one_is_kept(desk: Desk, receipt: str) -> None:
    partner = desk.visitor(ODAS)
    form = answer_form(partner, receipt)
    for is_right, reason in (("yes", "We were closed."), ("no", "We were open.")):
        partner.post(form, f"/receipts/{receipt}", is_right=is_right, reason=reason)
    page = partner.page(f"/receipts/{receipt}")
    assert "We were open." in page
    assert "We were closed." not in page
    assert len(query(desk.warehouse.connection, ANSWERS)) == 2
    counts = "SELECT DISTINCT reason FROM marts.sender_question WHERE answered_again_at IS NULL"
    assert query(desk.warehouse.connection, counts) == [("We were open.",)]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"reason": "We were closed."}, "Choose whether the figures are right"),
        ({"is_right": "perhaps", "reason": "We were closed."}, "Choose whether the figures are right"),
        ({"is_right": "yes", "reason": " "}, "Enter why"),
        ({"is_right": "yes", "reason": "x" * 501}, "shorter"),
        ({"is_right": "yes", "reason": "Ring 07700 900123"}, "personal data"),
    ],
)
def test_an_answer_that_cannot_be_kept_says_why(desk: Desk, receipt: str, given: dict[str, str], words: str) -> None:
    partner = desk.visitor(ODAS)
    answer = partner.post(answer_form(partner, receipt), f"/receipts/{receipt}", **given)
    assert answer.status_code == 422
    assert words in answer.text
    assert query(desk.warehouse.connection, ANSWERS) == []


def test_nobody_else_answers(desk: Desk, receipt: str) -> None:
    form = answer_form(desk.visitor(ODAS), receipt)
    other = desk.visitor(SANCTUARY)
    assert other.post(form, "/my-returns", is_right="yes", reason="Ours.").status_code == 404
    unknown = form.rpartition("/")[0] + "/999999"
    partner = desk.visitor(ODAS)
    assert partner.post(unknown, f"/receipts/{receipt}", is_right="yes", reason="No.").status_code == 404
    assert query(desk.warehouse.connection, ANSWERS) == []


def test_a_newer_file_closes_the_question(desk: Desk, receipt: str) -> None:
    partner = desk.visitor(ODAS)
    form = answer_form(partner, receipt)
    receive_zeros(desk, "2021-10-21")
    answer = partner.post(form, f"/receipts/{receipt}", is_right="yes", reason="We were closed.")
    assert answer.status_code == 409
    assert "A newer file has replaced these figures" in partner.page(f"/receipts/{receipt}")
    assert query(desk.warehouse.connection, ANSWERS) == []
