"""A new return needs a contract only: its facts, history, load, comments, rights and dictionary follow from it."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import psycopg2
import pytest
from psycopg2 import errors
from psycopg2.extensions import connection as Connection

from sia.contract.model import contracts
from sia.dictionary.content import dictionary
from sia.errors import PermanentError
from sia.extracts import marts
from sia.settings import settings
from sia.warehouse import facts, invariants, migrate
from sia.warehouse.load import load
from tests.conftest import Warehouse
from tests.database.test_as_known import ask
from tests.staged import stage_rows

CONTRACT = """\
name: food_bank
code: FOO
title: Food bank return
about: Parcels given in the quarter, and visits by area.
senders: {food_bank: Food bank}
version: "2020.1"
begins: 2020-04-01
expected: false
due_working_days: 15
version_period: quarter
count_period: quarter
formats: [xlsx]
max_megabytes: 10
retention: {accepted_months: 84, refused_days: 90, why: "A test"}
tables:
  - name: parcels
    sheet: Parcels
    title: Parcels
    help: One row for each parcel.
    fact:
      name: food_parcel
      checks: {delivered_after_order: "delivered_on >= ordered_on"}
    components:
      - {name: parcels, description: Parcels that were given}
      - {codes_of: need, description: Parcels by need}
      - {name: not_urgent, sum_of: need, without: [eviction], description: Parcels that can wait}
    key: [reference, order]
    key_rule: FOO-KEY-01
    key_message: List each parcel once.
    columns:
      - {name: reference, label: Reference, help: Your own number., required: true, example: A-1}
      - {name: order, label: Order, help: How many there were before., type: integer, required: true, min_value: 0, example: "0"}
      - {name: district, label: District, help: Where it went., type: choice, required: true, choices_from: districts, example: Oxford}
      - name: need
        label: Need
        help: Why it was given.
        type: choice
        required: true
        example: Debt
        dimension:
          name: need
          title: Needs of the food bank
          attributes: {is_urgent: {description: Whether it cannot wait, default: false}}
        choices:
          - {code: debt, label: Debt}
          - {code: eviction, label: Eviction, attributes: {is_urgent: true}}
      - name: contents
        label: Contents
        help: What was in it.
        type: choice
        required: true
        example: Dry food
        choices: [{code: dry, label: Dry food}, {code: fresh, label: Fresh food}]
      - {name: month, label: Month, help: The month of the order., type: month, required: true, example: "2021-05"}
      - {name: ordered_on, label: Ordered, help: The day of the order., type: date, required: true, example: "2021-05-03"}
      - {name: delivered_on, label: Delivered, help: The day of the delivery., type: date, example: "2021-05-04"}
      - {name: value, label: Value, help: What it was worth., type: money, unit: GBP, example: "12.50"}
      - {name: fresh, label: Fresh, help: Whether it was fresh., type: yes_no, required: true, example: "No"}
      - {name: volunteer, label: Volunteer, help: Who took it., personal: true}
  - name: visits
    sheet: Visits
    title: Visits
    help: One row for each kind of visit.
    fact:
      name: food_visit
      counts: true
      area_columns: visits
      only_checked: [oxfordshire]
      descriptions: {area_code: Where the visitor lives, visits: Number of visits}
    components: [{name: visits, description: Visits}]
    zero_areas: []
    key: [kind]
    key_rule: FOO-KEY-02
    key_message: List each kind once.
    columns:
      - {name: kind, label: Kind, help: Which kind., required: true, example: First}
      - {name: cherwell, label: Cherwell, help: Visits from Cherwell., type: integer, required: true, min_value: 0, example: "3"}
      - {name: oxford, label: Oxford, help: Visits from Oxford., type: integer, required: true, min_value: 0, example: "4"}
      - {name: out_of_area, label: Out of area, help: Visits from elsewhere., type: integer, required: true, min_value: 0, example: "5"}
      - {name: oxfordshire, label: Total, help: Visits from the county., type: integer, required: true, example: "7"}
"""  # noqa: E501
COMPONENTS = {
    "food_bank_parcels": """\
SELECT f.return_version_id, f.row_number, f.area_code, lower(v.period) AS starts_on, c.component, 1 AS value
FROM warehouse.food_parcel AS f INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
CROSS JOIN LATERAL (VALUES ('parcels'), (f.need_code)) AS c (component)
""",
    "food_bank_visits": """\
SELECT f.return_version_id, f.row_number, f.area_code, lower(v.period) AS starts_on, 'visits' AS component,
    f.visits AS value
FROM warehouse.food_visit AS f INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
""",
}
READERS = "SELECT has_table_privilege(%s, %s, 'SELECT')"


class Contracts:
    """The project's contracts, and a contract for the tests that a test may change."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch, self._folder, self._edition = monkeypatch, folder, 0

    def change(self, *changes: tuple[str, str]) -> None:
        text = CONTRACT
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        # The software reads the contracts of a folder only once.
        self._edition += 1
        folder = Path(shutil.copytree(settings().contracts, self._folder / str(self._edition)))
        (folder / "food_bank.yml").write_text(text, encoding="utf-8")
        (folder / "components").mkdir(exist_ok=True)
        for name, query in COMPONENTS.items():
            (folder / "components" / f"{name}.sql").write_text(query, encoding="utf-8")
        self._monkeypatch.setenv("SIA_CONTRACTS", str(folder))


@pytest.fixture
def own_contracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Contracts:
    own = Contracts(tmp_path, monkeypatch)
    own.change()
    return own


@pytest.fixture
def connection(warehouse: Warehouse, own_contracts: Contracts) -> Connection:
    migrate.migrate(warehouse.connection)
    return warehouse.connection


def columns(connection: Connection, table: str) -> dict[str, str]:
    rows = ask(
        connection,
        "SELECT attname, format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END"
        " FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        f"warehouse.{table}",
    )
    return dict(rows)


def take(connection: Connection, quarter: str = "2021-22Q1") -> None:
    submission_id = stage_rows(connection, "food_bank", quarter=quarter)
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE intake.submission SET status = 'validated' WHERE submission_id = %s", (submission_id,))
        cursor.execute(
            "INSERT INTO quality.row_reconciliation (submission_id, table_name, rows_read, rows_staged)"
            " SELECT %s, t, 1, 1 FROM unnest(ARRAY['parcels', 'visits']) AS t ON CONFLICT DO NOTHING",
            (submission_id,),
        )
    assert load(connection, submission_id)


def test_the_table_has_the_columns_keys_and_references_of_the_contract(connection: Connection) -> None:
    assert columns(connection, "food_parcel") == {
        "return_version_id": "bigint NOT NULL",
        "row_number": "bigint NOT NULL",
        "reference": "text NOT NULL",
        "order": "integer NOT NULL",
        "area_code": "text NOT NULL",
        "need_code": "text NOT NULL",
        "contents": "text NOT NULL",
        "month_starts_on": "date NOT NULL",
        "ordered_on": "date NOT NULL",
        "delivered_on": "date",
        "value_gbp": "numeric(12,2)",
        "fresh": "boolean NOT NULL",
    }
    assert columns(connection, "food_visit") == {
        "return_version_id": "bigint NOT NULL",
        "row_number": "bigint NOT NULL",
        "kind": "text NOT NULL",
        "area_code": "text NOT NULL",
        "visits": "integer NOT NULL",
    }
    constraints = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype <> 'n' AND conrelid = %s::regclass"
    assert {definition for (definition,) in ask(connection, constraints, "warehouse.food_parcel")} == {
        'PRIMARY KEY (return_version_id, reference, "order")',
        "FOREIGN KEY (return_version_id) REFERENCES warehouse.return_version(return_version_id)",
        "FOREIGN KEY (area_code) REFERENCES warehouse.dim_area(area_code)",
        "FOREIGN KEY (need_code) REFERENCES warehouse.dim_need(need_code)",
        "CHECK ((contents = ANY (ARRAY['dry'::text, 'fresh'::text]))) NOT VALID",
        'CHECK (("order" >= 0)) NOT VALID',
        "CHECK ((EXTRACT(day FROM month_starts_on) = (1)::numeric)) NOT VALID",
        "CHECK ((delivered_on >= ordered_on)) NOT VALID",
    }
    assert ("PRIMARY KEY (return_version_id, kind, area_code)",) in ask(connection, constraints, "warehouse.food_visit")


def test_a_return_is_loaded_and_its_history_kept(connection: Connection) -> None:
    take(connection)
    take(connection)
    assert ask(
        connection,
        'SELECT reference, "order", area_code, need_code, contents, month_starts_on, delivered_on, value_gbp, fresh,'
        " quarter_key FROM warehouse.food_parcel_today",
    ) == [
        ("A-1", 0, "E07000178", "debt", "dry", date(2021, 5, 1), date(2021, 5, 4), Decimal("12.50"), False, "2021-22Q1")
    ]
    # Each column that areas.yml names is an area. A stated total is checked and not stored.
    assert ask(connection, "SELECT area_code, visits FROM warehouse.food_visit_today ORDER BY visits") == [
        ("E07000177", 3), ("E07000178", 4), ("OUT-OF-AREA", 5),
    ]  # fmt: skip
    assert ask(connection, "SELECT count(*) FROM warehouse.food_visit") == [(6,)]
    assert ask(connection, "SELECT count(*) FROM warehouse.food_visit_known_at(now())") == [(3,)]
    assert ask(connection, "SELECT count(*) FROM warehouse.food_parcel_known_on('2019-01-01')") == [(0,)]


def test_component_totals_are_written_traced_and_checked(connection: Connection) -> None:
    take(connection)
    totals = (
        "SELECT component, area_code, value FROM marts.component_total WHERE value > 0 ORDER BY component, area_code"
    )
    assert ask(connection, totals) == [
        ("debt", "E07000178", 1),
        ("not_urgent", "E07000178", 1),
        ("parcels", "E07000178", 1),
        ("visits", "E07000177", 3),
        ("visits", "E07000178", 4),
        ("visits", "OUT-OF-AREA", 5),
    ]
    # A return that we received counts 0 in the districts where it has no row, and counts nothing else.
    zeros = (
        "SELECT component, count(*) FROM marts.component_total WHERE value = 0 GROUP BY component ORDER BY component"
    )
    assert ask(connection, zeros) == [("debt", 4), ("eviction", 5), ("not_urgent", 4), ("parcels", 4)]
    rows = "SELECT table_name, component, value FROM warehouse.component_row ORDER BY component, area_code"
    assert ask(connection, rows) == [
        ("parcels", "debt", 1), ("parcels", "not_urgent", 1), ("parcels", "parcels", 1), ("visits", "visits", 3),
        ("visits", "visits", 4), ("visits", "visits", 5),
    ]  # fmt: skip
    assert invariants.run(connection) == []
    ask(connection, "UPDATE marts.component_total SET value = 2 WHERE component = 'parcels' RETURNING 1")
    assert [broken.check for broken in invariants.run(connection)] == ["components_reconcile"]


def test_a_component_that_the_contract_does_not_declare_is_not_loaded(
    connection: Connection, own_contracts: Contracts
) -> None:
    own_contracts.change(
        ("      - {codes_of: need, description: Parcels by need}\n", ""),
        ("      - {name: not_urgent, sum_of: need, without: [eviction], description: Parcels that can wait}\n", ""),
    )
    with pytest.raises(PermanentError, match="table parcels: the component file gives debt: add it to 'components'"):
        take(connection)


def test_a_dimension_follows_the_choices(connection: Connection, own_contracts: Contracts) -> None:
    needs = "SELECT need_code, need_name, is_urgent FROM warehouse.dim_need ORDER BY need_code"
    assert ask(connection, needs) == [("debt", "Debt", False), ("eviction", "Eviction", True)]
    assert marts()["warehouse.dim_need"] == ("need_code",)
    own_contracts.change(("{code: debt, label: Debt}", "{code: debt, label: Debts, attributes: {is_urgent: true}}"))
    migrate.migrate(connection)
    assert ask(connection, needs) == [("debt", "Debts", True), ("eviction", "Eviction", True)]


def test_counts_are_open_to_analysts_and_rows_about_a_case_are_not(
    connection: Connection, own_contracts: Contracts
) -> None:
    assert ask(connection, READERS, "sia_analyst", "warehouse.food_visit_today") == [(True,)]
    assert ask(connection, READERS, "sia_publisher", "warehouse.food_visit") == [(False,)]
    assert ask(connection, READERS, "sia_analyst", "warehouse.food_parcel") == [(False,)]
    assert ask(connection, READERS, "sia_analyst", "warehouse.food_parcel_today") == [(False,)]
    own_contracts.change(("      counts: true\n", ""))
    migrate.migrate(connection)
    assert ask(connection, READERS, "sia_analyst", "warehouse.food_visit_today") == [(False,)]


def test_the_database_and_the_dictionary_describe_columns_as_the_contract_does(connection: Connection) -> None:
    described = {
        (relation.name, column.name): (column.description, column.comes_from)
        for schema in dictionary(connection).schemas
        for relation in schema.relations
        for column in relation.columns
    }
    assert described["food_parcel_today", "contents"] == (
        "Contents: What was in it. One of: dry, fresh.",
        "Food bank return, sheet Parcels: Contents",
    )
    assert described["food_visit", "visits"] == (
        "Number of visits",
        "Food bank return, sheet Visits: Cherwell, Oxford, Out of area",
    )
    assert described["dim_need", "is_urgent"] == ("Whether it cannot wait", "contract food_bank: Need")


def test_an_unchanged_contract_touches_nothing(warehouse: Warehouse, connection: Connection) -> None:
    migrate.migrate(connection)
    ask(connection, "SET lock_timeout = '2s'; SELECT 1")
    other = psycopg2.connect(warehouse.url)
    ask_only = "SELECT * FROM warehouse.food_parcel, warehouse.dim_need"
    with other.cursor() as cursor:
        cursor.execute(ask_only)
        migrate.migrate(connection)
    other.close()


@pytest.mark.parametrize("is_filled", [False, True], ids=["empty", "filled"])
def test_a_column_that_the_contract_adds_is_added(
    connection: Connection, own_contracts: Contracts, is_filled: bool
) -> None:
    if is_filled:
        take(connection)
    own_contracts.change(
        (
            "  - name: visits\n    sheet",
            "      - {name: weight, label: Weight, help: Kilograms., type: decimal, required: true, example: '2.5'}\n"
            "  - name: visits\n    sheet",
        )
    )
    migrate.migrate(connection)
    assert columns(connection, "food_parcel")["weight"] == ("numeric" if is_filled else "numeric NOT NULL")
    take(connection)
    assert ask(connection, "SELECT weight FROM warehouse.food_parcel_today") == [(Decimal("2.5"),)]
    (description,) = (
        column.description
        for schema in dictionary(connection).schemas
        for relation in schema.relations
        for column in relation.columns
        if (relation.name, column.name) == ("food_parcel", "weight")
    )
    assert description.endswith("NULL in rows from before it was required.") == is_filled
    # Rows that were loaded earlier have no value, and new rows must have one.
    with pytest.raises((errors.CheckViolation, errors.NotNullViolation)):
        ask(connection, "UPDATE warehouse.food_parcel SET weight = NULL; SELECT 1")


def test_a_column_that_is_no_longer_required_becomes_nullable(connection: Connection, own_contracts: Contracts) -> None:
    own_contracts.change(
        ("help: The day of the order., type: date, required: true", "help: The day of the order., type: date")
    )
    migrate.migrate(connection)
    assert columns(connection, "food_parcel")["ordered_on"] == "date"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("type: yes_no, required: true", "required: true", "food_parcel.fresh has the type boolean, .* says text"),
        ("key: [reference, order]", "key: [reference]", "the key of warehouse.food_parcel is return_version_id, refe"),
        ("name: delivered_on, label", "name: arrived_on, label", "food_parcel.delivered_on is no longer in a contract"),
    ],
    ids=["type", "key", "name"],
)
def test_a_change_that_needs_a_migration_stops_migrate(
    connection: Connection, own_contracts: Contracts, old: str, new: str, words: str
) -> None:
    changes = [(old, new)]
    if "arrived" in new:
        changes.append(("delivered_on >= ordered_on", "arrived_on >= ordered_on"))
    own_contracts.change(*changes)
    with pytest.raises(PermanentError, match=f"{words}.*write a migration"):
        migrate.migrate(connection)


def test_a_migration_makes_the_change(connection: Connection, own_contracts: Contracts, tmp_path: Path) -> None:
    """A migration can also change a column that views read."""
    take(connection)
    own_contracts.change(('type: yes_no, required: true, example: "No"', 'required: true, example: "No"'))
    folder = Path(shutil.copytree(migrate.MIGRATIONS, tmp_path / "migrations"))
    (folder / "9999_fresh.sql").write_text(
        "ALTER TABLE IF EXISTS warehouse.food_parcel ALTER COLUMN fresh TYPE text"
        " USING CASE WHEN fresh THEN 'Yes' ELSE 'No' END",
        encoding="utf-8",
    )
    migrate.migrate(connection, folder)
    assert ask(connection, "SELECT fresh FROM warehouse.food_parcel_today") == [("No",)]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("choices_from: districts, ", "choices: [{code: x, label: Oxford}], ", "no column is the area_code"),
        ("name: contents\n", "name: need_code\n", "two columns are called need_code"),
        ("descriptions: {area_code: Where the visitor lives, ", "descriptions: {", "must include area_code"),
        ("      counts: true\n", "      counts: true\n      unique: [[colour]]\n", "no such column: colour"),
    ],
)  # fmt: skip
def test_a_contract_that_makes_no_facts_is_refused_by_name(
    own_contracts: Contracts, old: str, new: str, words: str
) -> None:
    own_contracts.change((old, new))
    food_bank = contracts()["food_bank"]
    with pytest.raises(ValueError, match=f"contract food_bank, table .*{words}"):
        _ = [list(facts.fact_objects(food_bank, table)) for table in food_bank.tables]
