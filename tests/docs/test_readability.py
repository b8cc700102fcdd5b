"""Every letter and every message of a rule is easy to read. ``tests/docs/readability.py`` says how that is measured."""

from __future__ import annotations

from statistics import mean

import pytest

from sia.contract import common_rules
from sia.contract.model import contracts
from sia.contract.rules import compile_rules
from sia.feedback.letter import Letter
from sia.paths import TEMPLATES
from tests.docs.readability import GRADE_5, GRADE_7, all_names, long_sentences, masked, names_of, prose, rix
from tests.letters import every_letter

LETTERS = every_letter()


def messages() -> dict[str, str]:
    """Every message by its rule: common, written and implied."""
    texts = {number: masked(rule.message, ()) for number, rule in common_rules.rules().items()}
    for contract in contracts().values():
        names = list(names_of(contract))
        rules = (rule for table in contract.tables for rule in compile_rules(contract, table))
        texts |= {rule.id: masked(rule.message, names) for rule in rules}
    return texts


MESSAGES = messages()


@pytest.mark.parametrize("rule", sorted(MESSAGES))
def test_a_message_is_easy_to_read(rule: str) -> None:
    message = MESSAGES[rule]
    assert not long_sentences(message)
    assert rix(message) < GRADE_7, message


def test_messages_are_very_easy_to_read_on_average() -> None:
    assert mean(rix(message) for message in MESSAGES.values()) < GRADE_5


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS.keys())
def test_a_letter_is_easy_to_read(letter: Letter) -> None:
    text = masked(prose(letter.html), all_names())
    assert not long_sentences(text)
    assert rix(text) < GRADE_7, text


def test_every_letter_is_measured() -> None:
    templates = {path.name.removesuffix(".md.j2") for path in (TEMPLATES / "letters").glob("[!_]*.md.j2")}
    assert {name.partition(",")[0] for name in LETTERS} == templates


def test_hard_words_and_long_sentences_are_noticed() -> None:
    hard = "Notwithstanding aforementioned considerations, resubmission necessitates comprehensive amendments."
    assert rix(hard) > GRADE_7
    assert long_sentences(" ".join(["word"] * 26))
    assert not long_sentences(" ".join(["word"] * 25))


def test_names_and_numbers_do_not_count() -> None:
    text = masked("Works cost must be between £0 and £5,000, for example 86.50.", ["Works cost"])
    assert text == "Name must be between 5 and 5, for example 5."
