"""What an award's rows count: a project that ended has its whole award and all that was spent of it."""

from __future__ import annotations

from decimal import Decimal

from sia.warehouse.load import load
from tests.conftest import Warehouse
from tests.staged import good_rows, stage_rows
from tests.submissions import query

OF_ENDED = (
    "SELECT component, area_code, value FROM marts.component_total_today"
    " WHERE component IN ('award_of_ended', 'spent_of_ended') AND value <> 0 ORDER BY component, area_code"
)


def test_what_was_spent_of_an_award_counts_in_the_quarter_in_which_its_project_ended(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    (going_on,) = good_rows("csp_grants", "awards")
    ended = {**going_on, "award_reference": "GRA-2021-002", "ends_on": "2021-06-30", "spent_to_date": "4100.50"}
    before = {**going_on, "award_reference": "GRA-2020-001", "awarded_on": "2020-05-04", "ends_on": "2021-03-31"}
    number = stage_rows(connection, "csp_grants", {"awards": [going_on, ended, before]})
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE intake.submission SET status = 'validated' WHERE submission_id = %s", (number,))
    assert load(connection, number)
    assert query(connection, OF_ENDED) == [
        ("award_of_ended", "CSP-SOUTH-VALE", Decimal(8000)),
        ("spent_of_ended", "CSP-SOUTH-VALE", Decimal("4100.50")),
    ]
    share = (
        "SELECT value, small_number FROM marts.scorecard_wide WHERE measure_id = 'award_spent_share' AND area_code = %s"
    )
    ((value, small_number),) = query(connection, share, ("CSP-SOUTH-VALE",))
    assert (float(value), small_number) == (51.25625, None)
