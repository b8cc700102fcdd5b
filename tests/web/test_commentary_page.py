"""Leads write commentary on the desk: on some exceptions now and others later, with drafts."""

from __future__ import annotations

from datetime import date

import pytest

from sia.calendar import Quarter
from sia.geography import areas
from sia.registers.policy import policy
from sia.release import commentary, scorecard_inputs
from tests.desk import MEDIATION, UNIT, Desk, shown_to_lead
from tests.submissions import query

LEAD = "csp-returns@example.org"
OTHER = "daat-returns@example.org"
TEXTS = "SELECT request_id, commentary_text, given_by FROM release.commentary ORDER BY commentary_id"


@pytest.fixture
def asked(desk: Desk) -> list[int]:
    """Two requests to the partnerships and one to another lead; a fourth is over."""
    requests = (
        ("robbery", "CSPs", date(2049, 1, 4)),
        ("vehicle_crime", "CSPs", date(2049, 1, 4)),
        ("drug_rehabilitation", "Drug and Alcohol Action Team", date(2049, 1, 4)),
        ("all_recorded_crime", "CSPs", date(2022, 1, 4)),
    )
    with desk.warehouse.connection as connection, connection.cursor() as cursor:
        return [
            commentary.record_request(
                cursor, Quarter(2021, 4), (measure, "E10000025"), "deteriorating", lead, due,
                scorecard_inputs.registers(policy(), areas()), shown_to_lead(),
            ).number
            for measure, lead, due in requests
        ]  # fmt: skip


def test_a_lead_sees_its_own_open_exceptions(desk: Desk, asked: list[int]) -> None:
    page = desk.visitor(LEAD).page("/commentary")
    assert [f"commentary_{number}" in page for number in asked] == [True, True, False, False]
    assert [f"commentary_{number}" in desk.visitor(UNIT).page("/commentary") for number in asked] == [True] * 3 + [
        False
    ]


def test_a_lead_sees_why_it_is_an_exception_with_its_chart_and_what_it_wrote_before(
    desk: Desk, asked: list[int]
) -> None:
    lead = desk.visitor(LEAD)
    before = query(
        desk.warehouse.connection,
        "INSERT INTO release.commentary_request (quarter_key, measure_id, area_code, direction, lead, due_on)"
        " SELECT '2021-22Q2', measure_id, area_code, direction, lead, '2021-11-01' FROM release.commentary_request"
        " WHERE request_id = %s RETURNING request_id",
        (asked[0],),
    )
    query(
        desk.warehouse.connection,
        "INSERT INTO release.commentary (request_id, commentary_text, given_by, given_at)"
        " VALUES (%s, 'Two gangs were at work.', %s, '2021-10-20') RETURNING 1",
        (before[0][0], LEAD),
    )
    page = lead.page("/commentary")
    assert page.count("Vehicle crime rose.") == page.count('<svg class="picture"') == 2
    assert page.count("<strong>For 2021/22 Q2 we had:</strong> Two gangs were at work.") == 1
    lead.post("/commentary", **{f"commentary_{asked[1]}": "Three vans were stolen", "action": "draft"})
    assert "This is your draft: 4 words." in lead.page("/commentary")


def test_a_lead_comments_on_one_of_two_and_saves_a_draft_of_the_other(desk: Desk, asked: list[int]) -> None:
    lead = desk.visitor(LEAD)
    first, second = f"commentary_{asked[0]}", f"commentary_{asked[1]}"
    lead.post("/commentary", **{second: "We think that", "action": "draft"})
    assert "We think that" in lead.page("/commentary")
    assert query(desk.warehouse.connection, TEXTS) == []
    answer = lead.post("/commentary", **{first: "More patrols.", "action": "send"})
    assert "We have what you wrote" in answer.text
    assert query(desk.warehouse.connection, TEXTS) == [(asked[0], "More patrols.", LEAD)]
    page = lead.page("/commentary")
    assert "More patrols." in page
    assert "We think that" in page


def test_personal_data_is_not_stored_and_the_rest_is(desk: Desk, asked: list[int]) -> None:
    lead = desk.visitor(LEAD)
    first, second = f"commentary_{asked[0]}", f"commentary_{asked[1]}"
    answer = lead.post("/commentary", **{first: "Ring 07700 900123", second: "More patrols.", "action": "send"})
    assert answer.status_code == 422
    assert "personal data" in answer.text
    assert query(desk.warehouse.connection, TEXTS) == [(asked[1], "More patrols.", LEAD)]


def test_nobody_comments_on_what_another_lead_was_asked(desk: Desk, asked: list[int]) -> None:
    other = desk.visitor(OTHER)
    for number in (asked[0], asked[3]):
        for action in ("send", "draft"):
            assert other.post("/commentary", **{f"commentary_{number}": "x", "action": action}).status_code == 422
    assert query(desk.warehouse.connection, TEXTS) == []
    assert query(desk.warehouse.connection, "SELECT count(*) FROM desk.commentary_draft") == [(0,)]
    assert desk.visitor(MEDIATION).client.get("/commentary").status_code == 403
