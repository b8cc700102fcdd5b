"""Release: prepared as known at a moment, approved by a person, published once, and rebuilt byte for byte on demand.

``prepare`` fixes the moment and makes the files. ``publish`` builds them again and publishes them only if they are the
bytes that were approved. ``verify`` does the same with any earlier release.
"""

from __future__ import annotations

import secrets
import subprocess
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.calendar import LONDON, Quarter
from sia.errors import PermanentError
from sia.feedback import outbox
from sia.feedback.letter import render
from sia.paths import PROJECT
from sia.registers.partners import UNIT, partners
from sia.release import ledger
from sia.release.briefing import Briefing
from sia.release.building import BuiltRelease, build_release
from sia.release.commentary_disclosure import may_disclose
from sia.release.ledger import Candidate, Decision, LedgerEntry
from sia.release.manifest import (
    MANIFEST,
    FileDigest,
    file_list,
    folder_of,
    manifest_bytes,
    publish_folder,
    write_folder,
)
from sia.release.waivers_relied_on import waivers_relied_on
from sia.scorecard.amounts import Place
from sia.scorecard.protection import hidden_counts
from sia.storage import encrypted
from sia.warehouse.sql_files import statement

_SEED_BYTES = 32


def prepare(connection: Connection, quarter: Quarter, folder: Path) -> dict[str, Any]:
    """Make a candidate from what is known now, with what the approvers must see.

    Args:
        connection: to the warehouse, with no transaction open.
        quarter: the quarter.
        folder: where its files are put for reading; what an earlier candidate left there is replaced.

    Returns:
        The candidate's number and counts, fit for Airflow to keep.
    """
    seed = secrets.token_bytes(_SEED_BYTES)
    with connection, connection.cursor() as cursor:
        candidate_id, known_at = ledger.open_candidate(cursor, quarter, encrypted.seal(seed))
    release = build_release(connection, quarter, known_at, seed)
    with connection, connection.cursor() as cursor:
        briefing = Briefing(
            registers=release.registers,
            data=release.data,
            data_hash=release.data_hash,
            code_version=code_version(),
            figures=release.figures,
            difference=release.difference,
            missing=_missing(cursor, quarter, known_at),
            waived=waivers_relied_on(cursor, quarter, known_at),
            may_disclose=_may_disclose(release, quarter, known_at),
            left_out=release.left_out,
        )
        text = briefing.markdown
        write_folder(folder, {**release.files, "difference.md": text.encode()})
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


def publish(connection: Connection, candidate_id: int, decision: Decision, folder: Path) -> dict[str, Any]:
    """Publish what was approved, once: files into ``<folder>/<quarter>/<number>/``, rows into the ledger.

    Args:
        connection: to the warehouse, with no transaction open.
        candidate_id: the candidate that was approved.
        decision: by whom and when.
        folder: of all releases.

    Returns:
        The release's name, its folder and its hash.

    Raises:
        PermanentError: the warehouse no longer gives what was approved, or it was sent back before.
    """
    with connection, connection.cursor() as cursor:
        approved = ledger.candidate(cursor, candidate_id)
        ledger.decide(cursor, candidate_id, decision)
        entry = next((entry for entry in ledger.releases(cursor) if entry.candidate_id == candidate_id), None)
        seed = encrypted.unseal(ledger.sealed_seed(cursor, candidate_id))
    release = build_release(connection, approved.quarter, approved.known_at, seed, before=entry)
    if release.data_hash != approved.data_hash:
        raise PermanentError(
            f"the warehouse and this code ({code_version()}) no longer give what was approved as candidate"
            f" {candidate_id} (made by {approved.code_version}). Nothing was published: prepare the release again"
        )
    place = folder_of(folder, approved.quarter, release.number)
    manifest = entry.manifest if entry else _manifest(release, approved, decision)
    if entry is None:
        with connection, connection.cursor() as cursor:
            cursor.execute("LOCK TABLE release.release IN SHARE ROW EXCLUSIVE MODE")
            if next(reversed(ledger.releases(cursor)), None) != release.follows:
                raise PermanentError("another release was published in the meantime: prepare this one again")
            ledger.add(cursor, approved, release.number, release.files, manifest, release.figures, release.disclosed)
            _alert(cursor, release)
    if not place.exists():
        publish_folder(place, release.files, manifest)
    return {"release": release.data.name, "folder": str(place), "data_hash": release.data_hash}


def send_back(connection: Connection, candidate_id: int, decision: Decision) -> None:
    """Write that a candidate was sent back, by whom and with what comment.

    Raises:
        PermanentError: it was approved before.
    """
    with connection, connection.cursor() as cursor:
        ledger.decide(cursor, candidate_id, decision)


@dataclass(frozen=True, slots=True)
class FileCheck:
    """One file of a release that was rebuilt; ``problem`` is empty if it is as it was published."""

    file: str
    problem: str


def verify(connection: Connection, name: str, folder: Path) -> tuple[LedgerEntry, list[FileCheck]]:
    """Rebuild a release from the warehouse as it was known; compare it with its manifest and its folder.

    Args:
        connection: to the warehouse, with no transaction open.
        name: of the release, for example ``2021-22Q4/1``.
        folder: of all releases.

    Raises:
        PermanentError: there is no such release.
    """
    with connection, connection.cursor() as cursor:
        entries = {entry.name: entry for entry in ledger.releases(cursor)}
    if name not in entries:
        raise PermanentError(f"there is no release {name}; there are: {', '.join(entries) or 'none yet'}")
    entry = entries[name]
    with connection, connection.cursor() as cursor:
        seed = encrypted.unseal(ledger.sealed_seed(cursor, entry.candidate_id))
    release = build_release(connection, entry.quarter, entry.known_at, seed, before=entry)
    place = folder_of(folder, entry.quarter, entry.number)
    published = {file["name"]: file["sha256"] for file in entry.manifest["files"]}
    checks = [
        FileCheck(file, _problem(published.get(file), release.files.get(file), place / file))
        for file in sorted({*published, *release.files})
    ]
    path = place / MANIFEST
    same = path.exists() and path.read_bytes() == manifest_bytes(entry.manifest)
    return entry, [*checks, FileCheck(MANIFEST, "" if same else "is not in the folder as the ledger has it")]


def code_version() -> str:
    """Which code this is: its git commit, marked if files differ from it; without git the package's version."""
    git = [
        "git",
        "-C",
        str(PROJECT),
        "describe",
        "--always",
        "--dirty=, with changes that are not committed",
        "--abbrev=40",
    ]
    try:
        return "commit " + subprocess.run(git, check=True, capture_output=True, text=True, timeout=30).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        return f"version {project['version']}"


def _problem(published: str | None, rebuilt: bytes | None, path: Path) -> str:
    """What is wrong with a file, from the hash that was published and the bytes that are built now."""
    if published is None:
        return "is built now and was not published"
    if rebuilt is None:
        return "was published and is not built now"
    if FileDigest.of(rebuilt).sha256 != published:
        return "is built differently now"
    if not path.exists():
        return "is missing from the folder"
    return "" if path.read_bytes() == rebuilt else "was changed in the folder"


def _missing(cursor: Cursor, quarter: Quarter, known_at: datetime) -> list[str]:
    cursor.execute(statement("release/returns_missing"), {"quarter_key": quarter.key, "known_at": known_at})
    return [
        f"{title} ({source}): {f'{months} of 3 months' if months else 'nothing'} received"
        f"{'' if expected else '; optional this quarter'}"
        for title, source, expected, months in cursor.fetchall()
    ]


def _may_disclose(release: BuiltRelease, quarter: Quarter, known_at: datetime) -> list[Place]:
    registers, day = release.registers, known_at.astimezone(LONDON).date()
    written = {report.place: report.commentary.text for report in release.data.exceptions if report.commentary.text}
    return may_disclose(
        written,
        hidden_counts(release.disclosed, registers.measures),
        lambda measure_id: registers.policy.threshold(measure_id, day),
        quarter,
        registers.areas,
    )


def _manifest(release: BuiltRelease, approved: Candidate, decision: Decision) -> dict[str, Any]:
    return {
        "release": release.data.name,
        "quarter": approved.quarter.key,
        "number": release.number,
        "known_at": approved.known_at.isoformat(),
        # By whom, and with what comment, is in the ledger: the manifest is published with the files.
        "approved_at": decision.decided_at.isoformat(),
        "data_hash": approved.data_hash,
        "code_version": code_version(),
        "files": file_list(release.files),
    }


def _alert(cursor: Cursor, release: BuiltRelease) -> None:
    """Write to the unit if conclusions differ from the last release of the quarter; figures alone alert nobody."""
    if release.revises is None or not release.data.conclusions:
        return
    subject = f"Release {release.data.name}: {len(release.data.conclusions)} conclusions changed"
    values = {
        "unit": partners().unit,
        "earlier": release.revises.name,
        "later": release.data.name,
        "conclusions": release.data.conclusions,
    }
    outbox.queue(cursor, UNIT, render("revision", "revision", subject, values))
