"""Release: an approved candidate is published once, and rebuilt byte for byte on demand.

``publish`` builds the candidate's files again and publishes them only if they are the bytes that were approved.
``verify`` does the same with any earlier release.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.errors import PermanentError
from sia.feedback import outbox
from sia.feedback.letter import render
from sia.registers.partners import UNIT, partners
from sia.release import ledger
from sia.release.approval import withdraw_letters
from sia.release.building import BuiltRelease, build_release
from sia.release.code_version import code_version
from sia.release.ledger import Candidate, Decision, LedgerEntry
from sia.release.manifest import (
    MANIFEST,
    FileDigest,
    file_list,
    folder_of,
    manifest_bytes,
    publish_folder,
)
from sia.storage import encrypted


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
        withdraw_letters(cursor, candidate_id)
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
        withdraw_letters(cursor, candidate_id)


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
