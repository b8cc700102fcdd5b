"""Restricted editions of partnerships' reports: with their own small numbers, for the readers of a named agreement.

They are in a private folder, apart from releases and papers, and are no part of either. Next to each is the list of
the hidden counts that it shows, because its readers know them from then on.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from psycopg2.extensions import connection as Connection
from pydantic import TypeAdapter

from sia.calendar import Quarter
from sia.disclosure.additive import DisclosureCell
from sia.errors import PermanentError
from sia.geography import areas
from sia.papers import csp_page, csp_workbook
from sia.papers.csp_report import Restriction, csp_report
from sia.registers.report_sections import sections
from sia.registers.restricted_editions import restricted_editions
from sia.release import ledger
from sia.release.restricted import restricted_release
from sia.storage.private_folder import write_private

_SEEN = "seen.json"
_ADAPTER = TypeAdapter(dict[str, tuple[DisclosureCell, ...]])


def restricted_reports(connection: Connection, quarter: Quarter, folder: Path, board: date, today: date) -> list[Path]:
    """Write the restricted editions of a quarter's newest release: one for each agreement in force.

    Args:
        connection: to the warehouse, with no transaction open.
        quarter: the quarter.
        folder: the private folder of all restricted editions.
        board: the month in which the Board next meets.
        today: the day on which an agreement must be in force.

    Returns:
        The files to read.

    Raises:
        PermanentError: the quarter has no release, or no agreement is in force; it says what to do.
    """
    with connection, connection.cursor() as cursor:
        entries = [entry for entry in ledger.releases(cursor) if entry.quarter == quarter]
    if not entries:
        raise PermanentError(
            f"{quarter.label} has no release. Approve one (make approve QUARTER={quarter.key}), then run this again"
        )
    editions = restricted_editions(today)
    if not editions:
        raise PermanentError(
            "restricted_editions.yml has no agreement in force today, so no partnership may see its small numbers."
            " Add the agreement, then run this again"
        )
    written = []
    for edition in editions:
        csp = areas()[edition.partnership]
        own = {csp.code, *csp.member_codes(quarter.start)}
        release = restricted_release(connection, entries[-1], own, _seen(folder / csp.column))
        restriction = Restriction(edition.agreement, edition.readers, release.hidden_exceptions)
        report = csp_report(csp, release.data, sections(), board, restriction)
        stem = f"{csp.column.replace('_', '-')}-{quarter.key}-restricted"
        report_files = {f"{stem}.html": csp_page.page(report), f"{stem}.xlsx": csp_workbook.workbook(report)}
        # What is seen is on record before there is anything to see.
        record = {_SEEN: _ADAPTER.dump_json({entries[-1].name: tuple(sorted(release.seen))})}
        place = write_private(folder, f"{csp.column}/{quarter.key}/{entries[-1].number}", record | report_files)
        written += [place / name for name in report_files]
    return written


def _seen(folder: Path) -> dict[str, tuple[DisclosureCell, ...]]:
    """The counts that earlier editions of a partnership show, by the name of the release that hides them."""
    seen: dict[str, tuple[DisclosureCell, ...]] = {}
    for path in sorted(folder.glob(f"*/*/{_SEEN}")):
        seen |= _ADAPTER.validate_json(path.read_bytes())
    return seen
