"""The demo's leads comment on the days of its own quarters, in the parts that the Board's paper prints."""

from __future__ import annotations

from datetime import date

from demo import commentary
from sia.calendar import Quarter
from sia.presentation.commentary_parts import commentary_parts, unanswered
from sia.registers.measures import measures
from sia.release import ledger
from tests.conftest import Warehouse


def test_commentary_answers_what_the_board_asks_in_the_quarter_after() -> None:
    ids = {measure.id for measure in measures()}
    entries = commentary.sample_commentary()
    assert len(entries) == 4
    for entry in entries:
        assert entry.measure in ids
        parts = commentary_parts(entry.text)
        assert unanswered(parts) == []
        assert "Commentary" not in parts
        assert entry.text.endswith("(Made up for the demo.)")
        quarter = Quarter.parse(entry.quarter)
        assert quarter.end < entry.given_on <= entry.due <= quarter.plus(1).end


def test_commentary_is_stored_once(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    assert (commentary.store(connection), commentary.store(connection)) == (4, 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(recorded_at) + interval '1 second' FROM release.commentary")
        ((known_at,),) = cursor.fetchall()
        known = ledger.lead_commentary(cursor, Quarter(2021, 4), known_at)
        cursor.execute("SELECT count(*) FROM release.commentary")
        assert cursor.fetchall() == [(4,)]
    assert known["vehicle_crime", "E10000025"].given_on == date(2022, 6, 7)
    assert {words.due for words in known.values()} == {date(2022, 6, 13)}
