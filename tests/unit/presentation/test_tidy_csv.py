from __future__ import annotations

from io import BytesIO

import pandas as pd
import pytest

from sia.presentation.tidy_csv import columns, tidy_csv
from sia.registers.measures import measures
from sia.scorecard.amounts import Status
from sia.scorecard.registry import QUARTER_NUMBER, RATE
from sia.scorecard.scorecard import Scorecard
from tests.unit.presentation.synthetic import observations

STATUSES = {"reported", "incomplete", "not_received", "not_applicable"}


@pytest.fixture(scope="module")
def data(synthetic_scorecard: Scorecard) -> pd.DataFrame:
    return pd.read_csv(BytesIO(tidy_csv(synthetic_scorecard)), dtype="str", keep_default_na=False)


@pytest.fixture(scope="module")
def statistics(synthetic_scorecard: Scorecard) -> list[str]:
    return [statistic.id for statistic in synthetic_scorecard.statistics]


def test_every_column_is_documented_and_every_number_is_there(
    synthetic_scorecard: Scorecard, data: pd.DataFrame, statistics: list[str]
) -> None:
    every = columns(synthetic_scorecard)
    assert list(data.columns) == [column.name for column in every]
    assert set(statistics) < set(data.columns)
    assert all(column.description.strip() for column in every)


def test_one_row_a_measure_and_area_and_every_measure_is_there(data: pd.DataFrame) -> None:
    assert not data.duplicated(["measure_id", "area_code"]).any()
    assert set(data["measure_id"]) == {measure.id for measure in measures()}


def test_no_cell_is_empty_and_a_missing_number_is_a_symbol(data: pd.DataFrame, statistics: list[str]) -> None:
    assert not (data == "").any(axis=None)
    numbers = data[statistics]
    assert numbers.map(lambda cell: cell in {"[x]", "[z]"} or float(cell) is not None).all(axis=None)
    absent = data[data["measure_id"] == "youth_custody"]
    assert set(absent["quarter_status"]) == {Status.NOT_RECEIVED}
    assert set(absent["quarter_number"]) == {"[x]"}
    assert set(absent["symbols"]) == {"[x]"}


def test_what_was_not_received_says_what_it_stands_for(synthetic_scorecard: Scorecard, data: pd.DataFrame) -> None:
    """Against the made-up counts of the quarter before, divided here."""
    words = data.set_index(["measure_id", "area"])["last_known_share"]
    before = {(row.measure_id, row.area_code, row.quarter_key): row.numerator for row in observations()}
    south, whole = (before["mediation_offered", code, "2021-22Q3"] or 0 for code in ("E07000179", "E10000025"))
    assert words["mediation_offered", "South Oxfordshire"] == (
        f"not received; it was {100 * south / whole:.0f}% of the county's total in 2021/22 Q3"
    )
    assert words["mediation_offered", "Oxfordshire"] == (
        "not received; the county's total was last known for 2021/22 Q3"
    )
    # What was received has none, nor what no district adds up to.
    assert set(data.loc[data["quarter_status"] == "reported", "last_known_share"]) == {"[z]"}
    assert set(words["youth_custody"]) == {"[z]"}


def test_words_and_dates_are_of_a_fixed_kind(data: pd.DataFrame) -> None:
    for period in ("quarter", "last_year", "year", "year_before"):
        assert set(data[f"{period}_status"]) <= STATUSES
    assert set(data["quarter"]) == {"2021-22Q4"}
    assert (set(data["quarter_start"]), set(data["quarter_end"])) == ({"2022-01-01"}, {"2022-03-31"})
    assert set(data["synthetic"]) == {"yes", "no"}
    assert set(data["release"]) == {"draft"}


def test_numbers_are_those_of_the_scorecard(synthetic_scorecard: Scorecard, data: pd.DataFrame) -> None:
    row = data[(data["measure_id"] == "all_recorded_crime") & (data["area_code"] == "CSP-SOUTH-VALE")].iloc[0]
    line = synthetic_scorecard.lines_of(synthetic_scorecard.measures[0])["CSP-SOUTH-VALE"]
    assert float(row["quarter_number"]) == line.value(QUARTER_NUMBER)
    assert float(row["rate"]) == pytest.approx(line.value(RATE), abs=0.00005)
    assert row["residents_mid_year"] == "2021"


def test_the_same_scorecard_gives_the_same_bytes(synthetic_scorecard: Scorecard) -> None:
    assert tidy_csv(synthetic_scorecard) == tidy_csv(synthetic_scorecard)
    assert b"\r" not in tidy_csv(synthetic_scorecard)
    assert len(tidy_csv(synthetic_scorecard).splitlines()) == len(synthetic_scorecard.lines) + 1
