"""What a scorecard is made of, read from the warehouse at one moment, as it was known at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from psycopg2.extensions import connection as Connection

from sia.calendar import Quarter
from sia.registers.measures import measures
from sia.scorecard.amounts import Held, amounts, judged
from sia.warehouse.sql_files import statement

TODAY = "infinity"
"""As it is known now."""


@dataclass(frozen=True)
class Holdings:
    """What is held.

    ``returns``: what was heard of each return. ``revisions``: what was first and last known of each quarter.
    ``peers``: recorded crime beside ONS nearest neighbours, and most similar groups where a list is held.
    """

    amounts: Held
    population: pd.DataFrame
    returns: pd.DataFrame
    revisions: pd.DataFrame
    peers: pd.DataFrame


def read(connection: Connection, quarter: Quarter, known_at: datetime | str = TODAY) -> Holdings:
    """Read a quarter and the quarters before it that its scorecard looks at.

    Args:
        connection: to the warehouse, with no transaction open.
        quarter: the quarter.
        known_at: the time whose knowledge is asked for.
    """
    window = {"first": judged(quarter)[0].key, "last": quarter.key, "known_at": known_at}
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    observations, months, population, returns, revisions, peers = (
        _frame(connection, f"marts/read_{name}", window)
        for name in ("observations", "months", "population", "returns", "revisions", "peers")
    )
    connection.rollback()
    return Holdings(amounts(observations, months, measures(), quarter), population, returns, revisions, peers)


def _frame(connection: Connection, name: str, parameters: Mapping[str, object]) -> pd.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(statement(name), parameters)
        return pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description or ()])
