"""What a year showed, in sentences and in a matrix of sections. Every figure is a figure of the release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sia.papers.annual_figures import annual_rate
from sia.papers.assessment import AssessedMeasure, Assessment
from sia.papers.board_paper import Movement, movement
from sia.papers.main_points import MAX_NAMED, change_in_words, counted, direction_sentence
from sia.presentation.number_format import A_YEAR, digits, format_figure
from sia.presentation.symbols import NOT_APPLICABLE, NOT_AVAILABLE, SYMBOLS
from sia.registers.assessment_sections import AssessmentSection, AssessmentSections
from sia.scorecard.line import Line
from sia.scorecard.periods import YEAR, YEAR_BEFORE
from sia.scorecard.registry import YEAR_CHANGE, YEAR_CHANGE_PERCENT, YEAR_FIGURE
from sia.statistics.comparison import Benchmark

_UNRANKED = "not ranked"


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A section in the matrix: its rank of harm, its chief measure with its year, and where its measures go."""

    section: AssessmentSection
    harm: str
    measure: str
    volume: str
    rate: str
    change: str
    worse: int
    better: int
    no_clear_trend: int
    cannot_tell: int


def findings(pack: Assessment) -> list[str]:
    """The first measure, what got worse and better, who is worse than the county, exceptions, what we cannot tell."""
    return [*_headline(pack), *_moved(pack), *_compared(pack), *_exceptions(pack), *_unknown(pack)]


def matrix(pack: Assessment, register: AssessmentSections) -> list[MatrixRow]:
    """The sections: most harm first, then those with more measures that get worse, then as the register has them."""
    rows = [_row(pack, section) for section in register.sections]
    last = len(rows) + 1
    return sorted(rows, key=lambda row: (row.section.rank or last, -row.worse))


def of_ids(pack: Assessment, ids: Sequence[str]) -> list[AssessedMeasure]:
    """The measures with these ids that have figures, in the order of the ids."""
    by_id = {entry.measure.id: entry for entry in pack.measures}
    return [by_id[measure_id] for measure_id in ids if measure_id in by_id]


def chief(pack: Assessment, entries: Sequence[AssessedMeasure]) -> AssessedMeasure | None:
    """The measure that leads a section: the first of which the county's year is shown, else the first, if any."""
    shown = (entry for entry in entries if county_line(pack, entry).value(YEAR_FIGURE) is not None)
    return next(shown, next(iter(entries), None))


def county_line(pack: Assessment, entry: AssessedMeasure) -> Line:
    """A measure's line in the county."""
    return pack.scorecard.line(entry.measure.id, pack.scorecard.areas.county.code)


def sentence(pack: Assessment, entry: AssessedMeasure) -> str:
    """What a measure came to in the year, how it changed, its annual rate, and where it goes."""
    measure, line, quarter = entry.measure, county_line(pack, entry), pack.scorecard.quarter
    figure = format_figure(measure, line, YEAR_FIGURE)
    if figure in SYMBOLS:
        return f"{measure.title}: no figure for the {YEAR.heading(quarter)} can be shown. {direction_sentence(line)}"
    change = change_in_words(year_change(entry, line), YEAR_BEFORE.heading(quarter))
    rate = annual_rate(measure, line)
    parts = [
        f"{counted(measure, figure)} in the {YEAR.heading(quarter)}",
        change,
        "" if rate is None else f"or {digits(rate, 2)} {A_YEAR}",
    ]
    return f"{measure.title}: {', '.join(part for part in parts if part)}. {direction_sentence(line)}"


def year_change(entry: AssessedMeasure, line: Line) -> str:
    """The change on the year before: in per cent, or in points for a percentage."""
    change = YEAR_CHANGE if entry.measure.kind == "proportion" else YEAR_CHANGE_PERCENT
    return format_figure(entry.measure, line, change)


def _headline(pack: Assessment) -> Iterator[str]:
    entry = next((entry for entry in pack.measures if county_line(pack, entry).value(YEAR_FIGURE) is not None), None)
    yield sentence(pack, entry) if entry else "No measure has a figure for the county's year."


def _moved(pack: Assessment) -> Iterator[str]:
    for where, words in ((Movement.WORSE, "worse"), (Movement.BETTER, "better")):
        entries = [entry for entry in pack.measures if _movement(pack, entry) is where]
        if entries:
            yield f"Getting {words}: {_named(pack, entries)}."
        else:
            yield f"No measure of the county is getting {words}."


def _named(pack: Assessment, entries: Sequence[AssessedMeasure]) -> str:
    names = []
    for entry in entries[:MAX_NAMED]:
        change = year_change(entry, county_line(pack, entry))
        names.append(entry.measure.title if change in SYMBOLS else f"{entry.measure.title} ({change} in the year)")
    more = [f"{len(entries) - MAX_NAMED} more"] if len(entries) > MAX_NAMED else []
    return " and ".join(part for part in (", ".join(names), *more))


def _compared(pack: Assessment) -> Iterator[str]:
    """The partnership that is worse than the county in more measures than any other."""
    worse: Counter[str] = Counter()
    compared: Counter[str] = Counter()
    for entry in pack.measures:
        for area, line in entry.lines:
            if area.code != pack.scorecard.areas.county.code and line.comparison.with_county is not None:
                compared[area.name] += 1
                worse[area.name] += line.comparison.with_county is Benchmark.WORSE
    if worse.total():
        most = max(worse.values())
        names = [f"{name} ({count} of {compared[name]} measures)" for name, count in worse.items() if count == most]
        county, quarter = pack.scorecard.areas.county.name, pack.scorecard.quarter.label
        yield f"Most often worse than {county} in {quarter}: {' and '.join(names)}."


def _exceptions(pack: Assessment) -> Iterator[str]:
    places = Counter((text.measure.title, text.area) for _, text in pack.exceptions)
    quarters = sum(bool(entry.releases) for entry in pack.quarters)
    if not places:
        yield "The releases of the year reported no exception."
        return
    always = [f"{title} in {area}" for (title, area), count in places.items() if count == quarters > 1]
    kept = f" In each of {quarters} quarters: {', '.join(always[:MAX_NAMED])}." if always else ""
    noun = "place was an exception" if len(places) == 1 else "places were exceptions"
    yield f"{len(places)} {noun} in the releases of the year.{kept}"


def _unknown(pack: Assessment) -> Iterator[str]:
    unclear = sum(_movement(pack, entry) is Movement.CANNOT_TELL for entry in pack.measures)
    if unclear:
        yield f"We cannot tell where {unclear} of {len(pack.measures)} measures of the county go."
    missing = [entry.quarter.label for entry in pack.quarters if not entry.releases]
    if missing:
        yield f"There is no release of {', '.join(missing)}."


def _movement(pack: Assessment, entry: AssessedMeasure) -> Movement:
    return movement(county_line(pack, entry).direction)


def _row(pack: Assessment, section: AssessmentSection) -> MatrixRow:
    entries = of_ids(pack, section.measures)
    first, goes = chief(pack, entries), Counter(_movement(pack, entry) for entry in entries)
    line = county_line(pack, first) if first else None
    rate = annual_rate(first.measure, line) if first and line else None
    return MatrixRow(
        section=section,
        harm=_UNRANKED if section.rank is None else str(section.rank),
        measure=first.measure.title if first else NOT_AVAILABLE,
        volume=format_figure(first.measure, line, YEAR_FIGURE) if first and line else NOT_AVAILABLE,
        rate=NOT_APPLICABLE if rate is None else digits(rate, 2),
        change=year_change(first, line) if first and line else NOT_AVAILABLE,
        worse=goes[Movement.WORSE],
        better=goes[Movement.BETTER],
        no_clear_trend=goes[Movement.NO_CLEAR_TREND] + goes[Movement.OTHER],
        cannot_tell=goes[Movement.CANNOT_TELL],
    )
