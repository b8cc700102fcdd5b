"""The ledger of releases in the database: candidates, decisions and releases. Rows are only ever added."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from sia.calendar import Quarter
from sia.disclosure.additive import DisclosureCell, Span
from sia.disclosure.reader_knowledge import DisclosedCounts
from sia.errors import PermanentError
from sia.release.manifest import FileDigest
from sia.release.revision import ReleasedFigure, ReleaseFigures
from sia.scorecard.amounts import Place
from sia.scorecard.exceptions import LeadCommentary
from sia.warehouse.sql_files import statement


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the approvers see."""

    candidate_id: int
    quarter: Quarter
    known_at: datetime
    data_hash: str
    code_version: str
    difference: str


_VERDICTS = {"approved": "approved", "sent_back": "sent back"}


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision on a candidate: ``approved`` or ``sent_back``, by whom, when, and with what comment."""

    verdict: str
    decided_by: str
    decided_at: datetime
    remark: str


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A release as the ledger has it."""

    release_id: int
    candidate_id: int
    quarter: Quarter
    number: int
    known_at: datetime
    data_hash: str
    code_version: str
    suppressed: int
    manifest: dict[str, Any]

    @property
    def name(self) -> str:
        """What people call it: ``2021-22Q4/1``."""
        return f"{self.quarter.key}/{self.number}"


def compared_release(entries: Sequence[LedgerEntry], quarter: Quarter) -> LedgerEntry | None:
    """The release that a new one of a quarter is compared with; None if there is none.

    It is the newest release of the quarter, or else the newest of the last quarter before it that has one.
    """
    earlier = [entry for entry in entries if entry.quarter <= quarter]
    return max(earlier, key=lambda entry: (entry.quarter, entry.number), default=None)


def open_candidate(cursor: Cursor, quarter: Quarter, sealed_seed: bytes) -> tuple[int, datetime]:
    """Write a candidate that shows what is known now; its number, and that moment.

    Once this is committed, no load changes what was known at that moment.

    Args:
        cursor: of a transaction.
        quarter: the quarter.
        sealed_seed: the secret by which it chooses among ways to hide, encrypted.
    """
    cursor.execute(
        "INSERT INTO release.candidate (quarter_key, known_at, sealed_seed)"
        " VALUES (%s, release.freeze_snapshot_time(), %s) RETURNING candidate_id, known_at",
        (quarter.key, sealed_seed),
    )
    candidate_id, known_at = _one(cursor)
    return candidate_id, known_at


def propose(cursor: Cursor, candidate_id: int, data_hash: str, code_version: str, difference: str) -> None:
    """Write what the approvers see."""
    cursor.execute(
        "INSERT INTO release.proposal (candidate_id, data_hash, code_version, difference) VALUES (%s, %s, %s, %s)",
        (candidate_id, data_hash, code_version, difference),
    )


def candidate(cursor: Cursor, candidate_id: int) -> Candidate:
    """What was proposed, by the candidate's number.

    Raises:
        PermanentError: there is none.
    """
    cursor.execute(
        "SELECT c.candidate_id, c.quarter_key, c.known_at, p.data_hash, p.code_version, p.difference"
        " FROM release.candidate AS c INNER JOIN release.proposal AS p ON c.candidate_id = p.candidate_id"
        " WHERE c.candidate_id = %s",
        (candidate_id,),
    )
    row = cursor.fetchone()
    if row is None:
        raise PermanentError(f"there is no candidate {candidate_id} to decide on")
    number, quarter_key, *rest = row
    return Candidate(number, Quarter.parse(quarter_key), *rest)


def sealed_seed(cursor: Cursor, candidate_id: int) -> bytes:
    """The encrypted secret of a candidate.

    Raises:
        PermanentError: it has none.
    """
    cursor.execute("SELECT sealed_seed FROM release.candidate WHERE candidate_id = %s", (candidate_id,))
    row = cursor.fetchone()
    if row is None or row[0] is None:
        raise PermanentError(f"candidate {candidate_id} has no secret seed. It cannot be rebuilt: prepare it again")
    return bytes(row[0])


def decide(cursor: Cursor, candidate_id: int, decision: Decision) -> None:
    """Write a decision; the same decision again changes nothing.

    Raises:
        PermanentError: the opposite was decided before.
    """
    cursor.execute(
        "INSERT INTO release.decision (candidate_id, verdict, decided_by, decided_at, remark)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (candidate_id) DO NOTHING",
        (candidate_id, decision.verdict, decision.decided_by, decision.decided_at, decision.remark),
    )
    cursor.execute("SELECT verdict FROM release.decision WHERE candidate_id = %s", (candidate_id,))
    if (before := _one(cursor)[0]) != decision.verdict:
        raise PermanentError(f"candidate {candidate_id} was already {_VERDICTS[before]}")


def is_decided(cursor: Cursor, candidate_id: int) -> bool:
    """Whether somebody has decided on a candidate."""
    cursor.execute("SELECT EXISTS (SELECT FROM release.decision WHERE candidate_id = %s)", (candidate_id,))
    return bool(_one(cursor)[0])


def releases(cursor: Cursor, *, before: int | None = None) -> list[LedgerEntry]:
    """Every release in the order of publication; those published before a release, if one is given by its number."""
    cursor.execute(
        "SELECT release_id, candidate_id, quarter_key, number, known_at, data_hash, code_version, suppressed, manifest"
        " FROM release.release WHERE release_id < coalesce(%s, release_id + 1) ORDER BY release_id",
        (before,),
    )
    return [
        LedgerEntry(release_id, candidate_id, Quarter.parse(quarter_key), *rest)
        for release_id, candidate_id, quarter_key, *rest in cursor.fetchall()
    ]


def add(
    cursor: Cursor,
    approved: Candidate,
    number: int,
    files: Mapping[str, bytes],
    manifest: Mapping[str, Any],
    figures: ReleaseFigures,
    counts: DisclosedCounts,
) -> int:
    """Write a release with its files, figures, conclusions and counts; its number in the order of publication."""
    cursor.execute(
        "INSERT INTO release.release (candidate_id, quarter_key, number, known_at, data_hash, code_version, suppressed,"
        " manifest) VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING release_id",
        (
            approved.candidate_id, approved.quarter.key, number, approved.known_at, approved.data_hash,
            manifest["code_version"], figures.suppressed, json.dumps(manifest),
        ),
    )  # fmt: skip
    release_id = int(_one(cursor)[0])
    digests = {name: FileDigest.of(content) for name, content in files.items()}
    _insert(
        cursor,
        "INSERT INTO release.file (release_id, file_name, sha256, size_bytes) VALUES %s",
        [(release_id, name, digest.sha256, digest.size) for name, digest in digests.items()],
    )
    _insert(
        cursor,
        "INSERT INTO release.figure (release_id, measure_id, area_code, figure, amount, status) VALUES %s",
        [(release_id, *key, figure.value, figure.status) for key, figure in figures.figures.items()],
    )
    _insert(
        cursor,
        "INSERT INTO release.conclusion (release_id, measure_id, area_code, verdict, exception) VALUES %s",
        [
            (release_id, *place, figures.directions.get(place, ""), place in figures.exceptions)
            for place in sorted({*figures.directions, *figures.exceptions})
        ],
    )
    _insert(
        cursor,
        "INSERT INTO release.disclosure_cell"
        " (release_id, component, area_code, first_month, after_month, count, hidden, printed) VALUES %s",
        [
            (release_id, cell.component, cell.area, cell.span.first, cell.span.after, count, hidden, printed)
            for cells, hidden, printed in (
                (counts.published, False, True),
                (counts.hidden, True, True),
                (counts.unprinted, True, False),
            )
            for cell, count in cells.items()
        ],
    )
    return release_id


def released_figures(cursor: Cursor, entry: LedgerEntry) -> ReleaseFigures:
    """What a release says: its figures and conclusions."""
    cursor.execute(
        "SELECT measure_id, area_code, figure, amount, status FROM release.figure WHERE release_id = %s",
        (entry.release_id,),
    )
    figures = {
        (measure, area, figure): ReleasedFigure(value, status) for measure, area, figure, value, status in cursor
    }
    cursor.execute(
        "SELECT measure_id, area_code, verdict, exception FROM release.conclusion WHERE release_id = %s",
        (entry.release_id,),
    )
    rows = cursor.fetchall()
    return ReleaseFigures(
        name=entry.name,
        figures=figures,
        directions={(measure, area): direction for measure, area, direction, _ in rows if direction},
        exceptions=frozenset((measure, area) for measure, area, _, is_exception in rows if is_exception),
        suppressed=entry.suppressed,
    )


def earlier_exceptions(cursor: Cursor, entries: Sequence[LedgerEntry], quarter: Quarter) -> dict[Place, list[Quarter]]:
    """The quarters before one for which releases reported an exception, by measure and area, oldest first."""
    cursor.execute(
        "SELECT c.measure_id, c.area_code, array_agg(DISTINCT r.quarter_key ORDER BY r.quarter_key)"
        " FROM release.conclusion AS c INNER JOIN release.release AS r ON c.release_id = r.release_id"
        " WHERE c.exception AND r.release_id = ANY(%s) AND r.quarter_key < %s GROUP BY c.measure_id, c.area_code",
        ([entry.release_id for entry in entries], quarter.key),
    )
    return {(measure, area): [Quarter.parse(key) for key in keys] for measure, area, keys in cursor.fetchall()}


def lead_commentary(cursor: Cursor, quarter: Quarter, known_at: datetime) -> dict[Place, LeadCommentary]:
    """What leads were asked about a quarter's exceptions and what they wrote, as known at a time."""
    cursor.execute(statement("release/commentary_known"), {"quarter_key": quarter.key, "known_at": known_at})
    return {(measure_id, area_code): LeadCommentary(*rest) for measure_id, area_code, *rest in cursor.fetchall()}


def disclosed_counts(cursor: Cursor, entries: Sequence[LedgerEntry]) -> list[DisclosedCounts]:
    """The counts that releases published and hid, in their order: what readers know when the next is made."""
    return [_disclosed(cursor, entry) for entry in entries]


def _disclosed(cursor: Cursor, entry: LedgerEntry) -> DisclosedCounts:
    cursor.execute(
        "SELECT component, area_code, first_month, after_month, count, hidden, printed FROM release.disclosure_cell"
        " WHERE release_id = %s"
        " ORDER BY component, area_code, first_month, after_month",
        (entry.release_id,),
    )
    published: dict[DisclosureCell, int] = {}
    hidden: dict[DisclosureCell, int] = {}
    unprinted: dict[DisclosureCell, int] = {}
    for component, area, first, after, count, is_hidden, is_printed in cursor.fetchall():
        counts = published if not is_hidden else hidden if is_printed else unprinted
        counts[DisclosureCell(component, area, Span(first, after))] = count
    return DisclosedCounts(entry.name, published, hidden, unprinted)


def _insert(cursor: Cursor, command: str, rows: list[tuple[Any, ...]]) -> None:
    execute_values(cursor, command, rows, page_size=2000)


def _one(cursor: Cursor) -> tuple[Any, ...]:
    row = cursor.fetchone()
    if row is None:
        raise LookupError("the database answered nothing")
    return row  # type: ignore[no-any-return]
