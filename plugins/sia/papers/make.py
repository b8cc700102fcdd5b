"""Makes the papers: reads releases, builds what stands in them, and lays each edition down once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from psycopg2.extensions import connection as Connection

from sia import geography
from sia.calendar import Quarter
from sia.papers import assessment as pack
from sia.papers import assessment_page, assessment_workbook, csp_page, csp_report, csp_workbook, source
from sia.papers.assessment import ReleasedIn
from sia.papers.editions import Edition, edition
from sia.release import ledger, release
from sia.release.ledger import Entry

_EXCEPTIONS, _REVISIONS = "exceptions-{}.csv", "revision-note.csv"


def csp_reports(connection: Connection, quarter: Quarter, releases: Path, papers: Path) -> Edition:
    """The performance reports of a quarter, one a partnership, made of the quarter's newest release.

    Args:
        connection: to the warehouse, with no transaction open.
        quarter: the quarter.
        releases: the folder of all releases.
        papers: the folder of all papers.

    Raises:
        PermanentError: the quarter has no release, or what was released is not there any more; it says what to do.
    """
    entry = source.newest_release(connection, quarter)

    def make() -> Mapping[str, bytes]:
        exceptions = source.released_rows(releases, entry, _EXCEPTIONS.format(quarter.key))
        revisions = source.released_rows(releases, entry, _REVISIONS)
        card = source.made_again(connection, entry).card
        files: dict[str, bytes] = {}
        for csp in geography.csps():
            report = csp_report.report(csp, card.scorecard, card.amounts, entry.name, exceptions, revisions)
            stem = f"{_file_name(csp.column)}-{quarter.key}"
            files |= {f"{stem}.html": csp_page.page(report), f"{stem}.xlsx": csp_workbook.workbook(report)}
        return files

    return edition(papers / "csp-reports" / quarter.key, [entry], release.code_version(), make)


def assessment(connection: Connection, last: Quarter, releases: Path, papers: Path) -> Edition:
    """The pack for the Strategic Intelligence Assessment of the year that ends with a quarter.

    Args:
        connection: to the warehouse, with no transaction open.
        last: the year's fourth quarter, which must have a release.
        releases: the folder of all releases.
        papers: the folder of all papers.

    Raises:
        PermanentError: that quarter has no release, or what was released is not there any more; it says what to do.
    """
    newest = source.newest_release(connection, last)
    with connection, connection.cursor() as cursor:
        of_year = [entry for entry in ledger.releases(cursor) if last.plus(-3) <= entry.quarter <= last]

    def make() -> Mapping[str, bytes]:
        said: dict[Quarter, list[ReleasedIn]] = {}
        for entry in of_year:
            said.setdefault(entry.quarter, []).append(_said(releases, entry))
        card = source.made_again(connection, newest).card
        found = pack.assessment(last, card.scorecard, card.amounts, newest.name, said)
        stem = f"assessment-{last.financial_year}"
        return {f"{stem}.html": assessment_page.page(found), f"{stem}.xlsx": assessment_workbook.workbook(found)}

    return edition(papers / "assessment" / last.financial_year, of_year, release.code_version(), make)


def _said(releases: Path, entry: Entry) -> ReleasedIn:
    return ReleasedIn(
        name=entry.name,
        known_at=entry.known_at,
        suppressed=entry.suppressed,
        exceptions=tuple(source.released_rows(releases, entry, _EXCEPTIONS.format(entry.quarter.key))),
        revisions=tuple(source.released_rows(releases, entry, _REVISIONS)),
    )


def _file_name(column: str) -> str:
    return column.replace("_", "-")
