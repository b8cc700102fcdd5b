"""Other names, codes and spellings of areas: files are read by them, and figures stay with their area."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sia.calendar import Quarter
from sia.geography import areas, other_area_names
from sia.release import scorecard_inputs
from sia.warehouse.register_decisions import AREAS, decided
from tests.desk import UNIT, Desk
from tests.own_registers import replace_register
from tests.staged import good_rows
from tests.submissions import hand_in, query
from tests.web.test_policy_decisions import THIS_QUARTER, TODAY, WHO, objected, save
from tests.workbooks import filled

SOUTH = "E07000179"
JOB = good_rows("sanctuary", "jobs")[0]
NAME = {"area": SOUTH, "kind": "spelling", "text": "South Oxon", "starts": THIS_QUARTER.isoformat(), **WHO}
FIRST = f"/decisions/areas/ARE-{TODAY.year}-01"


def sent(desk: Desk, day: str) -> list[tuple[Any, ...]]:
    """The status and the findings of a file with the spelling, which was received on a day."""
    book = filled(rows={"jobs": [JOB | {"district": "South Oxon"}]})
    number = hand_in(desk.warehouse, desk.state, book, day, f"{day}.xlsx", sender="sanctuary_contractor")
    return query(
        desk.warehouse.connection,
        "SELECT s.status, f.rule_id FROM intake.submission AS s LEFT JOIN quality.finding AS f USING (submission_id)"
        " WHERE s.submission_id = %s",
        (number,),
    )


def test_a_spelling_is_read_from_its_day_on_and_the_sender_reads_so(desk: Desk) -> None:
    save(desk.visitor(UNIT), "/decisions/areas/new", **NAME)
    ((status, _),) = sent(desk, (THIS_QUARTER - timedelta(days=1)).isoformat())
    assert status == "refused"
    assert sent(desk, TODAY.isoformat()) == [("accepted", "INT-CHOICE-01")]
    rows = query(
        desk.warehouse.connection,
        "SELECT DISTINCT area_code FROM warehouse.sanctuary_job",
    )
    assert rows == [(SOUTH,)]


def test_a_name_is_in_scorecards_from_the_quarter_of_its_day_and_not_in_those_known_before(desk: Desk) -> None:
    connection = desk.warehouse.connection
    save(desk.visitor(UNIT), "/decisions/areas/new", **{**NAME, "kind": "name", "text": "South Thames"})

    def name(quarter: Quarter, known_at: str) -> str:
        with connection, connection.cursor() as cursor:
            return scorecard_inputs.registers_known_at(cursor, quarter.end, known_at).areas[SOUTH].name

    this = Quarter.containing(TODAY)
    assert name(this, "infinity") == "South Thames"
    assert name(this, "2021-07-01") == "South Oxfordshire"
    assert name(this.plus(-1), "infinity") == "South Oxfordshire"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": "Vale of White Horse"}, "We know a place by this name"),
        ({"text": "e07000180", "kind": "spelling"}, "We know a place by this name"),
        ({"text": "Swindon"}, "We know a place by this name"),
        ({"text": ""}, "must not be empty"),
        ({"kind": "code", "text": "SOUTH"}, "a code of the ONS is E or W and eight digits"),
        ({"kind": "members"}, "What it is: choose from the list."),
        ({"area": "ELSEWHERE"}, "Area: choose from the list."),
        ({"starts": (THIS_QUARTER - timedelta(days=1)).isoformat()}, "must be in this quarter or later"),
    ],
)
def test_a_name_of_another_place_and_other_mistakes_are_not_saved(
    desk: Desk, fields: dict[str, str], words: str
) -> None:
    assert words in objected(desk.visitor(UNIT), "/decisions/areas/new", **{**NAME, **fields})
    assert query(desk.warehouse.connection, "SELECT count(*) FROM feedback.register_entry") == [(0,)]


def test_two_areas_have_no_name_in_common(desk: Desk) -> None:
    unit = desk.visitor(UNIT)
    save(unit, "/decisions/areas/new", **NAME)
    assert "We know a place" in objected(
        unit, "/decisions/areas/new", **{**NAME, "area": "E07000180", "text": "south oxon"}
    )
    save(unit, FIRST, **{**NAME, "text": "S Oxon"})
    save(unit, FIRST, decision="withdraw", **WHO)
    save(unit, "/decisions/areas/new", **NAME)
    with desk.warehouse.connection as connection, connection.cursor() as cursor:
        assert [name.id for name in other_area_names(decided(cursor, AREAS))] == [f"ARE-{TODAY.year}-02"]


def test_the_saved_register_is_that_of_another_server(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = desk.visitor(UNIT)
    save(unit, "/decisions/areas/new", **NAME)
    saved, before = unit.page("/decisions/areas.yml"), areas()
    replace_register(monkeypatch, desk.state, "areas.yml", saved)
    assert areas() == before
    assert [(name.area, name.text) for name in other_area_names({})] == [(SOUTH, "South Oxon")]
