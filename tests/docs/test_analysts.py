"""``docs/analysts.md``: every question is asked as an analyst, and has the answer that the document prints.

Some answers are published figures, which the samples are made to fit: 97 sanctuary referrals, 1,535 new contacts of
which 341 from South and Vale, 24 offers of mediation with 14 referrals, 11 inputs and 5 agreements in 2021/22 (report
of November 2022); 49 and 55 sanctuary referrals in 2018/19 (reports of June 2019 and September 2020).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection
from sqlalchemy.engine import make_url

from sia.calendar import Quarter
from sia.dictionary.analyst_questions import Question, questions
from sia.paths import PROJECT
from sia.registers.measures import measures
from sia.release import draft
from sia.warehouse import logins
from tests.conftest import Warehouse

DOCUMENT = PROJECT / "docs" / "analysts.md"
PUBLISHED = {3: {"1535", "341"}, 4: {"97"}, 6: {"24", "14", "11", "5"}, 12: {"49", "55"}}


@pytest.fixture(scope="module")
def analyst(demo_warehouse: Warehouse) -> Iterator[Connection]:
    login = f"test_{uuid.uuid4().hex[:12]}"
    password = logins.add(demo_warehouse.connection, login, "analyst")
    url = make_url(demo_warehouse.url).set(username=login, password=password)
    connection = psycopg2.connect(url.render_as_string(hide_password=False))
    yield connection
    connection.close()
    logins.remove(demo_warehouse.connection, login)


def asked(connection: Connection, sql: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows = [tuple("" if value is None else str(value) for value in row) for row in cursor.fetchall()]
        headings = tuple(column.name for column in cursor.description or ())
    connection.rollback()
    return headings, rows


def test_there_are_twelve_questions_with_answers() -> None:
    listed = questions(DOCUMENT)
    assert [question.number for question in listed] == list(range(1, 13))
    assert all(question.answer and question.sql for question in listed)


@pytest.mark.parametrize("question", questions(DOCUMENT), ids=lambda question: str(question.number))
def test_a_question_has_the_printed_answer(analyst: Connection, question: Question) -> None:
    headings, rows = asked(analyst, question.sql)
    assert headings == question.headings
    assert rows == list(question.answer)
    assert PUBLISHED.get(question.number, set()) <= {cell for row in rows for cell in row}


def test_the_other_statements_run_with_the_right_roles(demo_warehouse: Warehouse, analyst: Connection) -> None:
    numbered = {question.sql for question in questions(DOCUMENT)}
    others = [
        s
        for s in re.findall(r"```sql\n(.+?)\n```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
        if s not in numbered
    ]
    assert len(others) >= 4
    for statement in others:
        asked(demo_warehouse.connection if "trace" in statement else analyst, statement)


def test_restatements_are_listed_with_what_they_changed(analyst: Connection) -> None:
    """49 referrals of 2018/19 in the report of June 2019, 55 in that of September 2020: six more, all at once."""
    (statement,) = (
        s
        for s in re.findall(r"```sql\n(.+?)\n```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
        if "restated_at" in s
    )
    _, rows = asked(analyst, statement)
    assert [(area, int(after) - int(before)) for _, area, _, before, after in rows] == [("South and Vale CSP", 55 - 49)]


def test_a_year_with_a_missing_quarter_is_left_out(analyst: Connection) -> None:
    """The mediation return of 2020/21 Q3 was never accepted, so question 6 leaves the whole year out."""
    (question,) = (question for question in questions(DOCUMENT) if question.number == 6)
    assert asked(analyst, question.sql)[1]
    assert asked(analyst, question.sql.replace("2021-22", "2020-21"))[1] == []


def test_the_document_s_python_runs_unchanged(
    demo_warehouse: Warehouse, analyst: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    (lines,) = re.findall(r"```python\n(.+?)\n```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    connected = analyst.info
    url = f"postgresql+psycopg2://{connected.user}@{connected.host}:{connected.port}/{connected.dbname}"
    monkeypatch.setenv("PGPASSWORD", analyst.info.password)
    *head, last = lines.replace("postgresql+psycopg2://ann@127.0.0.1:54320/warehouse", url).splitlines()
    known: dict[str, Any] = {}
    exec("\n".join(head), known)
    table = eval(last, known)
    known["engine"].dispose()
    # 97 referrals in 2021/22, as the report of November 2022 says.
    assert table.loc["Sanctuary scheme referrals", "South and Vale CSP"] == 97


def test_the_document_names_only_existing_objects(demo_warehouse: Warehouse) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for name in set(re.findall(r"\b(?:marts|warehouse)\.[a-z_]+\b(?!\()", text)) - {"warehouse.dim_"}:
        with demo_warehouse.connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL OR to_regproc(%s) IS NOT NULL", (name, name))
            assert cursor.fetchone() == (True,), name
        demo_warehouse.connection.rollback()


def test_the_scorecard_in_sql_is_the_scorecard_that_is_published(demo_warehouse: Warehouse) -> None:
    """Two independent calculations: the view in PostgreSQL, and the pure functions from which the page is made."""
    quarter = Quarter(2021, 4)
    expected = {line.place: line for line in draft.read(demo_warehouse.connection, quarter).lines}
    columns = {
        "value": "quarter_figure", "rate_per_1000": "rate", "last_year_value": "last_year_figure", "change": "change",
        "change_percent": "change_percent", "year_value": "year_figure", "year_before_value": "year_before_figure",
        "year_change": "year_change", "year_change_percent": "year_change_percent",
    }  # fmt: skip
    with demo_warehouse.connection.cursor() as cursor:
        cursor.execute(
            f"SELECT measure_id, area_code, {', '.join(columns)} FROM marts.scorecard WHERE quarter_key = %s",
            (quarter.key,),
        )
        rows = cursor.fetchall()
    demo_warehouse.connection.rollback()
    assert len(rows) > 400
    with_figures = {place for place, line in expected.items() if line.figures["quarter_number"].value is not None}
    assert with_figures <= {(measure_id, area_code) for measure_id, area_code, *_ in rows}
    for measure_id, area_code, *numbers in rows:
        line = expected[measure_id, area_code]
        for number, (column, name) in zip(numbers, columns.items(), strict=True):
            where = (measure_id, area_code, column)
            value = line.figures[name].value
            assert (number is None) is (value is None), where
            if value is not None:
                assert float(number) == pytest.approx(value, rel=1e-11), where


def test_every_measure_can_be_queried(analyst: Connection) -> None:
    _, rows = asked(analyst, "SELECT measure_id FROM dim_measure")
    assert {measure_id for (measure_id,) in rows} == {measure.id for measure in measures()}
