"""The assessment pack as an accessible workbook: releases, a sheet a theme, exceptions, revisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from sia.papers.assessment import Assessment, InYear
from sia.papers.paper_sheets import EXCEPTIONS, REVISIONS, front, named, notes, quarter_cell, rows_sheet
from sia.presentation import captions, peer_tables
from sia.presentation.accessible_workbook import WIDE, Formatted, Sheet, Table, cell, put_together
from sia.presentation.direction_labels import because, words
from sia.presentation.figures import NOT_APPLICABLE, compared_as, unit

# What stands above a table stands in its first column.
_FIRST = 48
_OF_YEAR: Mapping[str, str] = {
    "year_before_figure": "year_before",
    "year_figure": "year",
    "year_change": "Change over the year",
    "year_change_percent": "Change over the year (per cent)",
}


def workbook(pack: Assessment) -> bytes:
    """The workbook as xlsx; the same pack gives the same bytes."""
    sheets = list(_sheets(pack))
    says = (
        f"Trends of release {pack.release} of the scorecard, figures as known on {captions.day(pack.scorecard.as_of)};"
        f" exceptions and revisions of the year's own releases. For the Board's meeting of {pack.board:%B %Y}."
    )
    top = front(
        pack.scorecard,
        "Strategic Intelligence Assessment: performance pack",
        pack.year,
        "A financial year in Oxfordshire and its Community Safety Partnerships",
        says,
    )
    told = notes(pack.scorecard, sheets, [each.measure for each in pack.measures])
    return put_together(top, sheets, told | {one.note: one.note for one in peer_tables.compared(pack.scorecard)})


def _sheets(pack: Assessment) -> Iterator[Sheet]:
    yield _releases(pack)
    for theme in dict.fromkeys(each.measure.theme for each in pack.measures):
        yield _theme(pack, theme)
    for one in peer_tables.compared(pack.scorecard):
        widths = (WIDE, 28, *[22] * len(one.headings))
        yield Sheet(one.sheet, one.title, one.table, widths, heading_notes={"Partnership": one.note})
    if pack.exceptions:
        rows = [{"quarter": quarter.label, **row} for quarter, row in pack.exceptions]
        widths = (_FIRST, WIDE, 24, 20, WIDE, 40, 40, 24, 36, WIDE)
        yield rows_sheet("Exceptions", "Exceptions of the year", {"Quarter": "quarter", **EXCEPTIONS}, rows, widths)
    if pack.revisions:
        rows = [{"release": name, **row} for name, row in pack.revisions]
        yield rows_sheet(
            "Revisions",
            "Revisions of the year",
            {"Release": "release", **REVISIONS},
            rows,
            (_FIRST, WIDE, 24, 40, 16, 16, 14, 12, WIDE),
        )


def _releases(pack: Assessment) -> Sheet:
    rows = [
        {
            "Quarter": each.quarter.label,
            "Release": one.name if one else "No release was made",
            "Prepared on": captions.day(one.known_at) if one else "[x]",
            "Counts hidden": one.suppressed if one else "[x]",
        }
        for each in pack.quarters
        for one in each.releases or (None,)
    ]
    return Sheet("Releases", f"Releases of {pack.year}", pd.DataFrame(rows), (_FIRST, 26, 26, 18))


def _theme(pack: Assessment, theme: str) -> Sheet:
    names = captions.periods(pack.scorecard.quarter)
    headings = {column: getattr(names, text, text) for column, text in _OF_YEAR.items()}
    measures = [each for each in pack.measures if each.measure.theme == theme]
    quarters = tuple(one.quarter.label for one in measures[0].areas[0].quarters)
    told = ("Measure", "Area", "In what", "Direction of travel", "Why")
    table = Table(told, (*quarters, *headings.values()))
    for each in measures:
        _add(pack, table, each)
    return table.sheet(
        theme,
        f"{theme}, {pack.year}",
        (WIDE, 28, 26, 20, WIDE, *[14] * (len(quarters) + len(headings))),
        {"In what": "population", names.year: "completeness", "Direction of travel": "direction"},
    )


def _add(pack: Assessment, table: Table, each: InYear) -> None:
    measure = each.measure
    for one in each.areas:
        travel = pack.scorecard.travel[measure.id, one.area.code]
        judged = (words(travel), because(travel))
        of_year = [cell(measure, one.line, column) for column in _OF_YEAR]
        numbers = [quarter_cell(measure, quarter) for quarter in one.quarters]
        table.add((named(measure), one.area.name, unit(measure), *judged), [*numbers, *of_year])
        if measure.has_rate:
            rates = [quarter_cell(measure, quarter, compared=True) for quarter in one.quarters]
            # A rate is that of a quarter: none is released of a year.
            none: list[Formatted] = [(NOT_APPLICABLE, "General")] * len(of_year)
            table.add((named(measure), one.area.name, compared_as(measure), *judged), [*rates, *none])
