"""Where two returns could both answer, a check finds each district and quarter in which they differ by over a tenth."""

from __future__ import annotations

import pytest
from psycopg2.extensions import connection as Connection

from sia.quality.validate import validate
from sia.warehouse import invariants
from sia.warehouse.load import load
from tests.conftest import Warehouse
from tests.staged import good_rows, stage_rows

MONTHS = ("2021-04", "2021-05", "2021-06")


def load_return(connection: Connection, return_name: str, table: str, rows: list[dict[str, str | None]]) -> None:
    submission = stage_rows(connection, return_name, {table: rows}, quarter="2021-22Q1")
    validate(connection, submission)
    load(connection, submission)


# The counts say 12 robberies a month in every district: 36 a quarter. A tenth of that is 3.6.
@pytest.mark.parametrize(("robberies_a_month", "districts_that_differ"), [(12, 4), (13, 4), (14, 5), (10, 5)])
def test_a_difference_of_more_than_a_tenth_is_reported(
    warehouse: Warehouse, robberies_a_month: int, districts_that_differ: int
) -> None:
    connection = warehouse.connection
    load_return(connection, "tvp_counts", "counts", good_rows("tvp_counts", "counts"))
    robbery = good_rows("tvp_crime", "street")[0] | {"crime_type": "Robbery"}
    crimes = [
        {**robbery, "month": month, "crime_id": f"{number}{index:063d}"}
        for number, month in enumerate(MONTHS)
        for index in range(robberies_a_month)
    ]
    load_return(connection, "tvp_crime", "street", crimes)
    broken = {check.check: check.rows for check in invariants.run(connection)}
    assert broken["police_returns_compared"] == districts_that_differ
