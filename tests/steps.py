"""The steps that a file in the inbox goes through, as the ingest DAG does them: ``take`` does all of them.

The warehouse and the state folder are those of the environment.
"""

from __future__ import annotations

from typing import Any

from psycopg2.extensions import connection as Connection

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.intake import admit, stage
from sia.intake.outcomes import outcomes
from sia.quality.validate import validate
from sia.storage.folders import inbox_folder, landing_folder
from sia.warehouse import database
from sia.warehouse.load import load


def receive(connection: Connection, return_name: str, quarter_key: str) -> list[int]:
    """Receive the files in the inbox; the submissions that wait for the next step."""
    quarter = Quarter.parse(quarter_key)
    return admit.receive(connection, contract(return_name), quarter, inbox_folder(), landing_folder())


def ingest(connection: Connection, submission_id: int) -> None:
    """Stage, validate and load one submission."""
    stage.stage(connection, submission_id)
    validate(connection, submission_id)
    load(connection, submission_id)


def take(return_name: str, quarter_key: str) -> list[dict[str, Any]]:
    """Take the files in the inbox for a return and quarter through every step; the outcome of each submission."""
    with database.connection() as connection:
        for submission_id in receive(connection, return_name, quarter_key):
            ingest(connection, submission_id)
        return outcomes(connection, return_name, quarter_key)
