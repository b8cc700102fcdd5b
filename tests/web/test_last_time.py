"""A sender's own blank workbook has its last figures to compare with, and rows that come again; no other has them."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import Workbook, load_workbook

from sia.contract.model import contract
from sia.contract.return_workbook import FIRST_ROW, HEADING_ROW, fill
from tests.desk import MEDIATION, SANCTUARY, UNIT, Desk
from tests.staged import good_rows
from tests.submissions import hand_in
from tests.web.test_pages import check
from tests.workbooks import QUARTER, as_bytes, filled

NEXT = "2021-22Q2"
CSPS = "csp-returns@example.org"
JOB = good_rows("sanctuary", "jobs")[0]
AWARD = good_rows("csp_grants", "awards")[0]
INDICATOR = good_rows("indicators", "indicators")[0]


def jobs(*costs: str) -> Workbook:
    rows = [JOB | {"job_reference": f"SAN-2021-{n:04}", "works_cost": cost} for n, cost in enumerate(costs, 1)]
    return filled(rows={"jobs": rows})


def blank(desk: Desk, mailbox: str, return_name: str, source: str, quarter: str = NEXT) -> Workbook:
    answer = desk.visitor(mailbox).client.get(f"/blank/{return_name}/{source}/{quarter}")
    assert answer.status_code == 200, answer.text
    return load_workbook(io.BytesIO(answer.content))


def last_time(book: Workbook) -> list[tuple[Any, ...]]:
    return [tuple(cell.value for cell in row) for row in book["Last time"].iter_rows(min_row=HEADING_ROW)]


def entries(book: Workbook, return_name: str, table_name: str) -> list[dict[str, Any]]:
    """The rows of a sheet that have something in them."""
    table = contract(return_name).table(table_name)
    rows = book[table.sheet].iter_rows(min_row=FIRST_ROW, values_only=True)
    return [dict(zip((column.name for column in table.columns), row, strict=False)) for row in rows if any(row)]


def test_a_sender_sees_the_totals_of_its_last_return_in_force(desk: Desk) -> None:
    hand_in(desk.warehouse, desk.state, jobs("100.00", "86.50"), "2021-07-05", "first.xlsx")
    assert ("Jobs", "Works cost", "£186.50") in last_time(blank(desk, SANCTUARY, "sanctuary", "sanctuary_contractor"))
    hand_in(desk.warehouse, desk.state, jobs("100.00", "1000.00"), "2021-07-06", "restated.xlsx")
    hand_in(desk.warehouse, desk.state, jobs("1.00", "-5"), "2021-07-07", "refused.xlsx")
    book = blank(desk, SANCTUARY, "sanctuary", "sanctuary_contractor")
    lines = last_time(book)
    assert lines[0] == ("Sheet", "What", "Total")
    assert ("Jobs", "Rows", "2") in lines
    assert ("Jobs", "Works cost", "£1,100.00") in lines
    assert ("What the scorecard counts", "Sanctuary scheme referrals", "2") in lines
    assert "2021/22 Q1" in str(book["Last time"]["A2"].value)
    # Each job is new.
    assert entries(book, "sanctuary", "jobs") == []


def test_nobody_else_gets_them(desk: Desk) -> None:
    hand_in(desk.warehouse, desk.state, jobs("186.50"), "2021-07-05")
    assert "Last time" not in blank(desk, UNIT, "sanctuary", "sanctuary_contractor").sheetnames
    assert "Last time" not in blank(desk, MEDIATION, "mediation", "mediation_bucks").sheetnames
    # There is no return before this quarter.
    assert "Last time" not in blank(desk, SANCTUARY, "sanctuary", "sanctuary_contractor", QUARTER).sheetnames


def test_the_sheet_is_not_part_of_the_return_that_is_sent(desk: Desk) -> None:
    hand_in(desk.warehouse, desk.state, jobs("186.50"), "2021-07-05")
    book = blank(desk, SANCTUARY, "sanctuary", "sanctuary_contractor")
    days = {"referred_on": "2021-08-02", "completed_on": "2021-08-09"}
    fill(book, contract("sanctuary").table("jobs"), [JOB | days | {"works_cost": 20}])
    fill(book, contract("sanctuary").table("cameras"), [])
    partner = desk.visitor(SANCTUARY)
    page = partner.page(check(partner, as_bytes(book)))
    assert "Ready to send" in page
    assert "to check" not in page
    assert "£20.00" in page
    assert "£186.50" not in page


def test_awards_that_go_on_are_ready_in_the_next_workbook(desk: Desk) -> None:
    ended = AWARD | {"award_reference": "GRA-2021-002", "ends_on": "2021-06-30"}
    last_day = AWARD | {"award_reference": "GRA-2021-003", "ends_on": "2021-07-01"}
    sent = filled("csp_grants", {"awards": [AWARD, ended, last_day]})
    hand_in(desk.warehouse, desk.state, sent, "2021-07-05", return_name="csp_grants", sender="csps")
    book = blank(desk, CSPS, "csp_grants", "csps")
    ready = entries(book, "csp_grants", "awards")
    assert [row["award_reference"] for row in ready] == ["GRA-2021-001", "GRA-2021-003"]
    first = ready[0]
    assert (first["csp"], first["provider"], first["award"]) == ("South and Vale CSP", "Didcot TRAIN", 8000)
    assert str(first["ends_on"])[:10] == "2022-03-31"
    assert {first[name] for name in ("spent", "spent_to_date", "activities", "outcomes")} == {None}


def test_indicators_are_ready_in_the_next_workbook_of_their_own_sender(desk: Desk) -> None:
    row = {"measure": "Young people who reoffended", "area": "Oxfordshire"}
    for sender, day in (("youth_offending_service", "2021-07-05"), ("daat", "2021-07-06")):
        measure = row if sender != "daat" else {"measure": "Offenders completing alcohol treatment"}
        sent = filled("indicators", {"indicators": [INDICATOR | measure]}, source=sender)
        hand_in(desk.warehouse, desk.state, sent, day, f"{sender}.xlsx", "indicators", sender)
    book = blank(desk, "yos-returns@example.org", "indicators", "youth_offending_service")
    assert entries(book, "indicators", "indicators") == [row | {"numerator": None, "denominator": None}]
