"""What the Board needs to know, in sentences. Every figure in them is a figure of the release, as it is shown there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from sia.papers.board_paper import BoardException, BoardPaper, Movement, MovingMeasure
from sia.presentation import captions, words
from sia.presentation.commentary_parts import commentary_parts
from sia.presentation.exception_reports import ExceptionText
from sia.presentation.number_format import MINUS, SAME, format_figure, unit_of
from sia.presentation.scorecard_page import relative_change
from sia.registers.measures import Measure
from sia.scorecard.line import Line
from sia.scorecard.periods import LAST_YEAR, QUARTER
from sia.scorecard.registry import QUARTER_FIGURE
from sia.statistics.control_chart import Assurance
from sia.statistics.direction import Direction

MAX_NAMED = 3
"""More measures than these are counted and not named."""

MAX_QUOTED = 90
"""More letters than these of a lead's words are left to the exception's own report."""

MAX_IN_A_LINE = 6
"""More names than these are counted and not named."""

_SENTENCE = re.compile(r".+?[.!?](?=\s|$)", re.DOTALL)

_DIRECTIONS = {
    Direction.IMPROVING: "It is getting better.",
    Direction.DETERIORATING: "It is getting worse.",
    Direction.NO_CLEAR_TREND: "It shows no clear trend.",
    Direction.NOT_ENOUGH_DATA: "There is not enough data to tell where it goes.",
    Direction.HIDDEN: "Small numbers hide where it goes.",
    Direction.METHODS_DISAGREE: "Its year and its quarter point in opposite directions.",
    Direction.CHECK_RECORDING: "So large a change needs a check of how it was recorded.",
}


def main_points(paper: BoardPaper) -> list[str]:
    """The first measure, what gets worse and better, which targets will be missed, why, and what cannot be judged."""
    return [*_headline(paper), *_moved(paper), *_missed(paper), *_why(paper), *_unknown(paper)]


def change_words(entry: MovingMeasure, since: str) -> str:
    """How a figure changed: ``up 20.8% on Jan to Mar 2021``; empty where the release shows no change."""
    return change_in_words(relative_change(entry.measure, entry.line), since)


def change_in_words(change: str, since: str) -> str:
    """A change with its sign, in words: ``up 20.8% on Jan to Mar 2021``; empty where there is a symbol instead."""
    if change == SAME:
        return f"the same as in {since}"
    if change.startswith("["):
        return ""
    return f"{'down' if change.startswith(MINUS) else 'up'} {change.lstrip(f'+{MINUS}')} on {since}"


def first_sentence(text: str) -> str:
    """The first sentence of a text."""
    match = _SENTENCE.match(text)
    return match.group() if match else text


def opening_words(text: str) -> str:
    """The first sentence of what a lead wrote; cut at a word where it is long."""
    sentence = first_sentence(text)
    if len(sentence) <= MAX_QUOTED:
        return sentence
    return f"{sentence[:MAX_QUOTED].rsplit(' ', 1)[0]} …"


def some(names: Sequence[str], limit: int = MAX_IN_A_LINE) -> str:
    """Names in a line; the last of many are counted."""
    more = [f"and {len(names) - limit} more"] if len(names) > limit else []
    return "; ".join((*names[:limit], *more))


def missing(paper: BoardPaper) -> str:
    """What is missing from the release, in a line."""
    scorecard = paper.scorecard
    late = [
        f"{caption.title} ({caption.sender})"
        for caption in captions.return_captions(scorecard)
        if caption.expected and not caption.complete
    ]
    unreported = len(scorecard.unreported)
    parts = [
        f"Not complete: {some(late)}." if late else "Every return that was due is in.",
        f"{unreported} of {len(scorecard.measures)} measures have no figure." if unreported else "",
        captions.published_note(scorecard) or "",
    ]
    return " ".join(part for part in parts if part)


def _headline(paper: BoardPaper) -> Iterator[str]:
    """The first measure of the scorecard that has a figure in the county."""
    quarter = paper.scorecard.quarter
    entry = next((entry for entry in paper.county if entry.line.value(QUARTER_FIGURE) is not None), None)
    if entry is None:
        yield f"No measure has a figure for the county in {QUARTER.heading(quarter)}."
        return
    change = change_words(entry, LAST_YEAR.heading(quarter))
    figure = format_figure(entry.measure, entry.line, QUARTER_FIGURE)
    yield (
        f"{entry.measure.title}: {counted(entry.measure, figure)} in {QUARTER.heading(quarter)}"
        f"{f', {change}' if change else ''}. {direction_sentence(entry.line)}"
    )


def reason(exception: BoardException) -> str:
    """Why a measure is an exception: it is getting worse, or misses its target."""
    travel, missed = exception.text.travel, target_words(exception)
    moves = words.direction(travel) if travel.direction is Direction.DETERIORATING or not missed else ""
    return ", ".join(part for part in (moves, missed) if part)


def target_words(exception: BoardException) -> str:
    """That a measure will miss its target, or missed it; empty if it has none, or may meet it."""
    target, measure = exception.text.travel.target, exception.text.measure
    if target is None or target.assurance is None or not target.assurance.is_miss:
        return ""
    per = " per 1,000 residents" if measure.has_rate else "%" if measure.kind == "proportion" else ""
    verb = "will miss" if target.assurance is Assurance.WILL_MISS else "missed"
    return f"{verb} its target of {target.value:g}{per}"


def lead_words(text: ExceptionText) -> str:
    """The first sentence of what the lead says about the cause, or else that nothing was received."""
    parts = commentary_parts(text.commentary)
    return opening_words(parts.get("Why") or next(iter(parts.values())))


def closed_words(text: ExceptionText) -> str:
    """An exception that closed, with what its lead said about it."""
    place = f"{text.measure.title}, {text.area}"
    return f"{place} (“{_quoted(text)}”)" if text.given_on else place


def counted(measure: Measure, figure: str) -> str:
    """A figure with what it counts: ``10,446 crimes``; a share or money says so already."""
    return f"{figure} {unit_of(measure, figure)}" if measure.kind == "count" else figure


def direction_sentence(line: Line) -> str:
    """Where a line goes, with the first of the reasons."""
    travel = line.direction
    if travel is None:
        return ""
    because = first_sentence(travel.explanation)
    if travel.direction is Direction.TOO_FEW:
        # The sentence says so itself.
        return because
    where = _DIRECTIONS.get(travel.direction) or f"It is {travel.moving}, and neither is better."
    return f"{where} {because}"


def _moved(paper: BoardPaper) -> Iterator[str]:
    worse, better = paper.moving(Movement.WORSE), paper.moving(Movement.BETTER)
    if not worse and not better:
        yield "No measure of the county changed by more than chance can explain."
        return
    yield f"Getting worse: {_named(worse)}." if worse else "No measure of the county is getting worse."
    yield f"Getting better: {_named(better)}." if better else "No measure of the county is getting better."


def _named(entries: Sequence[MovingMeasure]) -> str:
    names = [_with_change(entry) for entry in entries[:MAX_NAMED]]
    more = [f"{len(entries) - MAX_NAMED} more"] if len(entries) > MAX_NAMED else []
    return " and ".join(part for part in (", ".join(names), *more))


def _with_change(entry: MovingMeasure) -> str:
    change = relative_change(entry.measure, entry.line)
    return entry.measure.title if change.startswith("[") else f"{entry.measure.title} ({change})"


_MISSES = {
    Assurance.WILL_MISS: "A target will be missed if nothing changes",
    Assurance.MISSED: "A target for the twelve months was missed",
}


def _missed(paper: BoardPaper) -> Iterator[str]:
    for assurance, words_of_it in _MISSES.items():
        texts = [exception.text for exception in paper.exceptions]
        missed = [text for text in texts if text.travel.target and text.travel.target.assurance is assurance]
        if missed:
            names = [f"{text.measure.title} ({text.area})" for text in missed[:MAX_NAMED]]
            more = f" and {len(missed) - MAX_NAMED} more" if len(missed) > MAX_NAMED else ""
            yield f"{words_of_it}: {', '.join(names)}{more}."


def _why(paper: BoardPaper) -> Iterator[str]:
    """The words of the lead of the first exception that has any; the list of exceptions has the others."""
    given = [exception for exception in paper.exceptions if exception.report.commentary.text]
    for exception in given[:1]:
        text = exception.text
        yield f"Why {text.measure.title} in {text.area}? {text.measure.lead}: “{_quoted(text)}”"
    if paper.exceptions and not given:
        yield "No lead has commented on an exception yet, so the release does not say why."


def _quoted(text: ExceptionText) -> str:
    return lead_words(text).replace("“", "‘").replace("”", "’")


def _unknown(paper: BoardPaper) -> Iterator[str]:
    unclear = paper.moving(Movement.CANNOT_TELL)
    if unclear:
        why = Counter(
            _UNCLEAR.get(entry.line.direction.direction if entry.line.direction else None) for entry in unclear
        )
        reasons = [f"{why[words]} {words}" for words in dict.fromkeys(_UNCLEAR.values()) if why[words]]
        yield f"We cannot tell for {len(unclear)} of {len(paper.county)} measures: {', '.join(reasons)}."


_UNCLEAR = {
    Direction.TOO_FEW: "with too few cases",
    Direction.HIDDEN: "with small numbers that we hide",
    Direction.NOT_ENOUGH_DATA: "without enough figures",
    None: "without enough figures",
}
