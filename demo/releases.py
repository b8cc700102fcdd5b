"""The demo's releases: of its last four quarters, each approved on a day after its leads had commented.

They are proposed and published like every release. Only their moment is in the past, which PostgreSQL allows only the
owner of the warehouse.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, time
from pathlib import Path

from psycopg2.extensions import connection as Connection

from sia.calendar import LONDON, Quarter
from sia.errors import PermanentError
from sia.local.bootstrap import local_warehouse
from sia.registers.approvers import approvers
from sia.release import candidate, draft_folders, ledger, publishing
from sia.settings import settings
from sia.storage import encrypted
from sia.warehouse import database

APPROVED_ON = {
    Quarter(2021, 1): date(2021, 9, 20),
    Quarter(2021, 2): date(2021, 12, 20),
    Quarter(2021, 3): date(2022, 3, 21),
    Quarter(2021, 4): date(2022, 6, 20),
}


def release() -> None:
    """Publish the quarters that have no release yet, and print their releases.

    Raises:
        PermanentError: the demo has not run.
    """
    folder = settings().state / "releases"
    with local_warehouse("make demo-releases") as console, database.connection() as connection:
        for quarter in unreleased(connection):
            with console.step(f"Releasing {quarter.label}") as step:
                step.result = publish(connection, quarter, folder)
        console.line(f"To write the papers: make papers QUARTER={max(APPROVED_ON).key}")


def unreleased(connection: Connection) -> list[Quarter]:
    """The quarters that have no release yet, oldest first.

    Raises:
        PermanentError: a quarter has no return.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT quarter_key FROM intake.submission WHERE status = 'accepted'")
        received = {Quarter.parse(key) for (key,) in cursor.fetchall()}
        released = {entry.quarter for entry in ledger.releases(cursor)}
    if not APPROVED_ON.keys() <= received:
        raise PermanentError("The demo's returns are not loaded. Run make demo, then make demo-releases again.")
    return [quarter for quarter in APPROVED_ON if quarter not in released]


def publish(connection: Connection, quarter: Quarter, folder: Path) -> str:
    """Propose, approve and publish a release, as known on its day; its name.

    Args:
        connection: to the warehouse as its owner, with no transaction open.
        quarter: one of the four.
        folder: of all releases.
    """
    known_at = datetime.combine(APPROVED_ON[quarter], time(9), LONDON)
    seed = secrets.token_bytes(candidate.SEED_BYTES)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO release.candidate (quarter_key, known_at, sealed_seed) VALUES (%s, %s, %s)"
            " RETURNING candidate_id",
            (quarter.key, known_at, encrypted.seal(seed)),
        )
        ((candidate_id,),) = cursor.fetchall()
    candidate.propose(connection, candidate_id, quarter, known_at, seed, draft_folders.candidate_folder(quarter))
    approver = approvers({})[0].id
    decision = ledger.Decision("approved", approver, known_at.replace(hour=15), "Approved by the demo")
    return str(publishing.publish(connection, candidate_id, decision, folder)["release"])
