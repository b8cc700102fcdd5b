"""We ask about figures that were sent before, corrections that take figures away, zeros, and figures far from usual.

We refuse none of them.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from sia.calendar import Quarter
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
        " finding_id IN (SELECT finding_id FROM quality.questioned_figure) ORDER BY message",
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


DISTRICTS = ("Cherwell", "Oxford", "South Oxfordshire", "Vale of White Horse", "West Oxfordshire")
USUAL = (6, 9, 4, 7, 5)


def jobs(quarter: Quarter, numbers: tuple[int, ...]) -> Workbook:
    """A sanctuary return with a number of jobs in each district, and one camera."""
    day = f"{quarter.start:%Y-%m}-20"
    rows: list[Row] = [
        {**JOB, "job_reference": f"SAN-{quarter.start.year}-{quarter.number}{place}{job:02d}",
         "referred_on": day, "completed_on": day, "district": district}
        for place, (district, number) in enumerate(zip(DISTRICTS, numbers, strict=True))
        for job in range(number)
    ]  # fmt: skip
    return filled(rows={"jobs": rows, "cameras": [{**CAMERA, "event_on": day}]}, quarter=quarter.key)


def test_figures_far_from_usual_are_asked_about(warehouse: Warehouse, state: Path) -> None:
    quarters = [Quarter(2020, 1).plus(number) for number in range(9)]
    spread = [
        (0, 0, 0, 0, 0), (1, -2, 0, 1, 0), (-1, 1, 1, -2, 1), (2, 0, -1, 0, -1),
        (0, 1, -1, 2, 0), (-2, 0, 0, 1, 1), (1, 2, 1, 0, -2), (0, -1, 0, -1, 2),
    ]  # fmt: skip
    for quarter, extra in zip(quarters[:-1], spread, strict=True):
        usual = tuple(number + more for number, more in zip(USUAL, extra, strict=True))
        received = quarter.plus(1).start.replace(day=15).isoformat()
        number = hand_in(warehouse, state, jobs(quarter, usual), received, quarter=quarter.key)
        assert questions(warehouse, number) == []
    last = quarters[-1]
    four_times = tuple(4 * number for number in USUAL)
    number = hand_in(warehouse, state, jobs(last, four_times), "2022-07-15", quarter=last.key)
    (question,) = questions(warehouse, number)
    assert question.startswith(f"For {last.label}, these are far higher than in your earlier returns: ")
    assert "Jobs that were referred in the quarter" in question
    assert question in letter(warehouse)
    about = query(
        warehouse.connection,
        "SELECT DISTINCT component, area_code FROM quality.questioned_figure WHERE component = 'referrals'",
    )
    assert about == [("referrals", None)]

    # Oxford has what South Oxfordshire usually has, and the other way round: the sum is usual.
    moved = (6, 0, 13, 7, 5)
    number = hand_in(warehouse, state, jobs(last, moved), "2022-07-16", "moved.xlsx", quarter=last.key)
    assert status(warehouse.connection, number) == "accepted"
    (question,) = questions(warehouse, number)
    assert question.startswith(f"For {last.label}, the areas named have a far larger or smaller part")
    assert "(Oxford, South Oxfordshire)" in question
