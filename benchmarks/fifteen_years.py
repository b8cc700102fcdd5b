"""A warehouse of fifteen years: the months of the crime-level archive and the sample returns, over and over.

The rows are loaded once by the project's own steps and then multiplied by statements in the database, each quarter with
the project's own tally: to stage and check twenty million rows takes the time that the police benchmark measures. Every
fourth quarter of the crime-level files was sent twice, so that there is a past to ask about.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from unittest import mock

from psycopg2.extensions import connection as Connection

from benchmarks.routes import Clock, ours
from demo.samples.files import write_samples
from demo.samples.submissions import submissions
from sia.calendar import LONDON, Quarter, quarters_between
from sia.warehouse.sql_files import statement
from tests.steps import take

QUARTERS = quarters_between(Quarter(2010, 1), Quarter(2024, 4))
SAMPLES = quarters_between(Quarter(2020, 1), Quarter(2021, 4))
RESTATED_EVERY = 4
_NEW = Quarter(2025, 1)
_TIMES = 3
# About as many as the archive has, so that each of its months stands once.
_SEED_ROWS = 134_000


@dataclass(frozen=True)
class Sent:
    """One time that the crime-level files of a quarter were sent, and until when they were held true."""

    quarter: Quarter
    known_from: datetime
    known_until: datetime | None


@dataclass(frozen=True)
class NewQuarter:
    """What the project's own steps take for a new quarter: median seconds by step, when so many rows are held."""

    rows_held: int
    rows: int
    seconds: dict[str, float]


def build(connection: Connection, folder: Path, rows: int) -> tuple[NewQuarter, NewQuarter]:
    """Fill an empty, migrated warehouse with so many rows of crime, and with the other returns beside them.

    Args:
        connection: to the warehouse that ``SIA_WAREHOUSE_URL`` names; commits here.
        folder: where the benchmark keeps its files.
        rows: how many rows of crime, those of restated months included.

    Returns:
        What a new quarter costs after one year, and after fifteen.
    """
    seed_months = _seed(connection, folder)
    _take_samples(folder / "analysts")
    with connection, connection.cursor() as cursor:
        for year in sorted({quarter.year for quarter in QUARTERS} - {quarter.year for quarter in SAMPLES}):
            like = SAMPLES[0].year + year % 2
            asked = {"years": year - like, "from_year": Quarter(like, 1).financial_year}
            cursor.execute(_statement("other_years"), asked)
    sent = list(_sent())
    rows_a_month = rows // (3 * len(sent))
    first_year = [one for one in sent if one.quarter.year == QUARTERS[0].year]
    for one in first_year:
        _send(connection, one, rows_a_month, seed_months)
    after_one_year = _new_quarter(connection, folder, 3 * rows_a_month)
    for one in sent[len(first_year) :]:
        _send(connection, one, rows_a_month, seed_months)
    with connection, connection.cursor() as cursor:
        cursor.execute(_statement("raw_table"))
    return after_one_year, _new_quarter(connection, folder, 3 * rows_a_month + _TIMES)


def _new_quarter(connection: Connection, folder: Path, rows: int) -> NewQuarter:
    """Send a quarter that is none of the fifteen years', and restate it, a row more each time."""
    _settle(connection)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM warehouse.street_crime")
        (held,) = cursor.fetchone() or (0,)
    clocks = [Clock() for _ in range(_TIMES)]
    for more, clock in enumerate(clocks):
        ours(rows + more, folder, clock, _NEW)
    _settle(connection)
    steps = ("stage", "validate", "load")
    return NewQuarter(held, rows, {step: statistics.median(clock.seconds[step] for clock in clocks) for step in steps})


def _settle(connection: Connection) -> None:
    """What PostgreSQL and the disk do by themselves in the hours after a load."""
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")
    connection.autocommit = False
    os.sync()


def _seed(connection: Connection, folder: Path) -> int:
    """Load the archive, keep its rows aside, and empty the warehouse again; how many months it has."""
    ours(_SEED_ROWS, folder, Clock())
    with connection, connection.cursor() as cursor:
        cursor.execute(_statement("seed"))
        cursor.execute("ANALYZE seed")
        cursor.execute("TRUNCATE warehouse.street_crime")
        cursor.execute("TRUNCATE intake.submission CASCADE")
        cursor.execute("SELECT max(turn) + 1 FROM seed")
        (months,) = cursor.fetchone() or (0,)
        return int(months)


def _take_samples(state: Path) -> None:
    """Two years of the other returns, by the project's own steps."""
    with mock.patch.dict(os.environ, {"SIA_STATE": str(state)}):
        for quarter in SAMPLES:
            write_samples(state / "inbox", quarter)
            for name in sorted({one.return_name for one in submissions(quarter)} - {"tvp_crime"}):
                take(name, quarter.key)


def _sent() -> Iterator[Sent]:
    for n, quarter in enumerate(QUARTERS):
        received = datetime.combine(quarter.end + timedelta(days=60), datetime.min.time(), LONDON)
        again = received + timedelta(days=90) if n % RESTATED_EVERY == 0 else None
        yield Sent(quarter, received, again)
        if again:
            yield Sent(quarter, again, None)


def _send(connection: Connection, sent: Sent, rows_a_month: int, seed_months: int) -> None:
    """Add a quarter."""
    with connection, connection.cursor() as cursor:
        cursor.execute(statement("load/temporary"))
        cursor.execute(
            _statement("return_versions_of_quarter"),
            {
                "receipt": f"TVS-{sent.quarter.key}-{sent.known_from:%Y%m%d}",
                "quarter_key": sent.quarter.key,
                "known_from": sent.known_from,
                "known_until": sent.known_until,
                "starts_on": sent.quarter.start,
                "ends_on": sent.quarter.end,
            },
        )
        cursor.execute("ANALYZE new_return_version")
        cursor.execute(_statement("quarter_of_crimes"), {"rows_a_month": rows_a_month, "seed_months": seed_months})
        cursor.execute(statement("tally/tvp_crime_street"))
    with connection, connection.cursor() as cursor:
        # What PostgreSQL does by itself in the minutes after a load (0018_quarter_of_crimes).
        cursor.execute("SELECT brin_summarize_new_values('warehouse.tvp_crime_by_return_version')")


@cache
def _statement(name: str) -> str:
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")
