"""The dimensions explain themselves without the registers beside them, and an amount says its unit in its name."""

from __future__ import annotations

from sia.calendar import Quarter
from sia.contract.model import ColumnType, contracts
from sia.measures.register import measures
from sia.warehouse.lineage import lineage
from tests.conftest import Warehouse
from tests.database.test_as_known import ask


def test_a_measure_says_in_the_database_what_its_register_says(warehouse_of_module: Warehouse) -> None:
    rows = ask(
        warehouse_of_module.connection,
        "SELECT measure_id, title, theme, unit, under_reported, note FROM marts.dim_measure ORDER BY sort_order",
    )
    assert rows == [(m.id, m.title, m.theme, m.unit, m.under_reported, m.note) for m in measures()]
    assert any(note for *_, note in rows)


def test_anti_social_behaviour_alone_is_no_crime(warehouse_of_module: Warehouse) -> None:
    rows = ask(warehouse_of_module.connection, "SELECT offence_name FROM warehouse.dim_offence WHERE NOT is_crime")
    assert rows == [("Anti-social behaviour",)]


def test_a_quarter_knows_its_place_in_the_year(warehouse_of_module: Warehouse) -> None:
    rows = ask(warehouse_of_module.connection, "SELECT quarter_key, quarter_of_year FROM warehouse.dim_quarter")
    assert rows
    assert all(Quarter.parse(key).number == number for key, number in rows)


def test_pounds_say_so_in_the_name_of_their_column() -> None:
    found = [
        name
        for contract in contracts().values()
        for table in contract.tables
        for name, made_from in lineage(contract, table).items()
        if {column.type for column in table.columns if column.name in made_from} == {ColumnType.MONEY}
    ]
    assert {"works_cost_gbp", "fee_gbp", "amount_gbp"} <= set(found)
    assert [name for name in found if not name.endswith("_gbp")] == []
