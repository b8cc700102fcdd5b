"""Builds a release from the warehouse as it was known at a moment.

The same warehouse, moment, seed, earlier releases, registers and policy give the same bytes, so that a release can be
rebuilt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.calendar import LONDON, Quarter, add_working_days
from sia.disclosure.reader_knowledge import DisclosedCounts
from sia.release import ledger, scorecard_inputs
from sia.release.ledger import LedgerEntry
from sia.release.manifest import data_hash
from sia.release.release_data import ReleaseData
from sia.release.release_files import release_files
from sia.release.revision import (
    Difference,
    NewSubmission,
    ReleaseFigures,
    RevisionLine,
    compare,
    conclusion_sentences,
    figures_of,
    revision_lines,
)
from sia.release.scorecard_inputs import ScorecardInputs
from sia.scorecard.amounts import AmountsByCell, Place
from sia.scorecard.exceptions import ExceptionReport, LeadCommentary, exception_reports
from sia.scorecard.protection import ProtectedAmounts, measures_by_month, once_hidden, protect_amounts
from sia.scorecard.registers import Registers
from sia.scorecard.revisions import typical_revisions
from sia.scorecard.scorecard import Scorecard, build
from sia.warehouse.sql_files import statement


@dataclass(frozen=True)
class BuiltRelease:
    """A release as it was built: its data and files, what they say, and how that differs from before.

    ``disclosed``: the counts that it publishes and hides; the hidden ones are secret. ``follows``: the newest release
    before it, whatever its quarter; ``revises``: the newest of its quarter. ``difference``: from the latter, or else
    from the newest of the quarter before. ``left_out``: the measures of which nothing is shown, and why, in words.
    """

    number: int
    registers: Registers
    data: ReleaseData
    files: Mapping[str, bytes]
    figures: ReleaseFigures
    disclosed: DisclosedCounts
    follows: LedgerEntry | None
    revises: LedgerEntry | None
    difference: Difference | None
    left_out: Mapping[str, str]

    @property
    def data_hash(self) -> str:
        """The hash that is approved."""
        return data_hash(self.files)


def build_release(
    connection: Connection, quarter: Quarter, known_at: datetime, seed: bytes, *, before: LedgerEntry | None = None
) -> BuiltRelease:
    """Build a release from the warehouse as it was known, after all releases, or after those that came before one.

    Args:
        connection: to the warehouse, with no transaction open.
        quarter: the quarter.
        known_at: the moment whose knowledge is released; with its time zone. Its day is the day of the release.
        seed: the secret that chooses among almost equally good ways to hide small numbers.
        before: a release; only those before it count as earlier.
    """
    with connection, connection.cursor() as cursor:
        entries = ledger.releases(cursor, before=before.release_id if before else None)
        disclosed = ledger.disclosed_counts(cursor, entries)
        earlier = ledger.earlier_exceptions(cursor, entries, quarter)
        commentary = ledger.lead_commentary(cursor, quarter, known_at)
    of_quarter = [entry for entry in entries if entry.quarter == quarter]
    follows = entries[-1] if entries else None
    revises = of_quarter[-1] if of_quarter else None
    number = len(of_quarter) + 1
    name = f"{quarter.key}/{number}"

    inputs = scorecard_inputs.read(connection, quarter, known_at)
    protected, scorecard, reports = _scorecard(inputs, quarter, known_at, seed, disclosed, earlier, commentary)
    figures = figures_of(name, scorecard, reports, protected.suppressed)
    difference: Difference | None = None
    changes: list[RevisionLine] = []
    conclusions: list[str] = []
    with connection, connection.cursor() as cursor:
        if compared := ledger.compared_release(entries, quarter):
            difference = compare(ledger.released_figures(cursor, compared), figures)
        if difference and revises:
            submissions = _new_submissions(cursor, revises.known_at, known_at)
            day = _day(known_at)
            changes = revision_lines(difference, inputs.registers, quarter, submissions, day)
            conclusions = conclusion_sentences(difference, inputs.registers)
    data = ReleaseData(
        name=name,
        known_at=known_at.astimezone(UTC),
        suppressed=protected.suppressed,
        scorecard=scorecard,
        exceptions=reports,
        revises=revises.name if revises else None,
        changes=tuple(changes),
        conclusions=tuple(conclusions),
        boundaries=inputs.boundaries,
    )
    return BuiltRelease(
        number=number,
        registers=inputs.registers,
        data=data,
        files=release_files(data),
        figures=figures,
        disclosed=protected.disclosed,
        follows=follows,
        revises=revises,
        difference=difference,
        left_out=protected.left_out,
    )


def exceptions_now(
    connection: Connection, quarter: Quarter
) -> tuple[Registers, Scorecard, tuple[ExceptionReport, ...]]:
    """The exceptions that a release would report now, with the registers and the scorecard that they come from.

    A release may hide an exception, or show one, that this does not: its secret seed is drawn when it is prepared.
    """
    with connection, connection.cursor() as cursor:
        disclosed = ledger.disclosed_counts(cursor, ledger.releases(cursor))
    now = datetime.now(LONDON)
    inputs = scorecard_inputs.read(connection, quarter, now)
    _, scorecard, reports = _scorecard(inputs, quarter, now, b"", disclosed, {}, {})
    return inputs.registers, scorecard, reports


def _scorecard(
    inputs: ScorecardInputs,
    quarter: Quarter,
    known_at: datetime,
    seed: bytes,
    disclosed: Sequence[DisclosedCounts],
    earlier: Mapping[Place, Sequence[Quarter]],
    commentary: Mapping[Place, LeadCommentary],
) -> tuple[ProtectedAmounts, Scorecard, tuple[ExceptionReport, ...]]:
    registers, day = inputs.registers, _day(known_at)
    name = f"{quarter.key} as known at {known_at.astimezone(LONDON):%Y-%m-%d %H:%M:%S.%f}"
    protected = protect_amounts(inputs.amounts, registers, day, name, disclosed, seed=seed, elsewhere=inputs.elsewhere)
    scorecard, reports = scorecard_of(
        inputs, quarter, known_at, protected.amounts, disclosed, earlier, commentary,
        share_published=protected.share_published,
    )  # fmt: skip
    return protected, scorecard, reports


def scorecard_of(
    inputs: ScorecardInputs,
    quarter: Quarter,
    known_at: datetime,
    amounts: AmountsByCell,
    disclosed: Sequence[DisclosedCounts],
    earlier: Mapping[Place, Sequence[Quarter]],
    commentary: Mapping[Place, LeadCommentary],
    *,
    share_published: float,
) -> tuple[Scorecard, tuple[ExceptionReport, ...]]:
    """The scorecard and the exceptions of the amounts that may be shown.

    Args:
        inputs: what the warehouse knew.
        quarter: the quarter.
        known_at: the moment of the release.
        amounts: all amounts, with the hidden ones as confidential.
        disclosed: what earlier releases published and hid.
        earlier: the quarters of earlier exceptions, by measure and area.
        commentary: what leads were asked and wrote, by measure and area.
        share_published: the share of the counts up for publication that the release publishes.
    """
    registers, day = inputs.registers, _day(known_at)
    scorecard = build(
        amounts,
        registers,
        inputs.population,
        quarter,
        inputs.returns,
        peers=inputs.peers,
        answers=inputs.answers,
        by_month=measures_by_month(inputs.amounts, registers, day),
        share_published=share_published,
    )
    smallest = max(registers.policy.threshold(measure.id, day) for measure in registers.measures)
    revisions = typical_revisions(
        inputs.history,
        amounts,
        registers.areas.county,
        smallest,
        once_hidden(disclosed, registers.measures),
    )
    due = add_working_days(day, registers.policy.commentary_days(day))
    return scorecard, exception_reports(scorecard, revisions, day, due, earlier, commentary)


def _day(known_at: datetime) -> date:
    return known_at.astimezone(LONDON).date()


def _new_submissions(cursor: Cursor, earlier: datetime, later: datetime) -> list[NewSubmission]:
    cursor.execute(statement("release/restated_by"), {"earlier": earlier, "later": later})
    return [
        NewSubmission(submission_id, return_name, source, Quarter.parse(key), *rest)
        for return_name, source, key, submission_id, *rest in cursor.fetchall()
    ]
