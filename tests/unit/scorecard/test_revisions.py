from __future__ import annotations

import pandas as pd

from sia.scorecard.additive import Span
from sia.scorecard.amounts import Amount, Status
from sia.scorecard.revisions import Revision, typical_revisions
from tests.unit.scorecard.made_up import COUNTY, QUARTER


def history(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["measure_id", "quarter_key", "first_known", "last_known"])


def shown(*keys: int) -> dict[tuple[str, str, Span], Amount]:
    return {("m", COUNTY, Span.quarter(QUARTER.plus(-back))): Amount(Status.REPORTED, 1) for back in keys}


def test_the_middle_and_the_range_of_what_was_revised() -> None:
    rows = [("m", QUARTER.plus(-back).key, 100.0, last) for back, last in enumerate((100.0, 110.0, 104.0, 98.0))]
    # By hand: revised by +10, +4 and -2 per cent; the middle is 4.
    assert typical_revisions(history(*rows), shown(0, 1, 2, 3), 5)["m"] == Revision(4, 3, 4.0, -2.0, 10.0)


def test_what_was_never_revised_says_so_and_what_is_small_or_hidden_has_no_history() -> None:
    row = ("m", QUARTER.key, 100.0, 100.0)
    assert typical_revisions(history(row), shown(0), 5)["m"] == Revision(1, 0)
    assert typical_revisions(history(row), {}, 5) == {}
    assert typical_revisions(history(("m", QUARTER.key, 4.0, 100.0)), shown(0), 5) == {}
