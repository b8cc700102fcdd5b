"""The dimensions can be read without the registers, and the name of an amount includes its unit."""

from __future__ import annotations

import re

from sia.calendar import Quarter
from sia.contract.model import ColumnType, contracts
from sia.registers.measures import measures
from sia.warehouse.facts import lineage
from tests.conftest import Warehouse
from tests.database.test_as_known import ask


def test_a_measure_in_the_database_matches_its_register(warehouse_of_module: Warehouse) -> None:
    rows = ask(
        warehouse_of_module.connection,
        "SELECT measure_id, title, theme, unit, under_reported, note FROM marts.dim_measure ORDER BY sort_order",
    )
    assert rows == [(m.id, m.title, m.theme, m.unit, m.under_reported, m.note) for m in measures()]
    assert any(note for *_, note in rows)


def test_only_anti_social_behaviour_is_not_a_crime(warehouse_of_module: Warehouse) -> None:
    rows = ask(warehouse_of_module.connection, "SELECT offence_name FROM warehouse.dim_offence WHERE NOT is_crime")
    assert rows == [("Anti-social behaviour",)]


def test_a_quarter_has_its_number_in_the_year(warehouse_of_module: Warehouse) -> None:
    rows = ask(warehouse_of_module.connection, "SELECT quarter_key, quarter_of_year FROM warehouse.dim_quarter")
    assert rows
    assert all(Quarter.parse(key).number == number for key, number in rows)


# The unit in a comment, and in the name of the column.
_UNITS = {
    r"\bpounds\b": "gbp",
    r"[Pp]er cent\b": "percent",
    r"\b(each|per) 1,000\b": "per_1000",
    r"\bpersons\b": "persons",
    r"\b[Hh]ouseholds\b": "households",
    r"\b[Bb]ytes\b": "bytes",
    r"\b[Dd]ays since\b|\b[Ww]orking days\b": "days",
    r"^Months\b": "months",
}
# Their unit is that of the measure, and the same row has its kind.
_BY_KIND = {
    "amount", "value", "last_year_value", "change", "year_value", "year_before_value", "year_change",
}  # fmt: skip


def test_the_name_of_a_number_s_column_includes_its_unit(warehouse_of_module: Warehouse) -> None:
    rows = ask(
        warehouse_of_module.connection,
        "SELECT c.relname, a.attname, col_description(c.oid, a.attnum) FROM pg_class AS c"
        " INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.relkind IN ('r', 'v') AND c.relnamespace::regnamespace::text IN ('marts', 'warehouse', 'intake')"
        " AND a.atttypid::regtype::text IN ('smallint', 'integer', 'bigint', 'numeric', 'double precision')",
    )
    units = {row[:2]: {unit for pattern, unit in _UNITS.items() if re.search(pattern, row[2])} for row in rows}
    assert set().union(*units.values()) == set(_UNITS.values())
    without_unit = {
        column for column, expected in units.items() if expected and not any(unit in column[1] for unit in expected)
    }
    assert {column for column in without_unit if column[1] not in _BY_KIND} == set()


def test_the_name_of_a_column_of_pounds_ends_in_gbp() -> None:
    columns = [
        name
        for contract in contracts().values()
        for table in contract.tables
        for name, made_from in lineage(contract, table).items()
        if {column.type for column in table.columns if column.name in made_from} == {ColumnType.MONEY}
        # Why there are no pounds is in words.
        and not name.endswith("_missing_reason")
    ]
    assert {"works_cost_gbp", "fee_gbp", "amount_gbp"} <= set(columns)
    assert [name for name in columns if not name.endswith("_gbp")] == []
