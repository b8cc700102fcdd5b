"""Two returns that the software does not know, by contracts, component files and lines of registers alone.

All that makes them is in ``tests/made_up``. No code and no migration knows them.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from openpyxl import load_workbook
from psycopg2.extensions import connection as Connection

from sia import geography
from sia.calendar import Quarter
from sia.contract import return_workbook
from sia.contract.model import contract
from sia.contract.rules import compile_rules
from sia.dictionary.content import dictionary
from sia.local.postgres import Server
from sia.paths import PROJECT
from sia.release.draft import draft
from sia.trace.figure import Sheet, trace
from sia.warehouse import invariants, migrate
from tests.acceptance.test_every_rule import Examined
from tests.conftest import Warehouse, copy_of
from tests.counter_examples import example_row
from tests.db_logins import refusal, role_logins
from tests.made_up_returns import MADE_UP, with_made_up_returns
from tests.staged import Row
from tests.submissions import hand_in, query
from tests.workbooks import filled

RETURNS = ("probation", "fire_incidents")
QUARTER = Quarter.parse("2021-22Q1")
FIRE = "made_up_fire_service"
FACTS = ("probation_order", "fire_incident")


@dataclass(frozen=True)
class Story:
    """What the partners sent, in order, by the ids of the submissions."""

    warehouse: Warehouse
    refused: int
    first: int
    second: int
    archive: int

    @property
    def connection(self) -> Connection:
        return self.warehouse.connection


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("made-up")


@pytest.fixture(scope="module")
def made_up(server: Server, migrated: str, state: Path) -> Iterator[Warehouse]:
    """A warehouse that followed the contracts and registers when the made-up returns had been added to them."""
    with copy_of(server, migrated) as warehouse, with_made_up_returns(state), pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIA_STATE", str(state))
        assert migrate.migrate(warehouse.connection) == [], "a return needs no migration"
        yield warehouse


@pytest.fixture(scope="module")
def story(made_up: Warehouse, state: Path) -> Story:
    """A refused return, its correction, its restatement; and an archive."""
    wrong = orders(started=12, completed=5)
    wrong[2] |= {"district": "Canary Nightingale"}
    wrong[3] |= {"end_reason": None}
    return Story(
        made_up,
        refused=_orders_sent(made_up, state, wrong, "2021-07-20"),
        first=_orders_sent(made_up, state, orders(started=12, completed=5), "2021-07-21"),
        second=_orders_sent(made_up, state, orders(started=14, completed=6), "2021-08-30"),
        archive=hand_in(made_up, state, archive(), "2021-07-22", "archive.zip", "fire_incidents", FIRE),
    )


def orders(started: int, completed: int) -> list[Row]:
    """Orders that began in the quarter, of which the first few were completed and one more was recalled."""
    (table,) = contract("probation").tables
    ended = [{"end_reason": "Completed"}] * completed + [{"end_reason": "Recalled or revoked"}]
    going_on = [{"ended_on": None, "end_reason": None}] * (started - len(ended))
    return [example_row(table, number) | end for number, end in enumerate(ended + going_on)]


def _orders_sent(warehouse: Warehouse, state: Path, rows: list[Row], received: str) -> int:
    """Send a blank workbook that was filled with orders."""
    return hand_in(warehouse, state, filled("probation", {"orders": rows}), received, return_name="probation")


def archive() -> bytes:
    """The exchange's archive of a quarter: April has nothing, May five incidents, June one, of another county."""
    (table,) = contract("fire_incidents").tables
    here = geography.districts()[0].code
    lines = {
        "04": [],
        "05": [
            {"authority": here, "incident_type": "PF", "injured_people": "2"},
            {"authority": here, "incident_type": "PRIMARY"},
            {"authority": here, "incident_type": "CF"},
            {"authority": here, "incident_type": "FA"},
            {"authority": geography.districts()[1].code, "incident_type": "SSC", "injured_people": "1"},
        ],
        "06": [{"authority": "E09000001", "incident_type": "SF", "month": "2021-06"}],
    }
    content, numbers = io.BytesIO(), itertools.count()
    with zipfile.ZipFile(content, "w") as package:
        package.writestr("STAFF_FR07.csv", "not ours")
        for month, changes in lines.items():
            text = io.StringIO()
            writer = csv.DictWriter(text, table.names)
            writer.writerow({column.name: column.label for column in table.columns})
            writer.writerows(example_row(table, next(numbers)) | row for row in changes)
            package.writestr(f"quarter/INC_FR07_{month}-2021.csv", text.getvalue())
    return content.getvalue()


def test_they_have_no_code() -> None:
    theirs = sorted(path.relative_to(MADE_UP).as_posix() for path in MADE_UP.rglob("*") if path.is_file())
    assert {path.rpartition(".")[2] for path in theirs} == {"yml", "sql"}
    assert [path for path in theirs if path.endswith(".sql")] == [
        f"contracts/components/{name}.sql" for name in ("fire_incidents_incidents", "probation_orders")
    ]


def test_the_blank_workbook_asks_for_what_the_contract_says(made_up: Warehouse) -> None:
    agreed = contract("probation")
    book = return_workbook.workbook(agreed, QUARTER, "made_up_probation")
    read = load_workbook(io.BytesIO(return_workbook.to_bytes(book)))
    assert read.sheetnames[:2] == ["Cover", "Orders"]
    headings = [cell.value for cell in read["Orders"][return_workbook.HEADING_ROW]]
    assert headings == [column.label for column in agreed.tables[0].columns]


@pytest.fixture(scope="module")
def examined(made_up: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Examined]:
    with pytest.MonkeyPatch.context() as patch:
        yield Examined(made_up, tmp_path_factory.mktemp("examined"), patch)


@pytest.mark.parametrize("return_name", RETURNS)
def test_each_of_their_rules_finds_its_counter_example(story: Story, examined: Examined, return_name: str) -> None:
    agreed = contract(return_name)
    outcomes = examined.outcomes(return_name)
    assert outcomes.keys() == {rule.id for rule in compile_rules(agreed, agreed.tables[0], QUARTER)}
    assert len(outcomes) > 10
    assert [rule for rule, seen in outcomes.items() for outcome in seen if not outcome.expected] == []
    assert [rule for rule, seen in outcomes.items() for outcome in seen if outcome.findings != outcome.expected] == []


def test_facts_are_kept_with_their_history(story: Story) -> None:
    versions = (
        "SELECT v.submission_id, count(*), upper_inf(v.known_during) FROM warehouse.probation_order AS f"
        " JOIN warehouse.return_version AS v USING (return_version_id) GROUP BY 1, 3 ORDER BY 1"
    )
    assert query(story.connection, versions) == [(story.first, 12, False), (story.second, 14, True)]
    known = "SELECT count(*) FROM warehouse.probation_order_known_on(%s)"
    assert [query(story.connection, known, (day,)) for day in ("2021-07-20", "2021-08-29", "2021-08-30")] == [
        [(0,)],
        [(12,)],
        [(14,)],
    ]
    assert query(story.connection, "SELECT count(*) FROM warehouse.probation_order_today") == [(14,)]


def test_the_code_list_of_the_publisher_is_a_dimension(story: Story) -> None:
    incidents = (
        "SELECT t.fire_incident_type_name, f.area_code, f.month_starts_on::text, t.is_fire"
        " FROM warehouse.fire_incident_today AS f"
        " JOIN warehouse.dim_fire_incident_type AS t USING (fire_incident_type_code) ORDER BY row_number"
    )
    here, next_to_it, *_ = (area.code for area in geography.districts())
    assert query(story.connection, incidents) == [
        ("PF", here, "2021-05-01", True),
        ("PF", here, "2021-05-01", True),
        ("CF", here, "2021-05-01", True),
        ("FA", here, "2021-05-01", False),
        ("SSC", next_to_it, "2021-05-01", False),
        ("SF", geography.ELSEWHERE, "2021-06-01", True),
    ]


def test_what_the_rows_count_is_added_up(story: Story) -> None:
    here = geography.districts()[0].code
    totals = (
        "SELECT component, sum(value)::integer FROM marts.component_total_today"
        " WHERE return_name = %s AND area_code = %s GROUP BY 1 ORDER BY 1"
    )
    assert dict(query(story.connection, totals, ("probation", here))) == {
        "orders_completed": 6, "orders_ended": 7, "orders_started": 14,
    }  # fmt: skip
    assert dict(query(story.connection, totals, ("fire_incidents", here))) == {
        "all_incidents": 4, "chimney_fire": 1, "false_alarm": 1, "fires": 3, "injured": 2, "primary_fire": 2,
        "secondary_fire": 0, "special_service": 0,
    }  # fmt: skip
    # A month that was received without an incident is a month of zero, and so is a district without an order.
    april = "SELECT DISTINCT value FROM marts.component_total_today WHERE return_name = %s AND starts_on = %s"
    assert query(story.connection, april, ("fire_incidents", "2021-04-01")) == [(0,)]
    elsewhere = (
        "SELECT DISTINCT area_code FROM marts.component_total_today WHERE return_name = 'probation' AND value = 0"
    )
    areas = {area.code for area in geography.districts()}
    assert {code for (code,) in query(story.connection, elsewhere)} == areas - {here}


def test_a_figure_leads_to_the_rows_that_made_it(story: Story) -> None:
    here = geography.districts()[0]
    completed, ended = _traced_sheets(story, "probation_completion_rate", here.code)
    assert [(sheet.name, sheet.amount, sheet.rows) for sheet in completed] == [("Orders", "6", ((5, 10),))]
    assert [(sheet.name, sheet.amount, sheet.rows) for sheet in ended] == [("Orders", "7", ((5, 11),))]
    (incidents,) = _traced_sheets(story, "fires", here.code)
    assert [(sheet.name, sheet.amount, sheet.rows) for sheet in incidents] == [("INC_FR07_05-2021.csv", "3", ((2, 4),))]


def _traced_sheets(story: Story, measure: str, area: str) -> list[list[Sheet]]:
    """The sheets on which each part of a figure rests."""
    traced = trace(story.connection, measure, area, QUARTER)
    assert traced
    return [[sheet for source in part.sources for sheet in source.sheets] for part in traced.parts]


def test_the_checks_add_their_rows_up_again(story: Story) -> None:
    assert [broken for broken in invariants.run(story.connection) if broken.check != "staging_left"] == []
    for return_name in RETURNS:
        with story.connection.cursor() as cursor:
            cursor.execute(
                "UPDATE marts.component_total SET value = value + 1 WHERE return_version_id ="
                " (SELECT min(return_version_id) FROM warehouse.return_version WHERE return_name = %s)",
                (return_name,),
            )
        story.connection.commit()
        broken = {check.check for check in invariants.run(story.connection)}
        with story.connection.cursor() as cursor:
            cursor.execute(
                "UPDATE marts.component_total SET value = value - 1 WHERE return_version_id ="
                " (SELECT min(return_version_id) FROM warehouse.return_version WHERE return_name = %s)",
                (return_name,),
            )
        story.connection.commit()
        assert "components_reconcile" in broken


def test_analysts_read_what_is_counted_and_never_a_row(story: Story) -> None:
    rows = [f"SELECT * FROM warehouse.{fact}{suffix}" for fact in FACTS for suffix in ("", "_today")]
    rows += [f"SELECT * FROM warehouse.{fact}_known_on('2022-01-01')" for fact in FACTS]
    counts = [
        "SELECT * FROM warehouse.dim_fire_incident_type",
        "SELECT * FROM marts.observation WHERE measure_id = 'fires'",
        "SELECT * FROM marts.component_total_today WHERE return_name = 'probation'",
    ]
    with role_logins(story.warehouse) as log_in:
        analyst = log_in("analyst")
        analyst.autocommit = True
        assert {statement: refusal(analyst, statement) for statement in rows} == dict.fromkeys(rows, "42501")
        assert {statement: refusal(analyst, statement) for statement in counts} == dict.fromkeys(counts, None)


def test_the_dictionary_explains_every_column(story: Story) -> None:
    explained = dictionary(story.connection)
    (relation,) = (
        relation
        for schema in explained.schemas
        for relation in schema.relations
        if (schema.name, relation.name) == ("warehouse", "probation_order")
    )
    assert all(column.description for column in relation.columns)
    assert "The service's own number for the order" in {column.description for column in relation.columns}
    assert set(RETURNS) <= {agreed.name for agreed in explained.returns}
    assert {"PRB-END-01", "FIR-ALARM-01"} <= {rule.id for rule in explained.rules}
    assert "fires" in explained.counted


def test_the_letters_refuse_and_accept_in_words(story: Story) -> None:
    letters = query(
        story.connection, "SELECT recipient, kind, plain FROM feedback.letter ORDER BY queued_at, letter_id"
    )
    assert [(recipient, kind) for recipient, kind, _ in letters] == [
        ("made_up_probation", "refused"),
        ("made_up_probation", "accepted"),
        ("made_up_probation", "accepted"),
        (FIRE, "accepted_with_warnings"),
    ]
    refused, accepted, restated, fire = (plain for *_, plain in letters)
    assert "Fill in both, or leave both empty." in " ".join(refused.split())
    assert "Canary" not in refused
    assert "Supervision orders that began: 12" in accepted
    assert "Supervision orders that began: 14" in restated
    assert "Fires that the fire service attended: 4" in fire


def test_the_scorecard_has_their_lines(story: Story, tmp_path: Path) -> None:
    drafted = draft(story.connection, QUARTER, tmp_path)
    with drafted.data.open(encoding="utf-8", newline="") as file:
        rows = {(row["measure_id"], row["area_code"]): row for row in csv.DictReader(file)}
    county = geography.county().code
    assert rows["probation_orders_started", county]["quarter_number"] == "14"
    assert rows["probation_completion_rate", county]["quarter_figure"][:4] == "85.7"
    assert rows["fires", county]["quarter_number"] == "3"
    page = drafted.page.read_text(encoding="utf-8")
    assert "Fires that the fire service attended" in page


@pytest.mark.slow
def test_each_has_an_ingest_dag(made_up: Warehouse, airflow_home: Path) -> None:
    code = (
        "import json; from airflow.dag_processing.dagbag import DagBag;"
        f"bag = DagBag(dag_folder={str(PROJECT / 'dags')!r});"
        "print(json.dumps([sorted(bag.dag_ids), bag.import_errors]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120, env=dict(os.environ)
    )
    dags, errors = json.loads(done.stdout.splitlines()[-1])
    assert errors == {}
    assert {f"ingest_{name}" for name in RETURNS} <= set(dags)
