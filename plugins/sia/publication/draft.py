"""The draft scorecard of a quarter: read from the warehouse, written as data, workbook and page."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from psycopg2.extensions import connection as Connection

from sia.calendar import Quarter
from sia.measures.register import measures
from sia.publication.page import page
from sia.publication.tidy import tidy_csv
from sia.publication.workbook import workbook
from sia.scorecard.scorecard import QUARTERS_SHOWN, Scorecard, build
from sia.warehouse.sql import statement


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

    Args:
        connection: to the warehouse, with no transaction open.
        quarter: the quarter.
        folder: where to; made if it is not there.
    """
    # Before the figures are read: what is loaded from now on finds a draft that it overtakes.
    folder.mkdir(parents=True, exist_ok=True)
    scorecard = read(connection, quarter)
    stem = folder / f"scorecard-{quarter.key}"
    files = {
        stem.with_suffix(".csv"): tidy_csv(scorecard),
        stem.with_suffix(".xlsx"): workbook(scorecard),
        stem.with_suffix(".html"): page(scorecard),
    }
    changed = [_write(path, content) for path, content in files.items()]
    data, book, web = files
    return Draft(quarter, data, book, web, any(changed), len(scorecard.reported), len(scorecard.unreported))


def read(connection: Connection, quarter: Quarter) -> Scorecard:
    """The scorecard of a quarter as the warehouse knows it now, all of it read at one moment."""
    window = {"first": quarter.plus(1 - QUARTERS_SHOWN).key, "last": quarter.key}
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    observations, population, returns = (
        _frame(connection, f"marts/read_{name}", window) for name in ("observations", "population", "returns")
    )
    connection.rollback()
    return build(observations, measures(), population, quarter, returns)


def _frame(connection: Connection, name: str, parameters: dict[str, str]) -> pd.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(statement(name), parameters)
        return pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description or ()])


def _write(path: Path, content: bytes) -> bool:
    """Write a file whole or not at all; whether it differs from what was there."""
    if path.exists() and path.read_bytes() == content:
        return False
    half_written = path.with_name(f".{path.name}.{os.getpid()}")
    half_written.write_bytes(content)
    half_written.replace(path)
    return True
