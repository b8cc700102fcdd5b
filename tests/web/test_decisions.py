"""Waivers as the unit enters them on the desk: the pipeline follows them, and their history stays."""

from __future__ import annotations

from typing import Any

from tests.desk import UNIT, Desk
from tests.staged import good_rows
from tests.submissions import hand_in, query
from tests.web.test_pages import check
from tests.workbooks import as_bytes, filled

DEAR = filled(rows={"jobs": [{**good_rows("sanctuary", "jobs")[0], "works_cost": "9000"}]})
NEW, LISTED = "/decisions/waivers/new", "/decisions/waivers"
WAIVER = {
    "return": "sanctuary", "source": "sanctuary_contractor", "quarter": "2021-22Q1", "rule": "SAN-COST-01",
    "rows": "", "expect": "1", "starts": "2021-07-01", "until": "2090-07-31",
    "allowed_by": "Head of the unit", "why": "We have seen the invoice.",
}  # fmt: skip


def statuses(desk: Desk) -> list[Any]:
    return [s for (s,) in query(desk.warehouse.connection, "SELECT status FROM intake.submission ORDER BY received_at")]


def test_a_waiver_counts_until_it_is_withdrawn_and_everybody_reads_who_allowed_it(desk: Desk) -> None:
    hand_in(desk.warehouse, desk.state, DEAR, "2021-07-05")
    unit = desk.visitor(UNIT)
    assert unit.post(NEW, **WAIVER).status_code == 303
    (key,) = query(desk.warehouse.connection, "SELECT key FROM feedback.register_entry")[0]
    assert f"<h2>{key}</h2>" in unit.page(LISTED)
    hand_in(desk.warehouse, desk.state, DEAR, "2021-07-06")
    assert statuses(desk) == ["refused", "accepted"]
    assert "Ready to send. It has" in unit.page(check(unit, as_bytes(DEAR)))
    waived = query(desk.warehouse.connection, "SELECT waiver, allowed_by, why FROM quality.waived_finding")
    assert waived == [(key, "Head of the unit", "We have seen the invoice.")]

    entry = f"{LISTED}/{key}"
    withdrawn = unit.post(entry, decision="withdraw", allowed_by="Head of the unit", why="It was for July only.")
    assert withdrawn.status_code == 303
    assert f"<h2>{key}</h2>" not in unit.page(LISTED)
    unit.page(entry, 404)
    hand_in(desk.warehouse, desk.state, DEAR, "2021-07-07")
    assert statuses(desk) == ["refused", "accepted", "refused"]
    record = query(
        desk.warehouse.connection,
        "SELECT action, about, done_by FROM desk.action WHERE action LIKE '%% a waiver' ORDER BY action_id",
    )
    assert record == [("decided on a waiver", key, UNIT), ("withdrew a waiver", key, UNIT)]
    # An id is never used again.
    unit.post(NEW, **WAIVER)
    assert key not in unit.page(LISTED)


def test_a_changed_waiver_keeps_its_history(desk: Desk) -> None:
    unit = desk.visitor(UNIT)
    unit.post(NEW, **WAIVER)
    (key,) = query(desk.warehouse.connection, "SELECT key FROM feedback.register_entry")[0]
    unit.post(f"{LISTED}/{key}", **{**WAIVER, "rows": "17, 18", "why": "Two rows only."})
    page = unit.page(f"{LISTED}/{key}")
    assert 'value="17, 18"' in page
    assert page.index("Two rows only.") < page.index("We have seen the invoice.")
    assert unit.page(LISTED).count("<h2>") == 1


def test_a_waiver_that_cannot_be_is_not_saved_and_the_page_says_why(desk: Desk) -> None:
    unit = desk.visitor(UNIT)
    for wrong, words in {
        ("rule", "SAN-NO-RULE"): "the return has no critical rule",
        ("until", "2021-06-30"): "until is before starts",
        ("until", "soon"): "must be a date",
        ("expect", ""): "must be a whole number",
        ("source", "odas"): "odas sends no return sanctuary",
        ("why", ""): "Enter the reason.",
        ("allowed_by", "Ring 01865 240000"): "Take personal data out of who allowed it",
    }.items():
        answer = unit.post(NEW, **{**WAIVER, wrong[0]: wrong[1]})
        assert (answer.status_code, words in answer.text) == (422, True), answer.text
        assert 'value="SAN-' in answer.text
    assert query(desk.warehouse.connection, "SELECT count(*) FROM feedback.register_entry") == [(0,)]
