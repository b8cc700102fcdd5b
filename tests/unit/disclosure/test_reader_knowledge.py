"""Which counts of a chain of releases are one and the same to a reader."""

from __future__ import annotations

import pytest

from sia.disclosure.additive import DisclosureCell, Span
from sia.disclosure.reader_knowledge import DisclosedCounts, ReaderKnowledge

PART, TOTAL = (DisclosureCell("made_up", area, Span(24231, 24234)) for area in ("district", "county"))


@pytest.mark.parametrize(
    ("between", "is_same"),
    [
        pytest.param(DisclosedCounts("second", {TOTAL: 30, PART: 9}), False, id="it was shown with another value"),
        pytest.param(DisclosedCounts("second", {TOTAL: 30}, {PART: 9}), False, id="another value was hidden"),
        pytest.param(DisclosedCounts("second", {}, {TOTAL: 30, PART: 9}), True, id="nothing was shown"),
        pytest.param(DisclosedCounts("second", {TOTAL: 30}), False, id="it was not there"),
    ],
)
def test_a_count_is_the_same_across_a_release_that_showed_nothing(between: DisclosedCounts, is_same: bool) -> None:
    first = DisclosedCounts("first", {TOTAL: 30}, {PART: 8})
    known = ReaderKnowledge.together({TOTAL: 30, PART: 8}, (), (first, between))
    assert (PART._replace(release="first") not in known.counts) is is_same
    assert TOTAL._replace(release="first") not in known.counts
