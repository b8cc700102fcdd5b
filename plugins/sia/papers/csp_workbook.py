"""A partnership's report as an accessible workbook: a sheet a section, then quarters, districts, exceptions."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from sia.papers.csp_report import Chapter, Report, Told
from sia.papers.history import share_told
from sia.papers.paper_sheets import EXCEPTIONS, REVISIONS, front, named, notes, quarter_cell, rows_sheet
from sia.presentation import captions
from sia.presentation.accessible_workbook import WIDE, Sheet, Table, cell, put_together
from sia.presentation.direction_labels import because, beside_county, place, words
from sia.presentation.figures import NOT_APPLICABLE, compared_as, unit


def workbook(report: Report) -> bytes:
    """The workbook as xlsx; the same report gives the same bytes."""
    sheets = list(_sheets(report))
    measures = [each.measure for chapter in report.chapters for each in chapter.told]
    says = (
        f"Release {report.release} of the scorecard, figures as known on {captions.day(report.scorecard.as_of)}."
        f" For the Board's meeting of {report.board:%B %Y}."
    )
    top = front(
        report.scorecard,
        f"{report.csp.name}: performance report",
        report.scorecard.quarter.label,
        "Sanctuary scheme, cameras, mediation, domestic abuse and crime in a Community Safety Partnership",
        says,
    )
    return put_together(top, sheets, notes(report.scorecard, sheets, measures))


def _sheets(report: Report) -> Iterator[Sheet]:
    for chapter in report.chapters:
        if chapter.told:
            yield _chapter(report, chapter)
    told = [(chapter, each) for chapter in report.chapters for each in chapter.told]
    if told:
        yield _quarters(report, told)
    if told and report.districts:
        yield _districts(report, told)
    without = [(chapter.section.title, measure) for chapter in report.chapters for measure in chapter.without]
    if without:
        rows = [{"Measure": m.title, "Section": section, "Sender": m.source_name} for section, m in without]
        yield Sheet("Without figures", "Measures without figures in two years", pd.DataFrame(rows), (WIDE, 36, 40))
    label = report.scorecard.quarter.label
    if report.exceptions:
        widths = (WIDE, 24, 20, WIDE, 40, 40, 24, 36, WIDE)
        yield rows_sheet("Exceptions", f"Exceptions, {label}", EXCEPTIONS, report.exceptions, widths)
    if report.revisions:
        yield rows_sheet(
            "Revisions", f"Revisions, {label}", REVISIONS, report.revisions, (WIDE, 24, 40, 16, 16, 14, 12, WIDE)
        )


def _chapter(report: Report, chapter: Chapter) -> Sheet:
    names = captions.periods(report.scorecard.quarter)
    columns = {
        names.quarter: "quarter_figure",
        names.last_year: "last_year_figure",
        "Change": "change",
        "Change (per cent)": "change_percent",
        names.year: "year_figure",
        names.year_before: "year_before_figure",
        "Change over the year": "year_change",
        "Change over the year (per cent)": "year_change_percent",
    }
    judged = ("Direction of travel", "Why", "Beside Oxfordshire", "Place, highest first", "Share of the 12 months")
    table = Table(("Measure", "Unit", *judged), tuple(columns))
    for each in chapter.told:
        key = (each.measure.id, report.csp.code)
        travel, beside = report.scorecard.travel[key], report.scorecard.beside.get(key)
        said = (words(travel), because(travel), beside_county(beside), place(beside), _share(report, chapter, each))
        cells = [cell(each.measure, each.lines[report.csp.code], column) for column in columns.values()]
        table.add((named(each.measure), unit(each.measure), *said), cells)
    return table.sheet(
        chapter.section.title,
        f"{chapter.section.title}: {report.csp.name}, {report.scorecard.quarter.label}",
        (WIDE, 22, 20, WIDE, 22, 16, 22, *[14] * len(columns)),
        {names.year: "completeness", "Direction of travel": "direction", "Beside Oxfordshire": "comparison"},
    )


def _share(report: Report, chapter: Chapter, each: Told) -> str:
    if not chapter.section.shares:
        return NOT_APPLICABLE
    of_service = each.measure.id in chapter.section.of_service
    return share_told(each.measure, each.lines, report.csp, of_service=of_service)


def _quarters(report: Report, told: list[tuple[Chapter, Told]]) -> Sheet:
    labels = tuple(one.quarter.label for one in told[0][1].quarters)
    table = Table(("Measure", "Section", "In what"), labels)
    for chapter, each in told:
        words_of = (named(each.measure), chapter.section.title)
        table.add((*words_of, unit(each.measure)), [quarter_cell(each.measure, one) for one in each.quarters])
        if each.measure.has_rate:
            rates = [quarter_cell(each.measure, one, compared=True) for one in each.quarters]
            table.add((*words_of, compared_as(each.measure)), rates)
    title = f"Quarter by quarter: {report.csp.name}"
    return table.sheet("Quarter by quarter", title, (WIDE, 32, 28, *[14] * len(labels)), {"In what": "population"})


def _districts(report: Report, told: list[tuple[Chapter, Told]]) -> Sheet:
    names = captions.periods(report.scorecard.quarter)
    places = [
        (area, column, f"{area.name}, {name}")
        for area in (*report.districts, report.csp)
        for column, name in (("quarter_figure", names.quarter), ("year_figure", names.year))
    ]
    table = Table(("Measure", "Section", "Unit"), tuple(heading for _, _, heading in places))
    for chapter, each in told:
        cells = [cell(each.measure, each.lines[area.code], column) for area, column, _ in places]
        table.add((named(each.measure), chapter.section.title, unit(each.measure)), cells)
    return table.sheet("Districts", f"The districts of {report.csp.name}", (WIDE, 32, 22, *[18] * len(places)))
