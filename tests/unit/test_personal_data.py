"""Personal data is recognised, with the examples that the issuing bodies publish."""

from __future__ import annotations

import pytest

from sia.contract.model import ColumnType, contracts
from sia.personal_data import Personal, is_nhs_number, personal_data_in, personal_data_in_prose
from tests.staged import good_rows

LOOKS_LIKE = {
    Personal.NAME_AND_BIRTH: [
        "Canary Nightingale 12/03/1985",
        "Mrs C Nightingale-Canary, born 1 March 1985",
        "Nightingale, Canary 1985-03-12",
        "canary dob 12.3.85",
    ],
    # A9 9AA, A9A 9AA, A99 9AA, AA9 9AA, AA9A 9AA, AA99 9AA: the six forms of a postcode.
    Personal.POSTCODE: [
        "M1 1AA",
        "EC1A 1BB",
        "W1A 0AX",
        "B33 8TH",
        "CR2 6XH",
        "DN55 1PT",
        "lives at ox11nd now",
        "GIR 0AA",
    ],
    # Ofcom's numbers for use in drama, which reach nobody.
    Personal.TELEPHONE: [
        "01632 960123",
        "020 7946 0123",
        "07700 900123",
        "+44 7700 900123",
        "0808 157 0123",
        "(01632) 960 123",
        "ring 07700900123.",
    ],
    Personal.EMAIL: ["canary@example.org", "write to c.nightingale@mail.example.co.uk please"],
    # HMRC's example prefix QQ is not valid by its own rules; AB is.
    Personal.NATIONAL_INSURANCE: ["AB123456C", "ab 12 34 56 d"],
    # 943 476 5919 is the example of the NHS Data Dictionary's modulus 11.
    Personal.NHS_NUMBER: ["943 476 5919", "943-476-5919", "no 9434765919"],
}
IS_NONE = [
    "SAN-2021-0042",
    "CAM-2021-10700",
    "AB-0163-29601",
    "Vale of White Horse",
    "Domestic abuse",
    "2021-05-31",
    "31/05/2021",
    "First-time entrants to the youth justice system",
    "86.50",
    "On or near High Street",
    "Oxford 008A",
    "E01028522",
    "943 476 5918",
    "QQ123456C",
    "BG123456A",
    "AB123456E",
    "Q1 2021",
    "South and Vale CSP",
    "2021-22Q4",
    "1234567890123456",
    "00000 000000",
    "Fee of 285.00 paid on 31/05/2021",
    "A12 3CI",
]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in LOOKS_LIKE.items() for text in texts])
def test_is_recognised(kind: Personal, text: str) -> None:
    assert personal_data_in(text) is kind


@pytest.mark.parametrize("text", IS_NONE)
def test_other_text_is_not_taken_for_personal_data(text: str) -> None:
    assert personal_data_in(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Thames Valley Police changed how it counts this on 1 April 2022, so that more is recorded.",
        "From 2022-04-01 West Oxfordshire District Council takes referrals itself.",
    ],
)
def test_prose_may_name_an_organisation_and_a_day(text: str) -> None:
    assert personal_data_in_prose(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "We now see Jane Example, 12/03/1985, each week.",
        "We now see Jane Example (3 April 1985) each week.",
        "She was born on 12 March 1985.",
        "Ring 01865 111222.",
    ],
)
def test_prose_that_names_a_person_with_a_birth_or_a_number_is_recognised(text: str) -> None:
    assert personal_data_in_prose(text) is not None


def test_nothing_that_a_contract_asks_for_looks_like_personal_data() -> None:
    for name, contract in contracts().items():
        for table in contract.tables:
            for row in good_rows(name, table.name):
                figures = {c.name for c in table.columns if c.type is ColumnType.DECIMAL}
                assert not [
                    text for column, text in row.items() if text and column not in figures and personal_data_in(text)
                ]
            for column in table.columns:
                assert not [c.label for c in column.code_list() if personal_data_in(c.label)]


def test_no_number_has_a_check_digit_of_ten() -> None:
    # 10a + 9b + … = 12 for 0000000060: 11 - 12 % 11 = 10, which has no digit.
    assert not any(is_nhs_number(f"000000006{digit}") for digit in range(10))
