"""Random histories of releases, made by the project's own protection, as a reader gets them.

This drives what is attacked. The attacker itself (``reader``, ``attack``) sees only what each release prints and marks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from math import ceil, floor
from typing import Any

import numpy as np

from sia import geography
from sia.calendar import Quarter, quarters_between
from sia.disclosure.additive import Span
from sia.disclosure.reader_knowledge import DisclosedCounts
from sia.geography import Area, Areas, AreaType, Member
from sia.registers.measures import Measure
from sia.registers.policy import Policy, policy
from sia.scorecard.amounts import Amount, Status
from sia.scorecard.protection import protect_amounts
from sia.scorecard.published_elsewhere import FigureElsewhere
from sia.scorecard.registers import Registers
from tests.attacker.reader import Cell, Knowledge, Printed, mark, sums_of_areas

FIRST, DAY = Quarter(2019, 1), date(2022, 5, 1)
THRESHOLD = 5
MEANS = (0.5, 1.0, 2.0, 4.0, 8.0, 25.0)
WITHHELD = 0.3
"""The share of histories in which senders withhold counts of districts."""
BY_YEAR = 0.3
"""The share of histories whose partnerships and districts have twelve months only."""


@dataclass
class History:
    """What each release prints, what was true then, and what readers know besides.

    ``left_out``: how many more releases there were, without the measure.
    """

    printed: list[Printed] = field(default_factory=list)
    truth: list[dict[Cell, int]] = field(default_factory=list)
    knowledge: Knowledge = field(default_factory=Knowledge)
    left_out: int = 0
    shown: int = 0
    offered: int = 0


def county(*sizes: int) -> Areas:
    """A made-up county of partnerships of so many districts."""
    since = date(1974, 4, 1)
    districts = [f"D{number:02d}" for number in range(1, sum(sizes) + 1)]
    ends = np.cumsum(sizes)
    groups = [districts[end - size : end] for size, end in zip(sizes, ends, strict=True)]
    made_of = {"COUNTY": districts, **{f"P{number}": group for number, group in enumerate(groups, start=1)}}

    def area(code: str, kind: AreaType) -> Area:
        members = tuple(Member(area=member, starts=since) for member in made_of.get(code, ()))
        return Area(code=code, name=code, column=code.lower(), type=kind, members=members)

    codes = [("COUNTY", AreaType.COUNTY), *((code, AreaType.CSP) for code in made_of if code != "COUNTY")]
    return Areas(
        {code: area(code, kind) for code, kind in (*codes, *((code, AreaType.DISTRICT) for code in districts))}
    )


AREAS = {6: county(1, 2), 10: geography.areas(), 20: county(1, 1, 2, 2, 3, 2, 1)}


def _measure(name: str, **changes: Any) -> Measure:
    given = {
        "id": name, "title": name, "theme": "Made up", "lead": "Nobody", "source": "nobody", "return_name": "made_up",
        "unit": "people", "numerator": name,
    }  # fmt: skip
    return Measure.model_validate(given | changes)


def _policy(secret_shares: list[str], zeros: list[str], *, by_year: bool) -> Policy:
    def setting(value: bool, measures: list[str]) -> dict[str, Any]:
        return {"value": value, "starts": "2013-04-01", "set_by": "Board", "why": "Because", "measures": measures}

    changes = {"hide_everybody_or_nobody": [setting(False, [])], "hide_zeros": [setting(False, [])]}
    changes["partnerships_by_year"] = [setting(by_year, [])]
    if secret_shares:
        changes["hide_everybody_or_nobody"].append(setting(True, secret_shares))
    if zeros:
        changes["hide_zeros"].append(setting(True, zeros))
    return Policy.model_validate(policy().model_dump() | {"good_direction": []} | changes)


def history(seed: int) -> History:
    """A history of 1 to 8 releases of one kind of measure; the same seed gives the same."""
    random = np.random.default_rng(seed)
    size = int(random.choice([6, 10, 20], p=[0.6, 0.3, 0.1]))
    areas = AREAS[size]
    kind = str(random.choice(["count", "count", "given", "share", "secret share", "parts", "zeros", "limit"]))
    releases = int(random.integers(1, 9)) if size == 6 else int(random.integers(1, 4))
    restated, absent = float(random.uniform(0, 0.15)), float(random.choice([0, 0, 0.05]))
    mean, adds_up = float(random.choice(MEANS)), float(random.choice([1.0, 0.8]))
    measures = {
        "parts": [_measure("all", parts=[["one", "two"]]), _measure("one"), _measure("two")],
        "share": [_measure("one", kind="proportion", denominator="all"), _measure("all")],
        "secret share": [_measure("one", kind="proportion", denominator="all", aggregates_up=False)],
        "limit": [_measure("one", at_most="all"), _measure("all")],
        "given": [_measure("all", aggregates_up=False)],
    }.get(kind, [_measure("all", recorded_as="made up")])
    rules = _policy(
        ["one"] if kind == "secret share" else [],
        ["all"] if kind == "zeros" else [],
        by_year=np.random.default_rng([seed, 2]).random() < BY_YEAR,
    )
    registers = Registers("A board", tuple(measures), areas, rules, ())
    others = _Elsewhere(np.random.default_rng([seed, 1]), areas)
    has_others = kind == "count" and others.random.random() < 0.4
    is_given = kind in ("given", "secret share")
    places = _Places(areas, random, is_given, mean, adds_up, absent)
    senders = _Senders(np.random.default_rng([seed, 3]), areas, is_given)
    record, earlier = History(), list[DisclosedCounts]()
    secret = {"made_up.all"} if kind == "zeros" else {"made_up.one"} if kind == "secret share" else set()
    for number in range(releases):
        quarter = FIRST.plus(number + int(size == 10))
        places.next(quarters_between(FIRST, quarter), restated)
        true_amounts = _amounts(measures, areas, places.counts, quarter)
        amounts = senders.amounts(true_amounts)
        figures = others.figures(amounts) if has_others else []
        protected = protect_amounts(
            amounts, registers, DAY, f"release {number}", earlier, seed=random.bytes(32), elsewhere=figures
        )
        earlier.append(protected.disclosed)
        record.offered += protected.offered
        if protected.left_out:
            # To a reader it is as if there had been no such release.
            record.left_out += 1
            continue
        printed, true = _printed(measures, true_amounts, protected.amounts, is_given=is_given)
        record.printed.append(printed)
        record.truth.append(true)
        record.shown += protected.offered - protected.suppressed
    made_of = {code: _ways(areas, code) for code, area in areas.items() if area.members}
    record.knowledge = Knowledge(
        sums=sums_of_areas(record.printed, made_of, record.truth),
        whole_of=(("made_up.one", "made_up.all"),) if kind.endswith("share") else (),
        at_most=(("made_up.one", "made_up.all"),) if kind == "limit" else (),
        divisions=(("made_up.all", ("made_up.one", "made_up.two")),) if kind == "parts" else (),
        may_be_zero=frozenset(secret),
        unchanged={
            number: frozenset(cell for cell, count in now.items() if before.get(cell) == count)
            for number, (before, now) in enumerate(zip(record.truth, record.truth[1:], strict=False), start=1)
        },
        elsewhere=others.ranges(record.truth),
    )
    return record


def _ways(areas: Areas, code: str) -> tuple[tuple[str, ...], ...]:
    districts = areas[code].member_codes(FIRST.start)
    by_partnership = tuple(
        csp.code for csp in areas.csps if csp.code != code and set(csp.member_codes(FIRST.start)) <= set(districts)
    )
    covered = {member for csp in by_partnership for member in areas[csp].member_codes(FIRST.start)}
    if not by_partnership:
        return (districts,)
    return (districts, (*by_partnership, *(district for district in districts if district not in covered)))


@dataclass
class _Elsewhere:
    """What others publish of the districts' years of 20 and more: near the count that was true when they first did."""

    random: np.random.Generator
    areas: Areas
    theirs: dict[Cell, int] = field(default_factory=dict)

    def figures(self, amounts: dict[tuple[str, str, Span], Amount]) -> list[FigureElsewhere]:
        """All that they have published up to a release."""
        for (_, area, span), amount in amounts.items():
            cell = Cell("made_up.all", area, *span)
            is_published = span.after - span.first == 12 and self.areas[area].type is AreaType.DISTRICT
            if is_published and amount.number >= 20 and cell not in self.theirs:
                self.theirs[cell] = int(amount.number) + int(self.random.choice([-2, 0, 0, 0, 1]))
        return [
            FigureElsewhere(
                "made up", cell.area, date((cell.after - 1) // 12, (cell.after - 1) % 12 + 1, 28), theirs, theirs
            )
            for cell, theirs in self.theirs.items()
        ]

    def ranges(self, versions: list[dict[Cell, int]]) -> dict[int, dict[Cell, tuple[int, int]]]:
        """By release, where readers take its counts to be: no further off than any count of any release."""
        both = [(cell, true[cell]) for true in versions for cell in self.theirs if cell in true]
        furthest = max((abs(count - self.theirs[cell]) / self.theirs[cell] for cell, count in both), default=0)
        ranges = {
            cell: (ceil(theirs * (1 - furthest) - 1e-9), floor(theirs * (1 + furthest) + 1e-9))
            for cell, theirs in self.theirs.items()
        }
        return {
            number: {cell: ends for cell, ends in ranges.items() if cell in true}
            for number, true in enumerate(versions)
        }


@dataclass
class _Senders:
    """What senders withhold: counts of districts in some quarters, until they give them after all.

    Where larger areas are given as such, a sender withholds the partnership of one district as well, and no other.
    """

    random: np.random.Generator
    areas: Areas
    is_given: bool
    share: float = field(init=False)
    withheld: dict[tuple[str, Span], bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.share = 0.1 if self.random.random() < WITHHELD else 0.0

    def amounts(self, amounts: dict[tuple[str, str, Span], Amount]) -> dict[tuple[str, str, Span], Amount]:
        """The amounts of a release, without what is withheld then."""
        places = {(area, span) for _, area, span in amounts if self.areas[area].type is AreaType.DISTRICT}
        for place in sorted(places):
            if place[1].after - place[1].first == 3:
                given_now = place in self.withheld and self.random.random() < 0.3
                self.withheld[place] = not given_now and self.withheld.get(place, self.random.random() < self.share)
        return {
            key: Amount(Status.WITHHELD) if self._has_withheld(*key[1:]) else amount for key, amount in amounts.items()
        }

    def _has_withheld(self, area: str, span: Span) -> bool:
        districts = self.areas[area].member_codes(FIRST.start) or (area,)
        if self.is_given and len(districts) > 1:
            return False
        return any(
            self.withheld.get((district, Span(month, month + 3)), False)
            for district in districts
            for month in range(span.first, span.after, 3)
        )


@dataclass
class _Places:
    """The counts of ``one`` and ``two`` by area and quarter, as they are known."""

    areas: Areas
    random: np.random.Generator
    is_given: bool
    mean: float
    adds_up: float
    absent: float
    counts: dict[tuple[str, str, Quarter], int] = field(default_factory=dict)
    more: dict[tuple[str, str, Quarter], int] = field(default_factory=dict)

    def next(self, quarters: list[Quarter], restated: float) -> None:
        """A quarter later: new counts, and a share of the old ones restated."""
        for quarter in quarters:
            for district in self.areas.districts:
                for thing in ("one", "two"):
                    place = (thing, district.code, quarter)
                    if place in self.more or place in self.counts:
                        if place in self.counts and self.random.random() < restated:
                            self.counts[place] = max(0, self.counts[place] + int(self.random.choice([-1, 1, 2])))
                    elif self.random.random() < self.absent:
                        self.more[place] = 0
                    else:
                        self.counts[place] = int(self.random.poisson(self.mean * self.random.uniform(0.3, 1.7)))
            for area in (*self.areas.csps, self.areas.county):
                members = area.member_codes(quarter.start)
                for thing in ("one", "two"):
                    parts = [self.counts.get((thing, member, quarter)) for member in members]
                    place = (thing, area.code, quarter)
                    differs = self.is_given and len(members) > 1
                    if place not in self.more:
                        self.more[place] = int(differs and self.random.random() > self.adds_up)
                    if any(part is not None for part in parts):
                        self.counts[place] = sum(part or 0 for part in parts) + self.more[place]


def _amounts(
    measures: list[Measure], areas: Areas, counts: dict[tuple[str, str, Quarter], int], last: Quarter
) -> dict[tuple[str, str, Span], Amount]:
    amounts: dict[tuple[str, str, Span], Amount] = {}
    quarters = quarters_between(FIRST, last)
    for area in (*areas.districts, *areas.csps, areas.county):
        known = [q for q in quarters if ("one", area.code, q) in counts and ("two", area.code, q) in counts]
        spans = {Span.quarter(quarter): [quarter] for quarter in known}
        for until in {last, last.plus(-4)}:
            year = quarters_between(until.plus(-3), until)
            if set(year) <= set(known):
                spans[Span.year_to(until)] = year
        for span, of_span in spans.items():
            number = {thing: sum(counts[thing, area.code, quarter] for quarter in of_span) for thing in ("one", "two")}
            number["all"] = number["one"] + number["two"]
            for measure in measures:
                whole = float(number[measure.denominator]) if measure.denominator else float("nan")
                amounts[measure.id, area.code, span] = Amount(Status.REPORTED, float(number[measure.numerator]), whole)
    return amounts


def _printed(
    measures: list[Measure],
    amounts: dict[tuple[str, str, Span], Amount],
    shown: Any,
    *,
    is_given: bool,
) -> tuple[dict[Cell, int | None], dict[Cell, int]]:
    """What a release prints of each count, and the true counts."""
    printed: dict[Cell, int | None] = {}
    true: dict[Cell, int] = {}
    for measure in measures:
        for (name, area, span), amount in amounts.items():
            if name == measure.id:
                numbers = {measure.numerator: amount.number}
                if measure.denominator:
                    numbers[measure.denominator] = amount.out_of
                for thing, number in numbers.items():
                    cell = Cell(f"made_up.{thing}", area, *span)
                    status = shown[name, area, span].status
                    if status is Status.WITHHELD and not is_given:
                        # No sum has it, so that nobody knows anything of it.
                        continue
                    true[cell] = int(number)
                    match status:
                        case Status.WITHHELD:
                            mark(printed, cell, may_be_zero=True)
                        case Status.CONFIDENTIAL:
                            is_part = thing != measure.denominator and measure.kind == "proportion"
                            mark(printed, cell, may_be_zero=is_part)
                        case Status.BY_YEAR:
                            mark(printed, cell, may_be_zero=True)
                        case _:
                            printed[cell] = int(number)
    return printed, true
