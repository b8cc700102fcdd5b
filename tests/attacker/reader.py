"""What a reader of releases has: the counts that each prints or marks as hidden, and what the documents say of them."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from lxml import html
from openpyxl import load_workbook

MONTHS_OF = {"quarter": (0, 3), "last_year": (-12, -9), "year": (-9, 3), "year_before": (-21, -9)}
"""By the name that the data file gives a period: its first month and the one after, from the quarter's first month."""


class Cell(NamedTuple):
    """A count: what it counts, in which area, from which month until before which."""

    thing: str
    area: str
    first: int
    after: int


HIDDEN_OR_ZERO = -1
"""The mark of a count that may be 0: a quarter left to years, or the number of a share hidden with its whole."""

Printed = Mapping[Cell, int | None]
"""What one release says of each count; ``None`` is the mark of a hidden one."""


def mark(printed: dict[Cell, int | None], cell: Cell, *, may_be_zero: bool) -> None:
    """Note that a line hides a count, unless another line says more of it."""
    if may_be_zero:
        printed.setdefault(cell, HIDDEN_OR_ZERO)
    elif printed.get(cell, HIDDEN_OR_ZERO) == HIDDEN_OR_ZERO:
        printed[cell] = None


class Sum(NamedTuple):
    """Areas that add up to another. The total may be more than the parts where ``leaves_rest``."""

    release: int
    total: Cell
    parts: tuple[Cell, ...]
    leaves_rest: bool


@dataclass(frozen=True)
class Knowledge:
    """What readers know besides the counts.

    ``sums``: the areas that add up. ``whole_of``: parts of a whole and what they are part of. ``at_most``: things and
    what they never exceed. ``divisions``: parts of a whole that do not overlap. ``may_be_zero``: the things of which
    zeros are hidden. ``unchanged``: the counts of a release, by its number, that are as in the release before.
    ``elsewhere``: between which two numbers a count of a release is, by what others publish.
    """

    sums: tuple[Sum, ...] = ()
    whole_of: tuple[tuple[str, str], ...] = ()
    at_most: tuple[tuple[str, str], ...] = ()
    divisions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    may_be_zero: frozenset[str] = frozenset()
    unchanged: Mapping[int, frozenset[Cell]] = field(default_factory=dict)
    elsewhere: Mapping[int, Mapping[Cell, tuple[int, int]]] = field(default_factory=dict)


class Documents(NamedTuple):
    """The public registers: the measures, and the larger areas with their parts, from small to large."""

    measures: Mapping[str, Mapping[str, Any]]
    made_of: Mapping[str, tuple[tuple[str, ...], ...]]
    names: Mapping[str, str]
    """The codes of areas by their names."""


def documents(registers: Path) -> Documents:
    """Read the public registers."""
    areas = yaml.safe_load((registers / "areas.yml").read_text(encoding="utf-8"))["areas"]
    members = {area["code"]: tuple(member["area"] for member in area.get("members", ())) for area in areas}
    made_of: dict[str, tuple[tuple[str, ...], ...]] = {}
    for code, districts in members.items():
        if districts:
            inside = [other for other, own in members.items() if own and other != code and set(own) < set(districts)]
            by_others = list(districts)
            for other in inside:
                if set(members[other]) <= set(by_others):
                    by_others = [other, *(area for area in by_others if area not in members[other])]
            made_of[code] = (districts, tuple(by_others)) if inside else (districts,)
    measures = yaml.safe_load((registers / "measures.yml").read_text(encoding="utf-8"))["measures"]
    names = {area["name"]: area["code"] for area in areas}
    return Documents({measure["id"]: measure for measure in measures}, made_of, names)


def counted(measure: Mapping[str, Any]) -> dict[str, str]:
    """Which things of a measure are counts, by the column that has them."""
    # Pounds count nobody, whether they are a sum or a share.
    numerator = f"{measure['return_name']}.{measure['numerator']}"
    kind = "money" if measure["unit"] == "GBP" else measure.get("kind", "count")
    whole = f"{measure['return_name']}.{measure.get('denominator')}"
    return {
        "count": {"figure": numerator},
        "proportion": {"number": numerator, "out_of": whole},
        "mean": {"out_of": whole},
        "money": {},
    }[kind]


def read_csv(text: str, known: Documents) -> dict[Cell, int | None]:
    """The counts of a release's data file. A count that one line hides and another prints is printed."""
    printed: dict[Cell, int | None] = {}
    for cell, status, column, figure in _figures(text, known):
        if status in {"confidential", "by_year"}:
            mark(printed, cell, may_be_zero=status == "by_year" or column == "number")
        elif status == "reported" and Decimal(figure) % 1 == 0:
            printed[cell] = int(Decimal(figure))
    return printed


def read_decimals(text: str, known: Documents) -> dict[Cell, int]:
    """The figures of a release's data file that are not whole, such as weighted replies, as pages round them."""
    return {
        cell: int(Decimal(figure).quantize(Decimal(1), ROUND_HALF_UP))
        for cell, status, _, figure in _figures(text, known)
        if status == "reported" and Decimal(figure) % 1 != 0
    }


def _figures(text: str, known: Documents) -> Iterator[tuple[Cell, str, str, str]]:
    """What a release's data file says of each thing that is counted: its status, its column and its figure."""
    for row in csv.DictReader(StringIO(text)):
        year, month = (int(number) for number in row["quarter_start"].split("-")[:2])
        for period, (first, after) in MONTHS_OF.items():
            for column, thing in counted(known.measures[row["measure_id"]]).items():
                cell = Cell(thing, row["area_code"], year * 12 + month - 1 + first, year * 12 + month - 1 + after)
                yield cell, row[f"{period}_status"], column, row[f"{period}_{column}"]


def read_page(content: str, known: Documents, quarter_start: tuple[int, int]) -> dict[Cell, int | None]:
    """The counts of a release's page: the first table of each measure.

    Args:
        content: HTML.
        known: the public registers.
        quarter_start: year and month.
    """
    printed: dict[Cell, int | None] = {}
    for article in html.document_fromstring(content).xpath("//article[.//table]"):
        measure = known.measures.get(article.get("aria-labelledby"))
        if measure:
            heading, *rows = [
                [cell.text_content().strip() for cell in row]
                for row in article.xpath("(.//table)[1]//tr[count(*) > 1]")
            ]
            for row in rows:
                _read_row(printed, measure, known, quarter_start, dict(zip(_unlike(heading), row, strict=True)))
    return printed


def read_workbook(content: bytes, known: Documents, quarter_start: tuple[int, int]) -> dict[Cell, int | None]:
    """The counts of a release's workbook: the tables of its sheets that have a measure and an area in each row."""
    printed: dict[Cell, int | None] = {}
    by_title = {measure["title"]: measure for measure in known.measures.values()}
    for sheet in load_workbook(BytesIO(content)).worksheets:
        heading: list[str] = []
        for values in sheet.iter_rows(values_only=True):
            row = ["" if value is None else str(value) for value in values]
            if row[:2] == ["Measure", "Area"]:
                heading = _unlike(row)
            elif heading:
                measure = by_title.get(re.sub(r" \[(note|p|b)[^]]*\]", "", row[0]).strip())
                if measure:
                    _read_row(printed, measure, known, quarter_start, dict(zip(heading, row, strict=True)))
    return printed


def _unlike(heading: list[str]) -> list[str]:
    """The headings without what they say of notes; the second of a kind of period has a 2."""
    names: list[str] = []
    for text in heading:
        name = re.sub(r"\s*\[.*\]", "", text).split("\n")[0].strip()
        kind = "quarter" if re.fullmatch(r"\w{3} to \w{3} \d{4}", name) else name
        kind = "year" if name.startswith("12 months to ") else kind
        names.append(f"{kind} 2" if kind in names else kind)
    return names


def _read_row(
    printed: dict[Cell, int | None],
    measure: Mapping[str, Any],
    known: Documents,
    quarter_start: tuple[int, int],
    row: Mapping[str, str],
) -> None:
    code = known.names.get(row["Area"])
    if code is None:
        return
    columns = {
        "quarter": ("quarter", "figure"), "quarter 2": ("last_year", "figure"),
        "year": ("year", "figure"), "year 2": ("year_before", "figure"),
        "Number": ("quarter", "number"), "Out of": ("quarter", "out_of"),
    }  # fmt: skip
    things, month = counted(measure), quarter_start[0] * 12 + quarter_start[1] - 1
    for name, (period, column) in columns.items():
        if column in things and name in row:
            first, after = MONTHS_OF[period]
            cell, text = Cell(things[column], code, month + first, month + after), row[name].replace(",", "")
            if text in {"[c]", "[y]"}:
                mark(printed, cell, may_be_zero=text == "[y]" or column == "number")
            elif re.fullmatch(r"\d+(\.0)?", text):
                printed[cell] = int(float(text))


def read_history(content: bytes, known: Documents) -> dict[Cell, int | None]:
    """The counts of earlier quarters in a release's data, which charts are drawn from."""
    printed: dict[Cell, int | None] = {}
    for line in json.loads(content)["scorecard"]["lines"]:
        things = counted(known.measures[line["measure_id"]])
        for past in line["history"] if "figure" in things else ():
            year, number = int(past["quarter"][:4]), int(past["quarter"][-1])
            first = 12 * year + 3 * number
            cell = Cell(things["figure"], line["area_code"], first, first + 3)
            if past["status"] in {"confidential", "by_year"}:
                mark(printed, cell, may_be_zero=past["status"] == "by_year")
            elif past["status"] == "reported":
                printed[cell] = int(past["figure"])
    return printed


def thresholds(known: Documents, registers: Path) -> dict[str, int]:
    """By what is counted, the count from which figures are shown: the strictest of its measures, by the policy."""
    settings = yaml.safe_load((registers / "policy.yml").read_text(encoding="utf-8"))["disclosure_threshold"]
    (default,) = [setting["value"] for setting in settings if "measures" not in setting]
    named = {measure: setting["value"] for setting in settings for measure in setting.get("measures", ())}
    strictest: dict[str, int] = {}
    for measure in known.measures.values():
        for thing in counted(measure).values():
            strictest[thing] = max(strictest.get(thing, 0), named.get(measure["id"], default))
    return strictest


def shares(known: Documents) -> tuple[tuple[str, str], ...]:
    """The numerators that are part of their denominators."""
    return tuple(
        tuple(counted(measure).values())  # type: ignore[misc]
        for measure in known.measures.values()
        if measure.get("kind") == "proportion" and measure.get("within", True) and counted(measure)
    )


def limits(known: Documents) -> tuple[tuple[str, str], ...]:
    """What is counted, and what it never exceeds."""
    return tuple(
        (f"{measure['return_name']}.{measure['numerator']}", f"{measure['return_name']}.{measure['at_most']}")
        for measure in known.measures.values()
        if "at_most" in measure
    )


def divisions(known: Documents) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What is counted and its parts."""
    return tuple(
        (
            f"{measure['return_name']}.{measure['numerator']}",
            tuple(f"{measure['return_name']}.{part}" for part in parts),
        )
        for measure in known.measures.values()
        for parts in measure.get("parts", ())
    )


def sums_of_areas(
    releases: Iterable[Printed], made_of: Mapping[str, tuple[tuple[str, ...], ...]], truth: Iterable[Mapping[Cell, int]]
) -> tuple[Sum, ...]:
    """The areas that add up, or leave something over, in each release.

    Readers try each sum that might hold. The true counts only keep them from believing in one that does not hold: what
    they would then work out is wrong. Where a part is not there at all, no reader knows that it is nothing.
    """
    sums = []
    for number, (printed, true) in enumerate(zip(releases, truth, strict=True)):
        for total in printed:
            for areas in made_of.get(total.area, ()):
                parts = tuple(cell for cell in (total._replace(area=area) for area in areas) if cell in printed)
                left = true[total] - sum(true[part] for part in parts)
                if parts and left >= 0:
                    sums.append(Sum(number, total, parts, left > 0 or len(parts) < len(areas)))
    return tuple(sums)
