"""What the workbooks of the papers share: cells, notes, and the sheets that tell rows of a release's files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isnan

import pandas as pd

from sia.papers.history import Quarterly, Row
from sia.papers.method import method
from sia.presentation import captions
from sia.presentation.accessible_workbook import Formatted, Front, Sheet, legend, number_format
from sia.presentation.figures import SYMBOLS, gap, places
from sia.presentation.scorecard_workbook import column_notes
from sia.registers.measures import Measure
from sia.scorecard.scorecard import Scorecard
from sia.statistics.intervals import half_up


def named(measure: Measure) -> str:
    """A measure's title with the reference to its note, if it has one."""
    return f"{measure.title} $${measure.note}$$" if measure.note else measure.title


def notes(scorecard: Scorecard, sheets: Sequence[Sheet], measures: Iterable[Measure]) -> dict[str, str]:
    """Every note that the sheets refer to, by its reference."""
    used = {reference for sheet in sheets for reference in sheet.heading_notes.values()}
    general = {reference: text for reference, text in column_notes(scorecard).items() if reference in used}
    return general | {measure.note: measure.note for measure in measures if measure.note}


def quarter_cell(measure: Measure, one: Quarterly, *, compared: bool = False) -> Formatted:
    """A quarter's figure, or what is compared of it, as it is rounded for people; or why there is none."""
    column, value = ("value", one.value) if compared else ("quarter_figure", one.figure)
    shown = gap(one.status) if isnan(value) else float(half_up(value, places(measure, column)))
    return shown, number_format(measure, column)


def front(scorecard: Scorecard, title: str, period: str, subject: str, says: str) -> Front:
    """Cover and properties of a paper."""
    return Front(
        title=f"{title}, {period}",
        document_title=f"{title}, {period}",
        subject=subject,
        intro=(*captions.banners(scorecard), says),
        about=(*method(scorecard), *legend(SYMBOLS)),
        warnings=(captions.edition(scorecard), *([captions.SYNTHETIC] if scorecard.synthetic else [])),
        comments=" ".join(captions.banners(scorecard)),
        made=scorecard.as_of,
    )


def rows_sheet(
    name: str, title: str, columns: Mapping[str, str], rows: Sequence[Row], widths: tuple[int, ...]
) -> Sheet:
    """A sheet of rows of a released file.

    Args:
        name: of the sheet.
        title: of the sheet.
        columns: by heading, the column of the file.
        rows: the rows.
        widths: of the columns.
    """
    table = [{heading: row[column] or "None" for heading, column in columns.items()} for row in rows]
    return Sheet(name, title, pd.DataFrame(table, columns=list(columns)), widths)


EXCEPTIONS: Mapping[str, str] = {
    "Measure": "measure",
    "Area": "area",
    "Direction of travel": "direction_of_travel",
    "Why": "direction_because",
    "Distance to the limit": "distance_to_limit",
    "Typical revision": "typical_revision",
    "Earlier exceptions": "earlier_exceptions",
    "Lead": "lead",
    "Commentary": "commentary",
}
"""The columns of an exception, as papers tell it."""

REVISIONS: Mapping[str, str] = {
    "Measure": "measure",
    "Area": "area",
    "Figure": "what",
    "From": "before",
    "To": "after",
    "Kind": "kind",
    "Marks": "marks",
    "Why": "why",
}
"""The columns of a revision, as papers tell it."""
