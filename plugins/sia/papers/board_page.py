"""The Board's paper as one web page that needs nothing from elsewhere, and prints on ten sheets or fewer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sia.calendar import format_date
from sia.papers.base_map import base_map
from sia.papers.board_paper import MAX_REPORTED, BoardException, BoardPaper, Movement, MovingMeasure, Priorities
from sia.papers.comparison_table import comparison_table
from sia.papers.district_maps import district_maps
from sia.papers.main_points import (
    change_words,
    closed_words,
    counted,
    lead_words,
    main_points,
    missing,
    reason,
    some,
    target_words,
)
from sia.presentation import captions
from sia.presentation.charts import ControlDrawing, control_drawing
from sia.presentation.commentary_parts import commentary_parts, unanswered
from sia.presentation.exception_reports import ExceptionText, by_chance
from sia.presentation.number_format import format_figure
from sia.presentation.scorecard_page import grouped, relative_change
from sia.presentation.symbols import SYMBOLS
from sia.presentation.templates import render_page
from sia.registers.tile_map import Tile
from sia.scorecard.periods import LAST_YEAR, QUARTER
from sia.scorecard.registry import QUARTER_FIGURE

MAX_LISTED = 4
"""So many exceptions fit on the first page."""

MAX_CLOSED = 2
"""So many exceptions that closed, or are not listed, are named there."""

MOVEMENTS = {
    Movement.BETTER: ("✓", "getting better", "good"),
    Movement.WORSE: ("✗", "getting worse", "bad"),
    Movement.NO_CLEAR_TREND: ("→", "no clear trend", "plain"),
    Movement.CANNOT_TELL: ("…", "cannot tell", "plain"),
    Movement.OTHER: ("?", "moving another way", "plain"),
}
"""The sign, the words and the colour of each count on the first page."""


_ANNEX = "The annex has all measures, each with its figures by area, and a field to find a measure."


@dataclass(frozen=True, slots=True)
class MovementCount:
    """How many of the county's measures go somewhere."""

    icon: str
    count: int
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class ListedException:
    """An exception as the first page lists it."""

    id: str
    title: str
    area: str
    figure: str
    change: str
    since: str
    reason: str
    words: str


@dataclass(frozen=True, slots=True)
class ReportedException:
    """An exception with its report of a page at most."""

    id: str
    text: ExceptionText
    since: str
    target: str
    happened: str
    parts: dict[str, str]
    unanswered: str
    chart: ControlDrawing


@dataclass(frozen=True, slots=True)
class PriorityRow:
    """A partnership's priorities: the names of those that move, and how many do not or cannot be judged."""

    area: str
    better: str
    worse: str
    no_clear_trend: int
    cannot_tell: int


def page(paper: BoardPaper, tiles: Sequence[Tile] = ()) -> bytes:
    """The page as UTF-8 HTML.

    Args:
        paper: its contents.
        tiles: the places of the districts on its maps, if the release has no boundaries.
    """
    scorecard, quarter = paper.scorecard, paper.scorecard.quarter
    title = "Safer communities: paper for the Board"
    before = quarter.plus(-1).label
    base = base_map(paper.boundaries, tiles)
    return render_page(
        "board-paper.html.j2",
        "papers.css",
        "board.css",
        running=captions.running(scorecard, title, paper.release),
        publisher=scorecard.publisher,
        county=scorecard.areas.county.name,
        title=title,
        period=quarter.label,
        months=QUARTER.heading(quarter),
        kind=captions.kind(scorecard),
        release=paper.release,
        as_of=format_date(scorecard.as_of),
        board=f"{paper.board:%B %Y}",
        banners=captions.warnings(scorecard),
        points=main_points(paper),
        counts=[
            MovementCount(icon, count, text, tone)
            for where, (icon, text, tone) in MOVEMENTS.items()
            if (count := len(paper.moving(where))) or where is not Movement.OTHER
        ],
        measures=len(paper.county),
        listed=[_listed(paper, exception) for exception in paper.exceptions[:MAX_LISTED]],
        unlisted=some([_place(exception.text) for exception in paper.exceptions[MAX_LISTED:]], MAX_CLOSED),
        before=before if paper.before else "",
        no_release_of=before,
        closed=some([closed_words(text) for text in paper.closed], MAX_CLOSED),
        priorities=[_priorities(entry) for entry in paper.priorities if entry.measures],
        missing=missing(paper),
        compared=grouped((row.theme, row) for row in comparison_table(scorecard, paper.compared)),
        sender_notes=[
            (measure.title, note) for measure in paper.compared for note in captions.sender_notes(scorecard, measure)
        ],
        maps=district_maps(scorecard, paper.compared, base),
        about_maps=f"{base.about} {base.attribution}".strip() if base else "",
        by_chance=by_chance(scorecard),
        csps=[csp.short_name for csp in scorecard.areas.csps],
        reports=[_reported(paper, exception) for exception in paper.exceptions[:MAX_REPORTED]],
        unreported=some([_place(exception.text) for exception in paper.exceptions[MAX_REPORTED:]]),
        about=[note for note in _about(paper) if note],
        symbols=SYMBOLS,
    )


def _moving(paper: BoardPaper, exception: BoardException) -> MovingMeasure:
    measure = exception.text.measure
    return MovingMeasure(measure, paper.scorecard.line(*exception.report.place), Movement.WORSE)


def _place(text: ExceptionText) -> str:
    return f"{text.measure.title}, {text.area}"


def _id(exception: BoardException) -> str:
    return "-".join(exception.report.place)


def _since(exception: BoardException) -> str:
    return "New" if exception.since is None else f"Since {exception.since.label}"


def _listed(paper: BoardPaper, exception: BoardException) -> ListedException:
    entry, text = _moving(paper, exception), exception.text
    return ListedException(
        id=_id(exception),
        title=text.measure.title,
        area=text.area,
        figure=format_figure(entry.measure, entry.line, QUARTER_FIGURE),
        change=relative_change(entry.measure, entry.line),
        since=_since(exception),
        reason=reason(exception),
        words=lead_words(text),
    )


def _reported(paper: BoardPaper, exception: BoardException) -> ReportedException:
    entry, text, quarter = _moving(paper, exception), exception.text, paper.scorecard.quarter
    figure = format_figure(entry.measure, entry.line, QUARTER_FIGURE)
    change = change_words(entry, LAST_YEAR.heading(quarter))
    shown = f"{counted(entry.measure, figure)} in {QUARTER.heading(quarter)}{f', {change}' if change else ''}."
    parts = commentary_parts(exception.report.commentary.text or "")
    open_parts = unanswered(parts)
    return ReportedException(
        id=_id(exception),
        text=text,
        since=_since(exception),
        target=target_words(exception),
        happened=f"{shown} {text.explanation}",
        parts=parts,
        unanswered="; ".join(open_parts).lower() if parts else "",
        chart=control_drawing(text.measure, text.area, text.travel),
    )


def _priorities(entry: Priorities) -> PriorityRow:
    def names(where: Movement) -> str:
        return some([moving.measure.title for moving in entry.measures if moving.movement is where], 2) or "none"

    def count(*where: Movement) -> int:
        return sum(moving.movement in where for moving in entry.measures)

    return PriorityRow(
        area=entry.area.short_name,
        better=names(Movement.BETTER),
        worse=names(Movement.WORSE),
        no_clear_trend=count(Movement.NO_CLEAR_TREND, Movement.OTHER),
        cannot_tell=count(Movement.CANNOT_TELL),
    )


def _about(paper: BoardPaper) -> tuple[str | None, ...]:
    notes = captions.method_notes(paper.scorecard)
    return (
        captions.about_paper(paper.scorecard)[0],
        captions.population_note(paper.scorecard),
        notes["direction"],
        notes["comparison"],
        _ANNEX,
    )
