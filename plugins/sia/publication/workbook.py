"""The scorecard as an accessible workbook, after the checklist of the Analysis Function, with gptables.

A cover, contents and notes; then one table a sheet: returns, the figures at a glance, and a sheet a theme.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from io import BytesIO
from math import isnan
from textwrap import wrap

import pandas as pd
from gptables import Cover, GPTable, Theme, produce_workbook
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from sia import geography
from sia.measures.register import Measure
from sia.publication import wording
from sia.publication.figures import NOT_APPLICABLE, SYMBOLS, is_money, places, symbol, unit
from sia.publication.travelling import because, beside_county, place, words
from sia.scorecard.scorecard import Line, Scorecard
from sia.scorecard.statistics import half_up

_FONT = {"font_name": "Arial", "font_size": 12}
_WRAPPED = {"text_wrap": True, "valign": "top"}
_THEME = Theme(
    {
        "global": _FONT | _WRAPPED,
        "cover_title": {"bold": True, "font_size": 18},
        "cover_subtitle": {"bold": True, "font_size": 14},
        "title": {"bold": True, "font_size": 16},
        "column_heading": {"bold": True, "bottom": 1},
        "description_order": ["instructions", "legend", "source", "scope"],
    }
)
_A3 = 8
_COVER, _WIDE = 100, 60
_LINE_PIXELS, _TITLE_PIXELS = 21, 30
_NAME_LENGTH = 31
_COLUMN_NOTES = ("population", "interval", "completeness", "rounding", "direction", "comparison")
_CONTENTS_SAY = "This worksheet contains one table. It lists the worksheets that hold tables, with a link to each."
_NOTES_SAY = "This worksheet contains one table. Other worksheets refer to these notes by their number."
_TABLE_SAYS = "This worksheet contains one table. Numbers in square brackets refer to the Notes worksheet."

Cell = str | float


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its table, the width of its columns, its cells' number formats, and the notes of its headings."""

    name: str
    title: str
    table: pd.DataFrame
    widths: tuple[int, ...]
    formats: Mapping[tuple[int, int], str] = field(default_factory=dict)
    heading_notes: Mapping[str, str] = field(default_factory=dict)


def workbook(scorecard: Scorecard) -> bytes:
    """The workbook as xlsx; the same scorecard gives the same bytes."""
    sheets = list(_sheets(scorecard))
    notes = _notes(scorecard, sheets)
    cover = _cover(scorecard)
    tables = {sheet.name: _gptable(scorecard, sheet) for sheet in sheets}
    rows: dict[str, Sequence[Sequence[str]]] = {
        "Cover": [(text,) for text in (cover.title, "", *cover.intro, "", *cover.about, "", *cover.contact)],
        "Contents": [("Contents",), (_CONTENTS_SAY,)],
        "Notes": [("Notes",), (_NOTES_SAY,), ("",), *[("", text) for text in notes.values()]],
        **{sheet.name: _rows_of_text(sheet, tables[sheet.name]) for sheet in sheets},
    }
    widths = {"Cover": (_COVER,), "Contents": (_WIDE, 80), "Notes": (_WIDE, 100)} | {s.name: s.widths for s in sheets}
    buffer = BytesIO()
    made = produce_workbook(
        buffer,
        tables,
        theme=_THEME,
        cover=cover,
        contentsheet_options={"title": "Contents", "table_name": "contents", "instructions": _CONTENTS_SAY},
        notes_table=pd.DataFrame({"reference": list(notes), "Note": list(notes.values())}),
        notesheet_options={"title": "Notes", "table_name": "notes", "instructions": _NOTES_SAY},
        auto_width=False,
        workbook_options={"in_memory": True, "strings_to_formulas": False},
    )
    made.set_properties(
        {
            "title": f"Safer communities scorecard, {scorecard.quarter.label} ({wording.kind(scorecard)})",
            "subject": "Measures by county, Community Safety Partnership and district",
            "author": "Oxfordshire Safer Communities Partnership",
            "company": "Oxfordshire Safer Communities Partnership",
            "comments": " ".join(wording.banners(scorecard)),
            "created": datetime.combine(scorecard.as_of, time(9), UTC),
        }
    )
    for worksheet in made.worksheets():
        _lay_out(worksheet, rows[worksheet.get_name()], widths[worksheet.get_name()])
    made.close()
    return buffer.getvalue()


def _lay_out(worksheet: Worksheet, rows: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
    """Set widths, and heights so that no wrapped text is cut where a program does not fit rows by itself."""
    for column, width in enumerate(widths):
        worksheet.set_column(column, column, width)
    for number, row in enumerate(rows):
        lines = max(len(_wrap(text, width)) for text, width in zip(row, widths, strict=False))
        worksheet.set_row_pixels(number, _TITLE_PIXELS * lines if number == 0 else _LINE_PIXELS * lines)
        if len(row) > 1 and len(rows[number - 1]) == 1:
            worksheet.repeat_rows(number)
    worksheet.set_landscape()
    worksheet.set_paper(_A3)
    worksheet.fit_to_pages(1, 0)


def _wrap(text: str, width: int) -> list[str]:
    """The lines that a text takes in a column, at a character for each unit of its width: a little more than most."""
    return [line for part in text.split("\n") for line in wrap(part, width) or [""]]


def _rows_of_text(sheet: Sheet, table: GPTable) -> list[tuple[str, ...]]:
    """What stands in each row of a sheet, from the title down."""
    above = [table.title, *table.subtitles, table.instructions, *table.legend]
    noted = [f"{heading}\n[note]" if heading in sheet.heading_notes else heading for heading in sheet.table.columns]
    shown = [tuple(re.sub(r"\$\$.*?\$\$", "[note 10]", str(cell)) for cell in row) for row in sheet.table.to_numpy()]
    return [*[(text,) for text in above], tuple(noted), *shown]


def _cover(scorecard: Scorecard) -> Cover:
    quarter = scorecard.quarter
    return Cover(
        title=f"Safer communities scorecard, {quarter.label}",
        intro=[
            *wording.banners(scorecard),
            f"{quarter.label} is {wording.periods(quarter).quarter}. "
            f"Figures as known on {wording.day(scorecard.as_of)}. "
            f"{len(scorecard.reported)} of {len(scorecard.measures)} measures have a figure for the quarter.",
        ],
        about=[
            *([kept] if (kept := wording.kept_note(scorecard)) else []),
            wording.population_note(scorecard),
            *wording.METHOD,
            *_legend(SYMBOLS),
        ],
        contact=["Oxfordshire Safer Communities Partnership"],
        width=_COVER,
    )


def _legend(marks: Iterable[str]) -> list[str]:
    return [f"{mark} {SYMBOLS[mark]}." for mark in marks]


def _notes(scorecard: Scorecard, sheets: Sequence[Sheet]) -> dict[str, str]:
    """Every note that a sheet refers to, by its reference; a measure's own note is its own reference."""
    general = dict(zip(_COLUMN_NOTES, (wording.population_note(scorecard), *wording.METHOD), strict=True))
    used = {reference for sheet in sheets for reference in sheet.heading_notes.values()}
    own = [text for measure in scorecard.reported for text in _notes_of(scorecard, measure)]
    return {reference: text for reference, text in general.items() if reference in used} | {text: text for text in own}


def _notes_of(scorecard: Scorecard, measure: Measure) -> list[str]:
    return [text for text in (measure.note, wording.without_place(measure, scorecard.lines_of(measure))) if text]


def _gptable(scorecard: Scorecard, sheet: Sheet) -> GPTable:
    told = " ".join(str(cell) for cell in sheet.table.to_numpy().ravel())
    return GPTable(
        table=sheet.table,
        table_name=re.sub(r"\W+", "_", sheet.name).lower(),
        title=sheet.title,
        subtitles=[wording.edition(scorecard), *([wording.MADE_UP] if scorecard.made_up else [])],
        instructions=_TABLE_SAYS,
        legend=_legend(mark for mark in SYMBOLS if mark in told),
        table_notes={heading: f"$${reference}$$" for heading, reference in sheet.heading_notes.items()},
        index_columns={2: 0},
        # A list of cells in one item formats only the last of them (gptables 2.0.2), so an item for each.
        additional_formatting=[
            {"cell": {"cells": cell, "format": {"num_format": number_format}}}
            for cell, number_format in sheet.formats.items()
        ]
        + [{"column": {"columns": sorted({column for _, column in sheet.formats}), "format": {"align": "right"}}}],
    )


def _sheets(scorecard: Scorecard) -> Iterator[Sheet]:
    if len(scorecard.returns):
        yield _returns(scorecard)
    if scorecard.reported:
        yield _glance(scorecard)
    for theme in dict.fromkeys(measure.theme for measure in scorecard.reported):
        yield _theme(scorecard, theme)
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
        }
        for heard in wording.heard_from(scorecard)
    ]
    title = f"Returns for {scorecard.quarter.label}"
    widths = (_WIDE, 36, 36, 18, 22, 70)
    return Sheet("Returns", title, pd.DataFrame(rows), widths, heading_notes={"State": "completeness"})


def _glance(scorecard: Scorecard) -> Sheet:
    names = wording.periods(scorecard.quarter)
    county = geography.county()
    columns = {area.name: ("quarter_figure", area) for area in (county, *geography.csps(), *geography.districts())}
    columns |= {
        f"{county.name}: change on {names.last_year}": ("change", county),
        f"{county.name}: change (per cent)": ("change_percent", county),
    }
    table = _Table(("Measure", "Unit", f"{county.name}: direction of travel"), tuple(columns))
    for measure in scorecard.reported:
        lines = scorecard.lines_of(measure)
        cells = [(measure, lines[area.code], column) for column, area in columns.values()]
        direction = words(scorecard.travel[measure.id, county.code])
        table.add((_with_references(scorecard, measure), unit(measure), direction), cells)
    title = f"Figures at a glance, {names.quarter}"
    return table.sheet("At a glance", title, (_WIDE, 22, 20, *[15] * len(columns)), {county.name: "rounding"})


def _theme(scorecard: Scorecard, theme: str) -> Sheet:
    names = wording.periods(scorecard.quarter)
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
        "rate": not any(measure.rated for measure in measures),
        "lower": not any(measure.rated or measure.kind == "proportion" for measure in measures),
        "upper": not any(measure.rated or measure.kind == "proportion" for measure in measures),
        "quarter_number": not has_shares,
        "quarter_out_of": not has_shares,
    }
    columns = {heading: column for heading, column in columns.items() if not unused.get(column, False)}
    judged = ("Direction of travel", "Why", f"Beside {geography.county().name}", "Place, highest first")
    table = _Table(("Measure", "Area", "Unit", "Quarter", *judged), tuple(columns))
    for measure in measures:
        for code, line in scorecard.lines_of(measure).items():
            named = (_with_references(scorecard, measure), geography.areas()[code].name, unit(measure))
            cells = [(measure, line, column) for column in columns.values()]
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
        theme[:_NAME_LENGTH],
        f"{theme}, {scorecard.quarter.label}",
        (_WIDE, 32, 16, 14, 20, _WIDE, 22, 14, *[13] * len(columns)),
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
        }
        for measure in scorecard.unreported
    ]
    title = f"Measures without figures for {scorecard.quarter.label}"
    widths = (_WIDE, 32, 40, 36, 28)
    return Sheet("Without figures", title, pd.DataFrame(rows), widths, heading_notes={"Why": "completeness"})


class _Table:
    """A table in the making: columns of words, then columns of a line's numbers, each cell with its format."""

    def __init__(self, words: tuple[str, ...], numbers: tuple[str, ...]) -> None:
        self.headings = (*words, *numbers)
        self.rows: list[tuple[Cell, ...]] = []
        self.formats: dict[tuple[int, int], str] = {}

    def add(self, words: tuple[str, ...], cells: Sequence[tuple[Measure, Line, str]]) -> None:
        self.rows.append((*words, *(_cell(*cell) for cell in cells)))
        for number, (measure, _, column) in enumerate(cells, start=len(words)):
            self.formats[len(self.rows), number] = _number_format(measure, column)

    def sheet(self, name: str, title: str, widths: tuple[int, ...], heading_notes: Mapping[str, str]) -> Sheet:
        table = pd.DataFrame(self.rows, columns=list(self.headings))
        return Sheet(name, title, table, widths, self.formats, heading_notes)


def _cell(measure: Measure, line: Line, column: str) -> Cell:
    value = line[column]
    return symbol(line, column) if isnan(value) else float(half_up(value, places(measure, column)))


def _number_format(measure: Measure, column: str) -> str:
    decimals = places(measure, column)
    digits = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
    return f"£{digits};-£{digits}" if is_money(measure, column) else digits


def _with_references(scorecard: Scorecard, measure: Measure) -> str:
    return measure.title + "".join(f" $${text}$$" for text in _notes_of(scorecard, measure))
