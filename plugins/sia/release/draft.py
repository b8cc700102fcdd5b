"""The draft scorecard of a quarter: read from the warehouse, written as data file, workbook and page."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg2.extensions import connection as Connection

from sia.calendar import LONDON, Quarter
from sia.presentation.scorecard_page import page
from sia.presentation.scorecard_workbook import workbook
from sia.presentation.tidy_csv import tidy_csv
from sia.release import scorecard_inputs
from sia.scorecard.protection import measures_by_month
from sia.scorecard.scorecard import Scorecard, build
from sia.settings import settings
from sia.warehouse import locks
from sia.warehouse.locks import Lock


@dataclass(frozen=True, slots=True)
class Draft:
    """The files of a draft, whether any of them is new, and how many measures have a figure and how many have none."""

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
    """Write the draft scorecard of a quarter into a folder; a file that would be the same is not written again.

    Two drafts of one quarter follow one another, so that the files are all from one of them.

    Args:
        connection: to the warehouse, with no transaction open.
        quarter: the quarter.
        folder: where to; created if it is not there.
    """
    with locks.exclusive(Lock.DRAFT, quarter.key):
        # Before the figures are read: what is loaded from now on finds a draft that it makes out of date.
        folder.mkdir(parents=True, exist_ok=True)
        scorecard = read(connection, quarter)
        stem = folder / f"scorecard-{quarter.key}"
        files = {
            stem.with_suffix(".csv"): tidy_csv(scorecard),
            stem.with_suffix(".xlsx"): workbook(scorecard),
            stem.with_suffix(".html"): page(scorecard, _trace_address()),
        }
        changed = [_write(path, content) for path, content in files.items()]
    data, book, web = files
    return Draft(quarter, data, book, web, any(changed), len(scorecard.reported), len(scorecard.unreported))


def read(connection: Connection, quarter: Quarter) -> Scorecard:
    """The scorecard of a quarter as the warehouse knows it now, with every figure in it."""
    inputs = scorecard_inputs.read(connection, quarter)
    # As a release of today would judge.
    by_month = measures_by_month(inputs.amounts, inputs.registers, datetime.now(LONDON).date())
    return build(
        inputs.amounts, inputs.registers, inputs.population, quarter, inputs.returns,
        peers=inputs.peers, answers=inputs.answers, by_month=by_month,
    )  # fmt: skip


def _trace_address() -> str | None:
    """The page on which a figure of a draft can be traced, if Airflow serves pages."""
    address = settings().web_address
    return f"{address.rstrip('/')}/trace-a-figure/" if address else None


def _write(path: Path, content: bytes) -> bool:
    """Write a file whole or not at all; whether it differs from what was there."""
    if path.exists() and path.read_bytes() == content:
        return False
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(path)
    return True
