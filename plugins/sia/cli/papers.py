"""``sia papers``: write papers from releases."""

from __future__ import annotations

from sia.calendar import Quarter
from sia.errors import PermanentError
from sia.local.console import quiet
from sia.local.lock import exclusive
from sia.local.print_pdf import chromium, print_pages
from sia.papers import make
from sia.registers.business_cycle import year_ending
from sia.settings import settings


def papers(quarter: str, year: str) -> None:
    """Write papers, and print their folders.

    Raises:
        PermanentError: the quarter or year is invalid, or has no release. The message says what to do.
    """
    reports, packs = requested(quarter, year)
    state = settings().state
    folders = (state / "releases", state / "papers")
    with exclusive(state, "make papers"), quiet(state / "log" / "papers.log") as console:
        editions = [
            *(make.board_paper(released, *folders) for released in reports),
            *(make.csp_reports(released, *folders) for released in reports),
            *(make.assessment(last, *folders) for last in packs),
        ]
        for edition in editions:
            verb = "Written" if edition.new else "Unchanged"
            console.line(f"{verb} (release {', '.join(edition.made_from)}): {edition.folder}")
        program = chromium()
        if program is None:
            console.line("No PDF was written, because this machine has no Chromium. Print the pages with a browser.")
        else:
            written = [pdf for edition in editions for pdf in print_pages(edition.folder, program)]
            console.line(f"PDF files written next to the pages: {len(written)}")


def requested(quarter: str, year: str) -> tuple[list[Quarter], list[Quarter]]:
    """The quarters whose reports to write, and the last quarters of the years whose packs to write.

    Raises:
        PermanentError: neither is given, or one is invalid.
    """
    try:
        reports = [Quarter.parse(quarter)] if quarter else []
        packs = [year_ending(year)] if year else []
    except ValueError as error:
        raise PermanentError(str(error)) from None
    if not reports and not packs:
        raise PermanentError("Add a quarter or a year: make papers QUARTER=2021-22Q4, or make papers YEAR=2021-22")
    return reports, packs
