"""What senders say is next to every figure that rests on it, and nowhere that it could reveal a hidden one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sia.calendar import Quarter
from sia.registers.measures import Measure
from sia.scorecard.amounts import Amount, AmountsByCell, Status, quarter_amount
from sia.scorecard.scorecard import Scorecard, build
from sia.scorecard.sender_notes import SenderAnswer
from tests.unit.presentation import synthetic

COUNTY, OXFORD, VALE, SOUTH_VALE = "E10000025", "E07000178", "E07000180", "CSP-SOUTH-VALE"
HIDDEN = Amount(Status.CONFIDENTIAL)


def answer(
    component: str | None = "referrals", area: str | None = None, quarter: str = "2021-22Q4", reason: str = "The rain."
) -> SenderAnswer:
    at = datetime(2022, 5, 1, tzinfo=UTC)
    return SenderAnswer(
        "sanctuary", "Sanctuary contractor", "sanctuary_contractor", quarter, component, area, True, reason, at
    )


def card(*answers: SenderAnswer, amounts: AmountsByCell | None = None) -> Scorecard:
    return build(
        synthetic.amounts() if amounts is None else amounts, synthetic.REGISTERS_NOW, synthetic.population(),
        synthetic.QUARTER, synthetic.returns(), answers=answers,
    )  # fmt: skip


def with_hidden(measure_id: str, area: str, quarter: Quarter = synthetic.QUARTER) -> AmountsByCell:
    amounts = synthetic.amounts()
    keys = [key for key, amount in amounts.items() if key[:2] == (measure_id, area)]
    own = quarter_amount(amounts, _measure(measure_id), area, quarter)
    assert own.status is Status.REPORTED
    return amounts | {key: HIDDEN for key in keys if amounts[key] is own}


def _measure(measure_id: str) -> Measure:
    return next(measure for measure in synthetic.REGISTERS_NOW.measures if measure.id == measure_id)


def noted(scorecard: Scorecard) -> set[str]:
    return {note.measure_id for note in scorecard.notes}


def test_a_note_is_at_every_measure_that_uses_the_figure() -> None:
    scorecard = card(answer("secured"))
    using = {
        measure.id
        for measure in synthetic.REGISTERS_NOW.measures
        if measure.return_name == "sanctuary" and "secured" in (measure.numerator, measure.denominator)
    }
    assert len(using) > 1
    assert noted(scorecard) == using


def test_a_note_on_a_district_is_at_its_partnership_and_the_county_too() -> None:
    scorecard = card(answer(area=VALE))
    places = {code for code in scorecard.areas if scorecard.notes_on("sanctuary_referrals", code)}
    assert places == {VALE, SOUTH_VALE, COUNTY, "SERVICE"}
    assert len(scorecard.notes_on("sanctuary_referrals")) == 1


def test_a_note_on_all_figures_is_at_every_measure_of_the_return() -> None:
    of_return = {measure.id for measure in synthetic.REGISTERS_NOW.measures if measure.return_name == "sanctuary"}
    assert noted(card(answer(None))) == of_return


@pytest.mark.parametrize(("quarter", "count"), [("2020-21Q1", 1), ("2019-20Q4", 0), ("2022-23Q1", 0)])
def test_a_note_lasts_as_long_as_its_quarter_is_shown(quarter: str, count: int) -> None:
    assert len(card(answer(quarter=quarter)).notes) == count


def test_a_note_on_a_hidden_figure_is_not_shown() -> None:
    amounts = with_hidden("sanctuary_referrals", VALE)
    assert card(answer(area=VALE), amounts=amounts).notes == ()
    # The same answer is about both districts, so it could tell something of the hidden one.
    assert card(answer(area=OXFORD), answer(area=VALE), amounts=amounts).notes == ()
    assert noted(card(answer(area=OXFORD), amounts=amounts)) == {"sanctuary_referrals"}


def test_a_note_on_a_sum_needs_the_countys_figure_alone() -> None:
    assert noted(card(answer(), amounts=with_hidden("sanctuary_referrals", VALE))) == {"sanctuary_referrals"}
    assert card(answer(), amounts=with_hidden("sanctuary_referrals", COUNTY)).notes == ()


def test_a_note_on_all_figures_is_not_shown_if_any_is_hidden() -> None:
    """Readers who know that all figures are zero know the hidden ones too."""
    assert card(answer(None), amounts=with_hidden("sanctuary_referrals", VALE)).notes == ()


def test_answers_to_two_questions_are_two_notes() -> None:
    scorecard = card(answer(area=VALE), answer(area=OXFORD, reason="New staff."))
    assert [note.reason for note in scorecard.notes] == ["The rain.", "New staff."]
