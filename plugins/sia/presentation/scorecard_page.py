"""The scorecard as one web page that needs nothing from elsewhere: no script, font, picture or style sheet.

The page carries its own Content-Security-Policy, which allows its one style sheet by hash and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import TypeVar

from markupsafe import Markup

from sia import geography
from sia.geography import Area, AreaType
from sia.presentation import captions, peer_tables
from sia.presentation.captions import Periods
from sia.presentation.charts import Comparison, Trend, comparison, trend
from sia.presentation.direction_labels import Mark, because, beside_county, mark, place
from sia.presentation.figures import NOT_APPLICABLE, SYMBOLS, good_direction, shown, unit_of
from sia.presentation.templates import environment, style
from sia.presentation.tidy_csv import COLUMNS
from sia.registers.measures import Measure
from sia.scorecard.amounts import Status
from sia.scorecard.direction_of_travel import Travel
from sia.scorecard.scorecard import PERIODS, Line, Scorecard

Cell = Callable[[Measure, Line], str]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """One area of a table; in the overview, one measure."""

    name: str
    cells: tuple[str | Mark, ...]
    area_code: str = ""
    incomplete: bool = False
    priority: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of a table under a heading of their own."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """Why an area is said to go where it goes, and where it lies beside the county and the partnerships."""

    name: str
    mark: Mark
    because: str
    beside_county: str
    place: str


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on the page about a measure that has figures."""

    measure: Measure
    good: str
    good_direction: str
    chief: str
    key_figures: tuple[tuple[str, str], ...]
    priority_of: str
    comparison: Comparison | None
    trend: Trend | None
    mark: Mark | None
    because: str
    judged: tuple[Judged, ...]
    compared: bool
    headings: tuple[str, ...]
    groups: tuple[Group, ...]
    without_figures: str
    without_place: str | None


def page(scorecard: Scorecard, trace: str | None = None) -> bytes:
    """The page as UTF-8 HTML.

    Args:
        scorecard: what is shown.
        trace: where its readers may trace a figure; a page for everybody has none.
    """
    sheet = style()
    cards = [_card(scorecard, measure) for measure in scorecard.reported]
    glance = (geography.county(), *geography.csps())
    html = (
        environment()
        .get_template("scorecard.html.j2")
        .render(
            quarter=scorecard.quarter,
            periods=captions.periods(scorecard.quarter),
            as_of=captions.day(scorecard.as_of),
            kind=captions.kind(scorecard),
            banners=captions.banners(scorecard),
            returns=captions.heard_from(scorecard),
            reported=len(scorecard.reported),
            total=len(scorecard.measures),
            glance_areas=[_short(area) for area in glance],
            glance=_grouped((measure.theme, _glance(scorecard, measure, glance)) for measure in scorecard.reported),
            themes=_grouped((card.measure.theme, card) for card in cards),
            unreported=_grouped(
                (measure.source_name, (measure, captions.last_known_shares(scorecard, measure, geography.csps())))
                for measure in scorecard.unreported
            ),
            compared=peer_tables.compared(scorecard),
            symbols=SYMBOLS,
            method=[note for note in (captions.kept_note(scorecard), captions.population_note(scorecard)) if note]
            + list(captions.METHOD),
            columns=COLUMNS,
            trace=trace and f"{trace}?quarter={scorecard.quarter.key}",
            style=Markup(sheet.text),  # noqa: S704 - our own file
            style_hash=sheet.digest,
        )
    )
    return html.encode()


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = {}
    for key, item in pairs:
        groups.setdefault(key, []).append(item)
    return groups


def _short(area: Area) -> str:
    return area.name.removesuffix(" CSP")


def _glance(scorecard: Scorecard, measure: Measure, areas: Sequence[Area]) -> tuple[Measure, Row]:
    lines = scorecard.lines_of(measure)
    county = lines[geography.county().code]
    figures = [shown(measure, lines[area.code], "quarter_figure") for area in areas]
    direction = mark(scorecard.travel[measure.id, geography.county().code])
    return measure, Row(measure.title, (direction, figures[0], _relative_change(measure, county), *figures[1:]))


def _card(scorecard: Scorecard, measure: Measure) -> Card:
    lines = scorecard.lines_of(measure)
    columns = _columns(measure, captions.periods(scorecard.quarter))
    empty = [code for code, line in lines.items() if _is_empty(line)]
    filled = {code: line for code, line in lines.items() if code not in empty}
    shown_first = sorted(filled, key=lambda code: isnan(lines[code]["quarter_number"]))
    chief = shown_first[0]
    travel = scorecard.travel.get((measure.id, chief))
    return Card(
        measure=measure,
        good=scorecard.good[measure.id],
        good_direction=good_direction(measure, scorecard.good[measure.id]),
        chief=geography.areas()[chief].name,
        key_figures=_key_figures(measure, lines[chief], captions.periods(scorecard.quarter)),
        priority_of=", ".join(_short(geography.areas()[code]) for code in measure.priority_of),
        comparison=comparison(scorecard, measure),
        trend=trend(scorecard, measure, chief),
        mark=mark(travel) if travel else None,
        because=because(travel) if travel else "",
        judged=tuple(_judged(scorecard, measure, filled)),
        compared=measure.has_rate or measure.kind == "proportion",
        headings=("Direction of travel", *columns),
        groups=tuple(_groups(scorecard, measure, filled, tuple(columns.values()))),
        without_figures=", ".join(geography.areas()[code].name for code in empty),
        without_place=captions.without_place(measure, lines),
    )


def _is_empty(line: Line) -> bool:
    """Whether nothing was received of an area in any period; what is hidden was."""
    return all(
        isnan(line[f"{period}_number"]) and line[f"{period}_status"] != Status.CONFIDENTIAL for period in PERIODS
    )


def _judged(scorecard: Scorecard, measure: Measure, codes: Iterable[str]) -> Iterable[Judged]:
    for code in codes:
        if travel := scorecard.travel.get((measure.id, code)):
            beside = scorecard.beside.get((measure.id, code))
            name = geography.areas()[code].name
            yield Judged(name, mark(travel), because(travel), beside_county(beside), place(beside))


def _groups(
    scorecard: Scorecard, measure: Measure, lines: Mapping[str, Line], cells: Sequence[Cell]
) -> Iterable[Group]:
    for title, types in (
        ("County and partnerships", (AreaType.COUNTY, AreaType.CSP)),
        ("Districts", (AreaType.DISTRICT,)),
        ("Places beside the areas", (AreaType.SERVICE, AreaType.OUTSIDE, AreaType.UNKNOWN)),
    ):
        rows = tuple(
            Row(
                name=area.name,
                cells=(
                    _direction(scorecard.travel.get((measure.id, area.code))),
                    *(cell(measure, lines[area.code]) for cell in cells),
                ),
                area_code=area.code,
                incomplete=lines[area.code]["quarter_status"] == Status.INCOMPLETE,
                priority=area.code in measure.priority_of,
            )
            for area in geography.of_type(*types)
            if area.code in lines
        )
        if rows:
            yield Group(title, rows)


def _direction(travel: Travel | None) -> str | Mark:
    return NOT_APPLICABLE if travel is None else mark(travel)


def _columns(measure: Measure, names: Periods) -> dict[str, Cell]:
    """The columns of a measure's table: heading, and how to fill a cell."""
    columns: dict[str, Cell] = {names.quarter: _number("quarter_figure")}
    if measure.has_rate:
        columns |= {"Rate per 1,000 residents": _number("rate"), "95% interval": _interval}
    elif measure.kind == "proportion":
        columns |= {"95% interval": _interval}
    if measure.denominator is not None:
        columns |= {"Number": _number("quarter_number"), "Out of": _number("quarter_out_of")}
    return columns | {
        names.last_year: _number("last_year_figure"),
        "Change": _change(""),
        names.year: _number("year_figure"),
        names.year_before: _number("year_before_figure"),
        "Change over the year": _change("year_"),
    }


def _key_figures(measure: Measure, line: Line, names: Periods) -> tuple[tuple[str, str], ...]:
    """What is said first of a measure: a few figures with their labels."""
    incomplete = ", incomplete" if line["quarter_status"] == Status.INCOMPLETE else ""
    figure = shown(measure, line, "quarter_figure")
    what = "" if measure.kind in ("proportion", "money") else unit_of(measure, figure)
    figures = [(f"{figure} {what}".strip(), f"{names.quarter}{incomplete}")]
    if not isnan(line["rate"]):
        figures.append((shown(measure, line, "rate"), "for each 1,000 residents"))
    if not isnan(line["change"]):
        figures.append((_change("")(measure, line), f"on {names.last_year}"))
    if not isnan(line["year_figure"]):
        figures.append((shown(measure, line, "year_figure"), names.year))
    return tuple(figures)


def _number(column: str) -> Cell:
    return lambda measure, line: shown(measure, line, column)


def _interval(measure: Measure, line: Line) -> str:
    lower, upper = shown(measure, line, "lower"), shown(measure, line, "upper")
    return lower if lower.startswith("[") else f"{lower} to {upper}"


def _change(prefix: str) -> Cell:
    """The change, and in brackets in per cent where that is shown."""

    def cell(measure: Measure, line: Line) -> str:
        change, per_cent = shown(measure, line, f"{prefix}change"), shown(measure, line, f"{prefix}change_percent")
        return change if per_cent.startswith("[") or change == "no change" else f"{change} ({per_cent})"

    return cell


def _relative_change(measure: Measure, line: Line) -> str:
    """The change in per cent, or in points where the figure is a percentage."""
    return shown(measure, line, "change" if measure.kind == "proportion" else "change_percent")
