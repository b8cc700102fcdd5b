"""Makes the papers: reads releases, works out what is in each paper, and writes each edition once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from sia.calendar import Quarter, quarters_between
from sia.papers import assessment as annual
from sia.papers import assessment_page, assessment_workbook, board_page, csp_page, csp_workbook
from sia.papers import board_paper as board
from sia.papers import csp_report as quarterly
from sia.papers.editions import Edition, edition
from sia.papers.released import newest_release, releases_of
from sia.presentation import scorecard_page
from sia.registers.assessment_sections import assessment_sections
from sia.registers.business_cycle import cycle
from sia.registers.report_sections import sections
from sia.registers.tile_map import tiles
from sia.release.code_version import code_version


def csp_reports(quarter: Quarter, releases: Path, papers: Path) -> Edition:
    """The performance reports of a quarter, one for each partnership, from the quarter's newest release.

    Args:
        quarter: the quarter.
        releases: the folder of all releases.
        papers: the folder of all papers.

    Raises:
        PermanentError: the quarter has no release, or its data was changed or is missing; it says what to do.
    """
    release = newest_release(releases, quarter)

    def make() -> Mapping[str, bytes]:
        data = release.read()
        files: dict[str, bytes] = {}
        for csp in data.scorecard.areas.csps:
            report = quarterly.csp_report(csp, data, sections(), board_of_reports(quarter))
            stem = f"{csp.column.replace('_', '-')}-{quarter.key}"
            files |= {f"{stem}.html": csp_page.page(report), f"{stem}.xlsx": csp_workbook.workbook(report)}
        return files

    return edition(papers / "csp-reports" / quarter.key, [release], code_version(), make)


def board_paper(quarter: Quarter, releases: Path, papers: Path) -> Edition:
    """The Board's paper of a quarter, from the newest releases of the quarter and of the quarter before.

    Args:
        quarter: the quarter.
        releases: the folder of all releases.
        papers: the folder of all papers.

    Raises:
        PermanentError: the quarter has no release, or a release's data was changed or is missing; it says what to do.
    """
    release = newest_release(releases, quarter)
    before = releases_of(releases, quarter.plus(-1))[-1:]

    def make() -> Mapping[str, bytes]:
        earlier = before[0].read() if before else None
        paper = board.board_paper(release.read(), earlier, _board(board.PAPER, quarter))
        return {
            f"board-paper-{quarter.key}.html": board_page.page(paper, tiles()),
            f"annex-{quarter.key}.html": scorecard_page.page(paper.scorecard, search=True),
        }

    return edition(papers / "board" / quarter.key, [release, *before], code_version(), make)


def assessment(last: Quarter, releases: Path, papers: Path) -> Edition:
    """The pack for the Strategic Intelligence Assessment of the year that ends with a quarter.

    Args:
        last: the year's fourth quarter, which must have a release.
        releases: the folder of all releases.
        papers: the folder of all papers.

    Raises:
        PermanentError: that quarter has no release, or a release's data was changed or is missing; it says what to do.
    """
    newest_release(releases, last)
    of_year = {quarter: releases_of(releases, quarter) for quarter in quarters_between(last.plus(-3), last)}

    def make() -> Mapping[str, bytes]:
        data = {quarter: [release.read() for release in published] for quarter, published in of_year.items()}
        pack = annual.assessment(last, data, _board(annual.PAPER, last))
        stem = f"assessment-{last.financial_year}"
        return {
            f"{stem}.html": assessment_page.page(pack, assessment_sections(), tiles()),
            f"{stem}.xlsx": assessment_workbook.workbook(pack),
        }

    made_from = [release for published in of_year.values() for release in published]
    return edition(papers / "assessment" / last.financial_year, made_from, code_version(), make)


def board_of_reports(quarter: Quarter) -> date:
    """The month in which the Board next meets after a quarter's reports are made."""
    return _board(quarterly.PAPER, quarter)


def _board(paper: str, quarter: Quarter) -> date:
    """The month in which the Board next meets after a paper is made."""
    return cycle().board_after(cycle().papers[paper].made_on(quarter))
