"""Which commentary an approver must look at; which numbers a sentence names was read by hand."""

from __future__ import annotations

import pytest

from sia.calendar import Quarter
from sia.disclosure.additive import DisclosureCell, Span
from sia.disclosure.reader_knowledge import DisclosedCounts
from sia.release.commentary_disclosure import may_disclose, whole_numbers
from sia.scorecard.protection import hidden_counts
from tests.unit.scorecard.synthetic import AREAS, measure

QUARTER = Quarter(2021, 4)
COUNTY, SOUTH_VALE, SOUTH, OXFORD = "E10000025", "CSP-SOUTH-VALE", "E07000179", "CSP-OXFORD"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Three cases came back, and a fourth may.", {3}),
        ("zero, ONE or Ten", {0, 1, 10}),
        ("of the 4 clients, 2 moved.", {4, 2}),
        ("1,535 contacts; (17) of them new", {1535, 17}),
        ("Twenty-three schemes in the 3rd year of Q2, up 2.5%", set()),
        ("In 2021/22 it rose", {2021, 22}),
        ("Someone met nobody, often", set()),
    ],
)
def test_whole_numbers_are_found_in_digits_and_in_words_up_to_ten(text: str, numbers: set[int]) -> None:
    assert whole_numbers(text) == numbers


@pytest.mark.parametrize(
    ("area", "text", "listed"),
    [
        (SOUTH_VALE, "Three cases were of one family.", True),
        (SOUTH_VALE, "Two new schemes opened.", True),  # harmless, which no machine can know
        (SOUTH_VALE, "More people know of them.", False),
        (SOUTH_VALE, "There were 31 in the summer.", True),  # hidden in South Oxfordshire, which is part of it
        (COUNTY, "There were 31 in the south.", True),
        (OXFORD, "There were 31 of them.", False),
        (SOUTH_VALE, "There were 32 of them, after 10.", False),  # 32 is shown
        (SOUTH_VALE, "We fixed seven of ten.", False),
    ],
)
def test_a_commentary_is_listed_that_names_a_small_or_a_hidden_number(area: str, text: str, listed: bool) -> None:
    autumn, winter = Span.quarter(QUARTER.plus(-1)), Span.quarter(QUARTER)
    release = DisclosedCounts(
        "now",
        published={DisclosureCell("tvp_counts.synthetic", SOUTH_VALE, winter): 32},
        hidden={
            DisclosureCell("tvp_counts.synthetic", SOUTH, autumn): 31,
            DisclosureCell("tvp_counts.other", SOUTH_VALE, winter): 32,
        },
    )
    hidden = hidden_counts(release, [measure(), measure(id="other", numerator="other")])
    places = may_disclose({("synthetic", area): text}, hidden, lambda _: 5, QUARTER, AREAS)
    assert places == ([("synthetic", area)] if listed else [])


def test_a_stricter_threshold_lists_more() -> None:
    written = {("synthetic", OXFORD): "We fixed seven."}
    assert may_disclose(written, {}, {"synthetic": 10}.__getitem__, QUARTER, AREAS) == list(written)
