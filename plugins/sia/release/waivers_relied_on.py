"""The waivers that a release relies on, and those in force that no figure needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from psycopg2.extensions import cursor as Cursor

from sia.calendar import LONDON, Quarter, format_date
from sia.contract.model import contract
from sia.registers.waivers import Waiver, waivers
from sia.scorecard.amounts import QUARTERS_SHOWN
from sia.warehouse.register_decisions import WAIVERS, decided
from sia.warehouse.sql_files import statement


def waivers_relied_on(cursor: Cursor, quarter: Quarter, known_at: datetime) -> list[str]:
    """The waivers that concern a release, a line each: which rule and return, who allowed it, why, and until when.

    They are those of the quarter and of the quarters that it is compared with. A waiver that a figure relies on is
    listed even if it has expired or has left the register since. One in force on the day of the release is listed even
    if no figure relies on it.

    Args:
        cursor: within a transaction.
        quarter: the quarter of the release.
        known_at: the moment whose knowledge is released.
    """
    first = quarter.plus(1 - QUARTERS_SHOWN)
    cursor.execute(statement("release/waived"), {"first": first.key, "last": quarter.key, "known_at": known_at})
    relied_on, lines = set(), []
    for waiver, rule, message, title, source, key, allowed_by, why, until, findings in cursor.fetchall():
        relied_on.add(waiver)
        places = "1 place" if findings == 1 else f"{findings:,} places"
        lines.append(
            f"{waiver}: rule {rule} of {title} ({source}), {Quarter.parse(key).label}, in {places}. {message}"
            f" Allowed by {allowed_by or 'somebody whose name is not known'} until {format_date(until)},"
            f" because: {why or 'not known'}."
        )
    return [*lines, *_not_needed(waivers(decided(cursor, WAIVERS)), first, quarter, known_at, relied_on)]


def _not_needed(
    known: Iterable[Waiver], first: Quarter, last: Quarter, known_at: datetime, relied_on: set[str]
) -> Iterator[str]:
    today = known_at.astimezone(LONDON).date()
    for waiver in known:
        agreed, about = contract(waiver.return_name), Quarter.parse(waiver.quarter)
        if waiver.id not in relied_on and waiver.holds_on(today) and first <= about <= last:
            yield (
                f"{waiver.id}: rule {waiver.rule} of {agreed.title} ({agreed.senders[waiver.source]}), {about.label};"
                f" no figure relies on it. Allowed by {waiver.allowed_by} until {format_date(waiver.until)},"
                f" because: {waiver.why}."
            )
