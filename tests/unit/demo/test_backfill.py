"""Which quarters `make demo-backfill` writes and loads."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.backfill import without_returns
from demo.samples.published import LAST
from sia.calendar import Quarter, quarters_between
from sia.cli.backfill import requested_quarters
from sia.errors import PermanentError


def test_it_ends_where_the_drafts_begin(tmp_path: Path) -> None:
    (tmp_path / "drafts" / "2020-21Q1").mkdir(parents=True)
    quarters = requested_quarters("2019-20Q3", "", tmp_path)
    assert [quarter.key for quarter in quarters] == ["2019-20Q3", "2019-20Q4"]
    assert [q.key for q in requested_quarters("2019-20Q3", "2020-21Q1", tmp_path)][-1] == "2020-21Q1"


def test_without_drafts_it_ends_with_the_samples(tmp_path: Path) -> None:
    assert len(requested_quarters("2017-18Q1", "", tmp_path, LAST)) == 20


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2021", "", "is not a financial quarter"),
        ("2021-22Q4", "2021-22Q1", "the first must be before the last"),
        ("2021-22Q4", "2048-49Q1", "the first must be before the last"),
    ],
)
def test_an_invalid_range_gets_a_clear_error(tmp_path: Path, first: str, last: str, words: str) -> None:
    with pytest.raises(PermanentError, match=words):
        requested_quarters(first, last, tmp_path)


def test_samples_are_written_only_where_the_inbox_has_no_return(tmp_path: Path) -> None:
    (tmp_path / "odas" / "2021-22Q3").mkdir(parents=True)
    quarters = quarters_between(Quarter(2021, 3), Quarter(2022, 1))
    assert without_returns(quarters, tmp_path) == [Quarter(2021, 4)]
