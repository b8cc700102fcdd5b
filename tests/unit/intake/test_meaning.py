"""What people in Britain write, and what we take it for. The forms and their meanings are written by hand."""

from __future__ import annotations

import time
from datetime import date

import pytest

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.geography import OtherName
from sia.intake.readers import meaning
from sia.intake.readers.meaning import Answers, Meaning

QUARTER = Quarter(2021, 1)
COST = contract("sanctuary").table("jobs").column("works_cost")
COUNT = contract("csp_grants").table("awards").column("outcomes")
DISTRICT = contract("sanctuary").table("jobs").column("district")
MEASURE = contract("tvp_counts").table("counts").column("measure")


@pytest.mark.parametrize(
    "text",
    [
        "22.12.2021", "22-12-2021", "22/12/21", "22 December 2021", "22nd Dec 2021", "22-Dec-21", "22 Dec '21",
        "Wednesday 22 December 2021", "Wed, 22 Dec 2021", "22nd of December 2021", "December 22, 2021", "2021/12/22",
        "2021.12.22",
    ],
)  # fmt: skip
def test_a_day_in_any_form_is_read_with_a_warning(text: str) -> None:
    assert meaning.day(text) == Meaning("2021-12-22", "INT-DATE-01")


@pytest.mark.parametrize("text", ["2021-12-22", "22/12/2021", "2021-12-22 09:30", "22/12/2021 09:30:00"])
def test_a_day_as_we_ask_for_it_is_read_without_a_warning(text: str) -> None:
    assert meaning.day(text) == Meaning("2021-12-22")


@pytest.mark.parametrize("text", ["31/06/2021", "12/22/2021", "2021-02-29", "0/1/2021", "30 Feb 2021"])
def test_a_day_that_is_in_no_calendar_is_named(text: str) -> None:
    assert meaning.day(text) == Meaning(text, "INT-DATE-02")


@pytest.mark.parametrize("text", ["", "soon", "1/2", "2021", "22/12", "22 Smarch 2021", "44552"])
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert meaning.day(text) == Meaning(text)


@pytest.mark.parametrize(
    "text",
    ["May-21", "May 2021", "may '21", "05/2021", "2021-5", "2021 May", "01/05/2021", "2021-05-01", "31 May 2021"],
)
def test_a_month_in_any_form_is_read_with_a_warning(text: str) -> None:
    assert meaning.month(text) == Meaning("2021-05", "INT-DATE-01")


def test_a_month_as_we_ask_for_it_and_an_invalid_month() -> None:
    assert meaning.month("2021-05") == Meaning("2021-05")
    assert meaning.month("13/2021") == Meaning("13/2021")
    assert meaning.month("32/05/2021") == Meaning("32/05/2021", "INT-DATE-02")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("£86.50", "86.50"), ("£ 1,200.00", "1200.00"), ("1,234", "1234"), ("1 234 567", "1234567"), ("-£5", "-5"),
        ("+7", "7"),
    ],
)  # fmt: skip
def test_an_amount_with_signs_and_commas_is_read_with_a_warning(text: str, read: str) -> None:
    assert meaning.number(text, COST) == Meaning(read, "INT-NUMBER-03")


@pytest.mark.parametrize("text", ["1,23", "12,3456", "1.234,50", "--5", "-£-5", "5 or 6", "about 10", "€5"])
def test_a_number_that_could_mean_two_things_stays_as_it_is(text: str) -> None:
    assert meaning.number(text, COST) == Meaning(text)


def test_a_count_is_not_in_pounds() -> None:
    assert meaning.number("£5", COUNT) == Meaning("£5")


@pytest.mark.parametrize(
    ("texts", "rule_id"),
    [
        (("<5", "< 5", "≤ 4", "*", "**", "c", "[c]", "fewer than 5", "under 5", "5 or fewer", "1-4"), "INT-NUMBER-05"),
        (("withheld", "Confidential", "not disclosed", "redacted"), "INT-NUMBER-06"),
        (("-", "n/a", "N/A", "na", "nk", "unknown", "TBC", "tba", "..", "?", "[x]", "no data"), "INT-NUMBER-07"),
        (("45%", "45 %"), "INT-PERCENT-01"),
    ],
)
def test_a_word_in_place_of_a_number_has_its_own_answer(texts: tuple[str, ...], rule_id: str) -> None:
    for text in texts:
        assert meaning.number(text, COUNT) == Meaning(text, rule_id)


def test_withheld_is_an_answer_only_where_the_contract_allows_it() -> None:
    column = COUNT.model_copy(update={"may_be_withheld": True})
    for text in ("withheld", "Withheld", "WITHHELD"):
        assert meaning.number(text, column) == Meaning("withheld", "INT-WITHHELD-01")
    assert meaning.number("Confidential", column) == Meaning("Confidential", "INT-NUMBER-06")
    assert meaning.number("5", column) == Meaning("5")


def test_nil_is_zero_only_where_a_number_must_be_given() -> None:
    assert meaning.number("nil", COUNT) == Meaning("0", "INT-NUMBER-04")
    # An empty cost says that the works are not finished.
    assert meaning.number("nil", COST) == Meaning("nil", "INT-NUMBER-07")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Oxford City", "Oxford"), ("Oxford City Council", "Oxford"), ("Cherwell DC", None),
        ("West Oxfordshire District Council", "West Oxfordshire"), ("The Vale of White Horse", "Vale of White Horse"),
    ],
)  # fmt: skip
def test_the_name_of_a_council_is_its_district(text: str, answer: str | None) -> None:
    meant = Answers(DISTRICT, QUARTER).meaning(text)
    assert (meant.answer if meant.rule_id == "INT-CHOICE-01" else None) == answer


def test_a_decided_spelling_is_read_as_its_area() -> None:
    spelling = OtherName(
        id="ARE-2021-01", area="E07000177", kind="spelling", text="Banbury area", starts=date(2021, 4, 1),
        set_by="Head of the unit", why="The contractor writes it so.",
    )  # fmt: skip
    answers = Answers(DISTRICT, QUARTER, [spelling])
    assert answers.meaning("BANBURY AREA") == Meaning("Cherwell", "INT-CHOICE-01", "Cherwell")
    assert answers.meaning("Oxford") == Meaning("Oxford")
    # No column has it whose answers are not areas.
    assert Answers(MEASURE, QUARTER, [spelling]).meaning("Banbury area") == Meaning("Banbury area")


def test_an_answer_with_other_punctuation_is_read() -> None:
    answers = Answers(MEASURE, QUARTER)
    assert answers.meaning("Robbery - detected") == Meaning("Robbery: detected", "INT-CHOICE-01", "Robbery: detected")
    assert answers.meaning("ROBBERY") == Meaning("ROBBERY")


def test_a_near_miss_names_one_answer_and_is_not_read() -> None:
    answers = Answers(DISTRICT, QUARTER)
    assert answers.meaning("Oxfrod") == Meaning("Oxfrod", "INT-CHOICE-02", "Oxford")
    # As near to South Oxfordshire as to West Oxfordshire, and no district.
    for text in ("Oxfordshire", "Mars", "x" * 5_000, ""):
        assert answers.meaning(text) == Meaning(text)


def test_twenty_thousand_wrong_answers_take_no_time() -> None:
    answers = Answers(MEASURE, QUARTER)
    began = time.process_time()
    for number in range(20_000):
        answers.meaning(f"Robberies of the kind {number}")
    assert time.process_time() - began < 4
