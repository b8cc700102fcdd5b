"""``make papers QUARTER=2021-22Q4`` or ``YEAR=2021-22``: the papers that are made of releases."""

from __future__ import annotations

import argparse
import sys

from sia.calendar import Quarter
from sia.errors import PermanentError
from sia.local.bootstrap import prepared
from sia.local.console import quiet, run_command
from sia.local.lock import exclusive
from sia.papers import make
from sia.papers.editions import Edition
from sia.registers.business_cycle import year_ending
from sia.settings import settings
from sia.warehouse import database


def made(quarter: str, year: str) -> list[Edition]:
    """Make what is asked for: the partnerships' reports of a quarter, the assessment pack of a year, or both.

    Raises:
        PermanentError: what was asked for is no quarter or year, or is not released; the message says what to do.
    """
    try:
        reports = [Quarter.parse(quarter)] if quarter else []
        packs = [year_ending(year)] if year else []
    except ValueError as fault:
        raise PermanentError(str(fault)) from None
    if not reports and not packs:
        raise PermanentError("say of what: make papers QUARTER=2021-22Q4, or YEAR=2021-22")
    folders = (settings().state / "releases", settings().state / "papers")
    with database.connection() as connection:
        return [
            *(make.csp_reports(connection, asked, *folders) for asked in reports),
            *(make.assessment(connection, last, *folders) for last in packs),
        ]


def main(arguments: list[str]) -> None:
    """Make papers, and say where they lie."""
    parser = argparse.ArgumentParser(prog="python -m sia.cli.papers")
    parser.add_argument("--quarter", default="", help="for example 2021-22Q4")
    parser.add_argument("--year", default="", help="for example 2021-22")
    given = parser.parse_args(arguments)
    state = settings().state
    with (
        exclusive(state, "make papers"),
        quiet(state / "log" / "papers.log") as console,
        prepared(state, console),
    ):
        for paper in made(given.quarter, given.year):
            message = "Made" if paper.new else "Made before, and unchanged"
            console.line(f"{message}, of release {', '.join(paper.made_from)}: {paper.folder}")


if __name__ == "__main__":
    run_command(lambda: main(sys.argv[1:]))
