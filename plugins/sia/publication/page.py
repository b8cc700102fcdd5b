"""The scorecard as one web page that needs nothing from elsewhere: no script, font, picture or style sheet.

The page carries its own Content-Security-Policy, which allows its one style sheet by hash and nothing else.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import groupby
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sia import geography
from sia.geography import Area, AreaType
from sia.measures.register import Measure
from sia.paths import TEMPLATES
from sia.publication import figures
from sia.publication.charts import Comparison, Trend, comparison, trend
from sia.publication.figures import Line
from sia.publication.tidy import COLUMNS
from sia.publication.wording import banners, heard_from, people_of, without_place
from sia.scorecard.scorecard import Scorecard, Status


@dataclass(frozen=True, slots=True)
class Row:
    """One area of a card's table: its name and the cells beside it."""

    area: str
    incomplete: bool
    priority: bool
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A measure with figures: what stands on the page about it."""

    measure: Measure
    chief: str
    chief_line: Line
    priority_of: tuple[str, ...]
    comparison: Comparison | None
    trend: Trend | None
    headings: tuple[str, ...]
    groups: tuple[tuple[str, tuple[Row, ...]], ...]
    without_figures: tuple[str, ...]
    without_place: str | None


def page(scorecard: Scorecard) -> bytes:
    """The page as UTF-8 HTML."""
    style = (TEMPLATES / "scorecard.css").read_text(encoding="utf-8")
    html = _environment().get_template("scorecard.html.j2").render(
        scorecard=scorecard,
        quarter=scorecard.quarter,
        banners=banners(scorecard),
        returns=heard_from(scorecard),
        population=people_of(scorecard),
        themes=_by_theme([_card(scorecard, measure) for measure in scorecard.reported]),
        unreported=_by_lead(scorecard.unreported),
        glance_areas=(geography.county(), *geography.csps()),
        lines=scorecard.lines_of,
        columns=COLUMNS,
        style=Markup(style),  # noqa: S704 - our own file
        style_hash=b64encode(sha256(style.encode()).digest()).decode(),
    )
    return html.encode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["figures"] = figures
    environment.filters["shown"] = lambda line, column, measure: figures.shown(measure, line, column)
    return environment


def _card(scorecard: Scorecard, measure: Measure) -> Card:
    lines = scorecard.lines_of(measure)
    columns = _columns(measure)
    empty = lines[["quarter_number", "last_year_number", "year_number"]].isna().all(axis="columns")
    groups = []
    for title, types in (
        ("County and partnerships", (AreaType.COUNTY, AreaType.CSP)),
        ("Districts", (AreaType.DISTRICT,)),
        ("Beside the areas", (AreaType.SERVICE, AreaType.OUTSIDE, AreaType.UNKNOWN)),
    ):
        areas = [area for area in geography.of_type(*types) if area.code in lines.index and not empty[area.code]]
        if areas:
            groups.append((title, tuple(_table_row(measure, area, lines.loc[area.code], columns) for area in areas)))
    chief = next(code for code in lines.index if lines.loc[code, "quarter_number"] == lines.loc[code, "quarter_number"])
    missing = unlocated_words = None
    return Card(
        measure=measure,
        chief=geography.areas()[chief].name,
        chief_line=lines.loc[chief],
        priority_of=tuple(geography.areas()[code].name for code in measure.priority_of),
        comparison=comparison(scorecard, measure),
        trend=trend(scorecard, measure, chief),
        headings=tuple(columns.values()),
        groups=tuple(groups),
        without_figures=tuple(geography.areas()[code].name for code in lines.index[empty]),
        without_place=without_place(measure, lines),
    )
