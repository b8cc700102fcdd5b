"""Release: prepared as known at a moment, approved by a person, published once, and made again byte for byte for ever.

``prepare`` fixes the moment and makes the files; ``publish`` makes them again from the warehouse, and publishes only if
they are the bytes that were approved; ``verify`` does the same with any earlier release.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.calendar import LONDON, Quarter
from sia.disclosure import reader_knowledge
from sia.errors import PermanentError
from sia.feedback import outbox
from sia.feedback.letter import render
from sia.paths import PROJECT
from sia.registers.measures import measures
from sia.registers.partners import UNIT
from sia.registers.policy import policy
from sia.release import commentary, contents, ledger
from sia.release.briefing import Briefing
from sia.release.commentary_disclosure import may_disclose
from sia.release.ledger import Candidate, Decision, Entry
from sia.release.revision import Difference, Edition, Line, News, compare, lines
from sia.release.revision_note import conclusions, note
from sia.release.waivers_relied_on import set_aside
from sia.scorecard.exceptions import Place
from sia.scorecard.protection import hidden_counts
from sia.warehouse.sql_files import statement

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Made:
    """A release as it was made from the warehouse: its files, what they say, and how that differs from before.

    ``follows`` is the newest release before it, whatever its quarter; ``revises`` the one of its quarter.
    ``card``: what its files are made of. ``said``: what leads said of its exceptions.
    """

    number: int
    files: Mapping[str, bytes]
    edition: Edition
    counts: reader_knowledge.Release
    follows: Entry | None
    revises: Entry | None
    difference: Difference | None
    lines: list[Line]
    card: contents.Released
    said: Mapping[Place, str]

    @property
    def data_hash(self) -> str:
        """The hash that is approved."""
        return ledger.data_hash(self.files)


def prepare(connection: Connection, quarter: Quarter, folder: Path) -> dict[str, Any]:
    """Make a candidate of what is known now, and what the approver must see.

    Args:
        connection: to the warehouse, with no transaction open.
        quarter: the quarter.
        folder: where its files are laid for reading; what an earlier candidate left there is replaced.

    Returns:
        The candidate's number and counts, fit for Airflow to keep.

    Raises:
        sia.disclosure.suppression.NotProtectable: no way was found to hide what must be hidden.
    """
    with connection, connection.cursor() as cursor:
        candidate_id, known_at = ledger.open_candidate(cursor, quarter)
    made = make(connection, quarter, known_at)
    with connection, connection.cursor() as cursor:
        briefing = Briefing(
            quarter=quarter,
            number=made.number,
            known_at=known_at,
            data_hash=made.data_hash,
            code_version=code_version(),
            edition=made.edition,
            difference=made.difference,
            same_quarter=made.revises is not None,
            lines=made.lines,
            missing=_missing(cursor, quarter, known_at),
            waived=set_aside(cursor, quarter, known_at),
            may_disclose=_may_disclose(made, quarter, known_at),
        )
        _lay(folder, {**made.files, "difference.md": briefing.markdown.encode()})
        ledger.propose(cursor, candidate_id, briefing.data_hash, briefing.code_version, briefing.markdown)
    return {
        "candidate": candidate_id,
        "release": made.edition.name,
        "figures": len(made.edition.figures),
        "suppressed": made.edition.suppressed,
        "changed": len(made.lines),
        "conclusions_changed": len(made.difference.turns) if made.difference else 0,
        "files": str(folder),
    }


def publish(connection: Connection, candidate_id: int, decision: Decision, folder: Path) -> dict[str, Any]:
    """Publish what was approved, once: files into ``<folder>/<quarter>/<number>/``, rows into the ledger.

    Args:
        connection: to the warehouse, with no transaction open.
        candidate_id: what was approved.
        decision: by whom and when.
        folder: of all releases.

    Returns:
        The release's name, where it lies and its hash.

    Raises:
        PermanentError: the warehouse no longer gives what was approved, or it was sent back before.
    """
    with connection, connection.cursor() as cursor:
        approved = ledger.candidate(cursor, candidate_id)
        ledger.decide(cursor, candidate_id, decision)
        done = next((each for each in ledger.releases(cursor) if each.candidate_id == candidate_id), None)
    made = make(connection, approved.quarter, approved.known_at, before=done)
    if made.data_hash != approved.data_hash:
        raise PermanentError(
            f"what the warehouse and this code ({code_version()}) give is not what was approved as candidate"
            f" {candidate_id} (made by {approved.code_version}): nothing was published; prepare the release again"
        )
    place = folder / approved.quarter.key / str(made.number)
    manifest = done.manifest if done else _manifest(made, approved, decision)
    if done is None:
        with connection, connection.cursor() as cursor:
            cursor.execute("LOCK TABLE release.release IN SHARE ROW EXCLUSIVE MODE")
            if next(reversed(ledger.releases(cursor)), None) != made.follows:
                raise PermanentError("another release was published meanwhile: prepare this one again")
            ledger.add(cursor, approved, made.number, made.files, manifest, made.edition, made.counts)
            _alert(cursor, made)
    if not place.exists():
        # Whole or not at all; what a run that died left is made anew.
        making = place.with_name(f".{place.name}")
        _lay(making, {**made.files, MANIFEST: _as_text(manifest)}, read_only=True)
        making.rename(place)
    return {"release": made.edition.name, "folder": str(place), "data_hash": made.data_hash}


def send_back(connection: Connection, candidate_id: int, decision: Decision) -> None:
    """Keep that a candidate was sent back, by whom and with what comment.

    Raises:
        PermanentError: it was approved before.
    """
    with connection, connection.cursor() as cursor:
        ledger.decide(cursor, candidate_id, decision)


@dataclass(frozen=True, slots=True)
class Checked:
    """One file of a release that was made again; ``fault`` is empty if all is as it was published."""

    file: str
    fault: str


def verify(connection: Connection, name: str, folder: Path) -> tuple[Entry, list[Checked]]:
    """Make a release again from the warehouse as it was known; compare it with its manifest and with what lies there.

    Args:
        connection: to the warehouse, with no transaction open.
        name: of the release: ``2021-22Q4/1``.
        folder: of all releases.

    Raises:
        PermanentError: there is no such release.
    """
    with connection, connection.cursor() as cursor:
        entry = _entry(cursor, name)
    made = make(connection, entry.quarter, entry.known_at, before=entry)
    place = folder / entry.quarter.key / str(entry.number)
    published = {each["name"]: each["sha256"] for each in entry.manifest["files"]}
    found = [
        Checked(file, _fault(published.get(file), made.files.get(file), place / file))
        for file in sorted({*published, *made.files})
    ]
    lying = place / MANIFEST
    same = lying.exists() and lying.read_bytes() == _as_text(entry.manifest)
    return entry, [*found, Checked(MANIFEST, "" if same else "is not in the folder as the ledger has it")]


def make(connection: Connection, quarter: Quarter, known_at: datetime, *, before: Entry | None = None) -> Made:
    """Make a release from the warehouse as it was known, after all releases, or after those that were before one."""
    with connection, connection.cursor() as cursor:
        entries = ledger.releases(cursor, before=before.release_id if before else None)
        counts = ledger.accounts(cursor, entries)
        earlier = ledger.earlier_exceptions(cursor, entries, quarter)
        asked = commentary.known(cursor, quarter, known_at)
    card = contents.files(connection, quarter, known_at, counts, earlier=earlier, asked=asked)
    connection.rollback()
    of_quarter = [entry for entry in entries if entry.quarter == quarter]
    follows = entries[-1] if entries else None
    revises = of_quarter[-1] if of_quarter else None
    number = len(of_quarter) + 1
    edition = Edition(
        name=f"{quarter.key}/{number}",
        figures=ledger.figures(card.figures),
        verdicts=dict(card.verdicts),
        exceptions=frozenset(card.exceptions),
        suppressed=card.suppressed,
    )
    files = dict(card.files)
    difference, changed = None, []
    with connection, connection.cursor() as cursor:
        if last := revises or follows:
            difference = compare(ledger.edition(cursor, last), edition)
        if difference and revises:
            news = _news(cursor, revises.known_at, known_at)
            changed = lines(difference, quarter, news, known_at.astimezone(LONDON).date())
            if difference.anything:
                files |= note(difference, quarter, changed, known_at)
    said = {place: each.said for place, each in asked.items() if each.said and place in edition.exceptions}
    return Made(number, files, edition, card.published, follows, revises, difference, changed, card, said)


def code_version() -> str:
    """Which code this is: its git commit, marked where files differ from it; without git the package's version."""
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


def _entry(cursor: Cursor, name: str) -> Entry:
    found = {entry.name: entry for entry in ledger.releases(cursor)}
    if name not in found:
        raise PermanentError(f"there is no release {name}; there are: {', '.join(found) or 'none yet'}")
    return found[name]


def _fault(published: str | None, again: bytes | None, lying: Path) -> str:
    """What is wrong with a file, given the hash that was published and the bytes that are made now."""
    if published is None:
        return "is made now and was not published"
    if again is None:
        return "was published and is not made now"
    if ledger.Contents.of(again).sha256 != published:
        return "is made otherwise now"
    if not lying.exists():
        return "is not in the folder any more"
    return "" if lying.read_bytes() == again else "was changed in the folder"


def _missing(cursor: Cursor, quarter: Quarter, known_at: datetime) -> list[str]:
    cursor.execute(statement("release/returns_missing"), {"quarter_key": quarter.key, "known_at": known_at})
    return [
        f"{title} ({source}): {f'{months} of 3 months' if months else 'nothing'} held"
        f"{'' if expected else '; the scorecard does not wait for it'}"
        for title, source, expected, months in cursor.fetchall()
    ]


def _may_disclose(made: Made, quarter: Quarter, known_at: datetime) -> list[Place]:
    rules, day = policy(), known_at.astimezone(LONDON).date()
    hidden = hidden_counts(made.counts, measures())
    return may_disclose(made.said, hidden, lambda measure_id: rules.threshold(measure_id, day), quarter)


def _news(cursor: Cursor, earlier: datetime, later: datetime) -> list[News]:
    cursor.execute(statement("release/restated_by"), {"earlier": earlier, "later": later})
    return [
        News(submission_id, return_name, source, Quarter.parse(key), *rest)
        for return_name, source, key, submission_id, *rest in cursor.fetchall()
    ]


def _manifest(made: Made, approved: Candidate, decision: Decision) -> dict[str, Any]:
    contents = {name: ledger.Contents.of(made.files[name]) for name in sorted(made.files)}
    return {
        "release": made.edition.name,
        "quarter": approved.quarter.key,
        "number": made.number,
        "known_at": approved.known_at.isoformat(),
        # By whom, and with what comment, is in the ledger: this goes out with the files.
        "approved_at": decision.decided_at.isoformat(),
        "data_hash": approved.data_hash,
        "code_version": code_version(),
        "files": [{"name": name, "sha256": each.sha256, "size": each.size} for name, each in contents.items()],
    }


def _alert(cursor: Cursor, made: Made) -> None:
    """Write to the unit if a release of the same quarter concluded otherwise; a figure alone alerts nobody."""
    if made.revises is None or made.difference is None or not made.difference.concluded_otherwise:
        return
    subject = f"Release {made.edition.name}: {len(conclusions(made.difference))} conclusions changed"
    words = {
        "earlier": made.revises.name,
        "later": made.edition.name,
        "conclusions": conclusions(made.difference),
    }
    outbox.queue(cursor, UNIT, render("revision", "revision", subject, words))


def _as_text(manifest: Mapping[str, Any]) -> bytes:
    return (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()


def _lay(folder: Path, files: Mapping[str, bytes], *, read_only: bool = False) -> None:
    """Write files into a folder that holds nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if read_only:
            path.chmod(0o444)
