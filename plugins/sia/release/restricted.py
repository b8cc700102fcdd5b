"""A release as readers see it who may see every count of their own areas.

It is never published. What they saw before is joined with what all releases show, so that nobody works out another
area's small number with it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from psycopg2.extensions import connection as Connection

from sia.calendar import LONDON
from sia.disclosure.additive import DisclosureCell
from sia.disclosure.reader_knowledge import DisclosedCounts
from sia.release import ledger, scorecard_inputs
from sia.release.building import scorecard_of
from sia.release.ledger import LedgerEntry
from sia.release.release_data import ReleaseData
from sia.scorecard.amounts import Place
from sia.scorecard.protection import with_own_amounts
from sia.storage import encrypted


@dataclass(frozen=True)
class RestrictedRelease:
    """A release with its readers' own counts.

    ``seen``: the counts that it shows and the release hides. ``hidden_exceptions``: the exceptions of that kind.
    """

    data: ReleaseData
    seen: frozenset[DisclosureCell]
    hidden_exceptions: frozenset[Place]


def restricted_release(
    connection: Connection,
    entry: LedgerEntry,
    own: Collection[str],
    seen: Mapping[str, Collection[DisclosureCell]],
) -> RestrictedRelease:
    """Show a release to readers of some areas.

    Args:
        connection: to the warehouse, with no transaction open.
        entry: the release.
        own: the codes of their areas.
        seen: by name of a release, the counts that it hides and these readers saw before.
    """
    with connection, connection.cursor() as cursor:
        entries = ledger.releases(cursor)
        *others, public = ledger.disclosed_counts(cursor, [*(other for other in entries if other != entry), entry])
        before = entries[: entries.index(entry)]
        earlier = ledger.earlier_exceptions(cursor, before, entry.quarter)
        commentary = ledger.lead_commentary(cursor, entry.quarter, entry.known_at)
        exceptions = ledger.released_figures(cursor, entry).exceptions
        seed = encrypted.unseal(ledger.sealed_seed(cursor, entry.candidate_id))
    inputs = scorecard_inputs.read(connection, entry.quarter, entry.known_at)
    # Later releases are known as well. The release itself comes last, because its figures are taken for today's.
    *known, release = (_with(disclosed, seen.get(disclosed.name, ())) for disclosed in (*others, public))
    day = entry.known_at.astimezone(LONDON).date()
    amounts, shown = with_own_amounts(
        inputs.amounts, inputs.registers, day, release, known, own, seed=seed, elsewhere=inputs.elsewhere
    )
    hidden = public.hidden.keys() - shown - release.published.keys()
    scorecard, reports = scorecard_of(
        inputs, entry.quarter, entry.known_at, amounts, others[: len(before)], earlier, commentary,
        share_published=1 - len(hidden) / max(1, len(public.published) + len(public.hidden)),
    )  # fmt: skip
    own_reports = tuple(report for report in reports if report.area_code in own)
    return RestrictedRelease(
        ReleaseData(
            name=entry.name,
            known_at=entry.known_at,
            suppressed=len(hidden),
            scorecard=scorecard,
            exceptions=own_reports,
            revises=None,
            changes=(),
            conclusions=(),
        ),
        frozenset(public.secret.keys() & (shown | release.published.keys())),
        frozenset(report.place for report in own_reports if report.place not in exceptions),
    )


def _with(release: DisclosedCounts, seen: Collection[DisclosureCell]) -> DisclosedCounts:
    """A release with the counts that readers saw of what it hides."""

    def unseen(counts: Mapping[DisclosureCell, int]) -> dict[DisclosureCell, int]:
        return {cell: count for cell, count in counts.items() if cell not in seen}

    own = {cell: count for cell, count in release.secret.items() if cell in seen}
    return replace(
        release,
        published={**release.published, **own},
        hidden=unseen(release.hidden),
        unprinted=unseen(release.unprinted),
    )
