"""The demo releases its last four quarters on days of their own, by the same steps as every release."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from demo import commentary, releases
from demo.run import QUARTERS
from sia.calendar import LONDON, Quarter
from sia.errors import PermanentError
from sia.release import ledger, publishing
from tests import few_measures
from tests.conftest import Warehouse
from tests.database.test_release import MEASURES, fill
from tests.submissions import query


def test_each_of_the_last_four_quarters_is_released_in_the_quarter_after_and_once_its_leads_had_commented() -> None:
    assert list(releases.APPROVED_ON) == QUARTERS[-4:]
    for quarter, day in releases.APPROVED_ON.items():
        assert quarter.end < day <= quarter.plus(1).end
        assert day.weekday() < 5
    for entry in commentary.sample_commentary():
        assert entry.due < releases.APPROVED_ON[Quarter.parse(entry.quarter)]


def test_a_release_shows_what_was_known_on_its_day_and_can_be_rebuilt(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, folder = warehouse.connection, tmp_path / "releases"
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    few_measures.use(monkeypatch, MEASURES)
    # The return of the fourth quarter was received on 23 April 2019; those before, on 1 February.
    days = {Quarter(2018, 3): date(2019, 3, 1), Quarter(2018, 4): date(2019, 5, 1)}
    monkeypatch.setattr(releases, "APPROVED_ON", days)
    with pytest.raises(PermanentError, match="Run make demo, then make demo-releases again"):
        releases.unreleased(connection)
    fill(connection)
    assert releases.unreleased(connection) == list(days)
    assert [releases.publish(connection, quarter, folder) for quarter in days] == ["2018-19Q3/1", "2018-19Q4/1"]
    assert releases.unreleased(connection) == []
    approved = query(connection, "SELECT name, known_at, decided_by, decided_at FROM release.ledger ORDER BY name")
    assert approved == [
        ("2018-19Q3/1", datetime(2019, 3, 1, 9, tzinfo=LONDON), "head", datetime(2019, 3, 1, 15, tzinfo=LONDON)),
        ("2018-19Q4/1", datetime(2019, 5, 1, 9, tzinfo=LONDON), "head", datetime(2019, 5, 1, 15, tzinfo=LONDON)),
    ]
    with connection, connection.cursor() as cursor:
        third, fourth = ledger.releases(cursor)
        assert ledger.released_figures(cursor, fourth).exceptions
    for entry in (third, fourth):
        _, checks = publishing.verify(connection, entry.name, folder)
        assert not [check for check in checks if check.problem]
