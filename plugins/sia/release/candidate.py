"""The candidate for a release: the files that an approver approves, made from what is known at one moment."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.calendar import LONDON, Quarter
from sia.release import ledger, manifest
from sia.release.briefing import Briefing
from sia.release.building import BuiltRelease, build_release
from sia.release.code_version import code_version
from sia.release.commentary_disclosure import may_disclose
from sia.release.manifest import write_folder
from sia.release.waivers_relied_on import waivers_relied_on
from sia.scorecard.amounts import Place
from sia.scorecard.protection import hidden_counts
from sia.storage import encrypted
from sia.warehouse import invariants
from sia.warehouse.sql_files import statement

DIFFERENCE = "difference.md"
"""The file in a candidate's folder that says how it differs from the last release. It is not published."""

SEED_BYTES = 32
"""The length of the secret by which a release chooses among ways to hide."""


def prepare(connection: Connection, quarter: Quarter, folder: Path) -> dict[str, Any]:
    """Make a candidate from what is known now, with what the approvers must see.

    Args:
        connection: to the warehouse, with no transaction open.
        quarter: the quarter.
        folder: where its files are put for reading; what an earlier candidate left there is replaced.

    Returns:
        The candidate's number and counts, fit for Airflow to keep.
    """
    seed = secrets.token_bytes(SEED_BYTES)
    with connection, connection.cursor() as cursor:
        candidate_id, known_at = ledger.open_candidate(cursor, quarter, encrypted.seal(seed))
    return propose(connection, candidate_id, quarter, known_at, seed, folder)


def propose(
    connection: Connection, candidate_id: int, quarter: Quarter, known_at: datetime, seed: bytes, folder: Path
) -> dict[str, Any]:
    """Write the files of an open candidate, and what the approvers must see.

    Args:
        connection: to the warehouse, with no transaction open.
        candidate_id: the candidate.
        quarter: its quarter.
        known_at: the moment whose knowledge it shows.
        seed: the secret by which it chooses among ways to hide.
        folder: where its files are put for reading; what an earlier candidate left there is replaced.

    Returns:
        The candidate's number and counts, fit for Airflow to keep.
    """
    release = build_release(connection, quarter, known_at, seed)
    checks = invariants.results(connection)
    with connection, connection.cursor() as cursor:
        briefing = Briefing(
            registers=release.registers,
            data=release.data,
            data_hash=release.data_hash,
            code_version=code_version(),
            figures=release.figures,
            difference=release.difference,
            checks=checks,
            missing=_missing(cursor, quarter, known_at),
            waived=waivers_relied_on(cursor, quarter, known_at),
            questions=_questions(cursor, quarter, known_at),
            may_disclose=_may_disclose(release, quarter, known_at),
            left_out=release.left_out,
        )
        text = briefing.markdown
        write_folder(folder, {**release.files, DIFFERENCE: text.encode()})
        ledger.propose(cursor, candidate_id, briefing.data_hash, briefing.code_version, text)
    return {
        "candidate": candidate_id,
        "release": release.data.name,
        "figures": len(release.figures.figures),
        "suppressed": release.data.suppressed,
        "changed": len(release.data.changes),
        "conclusions_changed": len(release.difference.conclusion_changes) if release.difference else 0,
        "files": str(folder),
    }


def files_to_approve(folder: Path, data_hash: str) -> dict[str, bytes] | None:
    """The files of a candidate by name, exactly as its approvers were asked about them.

    Args:
        folder: of the candidate.
        data_hash: of the candidate, as the ledger has it.

    Returns:
        The files; None if they are missing, were changed, or are those of another candidate.
    """
    files = {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}
    files.pop(DIFFERENCE, None)
    return files if files and manifest.data_hash(files) == data_hash else None


def _missing(cursor: Cursor, quarter: Quarter, known_at: datetime) -> list[str]:
    cursor.execute(statement("release/returns_missing"), {"quarter_key": quarter.key, "known_at": known_at})
    return [
        f"{title} ({source}): {f'{months} of 3 months' if months else 'nothing'} received"
        f"{'' if expected else '; optional this quarter'}"
        for title, source, expected, months in cursor.fetchall()
    ]


def _questions(cursor: Cursor, quarter: Quarter, known_at: datetime) -> list[str]:
    """Our questions about the quarter's figures that senders have not answered, or answered with "wrong"."""
    cursor.execute(statement("release/questions_to_settle"), {"quarter_key": quarter.key, "known_at": known_at})
    return [
        f"{title} ({source}): {'the sender says that these are wrong' if is_wrong else 'not answered'}. {message}"
        for title, source, message, is_wrong, _ in cursor.fetchall()
    ]


def _may_disclose(release: BuiltRelease, quarter: Quarter, known_at: datetime) -> list[Place]:
    registers, day = release.registers, known_at.astimezone(LONDON).date()
    written = {report.place: report.commentary.text for report in release.data.exceptions if report.commentary.text}
    for note in release.data.scorecard.notes:
        for area_code in note.area_codes or (registers.areas.county.code,):
            place = note.measure_id, area_code
            written[place] = f"{written.get(place, '')} {note.reason}"
    return may_disclose(
        written,
        hidden_counts(release.disclosed, registers.measures),
        lambda measure_id: registers.policy.threshold(measure_id, day),
        quarter,
        registers.areas,
    )
