"""The scorecard as an accessible workbook.

A cover, contents and notes; then one table a sheet: returns, the figures at a glance, and a sheet a theme.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from sia import geography
from sia.presentation import captions, peer_tables
from sia.presentation.accessible_workbook import WIDE, Front, Sheet, Table, cell, legend, put_together
from sia.presentation.direction_labels import because, beside_county, place, words
from sia.presentation.figures import NOT_APPLICABLE, SYMBOLS, unit
from sia.registers.measures import Measure
from sia.scorecard.scorecard import Scorecard

_COLUMN_NOTES = ("population", "interval", "completeness", "rounding", "direction", "comparison")


def workbook(scorecard: Scorecard) -> bytes:
    """The workbook as xlsx; the same scorecard gives the same bytes."""
    sheets = list(_sheets(scorecard))
    return put_together(_front(scorecard), sheets, _notes(scorecard, sheets))


def _front(scorecard: Scorecard) -> Front:
    quarter = scorecard.quarter
    return Front(
        title=f"Safer communities scorecard, {quarter.label}",
        document_title=f"Safer communities scorecard, {quarter.label} ({captions.kind(scorecard)})",
        subject="Measures by county, Community Safety Partnership and district",
        intro=(
            *captions.banners(scorecard),
            f"{quarter.label} is {captions.periods(quarter).quarter}. "
            f"Figures as known on {captions.day(scorecard.as_of)}. "
            f"{len(scorecard.reported)} of {len(scorecard.measures)} measures have a figure for the quarter.",
        ),
        about=(
            *([kept] if (kept := captions.kept_note(scorecard)) else []),
            captions.population_note(scorecard),
            *captions.METHOD,
            *legend(SYMBOLS),
        ),
        warnings=(captions.edition(scorecard), *([captions.SYNTHETIC] if scorecard.synthetic else [])),
        comments=" ".join(captions.banners(scorecard)),
        made=scorecard.as_of,
    )


def column_notes(scorecard: Scorecard) -> dict[str, str]:
    """The notes of headings, by the reference by which a sheet names one."""
    return dict(zip(_COLUMN_NOTES, (captions.population_note(scorecard), *captions.METHOD), strict=True))


def _notes(scorecard: Scorecard, sheets: Sequence[Sheet]) -> dict[str, str]:
    """Every note that a sheet refers to, by its reference; a measure's own note is its own reference."""
    general = column_notes(scorecard)
    used = {reference for sheet in sheets for reference in sheet.heading_notes.values()}
    own = [text for measure in scorecard.reported for text in _notes_of(scorecard, measure)]
    beside = [one.note for one in peer_tables.compared(scorecard)]
    return {reference: text for reference, text in general.items() if reference in used} | {
        text: text for text in [*own, *beside]
    }


def _notes_of(scorecard: Scorecard, measure: Measure) -> list[str]:
    return [text for text in (measure.note, captions.without_place(measure, scorecard.lines_of(measure))) if text]


def _sheets(scorecard: Scorecard) -> Iterator[Sheet]:
    if len(scorecard.returns):
        yield _returns(scorecard)
    if scorecard.reported:
        yield _glance(scorecard)
    for theme in dict.fromkeys(measure.theme for measure in scorecard.reported):
        yield _theme(scorecard, theme)
    for one in peer_tables.compared(scorecard):
        widths = (WIDE, 24, 16, 16, 24, 18, 16)
        yield Sheet(one.sheet, one.title, one.table, widths, heading_notes={"Partnership": one.note})
    if scorecard.unreported:
        yield _without_figures(scorecard)


def _returns(scorecard: Scorecard) -> Sheet:
    rows = [
        {
            "Return": heard.title,
            "Sender": heard.source,
            "State": heard.state,
            "The scorecard waits for it": "Yes" if heard.expected else "No",
            "Newest file received": heard.received or "None",
            "Why it was refused": " ".join(heard.reasons) or "Not refused",
            "Share of the county's totals that is missing": heard.stands_for or ("None" if heard.here else "Not known"),
        }
        for heard in captions.heard_from(scorecard)
    ]
    title = f"Returns for {scorecard.quarter.label}"
    widths = (WIDE, 36, 36, 18, 22, 70, 44)
    return Sheet("Returns", title, pd.DataFrame(rows), widths, heading_notes={"State": "completeness"})


def _glance(scorecard: Scorecard) -> Sheet:
    names = captions.periods(scorecard.quarter)
    county = geography.county()
    columns = {area.name: ("quarter_figure", area) for area in (county, *geography.csps(), *geography.districts())}
    columns |= {
        f"{county.name}: change on {names.last_year}": ("change", county),
        f"{county.name}: change (per cent)": ("change_percent", county),
    }
    table = Table(("Measure", "Unit", f"{county.name}: direction of travel"), tuple(columns))
    for measure in scorecard.reported:
        lines = scorecard.lines_of(measure)
        cells = [cell(measure, lines[area.code], column) for column, area in columns.values()]
        direction = words(scorecard.travel[measure.id, county.code])
        table.add((_with_references(scorecard, measure), unit(measure), direction), cells)
    title = f"Figures at a glance, {names.quarter}"
    return table.sheet("At a glance", title, (WIDE, 22, 20, *[15] * len(columns)), {county.name: "rounding"})


def _theme(scorecard: Scorecard, theme: str) -> Sheet:
    names = captions.periods(scorecard.quarter)
    columns = {
        names.quarter: "quarter_figure",
        "Rate per 1,000 residents": "rate",
        "95% interval: lower end": "lower",
        "95% interval: upper end": "upper",
        "Number": "quarter_number",
        "Out of": "quarter_out_of",
        names.last_year: "last_year_figure",
        "Change": "change",
        "Change (per cent)": "change_percent",
        names.year: "year_figure",
        names.year_before: "year_before_figure",
        "Change over the year": "year_change",
        "Change over the year (per cent)": "year_change_percent",
    }
    measures = [measure for measure in scorecard.reported if measure.theme == theme]
    has_shares = any(measure.denominator is not None for measure in measures)
    unused = {
        "rate": not any(measure.has_rate for measure in measures),
        "lower": not any(measure.has_rate or measure.kind == "proportion" for measure in measures),
        "upper": not any(measure.has_rate or measure.kind == "proportion" for measure in measures),
        "quarter_number": not has_shares,
        "quarter_out_of": not has_shares,
    }
    columns = {heading: column for heading, column in columns.items() if not unused.get(column, False)}
    judged = ("Direction of travel", "Why", f"Beside {geography.county().name}", "Place, highest first")
    table = Table(("Measure", "Area", "Unit", "Quarter", *judged), tuple(columns))
    for measure in measures:
        for code, line in scorecard.lines_of(measure).items():
            named = (_with_references(scorecard, measure), geography.areas()[code].name, unit(measure))
            cells = [cell(measure, line, column) for column in columns.values()]
            table.add((*named, line["quarter_status"].capitalize(), *_judged(scorecard, measure, code)), cells)
    notes = {
        names.quarter: "rounding",
        "Rate per 1,000 residents": "population",
        "95% interval: lower end": "interval",
        names.year: "completeness",
        judged[0]: "direction",
        judged[2]: "comparison",
    }
    return table.sheet(
        theme,
        f"{theme}, {scorecard.quarter.label}",
        (WIDE, 32, 16, 14, 20, WIDE, 22, 14, *[13] * len(columns)),
        {heading: reference for heading, reference in notes.items() if heading in (*columns, *judged)},
    )


def _judged(scorecard: Scorecard, measure: Measure, area_code: str) -> tuple[str, str, str, str]:
    """Direction, its reasons, and the comparisons of an area; a place that is no area has none."""
    travel, beside = scorecard.travel.get((measure.id, area_code)), scorecard.beside.get((measure.id, area_code))
    said = (words(travel), because(travel)) if travel else (NOT_APPLICABLE, NOT_APPLICABLE)
    return (*said, beside_county(beside), place(beside))


def _without_figures(scorecard: Scorecard) -> Sheet:
    rows = [
        {
            "Measure": measure.title,
            "Theme": measure.theme,
            "Lead": measure.lead,
            "Sender": measure.source_name,
            "Why": "Not received" if measure.defined_in(scorecard.quarter) else "Not defined in this quarter",
            "Last known share of the county's total": (
                captions.last_known_shares(scorecard, measure, (*geography.csps(), *geography.districts()))
                or NOT_APPLICABLE
            ),
        }
        for measure in scorecard.unreported
    ]
    title = f"Measures without figures for {scorecard.quarter.label}"
    widths = (WIDE, 32, 40, 36, 28, 70)
    return Sheet("Without figures", title, pd.DataFrame(rows), widths, heading_notes={"Why": "completeness"})


def _with_references(scorecard: Scorecard, measure: Measure) -> str:
    return measure.title + "".join(f" $${text}$$" for text in _notes_of(scorecard, measure))
