"""What the workbooks of the papers share: cover, notes, the history of a line, exceptions and revisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sia.presentation import captions
from sia.presentation.accessible_workbook import (
    WIDE,
    FormattedCell,
    Front,
    WorkbookSheet,
    by_reference,
    legend,
    quantity_cell,
    with_references,
)
from sia.presentation.exception_reports import ExceptionText
from sia.presentation.marks import mark_text
from sia.presentation.scorecard_workbook import notes_of
from sia.presentation.symbols import SYMBOLS
from sia.registers.measures import Measure
from sia.release.revision import RevisionLine
from sia.scorecard.line import Line
from sia.scorecard.registry import Quantity
from sia.scorecard.scorecard import Scorecard

# The text above a table is in its first column.
FIRST = 48


def titled(scorecard: Scorecard, measure: Measure, area_code: str | None = None) -> str:
    """A measure's title with references to its notes, in an area or anywhere."""
    return with_references(measure.title, captions.paper_notes(scorecard, measure, area_code))


def paper_notes(
    scorecard: Scorecard, sheets: Sequence[WorkbookSheet], measures: Iterable[Measure], area_code: str | None = None
) -> dict[str, str]:
    """Every note that the sheets refer to, by its reference."""
    own = [note for measure in measures for note in captions.paper_notes(scorecard, measure, area_code)]
    return notes_of(scorecard, sheets) | by_reference(own)


def history_cells(measure: Measure, quantity: Quantity, line: Line) -> list[FormattedCell]:
    """The last eight quarters of a line: its figures, or the values that are compared."""
    return [
        quantity_cell(measure, quantity, past.figure if quantity is Quantity.FIGURE else past.value, past.status)
        for past in line.history
    ]


def paper_front(scorecard: Scorecard, title: str, period: str, subject: str, source: str) -> Front:
    """Cover and properties of a paper."""
    return Front(
        publisher=scorecard.publisher,
        title=f"{title}, {period}",
        document_title=f"{title}, {period}",
        subject=subject,
        intro=(*captions.banners(scorecard), source),
        about=(*captions.about_paper(scorecard), *legend(SYMBOLS)),
        warnings=captions.warnings(scorecard),
        comments=" ".join(captions.banners(scorecard)),
        made_on=scorecard.as_of,
    )


def exception_sheet(
    title: str, exceptions: Iterable[tuple[tuple[str, ...], ExceptionText]], first: tuple[str, ...] = ()
) -> WorkbookSheet:
    """A sheet of exceptions.

    Args:
        title: of the sheet.
        exceptions: each with the text of its first columns.
        first: the headings of those columns.
    """
    sheet = WorkbookSheet(
        "Exceptions",
        title,
        (
            *first,
            "Measure",
            "Area",
            "Direction of travel",
            "Why",
            "Distance from its usual range",
            "Typical revision",
            "Earlier exceptions",
            "Lead",
            "Commentary",
        ),
        (*[FIRST] * len(first), WIDE, 24, 20, WIDE, 40, 40, 24, 36, WIDE),
    )
    for before, text in exceptions:
        sheet.add(
            (
                *before,
                text.measure.title,
                text.area,
                mark_text(text.travel),
                f"{text.explanation} {text.sender_notes}".strip(),
                text.distance,
                text.revision,
                text.earlier,
                text.measure.lead,
                text.commentary,
            )
        )
    return sheet


def revision_sheet(
    title: str, revisions: Iterable[tuple[tuple[str, ...], RevisionLine]], first: tuple[str, ...] = ()
) -> WorkbookSheet:
    """A sheet of revisions.

    Args:
        title: of the sheet.
        revisions: each with the text of its first columns.
        first: the headings of those columns.
    """
    sheet = WorkbookSheet(
        "Revisions",
        title,
        (*first, "Measure", "Area", "Figure", "From", "To", "Kind", "Marks", "Why"),
        (*[FIRST] * len(first), WIDE, 24, 40, 16, 16, 14, 12, WIDE),
    )
    for before, line in revisions:
        sheet.add(
            (
                *before,
                line.measure,
                line.area,
                line.figure_name,
                line.before,
                line.after,
                line.kind,
                line.marks,
                line.why,
            )
        )
    return sheet
