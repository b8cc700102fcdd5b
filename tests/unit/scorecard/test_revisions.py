from __future__ import annotations

from sia.disclosure.additive import Span
from sia.scorecard.amounts import Amount, Status
from sia.scorecard.revisions import FirstAndLastKnown, TypicalRevision, typical_revisions
from tests.unit.scorecard.synthetic import AREAS, COUNTY, QUARTER


def history(*rows: tuple[str, str, float, float]) -> list[FirstAndLastKnown]:
    return [FirstAndLastKnown(*row) for row in rows]


def shown(*keys: int) -> dict[tuple[str, str, Span], Amount]:
    return {("m", COUNTY, Span.quarter(QUARTER.plus(-back))): Amount(Status.REPORTED, 1) for back in keys}


def test_the_middle_and_the_range_of_what_was_revised() -> None:
    rows = [("m", QUARTER.plus(-back).key, 100.0, last) for back, last in enumerate((100.0, 110.0, 104.0, 98.0))]
    # By hand: revised by +10, +4 and -2 per cent; the middle is 4.
    assert typical_revisions(history(*rows), shown(0, 1, 2, 3), AREAS.county, 5)["m"] == TypicalRevision(
        4, 3, 4.0, -2.0, 10.0
    )


def test_what_was_never_revised_says_so_and_what_is_small_or_hidden_has_no_history() -> None:
    row = ("m", QUARTER.key, 100.0, 100.0)
    assert typical_revisions(history(row), shown(0), AREAS.county, 5)["m"] == TypicalRevision(1, 0)
    assert typical_revisions(history(row), {}, AREAS.county, 5) == {}
    assert typical_revisions(history(("m", QUARTER.key, 4.0, 100.0)), shown(0), AREAS.county, 5) == {}


def test_a_quarter_that_an_earlier_release_hid_is_left_out_though_it_is_shown_now() -> None:
    """The only one revised, by 5.0 per cent to 42, was 40: hidden then, it would be read now."""
    rows = [("m", QUARTER.key, 40.0, 42.0), ("m", QUARTER.plus(-1).key, 100.0, 100.0)]
    hidden = {("m", COUNTY, Span.quarter(QUARTER))}
    assert typical_revisions(history(*rows), shown(0, 1), AREAS.county, 5, hidden)["m"] == TypicalRevision(1, 0)
