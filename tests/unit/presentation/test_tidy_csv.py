from __future__ import annotations

from io import BytesIO

import pandas as pd
import pytest

from sia.presentation.tidy_csv import COLUMNS, tidy, tidy_csv
from sia.registers.measures import measures
from sia.scorecard.scorecard import RESTS_ON, Scorecard
from tests.unit.presentation.synthetic import observations

STATES = {"reported", "incomplete", "not received", "not applicable"}


@pytest.fixture(scope="module")
def data(synthetic_scorecard: Scorecard) -> pd.DataFrame:
    return pd.read_csv(BytesIO(tidy_csv(synthetic_scorecard)), dtype="str", keep_default_na=False)


def test_every_column_is_documented_and_every_number_is_there(data: pd.DataFrame) -> None:
    assert list(data.columns) == list(COLUMNS)
    assert set(RESTS_ON) < set(COLUMNS)
    assert all(meaning.strip() for meaning in COLUMNS.values())


def test_one_row_a_measure_and_area_and_every_measure_is_there(data: pd.DataFrame) -> None:
    assert not data.duplicated(["measure_id", "area_code"]).any()
    assert set(data["measure_id"]) == {measure.id for measure in measures()}


def test_no_cell_is_empty_and_a_missing_number_is_a_symbol(data: pd.DataFrame) -> None:
    assert not (data == "").any(axis=None)
    numbers = data[list(RESTS_ON)]
    assert numbers.map(lambda cell: cell in {"[x]", "[z]"} or float(cell) is not None).all(axis=None)
    absent = data[data["measure_id"] == "youth_custody"]
    assert set(absent["quarter_status"]) == {"not received"}
    assert set(absent["quarter_number"]) == {"[x]"}
    assert set(absent["symbols"]) == {"[x]"}


def test_what_was_not_received_says_what_it_stands_for(synthetic_scorecard: Scorecard, data: pd.DataFrame) -> None:
    """Against the made-up counts of the quarter before, divided here."""
    words = data.set_index(["measure_id", "area"])["last_known_share"]
    before = observations().set_index(["measure_id", "area_code", "quarter_key"])["numerator"]
    (south, whole) = (before["mediation_offered", code, "2021-22Q3"] for code in ("E07000179", "E10000025"))
    assert words["mediation_offered", "South Oxfordshire"] == (
        f"not received; it was {100 * south / whole:.0f}% of the county's total in 2021/22 Q3"
    )
    assert words["mediation_offered", "Oxfordshire"] == (
        "not received; the county's total was last held for 2021/22 Q3"
    )
    # What was received has none, nor what no district adds up to.
    assert set(data.loc[data["quarter_status"] == "reported", "last_known_share"]) == {"[z]"}
    assert set(words["youth_custody"]) == {"[z]"}


def test_words_and_dates_are_of_a_fixed_kind(data: pd.DataFrame) -> None:
    for period in ("quarter", "last_year", "year", "year_before"):
        assert set(data[f"{period}_status"]) <= STATES
    assert set(data["quarter"]) == {"2021-22Q4"}
    assert (set(data["quarter_start"]), set(data["quarter_end"])) == ({"2022-01-01"}, {"2022-03-31"})
    assert set(data["synthetic"]) == {"yes", "no"}
    assert set(data["release"]) == {"draft, not for publication: small numbers are not suppressed"}


def test_numbers_are_those_of_the_scorecard(synthetic_scorecard: Scorecard, data: pd.DataFrame) -> None:
    row = data[(data["measure_id"] == "all_recorded_crime") & (data["area_code"] == "CSP-SOUTH-VALE")].iloc[0]
    line = synthetic_scorecard.lines_of(synthetic_scorecard.measures[0])["CSP-SOUTH-VALE"]
    assert float(row["quarter_number"]) == line["quarter_number"]
    assert float(row["rate"]) == pytest.approx(line["rate"], abs=0.00005)
    assert row["residents_mid_year"] == "2021"


def test_the_same_scorecard_gives_the_same_bytes(synthetic_scorecard: Scorecard) -> None:
    assert tidy_csv(synthetic_scorecard) == tidy_csv(synthetic_scorecard)
    assert b"\r" not in tidy_csv(synthetic_scorecard)
    assert len(tidy(synthetic_scorecard)) == len(synthetic_scorecard.lines)
