"""The sums that join published counts: over areas, over time, over the parts of what is counted.

Periods are spans of months, so that a rolling year that ends in March is the financial year, and the year to date in
June is the first quarter: one cell each, whatever it is called. Spans that share beginnings and ends can be
subtracted from each other; what that gives is a cell too, even where nobody lists it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from math import inf
from typing import NamedTuple, Self

from sia.calendar import Quarter
from sia.disclosure.attack import KnownSum
from sia.geography import Area, Areas, AreaType


class Span(NamedTuple):
    """Whole months: counted from January of year 0, the first and the one after the last."""

    first: int
    after: int

    @classmethod
    def months(cls, start: date, months: int) -> Self:
        """So many months from the month of ``start``."""
        first = start.year * 12 + start.month - 1
        return cls(first, first + months)

    @classmethod
    @lru_cache(maxsize=1024)
    def quarter(cls, quarter: Quarter) -> Self:
        """A quarter's three months."""
        return cls.months(quarter.start, 3)

    @classmethod
    def year_to(cls, quarter: Quarter) -> Self:
        """The twelve months that end with a quarter."""
        return cls.months(quarter.plus(-3).start, 12)

    @classmethod
    def year_to_date(cls, quarter: Quarter) -> Self:
        """The financial year as far as a quarter's end."""
        return cls.months(Quarter(quarter.year, 1).start, 3 * quarter.number)

    @property
    def start(self) -> date:
        """The first day."""
        return date(self.first // 12, self.first % 12 + 1, 1)

    def __str__(self) -> str:
        first, last = (f"{month // 12}-{month % 12 + 1:02d}" for month in (self.first, self.after - 1))
        return first if first == last else f"{first} to {last}"


class DisclosureCell(NamedTuple):
    """A count of one component, in one area, over some months.

    ``release`` names the earlier release that had this count, where it has been restated since.
    """

    component: str
    area: str
    span: Span
    release: str = ""

    def __str__(self) -> str:
        return f"{self.component}, {self.area}, {self.span}{self.release and f' (as of {self.release})'}"


class Division(NamedTuple):
    """What is counted, and parts of it that do not overlap; what they leave of it is its ``rest``.

    ``leaves_rest``: readers do not know that nothing is left, even where nothing is.
    """

    whole: str
    parts: tuple[str, ...]
    leaves_rest: bool = False

    @property
    def rest(self) -> str:
        """What is neither of the parts."""
        return f"{self.whole} but {', '.join(self.parts)}"


class Limit(NamedTuple):
    """What is never more than another thing, and yet no part of it that could be subtracted: clients of one service."""

    least: str
    most: str

    @property
    def slack(self) -> str:
        """By how much it is less: no count of anything."""
        return f"{self.most} beyond {self.least}"


class KnownRange(NamedTuple):
    """The smallest and the largest that a count can be, by what others publish of it."""

    cell: DisclosureCell
    least: int
    most: int

    @property
    def ends(self) -> tuple[DisclosureCell, DisclosureCell]:
        """The two ends as counts that readers have."""
        component = self.cell.component
        return (
            self.cell._replace(component=f"least of {component}"),
            self.cell._replace(component=f"most of {component}"),
        )

    @property
    def slacks(self) -> tuple[DisclosureCell, DisclosureCell]:
        """How far the count is from each end: no counts of anything."""
        component = self.cell.component
        return (
            self.cell._replace(component=f"{component} above its least"),
            self.cell._replace(component=f"{component} below its most"),
        )


def with_sums(
    counts: Mapping[DisclosureCell, int],
    areas: Areas,
    *,
    divisions: Collection[Division] = (),
    limits: Collection[Limit] = (),
    given_as_such: Collection[str] = (),
    ranges: Collection[KnownRange] = (),
) -> tuple[dict[DisclosureCell, int], tuple[KnownSum[DisclosureCell], ...]]:
    """The counts, with those that subtraction gives, and every sum that joins them.

    Args:
        counts: what is known; no cell where nothing is.
        areas: the register of areas.
        divisions: what is counted and parts of it, once for each way of dividing it (reasons, kinds).
        limits: what is never more than something else. Where the figures are larger, readers know of none.
        given_as_such: what partners count for larger areas, rather than our sums. Larger areas are sums there too
            wherever the figures add up or leave something over, and a partnership of one district is that district.
        ranges: what others publish of the counts. Where a count is outside its range, readers know of none.

    Returns:
        All cells, those that are not in ``counts`` being the ones to withhold; and the sums.

    Raises:
        ValueError: periods, parts or areas contradict each other.
    """
    cells = dict(counts)
    groups = _over_time(cells)
    groups += _over_areas(cells, areas, given_as_such)
    groups += _over_parts(cells, areas, divisions)
    groups += _under_limits(cells, limits)
    groups += _within_ranges(cells, ranges)
    return cells, tuple(groups)


def _over_time(cells: dict[DisclosureCell, int]) -> list[KnownSum[DisclosureCell]]:
    """Each span as the sum of the shortest steps between the beginnings and ends that spans join."""
    spans: dict[tuple[str, str], list[DisclosureCell]] = defaultdict(list)
    for cell in cells:
        spans[cell.component, cell.area].append(cell)
    groups = []
    for (component, area), members in spans.items():
        for reach in _running_totals(members, cells):
            steps = [DisclosureCell(component, area, Span(*step)) for step in pairwise(sorted(reach))]
            for step in steps:
                count = reach[step.span.after] - reach[step.span.first]
                if count < 0 or cells.setdefault(step, count) != count:
                    raise ValueError(f"periods contradict each other: {step}")
            for cell in members:
                inside = tuple(
                    step for step in steps if cell.span.first <= step.span.first and step.span.after <= cell.span.after
                )
                if cell.span.first in reach and len(inside) > 1:
                    groups.append(KnownSum(cell, inside))
    return groups


def _running_totals(members: Collection[DisclosureCell], cells: Mapping[DisclosureCell, int]) -> list[dict[int, int]]:
    """For each set of months that spans join: the count up to each, from an arbitrary start.

    Raises:
        ValueError: two ways round give two counts.
    """
    steps: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for cell in members:
        steps[cell.span.first].append((cell.span.after, cells[cell]))
        steps[cell.span.after].append((cell.span.first, -cells[cell]))
    totals: list[dict[int, int]] = []
    seen: set[int] = set()
    for origin in steps:
        if origin in seen:
            continue
        reach, waiting = {origin: 0}, [origin]
        while waiting:
            month = waiting.pop()
            for other, count in steps[month]:
                if other not in reach:
                    reach[other] = reach[month] + count
                    waiting.append(other)
                elif reach[other] != reach[month] + count:
                    raise ValueError(f"periods contradict each other: {next(iter(members))}")
        seen |= reach.keys()
        totals.append(reach)
    return totals


def _over_areas(
    cells: dict[DisclosureCell, int], areas: Areas, given_as_such: Collection[str]
) -> list[KnownSum[DisclosureCell]]:
    groups = []
    for cell in list(cells):
        area = areas.get(cell.area)
        if area is None or not area.members:
            continue
        members = area.member_codes(cell.span.start)
        last_month = Span(cell.span.after - 1, cell.span.after).start
        if members != area.member_codes(last_month):
            continue
        parts = [cell._replace(area=member) for member in members]
        is_given = cell.component in given_as_such
        if not is_given:
            groups += _sum(cells, cell, parts, cell._replace(area=f"rest of {cell.area}"))
        if is_given or any(part not in cells for part in parts):
            groups += _sums_that_hold(cells, cell, parts, areas)
    return list(dict.fromkeys(groups))


def _sums_that_hold(
    cells: dict[DisclosureCell, int], total: DisclosureCell, districts: Sequence[DisclosureCell], areas: Areas
) -> list[KnownSum[DisclosureCell]]:
    """An area by its districts, and by larger areas inside it, if that is not too much.

    It is asked where larger areas are given as such, or the count of a district is missing.

    Raises:
        ValueError: a partnership of one district has another count than its district.
    """
    if len(districts) == 1 and districts[0] in cells and cells[districts[0]] != cells[total]:
        raise ValueError(f"a partnership of one district differs from it: {total}")
    groups: dict[frozenset[DisclosureCell], list[KnownSum[DisclosureCell]]] = {}
    for kind in (AreaType.DISTRICT, AreaType.CSP, AreaType.COUNTY):
        parts = _parts_known(cells, total, districts, areas.of_type(kind))
        if frozenset(parts) not in groups and sum(cells[part] for part in parts) <= cells[total]:
            by = "" if kind is AreaType.DISTRICT else f" by {kind}"
            rest = total._replace(area=f"rest of {total.area}{by}")
            groups[frozenset(parts)] = _sum(cells, total, parts, rest)
    return [group for same_parts in groups.values() for group in same_parts]


def _parts_known(
    cells: Mapping[DisclosureCell, int],
    total: DisclosureCell,
    districts: Sequence[DisclosureCell],
    larger: Collection[Area],
) -> list[DisclosureCell]:
    """The parts of an area of which there is a count, none in another: larger areas first, then districts."""
    left = {district.area: district for district in districts}
    parts = []
    for area in larger:
        members, part = area.member_codes(total.span.start), total._replace(area=area.code)
        if part != total and part in cells and left.keys() >= {*members}:
            parts.append(part)
            for member in members:
                del left[member]
    return parts + [district for district in left.values() if district in cells]


def _over_parts(
    cells: dict[DisclosureCell, int], areas: Areas, divisions: Collection[Division]
) -> list[KnownSum[DisclosureCell]]:
    groups = []
    for division in divisions:
        for cell in [cell for cell in cells if cell.component == division.whole]:
            parts = [cell._replace(component=part) for part in division.parts]
            other = cell._replace(component=division.rest)
            if cell.area not in areas and sum(cells.get(part, 0) for part in parts) > cells[cell]:
                # What areas given as such leave of a larger one is not an area, and need not hold its own parts.
                continue
            groups += _sum(cells, cell, parts, other, leaves_rest=division.leaves_rest)
    return groups


def _under_limits(cells: dict[DisclosureCell, int], limits: Collection[Limit]) -> list[KnownSum[DisclosureCell]]:
    groups = []
    for limit in limits:
        for cell in [cell for cell in cells if cell.component == limit.most]:
            part = cell._replace(component=limit.least)
            if cells.get(part, inf) <= cells[cell]:
                slack = cell._replace(component=limit.slack)
                groups += _sum(cells, cell, [part], slack, leaves_rest=True)
    return groups


def _within_ranges(cells: dict[DisclosureCell, int], ranges: Collection[KnownRange]) -> list[KnownSum[DisclosureCell]]:
    groups = []
    for known in ranges:
        if known.least <= cells.get(known.cell, -1) <= known.most:
            (least, most), (above, below) = known.ends, known.slacks
            cells |= {least: known.least, most: known.most}
            groups += _sum(cells, known.cell, [least], above, leaves_rest=True)
            groups += _sum(cells, most, [known.cell], below, leaves_rest=True)
    return groups


def _sum(
    cells: dict[DisclosureCell, int],
    total: DisclosureCell,
    parts: Collection[DisclosureCell],
    other: DisclosureCell,
    *,
    leaves_rest: bool = False,
) -> list[KnownSum[DisclosureCell]]:
    """The sum of the parts that are known; what they leave of the total, if anything, is one more.

    Raises:
        ValueError: the parts are more than the total.
    """
    known = [part for part in parts if part in cells]
    rest = cells[total] - sum(cells[part] for part in known)
    if not known:
        return []
    if rest < 0:
        raise ValueError(f"the parts are more than the total: {total}")
    if rest > 0 or leaves_rest:
        cells[other] = rest
        known.append(other)
    return [KnownSum(total, tuple(known))]
