"""The demo's leads comment on the days of its own quarters, in the parts that the Board's paper prints."""

from __future__ import annotations

from datetime import date, datetime

from demo import commentary
from sia.calendar import LONDON, Quarter
from sia.presentation.commentary_parts import commentary_parts, unanswered
from sia.registers.measures import measures
from sia.release import ledger
from sia.release.commentary import objection
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
        assert objection(entry.text) is None
        assert entry.text.endswith("(Made up for the demo.)")
        quarter = Quarter.parse(entry.quarter)
        assert quarter.end < entry.given_on <= entry.due <= quarter.plus(1).end


def test_commentary_is_stored_once(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    assert (commentary.store(connection), commentary.store(connection)) == (4, 0)
    with connection.cursor() as cursor:
        before = ledger.lead_commentary(cursor, Quarter(2021, 4), datetime(2022, 6, 7, 9, tzinfo=LONDON))
        known = ledger.lead_commentary(cursor, Quarter(2021, 4), datetime(2022, 6, 13, 9, tzinfo=LONDON))
        cursor.execute("SELECT count(*) FROM release.commentary")
        assert cursor.fetchall() == [(4,)]
    assert {words.text for words in before.values()} == {None}
    assert known["vehicle_crime", "E10000025"].given_on == date(2022, 6, 7)
    assert {words.due for words in known.values()} == {date(2022, 6, 13)}
