"""Settings and targets as people decide about them on the desk: from their day on, and never for what is past."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from sia.calendar import LONDON, Quarter
from sia.registers.policy import Policy, policy
from sia.warehouse.register_decisions import decided_policy
from sia.web.policy_forms import _KINDS
from tests.desk import APPROVER, MEDIATION, UNIT, Desk, Visitor
from tests.own_registers import replace_register
from tests.submissions import query

TODAY = datetime.now(LONDON).date()
TOMORROW = TODAY + timedelta(days=1)
THIS_QUARTER = Quarter.containing(TODAY).start
WHO = {"allowed_by": "The Board", "why": "As the Board decided in July."}
SETTING = {"kind": "disclosure_threshold", "measures": "robbery", "value": "10", "starts": TOMORROW.isoformat(), **WHO}
TARGET = {
    "measure": "robbery", "area": "E10000025", "value": "0.2", "of_year": "False", "starts": THIS_QUARTER.isoformat(),
    "until": "", **WHO,
}  # fmt: skip
ROBBERY = f"/decisions/targets/robbery%20in%20E10000025%20from%20{THIS_QUARTER}"


def decided_now(desk: Desk) -> Policy:
    with desk.warehouse.connection as connection, connection.cursor() as cursor:
        return decided_policy(cursor)


def small_numbers(connection: Connection, measure_id: str, day: date) -> list[tuple[Any, ...]]:
    return query(
        connection,
        "SELECT smallest_shown, zero_is_small, everybody_is_small FROM marts.small_number_policy"
        " WHERE measure_id = %s AND in_force @> %s",
        (measure_id, day),
    )


def objected(visitor: Visitor, path: str, **fields: Any) -> str:
    """The page that says why a decision cannot be."""
    answer = visitor.post(path, **fields)
    assert answer.status_code == 422, answer.text
    return str(answer.text)


def save(visitor: Visitor, path: str, **fields: Any) -> None:
    answer = visitor.post(path, **fields)
    assert answer.status_code == 303, answer.text


def test_a_stricter_setting_holds_from_its_day_for_its_measure_in_the_scorecard_and_the_marts(desk: Desk) -> None:
    save(desk.visitor(UNIT), "/decisions/settings/new", **SETTING)
    current = decided_now(desk)
    assert [current.threshold("robbery", day) for day in (TODAY, TOMORROW)] == [5, 10]
    assert current.threshold("vehicle_crime", TOMORROW) == 5
    (line,) = (line for line in current.disclosure_threshold if line.starts == TOMORROW)
    assert (line.set_by, line.why) == (WHO["allowed_by"], WHO["why"])
    connection = desk.warehouse.connection
    assert [small_numbers(connection, "robbery", day) for day in (TODAY, TOMORROW)] == [
        [(5, False, False)], [(10, False, False)],
    ]  # fmt: skip
    assert small_numbers(connection, "vehicle_crime", TOMORROW) == [(5, False, False)]
    assert small_numbers(connection, "marac_risk", TOMORROW) == [(5, False, True)]


@pytest.mark.parametrize(
    "fields",
    [
        {"value": "4"},
        {"value": "9", "measures": "", "starts": "2999-04-01"},
        {"kind": "hide_everybody_or_nobody", "measures": "marac_risk", "value": "No"},
        {"kind": "partnerships_by_year", "measures": "closure_orders", "value": "no"},
    ],
)
def test_only_an_approver_lets_more_be_shown(desk: Desk, fields: dict[str, str]) -> None:
    """The second would undo, from its day on, what is stricter for a measure by then: 10 in place of none."""
    unit, approver = desk.visitor(UNIT), desk.visitor(APPROVER)
    if not fields.get("measures", "robbery"):
        save(unit, "/decisions/settings/new", **{**SETTING, "measures": "", "value": "10"})
    before = decided_now(desk)
    weaker = {**SETTING, **fields}
    assert "Only an approver may decide that" in objected(unit, "/decisions/settings/new", **weaker)
    assert decided_now(desk) == before
    save(approver, "/decisions/settings/new", **weaker)
    assert decided_now(desk) != before


def test_to_withdraw_a_stricter_setting_is_to_show_more(desk: Desk) -> None:
    unit = desk.visitor(UNIT)
    save(unit, "/decisions/settings/new", **SETTING)
    path = f"/decisions/settings/disclosure_threshold%20from%20{TOMORROW}%20for%20robbery"
    withdrawn = {"decision": "withdraw", **WHO}
    assert "Only an approver may decide that" in objected(unit, path, **withdrawn)
    assert "Only an approver may decide that" in objected(unit, path, **{**SETTING, "value": "6"})
    save(desk.visitor(APPROVER), path, **withdrawn)
    assert decided_now(desk) == policy()
    assert small_numbers(desk.warehouse.connection, "robbery", TOMORROW) == [(5, False, False)]


def test_what_holds_already_stays(desk: Desk) -> None:
    approver = desk.visitor(APPROVER)
    page = approver.page("/decisions/settings")
    assert "Add a setting" in page
    assert "Change or withdraw" not in page
    path = "/decisions/settings/disclosure_threshold%20from%202013-04-01%20for%20all%20measures"
    assert "stays as it is" in approver.page(path, 409)
    for fields in ({"decision": "withdraw"}, {**SETTING, "value": "10"}):
        answer = approver.post(path, "/decisions/settings/new", **{**WHO, **fields})
        assert answer.status_code == 409
    # Who set it, and why, is there for what nobody decided on the desk.
    assert "not yet confirmed by the Board" in page
    assert decided_now(desk) == policy()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"starts": TODAY.isoformat()}, "The first day must be tomorrow or later"),
        ({"starts": ""}, "First day must be a date"),
        ({"value": "many"}, "the value must be a whole number from 1, for example 5"),
        ({"value": "0"}, "the value must be a whole number from 1, for example 5"),
        ({"value": "5.5"}, "the value must be a whole number from 1, for example 5"),
        ({"value": ""}, "the value must be a whole number from 1, for example 5"),
        ({"kind": "hide_zeros", "value": "5"}, "the value must be Yes or No"),
        ({"kind": "good_direction", "value": "left"}, "the value must be up, down or none"),
        ({"kind": "verdict_chance", "value": "1"}, "the value must be a number between 0 and 1"),
        ({"kind": "verdict_chance", "value": "0.02"}, "verdict_chance is for all measures. Remove robbery"),
        ({"kind": "targets"}, "Setting: choose from the list."),
        ({"measures": "robberies"}, "Measure: choose from the list."),
        ({"kind": "hide_everybody_or_nobody", "value": "Yes"}, "for shares of a number of cases only"),
        ({"allowed_by": ""}, "Enter who allowed it"),
    ],
)
def test_a_setting_that_cannot_be_is_not_saved(desk: Desk, fields: dict[str, str], words: str) -> None:
    assert words in objected(desk.visitor(APPROVER), "/decisions/settings/new", **{**SETTING, **fields})
    assert decided_now(desk) == policy()


def test_every_setting_of_the_policy_has_a_form() -> None:
    assert {*_KINDS, "targets"} == set(Policy.model_fields)


def test_a_setting_is_added_once(desk: Desk) -> None:
    unit = desk.visitor(UNIT)
    save(unit, "/decisions/settings/new", **SETTING)
    assert "There is already a setting" in objected(unit, "/decisions/settings/new", **{**SETTING, "value": "12"})


def test_a_target_holds_from_this_quarter_and_ends(desk: Desk) -> None:
    unit = desk.visitor(UNIT)
    save(unit, "/decisions/targets/new", **TARGET)
    target = decided_now(desk).target("robbery", "E10000025", THIS_QUARTER)
    assert target
    assert (target.value, target.of_year, target.until, target.set_by) == (0.2, False, None, "The Board")
    assert decided_now(desk).target("robbery", "E10000025", THIS_QUARTER - timedelta(days=1)) is None
    assert decided_now(desk).target("robbery", "E07000178", TODAY) is None
    page = unit.page("/decisions/targets")
    assert "Robbery: Oxfordshire, from" in page
    save(unit, ROBBERY, **{**TARGET, "until": TOMORROW.isoformat()})
    assert decided_now(desk).target("robbery", "E10000025", TODAY)
    assert decided_now(desk).target("robbery", "E10000025", TOMORROW) is None


def test_what_was_judged_by_a_target_is_not_judged_again(desk: Desk) -> None:
    unit = desk.visitor(UNIT)
    begun = "/decisions/targets/award_spent_share%20in%20every%20area%20from%202013-04-01"
    share = {**TARGET, "value": "90.0", "of_year": "True"}
    past = (THIS_QUARTER - timedelta(days=1)).isoformat()
    for fields, words in (
        ({"decision": "withdraw"}, "Enter the day after its last day"),
        ({"value": "50"}, "Enter the day after its last day"),
        ({"of_year": "False"}, "Enter the day after its last day"),
        ({"until": past}, "must be in this quarter or later"),
    ):
        assert words in objected(unit, begun, **{**share, **fields})
    assert decided_now(desk) == policy()
    save(unit, begun, **{**share, "until": THIS_QUARTER.isoformat()})
    judged = decided_now(desk)
    assert judged.target("award_spent_share", "E10000025", THIS_QUARTER - timedelta(days=1))
    assert judged.target("award_spent_share", "E10000025", THIS_QUARTER) is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"starts": (THIS_QUARTER - timedelta(days=1)).isoformat()}, "must be in this quarter or later"),
        ({"until": THIS_QUARTER.isoformat()}, "must be after its first day"),
        ({"value": "inf"}, "Value must be"),
        ({"value": ""}, "Value must be"),
        ({"area": "E07000999"}, "Area: choose from the list."),
        ({"measure": ""}, "Measure: choose from the list."),
        ({"of_year": ""}, "Period of the figure: choose from the list."),
    ],
)
def test_a_target_that_cannot_be_is_not_saved(desk: Desk, fields: dict[str, str], words: str) -> None:
    assert words in objected(desk.visitor(UNIT), "/decisions/targets/new", **{**TARGET, **fields})
    assert decided_now(desk) == policy()


def test_a_target_that_judged_nothing_yet_is_withdrawn(desk: Desk) -> None:
    unit = desk.visitor(UNIT)
    save(unit, "/decisions/targets/new", **{**TARGET, "area": ""})
    path = ROBBERY.replace("E10000025", "every%20area")
    save(unit, path, decision="withdraw", **WHO)
    assert decided_now(desk) == policy()


def test_nobody_else_decides_about_the_policy(desk: Desk) -> None:
    assert desk.visitor(MEDIATION).client.get("/decisions/settings").status_code == 403
    approver = desk.visitor(APPROVER)
    assert approver.client.get("/decisions/targets").status_code == 403
    assert approver.post("/decisions/targets/new", "/decisions/settings/new", **TARGET).status_code == 403


def test_the_saved_policy_is_the_policy_of_another_server(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = desk.visitor(UNIT)
    save(unit, "/decisions/settings/new", **SETTING)
    save(unit, "/decisions/targets/new", **TARGET)
    now = decided_now(desk)
    saved = unit.page("/decisions/settings.yml")
    assert saved == unit.page("/decisions/targets.yml")
    replace_register(monkeypatch, desk.state, "policy.yml", saved)
    assert policy() == now
    # The decisions are there too: a line that the file has as well counts once.
    assert decided_now(desk) == now
