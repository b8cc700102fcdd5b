"""What a survey's rows count: replies divided by the design effect, so that an interval is as wide as it must be."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sia.statistics.intervals import proportion_interval
from sia.warehouse.load import load
from tests.conftest import Warehouse
from tests.staged import good_rows, stage_rows
from tests.submissions import query


def test_only_replies_with_a_base_of_50_in_the_quarter_alone_are_counted(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    (good,) = good_rows("residents_survey", "answers")
    everybody = {**good, "question": "Everybody who replied", "answer": None, "weighted": None, "design_effect": None}
    rows = [
        good,
        {**good, "answer": "Neither", "weighted": "100"},
        {**good, "person_group": "Sex: female", "base": "210", "weighted": "120"},
        {**good, "area": "Oxford City CSP", "covers": "The twelve months up to the end of this quarter"},
        {**good, "area": "Cherwell CSP", "base": None, "weighted": None, "design_effect": None, "share": "64.9"},
        {**good, "area": "West Oxfordshire CSP", "base": "49", "weighted": "40"},
        everybody,
    ]
    number = stage_rows(connection, "residents_survey", {"answers": rows})
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE intake.submission SET status = 'validated' WHERE submission_id = %s", (number,))
    assert load(connection, number)
    totals = (
        "SELECT component, round(value, 4) FROM marts.component_total_today"
        " WHERE return_name = 'residents_survey' ORDER BY component"
    )
    # By hand: 259.4 / 1.3 and 400 / 1.3.
    assert query(connection, totals) == [
        ("county_survey:respondents", Decimal(400)),
        ("county_survey:safe_after_dark", Decimal("199.5385")),
        ("county_survey:safe_after_dark:of", Decimal("307.6923")),
    ]
    kept = "SELECT count(*), count(share_percent), count(base) FROM warehouse.survey_answer_today"
    assert query(connection, kept) == [(7, 1, 6)]


def test_the_interval_of_an_effective_number_is_that_of_the_design() -> None:
    """Wilson with n = 400 / 1.3 and p = 259.4 / 400, worked out with the published formula: 0.5936 to 0.6997."""
    lower, upper = proportion_interval(259.4 / 1.3, 400 / 1.3)
    assert (lower, upper) == (pytest.approx(0.5936, abs=5e-5), pytest.approx(0.6997, abs=5e-5))
