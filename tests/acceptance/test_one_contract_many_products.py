"""A changed line of a contract changes every product made from it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import openpyxl
import pytest
import yaml
from psycopg2.extensions import connection as Connection

from sia.calendar import Quarter
from sia.contract import return_workbook
from sia.contract.model import Contract
from sia.contract.rules import compile_rules
from sia.paths import CONTRACTS
from sia.quality.expectation_suite import expectation_suite
from sia.warehouse import staging_tables
from tests.conftest import Warehouse

QUARTER = Quarter.parse("2021-22Q4")


def contract_with(change: Callable[[dict[str, Any]], None]) -> Contract:
    written = yaml.safe_load((CONTRACTS / "sanctuary.yml").read_text(encoding="utf-8"))
    change(written)
    return Contract.model_validate(written)


def workbook_words(contract: Contract) -> set[str]:
    """Everything that a partner can read in the blank workbook: cells, notes and drop-downs' messages."""
    book = return_workbook.workbook(contract, QUARTER, "sanctuary_contractor")
    book = openpyxl.load_workbook(BytesIO(return_workbook.to_bytes(book)))
    words = set()
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                words |= {str(cell.value), cell.comment.text if cell.comment else ""}
        for validation in sheet.data_validations.dataValidation:
            words |= {validation.prompt or "", validation.error or ""}
    return words


def staging(connection: Connection, contract: Contract) -> dict[str, str]:
    """The columns of the staging table of jobs with their comments."""
    with connection.cursor() as cursor:
        cursor.execute(staging_tables.template(contract, contract.table("jobs")))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname, col_description(attrelid, attnum) FROM pg_attribute"
            " WHERE attrelid = 'staging.sanctuary_jobs'::regclass AND attnum > 0 AND NOT attisdropped"
        )
        return dict(cursor.fetchall())


def suite(contract: Contract) -> dict[str, dict[str, Any]]:
    built = expectation_suite("jobs", compile_rules(contract, contract.table("jobs"), QUARTER), QUARTER)
    return {expectation.meta["rule_id"]: expectation.configuration.to_json_dict() for expectation in built.expectations}


def messages(contract: Contract) -> dict[str, str]:
    return {rule.id: rule.message for rule in compile_rules(contract, contract.table("jobs"), QUARTER)}


def products(connection: Connection, contract: Contract) -> dict[str, Any]:
    return {
        "blank workbook": workbook_words(contract),
        "staging table": staging(connection, contract),
        "allow-list": contract.table("jobs").names,
        "suite": suite(contract),
        "messages": messages(contract),
    }


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        (
            lambda c: c["tables"][0]["columns"].append(
                {"name": "visits", "label": "Visits", "help": "Visits made.", "type": "integer", "required": True}
            ),
            {"blank workbook", "staging table", "allow-list", "suite", "messages"},
        ),
        (
            lambda c: c["tables"][0]["columns"][0].update(label="Reference of the job"),
            {"blank workbook", "staging table", "messages"},
        ),
        (
            lambda c: c["tables"][0]["columns"][3]["choices"].append({"code": "arson", "label": "Arson"}),
            {"blank workbook", "suite", "messages"},
        ),
        (
            lambda c: c["tables"][0]["rules"][0].update(max_value=6000),
            {"suite"},
        ),
        (
            lambda c: c["tables"][0]["columns"][9].update(required=True),
            {"blank workbook", "suite", "messages"},
        ),
        (
            lambda c: c.update(version="2018.1"),
            {"blank workbook"},
        ),
    ],
    ids=["a column more", "a label", "a code more", "a limit", "required", "a version"],
)
def test_a_changed_line_changes_the_products_that_show_it_and_no_other(
    change: Callable[[dict[str, Any]], None], changed: set[str], warehouse: Warehouse
) -> None:
    before = products(warehouse.connection, contract_with(lambda _: None))
    after = products(warehouse.connection, contract_with(change))
    assert {name for name in before if before[name] != after[name]} == changed


def test_the_new_column_is_found_by_name_in_every_product(warehouse: Warehouse) -> None:
    contract = contract_with(
        lambda c: c["tables"][0]["columns"].append(
            {"name": "visits", "label": "Visits", "help": "Visits made.", "type": "integer", "required": True}
        )
    )
    made_products = products(warehouse.connection, contract)
    assert "Visits" in made_products["blank workbook"]
    assert made_products["staging table"]["visits"] == "Visits: Visits made."
    assert "visits" in made_products["allow-list"]
    assert made_products["suite"]["SAN-JOBS-VISITS-REQUIRED"]["kwargs"] == {"column": "visits_text"}
    assert made_products["messages"]["SAN-JOBS-VISITS-TYPE"].startswith("Visits must be a whole number")
