"""The ledger of releases in the database: what was put forward, decided and published. Rows are only ever added."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isnan
from typing import Any, Self

import pandas as pd
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from sia.calendar import Quarter
from sia.disclosure import reader_knowledge
from sia.disclosure.additive import Cell, Span
from sia.errors import PermanentError
from sia.release.revision import Edition, Figure, Place


@dataclass(frozen=True, slots=True)
class Candidate:
    """What was put before the approvers."""

    candidate_id: int
    quarter: Quarter
    known_at: datetime
    data_hash: str
    code_version: str
    difference: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on a candidate: ``approved`` or ``sent back``, by whom, when, and with what comment."""

    verdict: str
    decided_by: str
    decided_at: datetime
    remark: str


@dataclass(frozen=True, slots=True)
class Entry:
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


@dataclass(frozen=True, slots=True)
class Contents:
    """A file's hash and size."""

    sha256: str
    size: int

    @classmethod
    def of(cls, content: bytes) -> Self:
        """Those of some bytes."""
        return cls(hashlib.sha256(content).hexdigest(), len(content))


def data_hash(files: Mapping[str, bytes]) -> str:
    """One hash over all files: SHA-256 over the lines that ``sha256sum`` writes of them, sorted by name."""
    lines = [f"{Contents.of(files[name]).sha256}  {name}\n" for name in sorted(files)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def open_candidate(cursor: Cursor, quarter: Quarter) -> tuple[int, datetime]:
    """Write a candidate that shows what is known now; its number, and the moment.

    Once this is committed no load changes what was known at that moment.
    """
    cursor.execute(
        "INSERT INTO release.candidate (quarter_key, known_at) VALUES (%s, release.freeze_snapshot_time())"
        " RETURNING candidate_id, known_at",
        (quarter.key,),
    )
    candidate_id, known_at = _one(cursor)
    return candidate_id, known_at


def propose(cursor: Cursor, candidate_id: int, data_hash: str, code_version: str, difference: str) -> None:
    """Write what is put before the approvers."""
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
        raise PermanentError(f"nothing was proposed as candidate {candidate_id}")
    number, quarter_key, *rest = row
    return Candidate(number, Quarter.parse(quarter_key), *rest)


def decide(cursor: Cursor, candidate_id: int, decision: Decision) -> None:
    """Keep what was decided; the same decision again changes nothing.

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
        raise PermanentError(f"candidate {candidate_id} was {before} already")


def releases(cursor: Cursor, *, before: int | None = None) -> list[Entry]:
    """Every release in the order of publication; those published before a release, if one is given by its number."""
    cursor.execute(
        "SELECT release_id, candidate_id, quarter_key, number, known_at, data_hash, code_version, suppressed, manifest"
        " FROM release.release WHERE release_id < coalesce(%s, release_id + 1) ORDER BY release_id",
        (before,),
    )
    return [
        Entry(release_id, candidate_id, Quarter.parse(quarter_key), *rest)
        for release_id, candidate_id, quarter_key, *rest in cursor.fetchall()
    ]


def add(
    cursor: Cursor,
    approved: Candidate,
    number: int,
    files: Mapping[str, bytes],
    manifest: Mapping[str, Any],
    edition: Edition,
    counts: reader_knowledge.Release,
) -> int:
    """Write a release with its files, figures, conclusions and counts; its number in the order of publication."""
    cursor.execute(
        "INSERT INTO release.release (candidate_id, quarter_key, number, known_at, data_hash, code_version, suppressed,"
        " manifest) VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING release_id",
        (
            approved.candidate_id, approved.quarter.key, number, approved.known_at, approved.data_hash,
            manifest["code_version"], edition.suppressed, json.dumps(manifest),
        ),
    )  # fmt: skip
    release_id = int(_one(cursor)[0])
    contents = {name: Contents.of(content) for name, content in files.items()}
    _insert(cursor, "file", [(release_id, name, each.sha256, each.size) for name, each in contents.items()])
    _insert(
        cursor,
        "figure",
        [(release_id, *key, None if isnan(f.value) else f.value, f.status) for key, f in edition.figures.items()],
    )
    _insert(
        cursor,
        "conclusion",
        [
            (release_id, *key, edition.verdicts.get(key, ""), key in edition.exceptions)
            for key in sorted({*edition.verdicts, *edition.exceptions})
        ],
    )
    _insert(
        cursor,
        "disclosure_cell",
        [
            (release_id, cell.counted, cell.area, cell.span.first, cell.span.after, count, hidden)
            for counted, hidden in ((counts.published, False), (counts.hidden, True))
            for cell, count in counted.items()
        ],
    )
    return release_id


def edition(cursor: Cursor, entry: Entry) -> Edition:
    """What a release published: its figures and its conclusions."""
    cursor.execute(
        "SELECT measure_id, area_code, figure, coalesce(amount, 'NaN'), status FROM release.figure"
        " WHERE release_id = %s",
        (entry.release_id,),
    )
    figures = {(m, a, f): Figure(value, status) for m, a, f, value, status in cursor.fetchall()}
    cursor.execute(
        "SELECT measure_id, area_code, verdict, exception FROM release.conclusion WHERE release_id = %s",
        (entry.release_id,),
    )
    rows = cursor.fetchall()
    return Edition(
        name=entry.name,
        figures=figures,
        verdicts={(measure, area): verdict for measure, area, verdict, _ in rows if verdict},
        exceptions=frozenset((measure, area) for measure, area, _, exception in rows if exception),
        suppressed=entry.suppressed,
    )


def earlier_exceptions(cursor: Cursor, entries: Sequence[Entry], quarter: Quarter) -> dict[Place, list[str]]:
    """The quarters before one for which releases reported an exception, by measure and area, oldest first."""
    cursor.execute(
        "SELECT c.measure_id, c.area_code, array_agg(DISTINCT r.quarter_key ORDER BY r.quarter_key)"
        " FROM release.conclusion AS c INNER JOIN release.release AS r ON c.release_id = r.release_id"
        " WHERE c.exception AND r.release_id = ANY(%s) AND r.quarter_key < %s GROUP BY c.measure_id, c.area_code",
        ([entry.release_id for entry in entries], quarter.key),
    )
    return {(measure, area): keys for measure, area, keys in cursor.fetchall()}


def accounts(cursor: Cursor, entries: Sequence[Entry]) -> list[reader_knowledge.Release]:
    """The counts that releases published and hid, in their order: what a new release is attacked with."""
    return [_account(cursor, entry) for entry in entries]


def _account(cursor: Cursor, entry: Entry) -> reader_knowledge.Release:
    cursor.execute(
        "SELECT component, area_code, first_month, after_month, count, hidden FROM release.disclosure_cell"
        " WHERE release_id = %s"
        " ORDER BY component, area_code, first_month, after_month",
        (entry.release_id,),
    )
    shown: dict[Cell, int] = {}
    hidden: dict[Cell, int] = {}
    for counted, area, first, after, count, is_hidden in cursor.fetchall():
        (hidden if is_hidden else shown)[Cell(counted, area, Span(first, after))] = count
    return reader_knowledge.Release(entry.name, shown, hidden)


def figures(frame: pd.DataFrame) -> dict[tuple[str, str, str], Figure]:
    """The figures of a released scorecard by measure, area and name of the figure."""
    rows = frame[["measure_id", "area_code", "figure", "value", "status"]].to_dict("split")["data"]
    return {
        (measure, area, figure): Figure(float("nan") if pd.isna(value) else float(value), status)
        for measure, area, figure, value, status in rows
    }


def _insert(cursor: Cursor, table: str, rows: list[tuple[Any, ...]]) -> None:
    execute_values(cursor, f"INSERT INTO release.{table} VALUES %s", rows, page_size=2000)  # noqa: S608


def _one(cursor: Cursor) -> tuple[Any, ...]:
    row = cursor.fetchone()
    if row is None:
        raise LookupError("the database answered nothing")
    return row  # type: ignore[no-any-return]
