"""The commentary of the demo's leads, stored with the days of its own quarters."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import yaml
from psycopg2.extensions import connection as Connection
from pydantic import BaseModel, ConfigDict

from sia.calendar import LONDON, Quarter
from sia.release import commentary, ledger, scorecard_inputs
from sia.statistics.direction import Direction

_FILE = Path(__file__).parent / "samples" / "commentary.yml"


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
    """Store the commentary that is not in the warehouse yet. Commits.

    Returns:
        How many were stored now.
    """
    current = scorecard_inputs.registers()
    leads = {measure.id: measure.lead for measure in current.measures}
    stored = 0
    for entry in sample_commentary():
        quarter, place = Quarter.parse(entry.quarter), (entry.measure, entry.area)
        with connection, connection.cursor() as cursor:
            known = ledger.lead_commentary(cursor, quarter, datetime.now(LONDON)).get(place)
            if known and known.text:
                continue
            direction, lead = Direction.DETERIORATING.value, leads[entry.measure]
            request = commentary.record_request(cursor, quarter, place, direction, lead, entry.due, current)
        given_at = datetime.combine(entry.given_on, time(12), LONDON)
        if refused := commentary.take(connection, {request.number: entry.text}, lead, given_at):
            raise ValueError(f"the commentary on {request.title} was not stored: request {refused}")
        stored += 1
    return stored
