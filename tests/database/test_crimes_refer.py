"""The crimes have no foreign keys, so a check finds codes that refer to nothing."""

from __future__ import annotations

import pytest

from sia.quality.validate import validate
from sia.warehouse import invariants
from sia.warehouse.load import load
from tests.conftest import Warehouse
from tests.staged import good_rows, stage_rows


@pytest.mark.parametrize(
    ("column", "nothing"), [("area_code", "nowhere"), ("offence_code", "nothing"), ("return_version_id", -1)]
)
def test_the_check_finds_a_code_that_refers_to_nothing(warehouse: Warehouse, column: str, nothing: object) -> None:
    connection = warehouse.connection
    submission = stage_rows(connection, "tvp_crime", {"street": good_rows("tvp_crime", "street")}, quarter="2021-22Q4")
    validate(connection, submission)
    load(connection, submission)
    assert invariants.run(connection) == []

    with connection, connection.cursor() as cursor:
        cursor.execute(f"UPDATE warehouse.street_crime SET {column} = %s WHERE row_number = 1", (nothing,))

    assert "crimes_refer" in [broken.check for broken in invariants.run(connection)]
