"""A warehouse of fifteen years: copies of the crime-level archive's months and of the sample returns.

The project's own steps load the rows once. SQL then copies them, because to stage and check twenty million rows would
take too long. The project's own statement counts each quarter's component totals. Every fourth quarter of the
crime-level files is restated once, so that queries about the past differ from queries about today.
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
from sia.contract.model import contract
from sia.warehouse import components
from sia.warehouse.sql_files import statement
from tests.steps import take

QUARTERS = quarters_between(Quarter(2010, 1), Quarter(2024, 4))
SAMPLES = quarters_between(Quarter(2020, 1), Quarter(2021, 4))
RESTATED_EVERY = 4
_NEW = Quarter(2025, 1)
_TIMES = 3
# About the archive's own number of rows, so that each month appears once.
_SEED_ROWS = 134_000


@dataclass(frozen=True)
class Sent:
    """A submission of the crime-level files of a quarter, and the time during which it was current."""

    quarter: Quarter
    known_from: datetime
    known_until: datetime | None


@dataclass(frozen=True)
class NewQuarter:
    """Median seconds to load a new quarter, by step, with ``rows_before`` rows in the warehouse."""

    rows_before: int
    rows: int
    seconds: dict[str, float]


def build(connection: Connection, folder: Path, rows: int) -> tuple[NewQuarter, NewQuarter]:
    """Fill an empty, migrated warehouse with rows of crime and with the other returns.

    Args:
        connection: to the warehouse that ``SIA_WAREHOUSE_URL`` names. This function commits.
        folder: the folder for the benchmark's files.
        rows: the number of rows of crime, including restated months.

    Returns:
        The time for a new quarter after one year, and after fifteen.
    """
    seed_months = _seed(connection, folder)
    _take_samples(folder / "analysts")
    with connection, connection.cursor() as cursor:
        for year in sorted({quarter.year for quarter in QUARTERS} - {quarter.year for quarter in SAMPLES}):
            like = SAMPLES[0].year + year % 2
            parameters = {"years": year - like, "from_year": Quarter(like, 1).financial_year}
            cursor.execute(_statement("other_years"), parameters)
    sent = list(_sent())
    rows_a_month = rows // (3 * len(sent))
    first_year = [submission for submission in sent if submission.quarter.year == QUARTERS[0].year]
    for submission in first_year:
        _send(connection, submission, rows_a_month, seed_months)
    after_one_year = _new_quarter(connection, folder, 3 * rows_a_month)
    for submission in sent[len(first_year) :]:
        _send(connection, submission, rows_a_month, seed_months)
    with connection, connection.cursor() as cursor:
        cursor.execute(_statement("raw_table"))
    return after_one_year, _new_quarter(connection, folder, 3 * rows_a_month + _TIMES)


def _new_quarter(connection: Connection, folder: Path, rows: int) -> NewQuarter:
    """Send a quarter after the fifteen years, and restate it twice with one more row each time."""
    _settle(connection)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM warehouse.street_crime")
        (rows_before,) = cursor.fetchone() or (0,)
    clocks = [Clock() for _ in range(_TIMES)]
    for more, clock in enumerate(clocks):
        ours(rows + more, folder, clock, _NEW)
    _settle(connection)
    steps = ("stage", "validate", "load")
    return NewQuarter(
        rows_before, rows, {step: statistics.median(clock.seconds[step] for clock in clocks) for step in steps}
    )


def _settle(connection: Connection) -> None:
    """Do what PostgreSQL and the disk would do in the hours after a load."""
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")
    connection.autocommit = False
    os.sync()


def _seed(connection: Connection, folder: Path) -> int:
    """Load the archive, copy its rows to ``seed`` and empty the warehouse. Returns the number of months."""
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
    """Load two years of the other returns with the project's own steps."""
    with mock.patch.dict(os.environ, {"SIA_STATE": str(state)}):
        for quarter in SAMPLES:
            write_samples(state / "inbox", quarter)
            for name in sorted({sample.return_name for sample in submissions(quarter)} - {"tvp_crime"}):
                take(name, quarter.key)


def _sent() -> Iterator[Sent]:
    for n, quarter in enumerate(QUARTERS):
        received = datetime.combine(quarter.end + timedelta(days=60), datetime.min.time(), LONDON)
        again = received + timedelta(days=90) if n % RESTATED_EVERY == 0 else None
        yield Sent(quarter, received, again)
        if again:
            yield Sent(quarter, again, None)


def _send(connection: Connection, sent: Sent, rows_a_month: int, seed_months: int) -> None:
    """Add a submission of a quarter."""
    crimes = contract("tvp_crime")
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
        components.write_totals(cursor, crimes, crimes.table("street"))
    with connection, connection.cursor() as cursor:
        # autosummarize does this in the minutes after a load.
        cursor.execute("SELECT brin_summarize_new_values('warehouse.street_crime_by_return_version')")


@cache
def _statement(name: str) -> str:
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")
