"""We ask about figures that were sent before, corrections that take figures away, and zeros. We refuse none of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from sia.contract.model import ColumnType, contract
from sia.feedback.digest import queue_digests
from tests.broken_files import monthly, packed, street
from tests.conftest import Warehouse
from tests.staged import Row, good_rows, status, whole_rows
from tests.submissions import hand_in, query
from tests.workbooks import filled

JOB = good_rows("sanctuary", "jobs")[0]
CAMERA = good_rows("sanctuary", "cameras")[0]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    return tmp_path


def questions(warehouse: Warehouse, number: int) -> list[str]:
    """The questions about a submission that is accepted."""
    assert status(warehouse.connection, number) == "accepted"
    rows = query(
        warehouse.connection,
        "SELECT message FROM quality.finding WHERE submission_id = %s AND"
        " rule_id IN ('INT-SAME-01', 'INT-LESS-01', 'INT-ZERO-01') ORDER BY message",
        (number,),
    )
    return [message for (message,) in rows]


def letter(warehouse: Warehouse) -> str:
    ((plain,),) = query(warehouse.connection, "SELECT plain FROM feedback.letter ORDER BY queued_at DESC LIMIT 1")
    return " ".join(plain.split())


def test_last_quarters_figures_under_a_new_cover_are_asked_about(warehouse: Warehouse, state: Path) -> None:
    first = hand_in(warehouse, state, filled("odas"), "2021-07-20", return_name="odas")
    again = filled("odas", quarter="2021-22Q2")
    second = hand_in(warehouse, state, again, "2021-10-20", return_name="odas", quarter="2021-22Q2")
    assert questions(warehouse, first) == []
    (question,) = questions(warehouse, second)
    assert question.startswith("The figures for 2021/22 Q2 are the same as in 2021/22 Q1; is this right?")
    assert question in letter(warehouse)
    assert queue_digests(warehouse.connection, date(2021, 10, 21)) == ["unit"]
    assert f"Domestic abuse service return, 2021/22 Q2: {question}" in letter(warehouse)
    assert queue_digests(warehouse.connection, date(2021, 10, 22)) == []


def test_an_older_quarters_figures_are_asked_about_too(warehouse: Warehouse, state: Path) -> None:
    hand_in(warehouse, state, filled("odas"), "2021-07-20", return_name="odas")
    book = filled("odas", quarter="2021-22Q3")
    number = hand_in(warehouse, state, book, "2022-01-20", return_name="odas", quarter="2021-22Q3")
    (question,) = questions(warehouse, number)
    assert "the same as in 2021/22 Q1" in question


def test_a_few_small_figures_may_be_the_same_by_chance(warehouse: Warehouse, state: Path) -> None:
    rows = {"jobs": [], "cameras": [CAMERA]}
    hand_in(warehouse, state, filled(rows=rows), "2021-07-20")
    later: dict[str, list[Row]] = {"jobs": [], "cameras": [{**CAMERA, "event_on": "2021-08-31"}]}
    number = hand_in(warehouse, state, filled(rows=later, quarter="2021-22Q2"), "2021-10-20", quarter="2021-22Q2")
    assert questions(warehouse, number) == []


def test_we_ask_nothing_about_the_same_return_sent_once_more(warehouse: Warehouse, state: Path) -> None:
    hand_in(warehouse, state, filled("odas"), "2021-07-20", name="a.xlsx", return_name="odas")
    book = filled("odas")
    book["Help"]["A9"] = "Saved again"
    assert questions(warehouse, hand_in(warehouse, state, book, "2021-07-21", name="b.xlsx", return_name="odas")) == []


def test_a_police_month_under_the_name_of_another_is_asked_about(warehouse: Warehouse, state: Path) -> None:
    kinds = ["Burglary", "Drugs", "Robbery", "Shoplifting", "Vehicle crime", "Public order"]

    def month(name: str) -> bytes:
        headings, row, *_ = street(name).decode().split("\n")
        crimes = [
            f"{n:064x}{row}".replace("Anti-social behaviour,,", f"{kind},Under investigation,")
            for n, kind in enumerate(kinds)
        ]
        return "\n".join([headings, *crimes, ""]).encode()

    files = {monthly(name): month(name) for name in ("2021-04", "2021-05")}
    number = hand_in(warehouse, state, packed(files), "2021-07-20", "months.zip", "tvp_crime", "thames_valley_police")
    assert [question.partition(";")[0] for question in questions(warehouse, number)] == [
        "The figures for April 2021 are the same as in May 2021",
        "The figures for May 2021 are the same as in April 2021",
    ]


def test_a_correction_that_takes_figures_away_is_asked_about(warehouse: Warehouse, state: Path) -> None:
    jobs = [{**JOB, "job_reference": f"SAN-2021-004{n}"} for n in range(3)]
    hand_in(warehouse, state, filled(rows={"jobs": jobs, "cameras": [CAMERA]}), "2021-07-20", name="a.xlsx")
    nil = filled(rows={"jobs": [], "cameras": []}, nil="Yes")
    (question,) = questions(warehouse, hand_in(warehouse, state, nil, "2021-07-21", name="b.xlsx"))
    # By hand: a referral, a home secured, a cost and days, the last two by reason too (twice), and a camera by its
    # event, its type and its reason.
    assert question.startswith("Your earlier return for 2021/22 Q1 had 9 figures that are now 0 or missing")
    assert question in letter(warehouse)


def test_we_ask_nothing_about_a_correction_of_one_job(warehouse: Warehouse, state: Path) -> None:
    jobs = [{**JOB, "job_reference": f"SAN-2021-004{n}"} for n in range(3)]
    hand_in(warehouse, state, filled(rows={"jobs": jobs, "cameras": [CAMERA]}), "2021-07-20", name="a.xlsx")
    book = filled(rows={"jobs": jobs[:2], "cameras": [CAMERA]})
    assert questions(warehouse, hand_in(warehouse, state, book, "2021-07-21", name="b.xlsx")) == []


def without_figures(quarter: str) -> Workbook:
    """The domestic abuse service's return with 0 in every cell."""
    rows = {
        table.name: [
            row | {column.name: "0" for column in table.columns if column.type is ColumnType.INTEGER}
            for row in whole_rows("odas", table.name, quarter)
        ]
        for table in contract("odas").tables
    }
    return filled("odas", rows, quarter=quarter)


@pytest.mark.parametrize("has_history", [True, False])
def test_zeros_are_asked_about_once(warehouse: Warehouse, state: Path, has_history: bool) -> None:
    if has_history:
        hand_in(warehouse, state, filled("odas"), "2021-07-20", return_name="odas")
    zeros = without_figures("2021-22Q2")
    number = hand_in(warehouse, state, zeros, "2021-10-20", return_name="odas", quarter="2021-22Q2")
    (question,) = questions(warehouse, number)
    assert question.startswith("Every figure for 2021/22 Q2 is 0; is this right?")
    assert question in letter(warehouse)
    assert queue_digests(warehouse.connection, date(2021, 10, 21)) == ["unit"]
    assert question in letter(warehouse)
    zeros = without_figures("2021-22Q3")
    number = hand_in(warehouse, state, zeros, "2022-01-20", return_name="odas", quarter="2021-22Q3")
    assert questions(warehouse, number) == []


def test_we_ask_nothing_about_a_nil_return(warehouse: Warehouse, state: Path) -> None:
    nil = filled(rows={"jobs": [], "cameras": []}, nil="Yes")
    assert questions(warehouse, hand_in(warehouse, state, nil, "2021-07-20")) == []
