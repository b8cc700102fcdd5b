"""Which quarters `make backfill` takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo import backfill
from sia.errors import PermanentError


def test_it_ends_where_the_drafts_begin(tmp_path: Path) -> None:
    (tmp_path / "drafts" / "2020-21Q1").mkdir(parents=True)
    quarters = backfill.asked_quarters("2019-20Q3", "", tmp_path)
    assert [quarter.key for quarter in quarters] == ["2019-20Q3", "2019-20Q4"]
    assert [q.key for q in backfill.asked_quarters("2019-20Q3", "2020-21Q1", tmp_path)][-1] == "2020-21Q1"


def test_without_drafts_it_ends_with_the_samples(tmp_path: Path) -> None:
    assert len(backfill.asked_quarters("2017-18Q1", "", tmp_path)) == 20


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("", "", "say from which quarter"),
        ("2021", "", "is not a financial quarter"),
        ("2021-22Q4", "2021-22Q1", "is no range"),
        ("2021-22Q4", "2048-49Q1", "is no range"),
    ],
)
def test_a_range_that_is_none_is_refused_in_words(tmp_path: Path, first: str, last: str, words: str) -> None:
    with pytest.raises(PermanentError, match=words):
        backfill.asked_quarters(first, last, tmp_path)
