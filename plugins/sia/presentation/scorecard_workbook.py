"""The scorecard as an accessible workbook: a summary, a sheet for each theme, directions explained, and the returns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sia.calendar import format_date
from sia.presentation import captions, words
from sia.presentation.accessible_workbook import (
    MAX_PRINTED,
    WIDE,
    Front,
    WorkbookSheet,
    by_reference,
    figure_cell,
    legend,
    put_together,
    with_references,
)
from sia.presentation.columns import heading, statistics_for
from sia.presentation.marks import mark_text
from sia.presentation.number_format import unit
from sia.presentation.peer_tables import PeerTableText, peer_tables
from sia.presentation.symbols import NOT_APPLICABLE, SYMBOLS
from sia.registers.measures import Measure
from sia.scorecard.line import Line
from sia.scorecard.periods import LAST_YEAR, QUARTER
from sia.scorecard.registry import (
    CHANGE,
    CHANGE_PERCENT,
    LOWER,
    QUARTER_FIGURE,
    RATE,
    YEAR_FIGURE,
    Outlet,
    Statistic,
)
from sia.scorecard.scorecard import Scorecard

_STATISTIC_NOTES = {
    QUARTER_FIGURE.id: "rounding",
    RATE.id: "population",
    LOWER.id: "interval",
    YEAR_FIGURE.id: "completeness",
}


_TITLE = 48
"""The width of titles; the text above a table is in that column too."""


def workbook(scorecard: Scorecard) -> bytes:
    """The workbook as xlsx; the same scorecard gives the same bytes."""
    sheets = list(_sheets(scorecard))
    own = [note for measure in scorecard.reported for note in captions.measure_notes(scorecard, measure)]
    peers = [table.note for table in peer_tables(scorecard)]
    return put_together(_front(scorecard), sheets, notes_of(scorecard, sheets) | by_reference([*own, *peers]))


def _front(scorecard: Scorecard) -> Front:
    quarter = scorecard.quarter
    return Front(
        publisher=scorecard.publisher,
        title=f"Safer communities scorecard, {quarter.label}",
        document_title=f"Safer communities scorecard, {quarter.label} ({captions.kind(scorecard)})",
        subject="Measures by county, Community Safety Partnership and district",
        intro=(
            *captions.banners(scorecard),
            f"{quarter.label} is {QUARTER.heading(quarter)}. "
            f"Figures as known on {format_date(scorecard.as_of)}. "
            f"{len(scorecard.reported)} of {len(scorecard.measures)} measures have a figure for the quarter.",
        ),
        about=(*captions.about(scorecard), *legend(SYMBOLS)),
        warnings=captions.warnings(scorecard),
        comments=" ".join(captions.banners(scorecard)),
        made_on=scorecard.as_of,
    )


def notes_of(scorecard: Scorecard, sheets: Sequence[WorkbookSheet]) -> dict[str, str]:
    """The notes on method that headings refer to, by reference."""
    general = {"population": captions.population_note(scorecard), **captions.method_notes(scorecard)}
    used = {reference for sheet in sheets for reference in sheet.heading_notes.values()}
    return {reference: text for reference, text in general.items() if reference in used}


def statistic_notes(statistics: Sequence[Statistic], scorecard: Scorecard) -> dict[str, str]:
    """The references of notes by the headings of statistics."""
    return {
        heading(statistic, scorecard.quarter): _STATISTIC_NOTES[statistic.id]
        for statistic in statistics
        if statistic.id in _STATISTIC_NOTES
    }


def peer_sheet(table: PeerTableText) -> WorkbookSheet:
    """The comparison with one list of peers."""
    sheet = WorkbookSheet(
        table.sheet,
        table.title,
        ("Measure", "Partnership", *table.headings),
        (WIDE, 28, *[22] * len(table.headings)),
        {"Partnership": table.note},
    )
    for row in table.rows:
        sheet.add((row.measure.title, row.area, *row.cells))
    return sheet


def judged_headings(scorecard: Scorecard) -> tuple[str, str, str, str]:
    """The headings of what ``judged_cells`` gives."""
    return ("Direction of travel", "Why", f"Compared with {scorecard.areas.county.name}", "Place, highest first")


def judged_cells(line: Line) -> tuple[str, str, str, str]:
    """A line's direction with its explanation, and its comparisons; a location that is not an area has none."""
    travel = line.direction
    direction = (mark_text(travel), words.explanation(travel)) if travel else (NOT_APPLICABLE, NOT_APPLICABLE)
    return (*direction, words.compared_with_county(line.comparison), words.place(line.comparison))


def _sheets(scorecard: Scorecard) -> Iterator[WorkbookSheet]:
    if scorecard.reported:
        yield _summary(scorecard)
    for theme in dict.fromkeys(measure.theme for measure in scorecard.reported):
        yield _theme(scorecard, theme)
    for table in peer_tables(scorecard):
        yield peer_sheet(table)
    if scorecard.reported:
        yield _reasons(scorecard)
    if scorecard.returns:
        yield _returns(scorecard)
    if scorecard.unreported:
        yield _without_figures(scorecard)


def _returns(scorecard: Scorecard) -> WorkbookSheet:
    sheet = WorkbookSheet(
        "Returns",
        f"Returns for {scorecard.quarter.label}",
        (
            "Return",
            "Sender",
            "State",
            "The scorecard waits for it",
            "Newest file received",
            "Why it was refused",
            "What is missing with it",
        ),
        (WIDE, 36, 36, 20, 22, 80, 60),
        {"State": "completeness"},
    )
    for caption in captions.return_captions(scorecard):
        sheet.add(
            (
                caption.title,
                caption.sender,
                caption.state,
                "Yes" if caption.expected else "No",
                caption.received or "None",
                " ".join(caption.reasons) or "Not refused",
                caption.consequence or ("Nothing" if caption.complete else "Not known"),
            )
        )
    return sheet


def _summary(scorecard: Scorecard) -> WorkbookSheet:
    """The county and its partnerships on a sheet that prints whole."""
    county, quarter = scorecard.areas.county, scorecard.quarter
    columns = {
        county.name: (QUARTER_FIGURE, county),
        f"{county.name}: change on {LAST_YEAR.heading(quarter)}": (CHANGE, county),
        f"{county.name}: change (per cent)": (CHANGE_PERCENT, county),
        **{area.name: (QUARTER_FIGURE, area) for area in scorecard.areas.csps},
    }
    sheet = WorkbookSheet(
        "Summary",
        f"Summary, {QUARTER.heading(quarter)}",
        ("Measure", "Unit", f"{county.name}: direction of travel", *columns),
        (_TITLE, 18, 20, *[15] * len(columns)),
        {county.name: "rounding"},
        printed=MAX_PRINTED,
    )
    for measure in scorecard.reported:
        lines = scorecard.lines_of(measure)
        travel = lines[county.code].direction
        sheet.add(
            (_title(scorecard, measure), unit(measure), mark_text(travel) if travel else NOT_APPLICABLE),
            [figure_cell(measure, lines[area.code], statistic) for statistic, area in columns.values()],
        )
    return sheet


def _theme(scorecard: Scorecard, theme: str) -> WorkbookSheet:
    quarter = scorecard.quarter
    measures = [measure for measure in scorecard.reported if measure.theme == theme]
    statistics = statistics_for(scorecard.statistics, Outlet.WORKBOOK, measures)
    direction, _, compared, place = judged_headings(scorecard)
    sheet = WorkbookSheet(
        theme,
        f"{theme}, {quarter.label}",
        (
            *("Measure", "Area", "Unit", "Quarter", direction, compared, place),
            *(heading(statistic, quarter) for statistic in statistics),
        ),
        (_TITLE, 32, 16, 14, 20, 22, 14, *[13] * len(statistics)),
        statistic_notes(statistics, scorecard) | {direction: "direction", compared: "comparison"},
        printed=MAX_PRINTED,
    )
    for measure in measures:
        title = _title(scorecard, measure)
        for code, line in scorecard.lines_of(measure).items():
            about = (title, scorecard.areas[code].name, unit(measure), words.STATUS[line.quarter_status])
            judged, _, *comparisons = judged_cells(line)
            figures = [figure_cell(measure, line, statistic) for statistic in statistics]
            sheet.add((*about, judged, *comparisons), figures)
    return sheet


def _reasons(scorecard: Scorecard) -> WorkbookSheet:
    """Why each direction is what it is: long texts, on a sheet of their own."""
    direction, why, *_ = judged_headings(scorecard)
    sheet = WorkbookSheet(
        "Directions explained",
        f"Directions of travel explained, {scorecard.quarter.label}",
        ("Measure", "Area", direction, why),
        (_TITLE, 32, 20, 110),
        {direction: "direction"},
    )
    for measure in scorecard.reported:
        for code, line in scorecard.lines_of(measure).items():
            if line.direction:
                sheet.add((_title(scorecard, measure), scorecard.areas[code].name, *judged_cells(line)[:2]))
    return sheet


def _without_figures(scorecard: Scorecard) -> WorkbookSheet:
    sheet = WorkbookSheet(
        "Without figures",
        f"Measures without figures for {scorecard.quarter.label}",
        ("Measure", "Theme", "Lead", "Sender", "Why", "Last known share of the county's total"),
        (WIDE, 32, 40, 36, 28, 70),
        {"Why": "completeness"},
    )
    areas = (*scorecard.areas.csps, *scorecard.areas.districts)
    for measure in scorecard.unreported:
        sheet.add(
            (
                measure.title,
                measure.theme,
                measure.lead,
                measure.source_name,
                "Not received" if measure.defined_in(scorecard.quarter) else "Not defined in this quarter",
                captions.last_known_shares(scorecard, measure, areas) or NOT_APPLICABLE,
            )
        )
    return sheet


def _title(scorecard: Scorecard, measure: Measure) -> str:
    """A measure's title with references to its notes."""
    return with_references(measure.title, captions.measure_notes(scorecard, measure))
