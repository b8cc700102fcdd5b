"""The draft scorecard of a quarter: read from the warehouse, written as data, workbook and page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg2.extensions import connection as Connection

from sia.calendar import LONDON, Quarter
from sia.presentation.scorecard_page import page
from sia.presentation.scorecard_workbook import workbook
from sia.presentation.tidy_csv import tidy_csv
from sia.registers.measures import measures
from sia.registers.policy import policy
from sia.registers.series_breaks import breaks
from sia.release import scorecard_inputs
from sia.scorecard.protection import by_month
from sia.scorecard.scorecard import Scorecard, build
from sia.settings import settings


@dataclass(frozen=True, slots=True)
class Draft:
    """What was written: where it lies, whether any file is new, how many measures have a figure and how many none."""

    quarter: Quarter
    data: Path
    workbook: Path
    page: Path
    changed: bool
    reported: int
    unreported: int

    def summary(self) -> dict[str, Any]:
        """Paths and counts, fit for Airflow to keep."""
        return {
            "quarter": self.quarter.key,
            "data": str(self.data),
            "workbook": str(self.workbook),
            "page": str(self.page),
            "changed": self.changed,
            "reported": self.reported,
            "unreported": self.unreported,
        }


def draft(connection: Connection, quarter: Quarter, folder: Path) -> Draft:
    """Write the draft scorecard of a quarter into a folder; a file that would be the same is left untouched.

    Two drafts of one quarter follow one another, so that the files are all from one of them.

    Args:
        connection: to the warehouse, with no transaction open.
        quarter: the quarter.
        folder: where to; made if it is not there.
    """
    with _alone(connection, quarter):
        # Before the figures are read: what is loaded from now on finds a draft that it overtakes.
        folder.mkdir(parents=True, exist_ok=True)
        scorecard = read(connection, quarter)
        stem = folder / f"scorecard-{quarter.key}"
        files = {
            stem.with_suffix(".csv"): tidy_csv(scorecard),
            stem.with_suffix(".xlsx"): workbook(scorecard),
            stem.with_suffix(".html"): page(scorecard, _trace()),
        }
        changed = [_write(path, content) for path, content in files.items()]
    data, book, web = files
    return Draft(quarter, data, book, web, any(changed), len(scorecard.reported), len(scorecard.unreported))


def read(connection: Connection, quarter: Quarter) -> Scorecard:
    """The scorecard of a quarter as the warehouse knows it now, with every figure in it."""
    held = scorecard_inputs.read(connection, quarter)
    # As a release of today would judge.
    months = by_month(held.amounts, measures(), policy(), datetime.now(LONDON).date())
    return build(
        held.amounts, measures(), held.population, quarter, held.returns, policy(), breaks(),
        published=held.peers, by_month=months,
    )  # fmt: skip


@contextmanager
def _alone(connection: Connection, quarter: Quarter) -> Iterator[None]:
    """Hold the lock of a quarter's draft; a connection that is closed gives it back as well."""
    lock = (f"draft {quarter.key}",)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", lock)
    yield
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", lock)


def _trace() -> str | None:
    """Where a figure of a draft is traced, if Airflow serves pages."""
    address = settings().web_address
    return f"{address.rstrip('/')}/trace-a-figure/" if address else None


def _write(path: Path, content: bytes) -> bool:
    """Write a file whole or not at all; whether it differs from what was there."""
    if path.exists() and path.read_bytes() == content:
        return False
    half_written = path.with_name(f".{path.name}.{os.getpid()}")
    half_written.write_bytes(content)
    half_written.replace(path)
    return True
