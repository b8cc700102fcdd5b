"""The assessment pack as one web page that needs nothing from elsewhere, and prints clean."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from markupsafe import Markup

from sia import geography
from sia.geography import Area
from sia.papers.assessment import Assessment, InArea, InYear
from sia.papers.history import told
from sia.papers.method import method
from sia.papers.small_multiples import Small, one_scale, small_multiples
from sia.presentation import captions, peer_tables
from sia.presentation.direction_labels import Mark, mark
from sia.presentation.figures import NOT_APPLICABLE, NOT_AVAILABLE, SYMBOLS, compared_as, good_direction, shown, unit
from sia.presentation.templates import environment, style


@dataclass(frozen=True, slots=True)
class AreaRow:
    """A row of a table: an area and its cells."""

    name: str
    cells: tuple[str | Mark, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of a table, and in what they are."""

    title: str
    rows: tuple[AreaRow, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A measure as it stands on the page."""

    id: str
    title: str
    good_direction: str
    compared_as: str
    scale: str
    pictures: tuple[Small, ...]
    groups: tuple[Group, ...]
    note: str | None


def page(pack: Assessment) -> bytes:
    """The page as UTF-8 HTML."""
    scorecard = pack.scorecard
    names = captions.periods(scorecard.quarter)
    sheet = style("papers.css")
    themes: dict[str, list[InYear]] = {}
    for each in pack.measures:
        themes.setdefault(each.measure.theme, []).append(each)
    minor = Counter(name for name, row in pack.revisions if row["kind"] == "minor")
    areas = (geography.county(), *geography.csps())
    html = (
        environment()
        .get_template("assessment.html.j2")
        .render(
            title="Strategic Intelligence Assessment: performance pack",
            year=pack.year,
            quarter=scorecard.quarter,
            periods=names,
            release=pack.release,
            as_of=captions.day(scorecard.as_of),
            board=f"{pack.board:%B %Y}",
            banners=captions.banners(scorecard),
            releases=[
                (
                    each.quarter.label,
                    [(one.name, captions.day(one.known_at), f"{one.suppressed:,}") for one in each.releases],
                )
                for each in pack.quarters
            ],
            areas=[_short(area) for area in areas],
            glance={theme: [_glance(pack, each, areas) for each in found] for theme, found in themes.items()},
            themes={theme: [_card(pack, each) for each in found] for theme, found in themes.items()},
            quarters=[one.quarter.label for one in pack.measures[0].areas[0].quarters] if pack.measures else [],
            compared=peer_tables.compared(scorecard),
            nearest=peer_tables.NEAREST,
            exceptions=[(quarter.label, row) for quarter, row in pack.exceptions],
            substantial=[(name, row) for name, row in pack.revisions if row["kind"] == "substantial"],
            minor=sorted(minor.items()),
            symbols=SYMBOLS,
            method=method(scorecard),
            style=Markup(sheet.text),  # noqa: S704 - our own file
            style_hash=sheet.digest,
        )
    )
    return html.encode()


def _short(area: Area) -> str:
    return area.name.removesuffix(" CSP")


def _glance(pack: Assessment, each: InYear, areas: tuple[Area, ...]) -> tuple[str, AreaRow]:
    by_area = {one.area: one for one in each.areas}
    cells = tuple(_year(each, by_area[area]) if area in by_area else NOT_AVAILABLE for area in areas)
    direction = mark(pack.scorecard.travel[each.measure.id, geography.county().code])
    return each.measure.id, AreaRow(each.measure.title, (direction, *cells))


def _year(each: InYear, one: InArea) -> str:
    """The year's figure, and in brackets how it changed on the year before."""
    figure, change = shown(each.measure, one.line, "year_figure"), _change(each, one)
    return figure if change.startswith("[") else f"{figure} ({change})"


def _change(each: InYear, one: InArea) -> str:
    """The change over the year: in per cent, or in points where the figure is a percentage."""
    column = "year_change" if each.measure.kind == "proportion" else "year_change_percent"
    return shown(each.measure, one.line, column)


def _card(pack: Assessment, each: InYear) -> Card:
    measure = each.measure
    groups = [Group(unit(measure).capitalize(), tuple(_row(pack, each, one) for one in each.areas))]
    if measure.has_rate:
        rates = tuple(
            AreaRow(
                _short(one.area),
                (
                    mark(pack.scorecard.travel[measure.id, one.area.code]),
                    *(told(measure, quarter, compared=True) for quarter in one.quarters),
                    # A rate is that of a quarter: none is released of a year.
                    *[NOT_APPLICABLE] * 3,
                ),
            )
            for one in each.areas
        )
        groups.append(Group(compared_as(measure).capitalize(), rates))
    return Card(
        id=measure.id,
        title=measure.title,
        good_direction=good_direction(measure, pack.scorecard.good[measure.id]),
        compared_as=compared_as(measure),
        scale="all on one scale" if one_scale(measure) else "the partnerships on one scale, the county on its own",
        pictures=small_multiples(measure, [(one.area, one.quarters) for one in each.areas]),
        groups=tuple(groups),
        note=measure.note,
    )


def _row(pack: Assessment, each: InYear, one: InArea) -> AreaRow:
    return AreaRow(
        _short(one.area),
        (
            mark(pack.scorecard.travel[each.measure.id, one.area.code]),
            *(told(each.measure, quarter) for quarter in one.quarters),
            shown(each.measure, one.line, "year_before_figure"),
            shown(each.measure, one.line, "year_figure"),
            _change(each, one),
        ),
    )
