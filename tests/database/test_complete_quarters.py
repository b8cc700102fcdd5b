"""Which quarters have all their returns, and no draft."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sia.calendar import Quarter
from sia.registers.expected_returns import expected_returns
from sia.release.complete_quarters import complete_without_draft
from sia.release.draft_folders import folder_of
from sia.settings import overridden
from tests.conftest import Warehouse
from tests.database.test_draft import add_version, submission

QUARTER = Quarter(2021, 4)
LATER = QUARTER.next().start.replace(month=5)


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path) -> Iterator[None]:
    with overridden(state=tmp_path):
        yield


def test_a_quarter_is_complete_with_its_last_expected_return(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    owed = [expected for expected in expected_returns(QUARTER) if expected.quarter == QUARTER]
    assert len(owed) == 4
    for number, expected in enumerate(owed):
        assert complete_without_draft(connection, LATER) == []
        submission_id = submission(
            connection, expected.return_name, expected.source, QUARTER, "accepted", f"2022-04-{number % 28 + 1:02}"
        )
        add_version(connection, submission_id, QUARTER.start, QUARTER.end, {})
        connection.commit()
    assert complete_without_draft(connection, LATER) == [QUARTER]
    assert complete_without_draft(connection, QUARTER.plus(2).start) == [QUARTER]
    assert complete_without_draft(connection, QUARTER.plus(3).start) == [], "an old quarter is drafted by hand"
    folder_of(QUARTER).mkdir(parents=True)
    assert complete_without_draft(connection, LATER) == []
