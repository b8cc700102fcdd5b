"""Quarters for which every expected return was accepted."""

from __future__ import annotations

from datetime import date

from psycopg2.extensions import connection as Connection

from sia.calendar import Quarter, last_complete_quarter
from sia.registers.expected_returns import expected_returns
from sia.release.draft_folders import has_draft
from sia.scorecard.return_status import ReturnState
from sia.warehouse.sql_files import rows


def complete_without_draft(connection: Connection, day: date) -> list[Quarter]:
    """Of the two quarters that ended last, those with all their returns and no draft.

    Earlier quarters are loaded by hand, and get a draft if somebody asks for it.

    Args:
        connection: to the warehouse.
        day: today in London.
    """
    last = last_complete_quarter(day)
    return [
        quarter for quarter in (last.plus(-1), last) if not has_draft(quarter) and _is_complete(connection, quarter)
    ]


def _is_complete(connection: Connection, quarter: Quarter) -> bool:
    expected = {(owed.return_name, owed.source) for owed in expected_returns(quarter) if owed.quarter == quarter}
    with connection, connection.cursor() as cursor:
        window = {"first": quarter.key, "last": quarter.key, "known_at": "infinity"}
        accepted = {
            (row["return_name"], row["source"])
            for row in rows(cursor, "marts/read_returns", window)
            if row["state"] == ReturnState.ACCEPTED
        }
    return bool(expected) and expected <= accepted
