"""The commentary of the demo's leads, stored with the days of its own quarters."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import yaml
from psycopg2.extensions import connection as Connection
from pydantic import BaseModel, ConfigDict

from sia.calendar import LONDON
from sia.registers.measures import measures
from sia.statistics.direction import Direction

_FILE = Path(__file__).parent / "samples" / "commentary.yml"
_ASKED_BEFORE = timedelta(weeks=1)
# With the times: production writes now.
_ASK = (
    "INSERT INTO release.commentary_request (quarter_key, measure_id, area_code, direction, lead, due_on, requested_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING request_id"
)
_COMMENT = (
    "INSERT INTO release.commentary (request_id, commentary_text, given_by, given_at, recorded_at)"
    " VALUES (%s, %s, %s, %s, %s)"
)


class SampleCommentary(BaseModel):
    """What a lead says about an exception, by when it was asked to, and when it did."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quarter: str
    measure: str
    area: str
    due: date
    given_on: date
    text: str


def sample_commentary() -> list[SampleCommentary]:
    """All of the demo's commentary."""
    entries = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["commentary"]
    return [SampleCommentary.model_validate(entry) for entry in entries]


def store(connection: Connection) -> int:
    """Store the commentary that is not in the warehouse yet, as asked for and received on days of its own quarter.

    Commits.

    Returns:
        How many were stored now.
    """
    leads = {measure.id: measure.lead for measure in measures()}
    stored = 0
    with connection, connection.cursor() as cursor:
        for entry in sample_commentary():
            lead, given_at = leads[entry.measure], datetime.combine(entry.given_on, time(12), LONDON)
            place = (entry.quarter, entry.measure, entry.area)
            cursor.execute(_ASK, (*place, Direction.DETERIORATING.value, lead, entry.due, given_at - _ASKED_BEFORE))
            for (request_id,) in cursor.fetchall():
                cursor.execute(_COMMENT, (request_id, entry.text, lead, given_at, given_at))
                stored += 1
    return stored
