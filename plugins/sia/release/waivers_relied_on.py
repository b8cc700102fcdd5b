"""Rules that were set aside for a release: the waivers on which its figures rest, and those in force that none used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from psycopg2.extensions import cursor as Cursor

from sia.calendar import LONDON, Quarter
from sia.contract.model import contract
from sia.presentation.captions import day
from sia.registers.waivers import waivers
from sia.scorecard.amounts import QUARTERS_SHOWN
from sia.warehouse.sql_files import statement


def set_aside(cursor: Cursor, quarter: Quarter, known_at: datetime) -> list[str]:
    """The waivers that concern a release, a line each: which rule and return, who allowed it, why, and until when.

    Of the quarter and those that it is compared with. A waiver on which figures rest is told though it has expired or
    left the register since; one that is in force on the day of the release is told though nothing rests on it.

    Args:
        cursor: within a transaction.
        quarter: the quarter of the release.
        known_at: the moment whose knowledge is released.
    """
    first = quarter.plus(1 - QUARTERS_SHOWN)
    cursor.execute(statement("release/waived"), {"first": first.key, "last": quarter.key, "known_at": known_at})
    rested_on, lines = set(), []
    for waiver, rule, message, title, source, key, allowed_by, why, until, findings in cursor.fetchall():
        rested_on.add(waiver)
        places = "1 place" if findings == 1 else f"{findings:,} places"
        lines.append(
            f"{waiver}: rule {rule} of {title} ({source}), {Quarter.parse(key).label}, in {places}. {message}"
            f" Allowed by {allowed_by or 'somebody whose name was not kept'} until {day(until)},"
            f" because: {why or 'not kept'}."
        )
    return [*lines, *_not_used(first, quarter, known_at, rested_on)]


def _not_used(first: Quarter, last: Quarter, known_at: datetime, rested_on: set[str]) -> Iterator[str]:
    today = known_at.astimezone(LONDON).date()
    for waiver in waivers():
        agreed, about = contract(waiver.return_name), Quarter.parse(waiver.quarter)
        if waiver.id not in rested_on and waiver.holds_on(today) and first <= about <= last:
            yield (
                f"{waiver.id}: rule {waiver.rule} of {agreed.title} ({agreed.senders[waiver.source]}), {about.label};"
                f" no figure rests on it. Allowed by {waiver.allowed_by} until {day(waiver.until)},"
                f" because: {waiver.why}."
            )
