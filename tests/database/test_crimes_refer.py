"""The crime-level facts have no foreign keys to area and offence: the check in their place finds what they would."""

from __future__ import annotations

import pytest

from sia.quality.validate import validate
from sia.warehouse import checks
from sia.warehouse.load import load
from tests.conftest import Warehouse
from tests.staged import good_rows, stage


@pytest.mark.parametrize("column", ["area_code", "offence_code"])
def test_a_fact_that_refers_to_nothing_is_found(warehouse: Warehouse, column: str) -> None:
    connection = warehouse.connection
    submission = stage(connection, "tvp_crime", {"street": good_rows("tvp_crime", "street")}, quarter="2021-22Q4")
    validate(connection, submission)
    load(connection, submission)
    assert checks.run(connection) == []

    with connection, connection.cursor() as cursor:
        cursor.execute(f"UPDATE warehouse.tvp_crime SET {column} = 'nowhere' WHERE row_number = 1")

    assert "crimes_refer" in [broken.check for broken in checks.run(connection)]
