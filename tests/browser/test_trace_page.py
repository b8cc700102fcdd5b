"""The page *Trace a figure*: who may use it, what it shows, and how it looks in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg2
import pytest
from fastapi import HTTPException
from psycopg2.extras import Json
from starlette.testclient import TestClient

from sia.calendar import Quarter
from sia.cli.trace import trace as trace_command
from sia.errors import PermanentError
from sia.pages import trace
from sia.register_file import RegisterError
from sia.registers import staff
from sia.registers.measures import measures
from sia.trace import figure as tracing
from sia.warehouse import database, roles
from sia.warehouse.load import load
from tests import axe, chromium
from tests.conftest import Warehouse
from tests.database.test_load import job, submit
from tests.own_registers import replace_register

FIGURE = {"measure": "sanctuary_referrals", "area": "CSP-SOUTH-VALE", "quarter": "2018-19Q4"}
TITLE = next(measure.title for measure in measures() if measure.id == FIGURE["measure"])
STAFF = """
staff:
  - {login: ann, role: steward}
  - {login: bea, role: publisher}
  - {login: cy, role: analyst}
"""


@dataclass(frozen=True)
class User:
    """The signed-in user, as Airflow gives it."""

    name: str

    def get_name(self) -> str:
        return self.name


@pytest.fixture(scope="module")
def restated(warehouse_of_module: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """49 referrals received in April 2019, 55 in August 2020; a finding in a row of them, and one in another row."""
    connection = warehouse_of_module.connection
    roles.apply(connection)
    connection.commit()
    for day, many in (("2019-04-23", 49), ("2020-08-10", 55)):
        number = submit(connection, day, [*(job(n, cost="87.31") for n in range(many)), job(900, "Oxford")])
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO intake.staged_file VALUES (%s, 'jobs', 1, 'Jobs', NULL, 5, 1000, 0, %s)",
                (number, Json({"district": "B"})),
            )
        assert load(connection, number)
    with connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO quality.finding (submission_id, rule_id, message, table_name, sheet, row_number, cell)"
            " VALUES (%s, 'SAN-COST-01', 'x', 'jobs', 'Jobs', %s, %s)",
            [(number, row, f"J{row}") for row in (7, 60)],
        )
    with pytest.MonkeyPatch.context() as patch:
        replace_register(patch, tmp_path_factory.mktemp("staff"), "staff.yml", STAFF)
        yield warehouse_of_module


def page(login: str) -> TestClient:
    return TestClient(trace.create(lambda: User(login)), base_url="http://testserver", follow_redirects=False)


def test_a_reader_who_has_not_signed_in_goes_to_the_sign_in_page_and_back() -> None:
    def nobody() -> None:
        raise HTTPException(401)

    asked = TestClient(trace.create(nobody), follow_redirects=False)
    answer = asked.get("/", params=FIGURE)
    assert answer.status_code == 303
    assert re.fullmatch(
        r"/api/v2/auth/login\?next=%2F%3Fmeasure%3Dsanctuary_referrals[\w%.-]+", answer.headers["location"]
    )
    assert answer.text == ""
    assert {asked.get(path).status_code for path in ("/docs", "/redoc", "/openapi.json")} == {404}


@pytest.mark.parametrize(("login", "status"), [("ann", 200), ("bea", 200), ("cy", 403), ("dee", 403)])
def test_the_role_in_the_warehouse_decides_who_may_trace(restated: Warehouse, login: str, status: int) -> None:
    answer = page(login).get("/", params=FIGURE)
    assert answer.status_code == status
    assert ("55 " in answer.text) == ("10 August 2020" in answer.text) == (status == 200)
    assert answer.headers["cache-control"] == "no-store"


def test_a_page_reads_with_the_rights_of_the_role_alone(restated: Warehouse) -> None:
    with database.connection("steward") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('transaction_read_only')")
        assert cursor.fetchone() == ("sia_steward", "on")
        for forbidden in ("SELECT * FROM warehouse.sanctuary_job", "CREATE TABLE marts.mine (a integer)"):
            connection.rollback()
            with pytest.raises((psycopg2.errors.InsufficientPrivilege, psycopg2.errors.ReadOnlySqlTransaction)):
                cursor.execute(forbidden)


def test_a_figure_leads_to_the_submission_its_rows_and_the_results_of_rules(restated: Warehouse) -> None:
    text = page("ann").get("/", params=FIGURE).text
    assert f'<h2 id="title">{TITLE}, South and Vale CSP, 2018/19 Q4</h2>' in text
    assert "2020-08-10" in text  # the receipt
    assert "10 August 2020" in text
    assert "23 April 2019" not in text
    assert "5–59" in text  # fifty-five rows from row 5 on; the row after them is Oxford's
    assert "2 findings in the return, 1 in these rows" in text
    assert "synthetic" in text
    # Neither a cell nor its value: the page has no references and no costs of the jobs.
    # The page's style has a random number, in which any two letters may appear.
    assert "J7" not in re.sub(r'nonce="[^"]*"', "", text)
    assert not re.search(r"SAN-2019-\d|87\.31", text)


def test_a_figure_as_known_on_a_day_leads_to_the_submission_of_that_day(restated: Warehouse) -> None:
    text = page("ann").get("/", params={**FIGURE, "known": "2019-06-18"}).text
    assert "49 referrals" in text
    assert "As known at the end of 18 June 2019" in text
    assert "23 April 2019" in text
    assert "10 August 2020" not in text
    # A submission received on a day counts at the end of that day.
    assert "55 referrals" in page("ann").get("/", params={**FIGURE, "known": "2020-08-10"}).text
    assert "49 referrals" in page("ann").get("/", params={**FIGURE, "known": "2020-08-09"}).text
    assert page("ann").get("/", params={**FIGURE, "known": "9999-12-31"}).status_code == 200


def test_zero_and_not_received_are_not_the_same(restated: Warehouse) -> None:
    none = page("ann").get("/", params={**FIGURE, "quarter": "2018-19Q3"}).text
    assert "we received nothing. That is not zero" in none
    zero = page("ann").get("/", params={**FIGURE, "area": "CSP-WEST"}).text
    assert "0 referrals" in zero
    assert "no rows for West Oxfordshire CSP, so it counts as 0" in zero


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"measure": "no_such_measure"}, 404),
        ({"area": "E99999999"}, 404),
        ({"quarter": "2018-20Q4"}, 422),
        ({"known": "yesterday"}, 422),
        ({"measure": "'; DROP TABLE marts.component_total"}, 422),
        ({"area": ""}, 422),
    ],
)
def test_an_unknown_choice_gets_a_message_and_the_form(restated: Warehouse, wrong: dict[str, str], status: int) -> None:
    answer = page("ann").get("/", params={**FIGURE, **wrong})
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert "<form" in answer.text


def test_every_measure_can_be_traced(restated: Warehouse) -> None:
    with database.connection("steward") as connection:
        offered = [option for section in tracing.options(connection).measures.values() for option in section]
        for measure in offered:
            traced = tracing.trace(connection, measure.key, FIGURE["area"], Quarter(2018, 4))
            assert traced is not None
            assert traced.figure


def test_the_terminal_says_the_same(restated: Warehouse, capfd: pytest.CaptureFixture[str]) -> None:
    trace_command("sanctuary_referrals", "South and Vale CSP", "2018-19Q4", "2019-06-18")
    text = capfd.readouterr().out
    assert "49 referrals" in text
    assert "row 5–53 (49 in all), adds 49" in text
    with pytest.raises(PermanentError, match=r"MEASURE=…, one of\n  all_recorded_crime"):
        trace_command("", "", "", "")
    with pytest.raises(PermanentError, match="financial quarter"):
        trace_command("sanctuary_referrals", "E10000025", "2018", "")


def test_a_register_that_names_a_log_in_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    twice = "staff: [{login: a, role: steward}, {login: a, role: analyst}]"
    replace_register(monkeypatch, tmp_path, "staff.yml", twice)
    with pytest.raises(RegisterError, match="two entries have the login a"):
        staff.role_of("a")
    monkeypatch.delenv("SIA_REGISTERS")
    assert staff.role_of("unit") == "steward"
    assert staff.role_of("somebody") is None


@chromium.needed
def test_a_person_follows_a_figure_in_a_browser(restated: Warehouse, tab: chromium.Tab) -> None:
    with chromium.serving(trace.create(lambda: User("ann"))) as address:
        tab.open(address)
        assert tab.evaluate("[...document.querySelectorAll('input, select')].every(field => field.labels.length === 1)")
        for name, value in FIGURE.items():
            tab.evaluate(f"document.querySelector('#{name}').value = '{value}'")
        tab.evaluate("document.querySelector('button').click()")
        tab.wait_for("document.querySelector('#answer') !== null")
        assert "55 referrals" in tab.evaluate("document.querySelector('#answer').innerText")
        assert tab.evaluate("document.title").endswith("where the figure comes from")
        # The form keeps the choices. The submission's list of rules is open because a rule failed.
        assert {name: tab.evaluate(f"document.querySelector('#{name}').value") for name in FIGURE} == FIGURE
        assert tab.evaluate("document.querySelectorAll('details[open]').length") == 1
        # Headings go down one step at a time, and every table has its caption and the heads of its columns.
        assert tab.evaluate(_HEADINGS) == []
        assert tab.evaluate(
            "[...document.querySelectorAll('table')].every(t => t.caption && t.tHead.querySelector('th[scope=col]'))"
        )
        tab.evaluate("document.querySelector('#answer a').click()")
        tab.wait_for("document.readyState === 'complete' && location.search.includes('2018-19Q3')")
        for width in (1280, 320):
            tab.resize(width)
            tab.open(f"{address}?{urlencode(FIGURE)}")
            tab.wait_for("document.querySelector('#answer') !== null")
            assert tab.evaluate("document.documentElement.scrollWidth") == width


@chromium.needed
def test_the_page_has_no_violation(restated: Warehouse, tab: chromium.Tab, engine: str) -> None:
    with chromium.serving(trace.create(lambda: User("ann"))) as address:
        for asked in ({}, FIGURE, {**FIGURE, "area": "E99999999"}):
            assert axe.violations_at_every_width(tab, engine, f"{address}?{urlencode(asked)}") == []


_HEADINGS: Any = """
[...document.querySelectorAll('h1, h2, h3, h4')].map(h => Number(h.tagName[1]))
    .filter((level, n, all) => n > 0 && level > all[n - 1] + 1)
"""
