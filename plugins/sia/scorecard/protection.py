"""The amounts that a release may show: small counts hidden, and every count that would give one away.

Counts are protected (``disclosure``). Months are up for publication only of those things that are small in no month and
area: a series with gaps would be judged by quarter anyway, and its months would leave quarters without cover. Money and
days are hidden with the counts that they belong to, as the means of the register say. Money that is counted with
nobody, such as funding, is not confidential.

The policy leaves some measures to years: partnerships and districts have their twelve months only, because many of
their quarters are small. Such a quarter is not up for publication. It is protected all the same, because readers can
subtract.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2b
from math import ceil, isclose

from sia.disclosure.additive import DisclosureCell, Division, KnownRange, Limit, Span, with_sums
from sia.disclosure.attack import KnownSum
from sia.disclosure.reader_knowledge import DisclosedCounts
from sia.disclosure.suppression import NotProtectable, loss, protect
from sia.geography import Areas, AreaType
from sia.registers.measures import Measure
from sia.registers.policy import Policy
from sia.scorecard.amounts import Amount, AmountKey, AmountsByCell, Place, Status
from sia.scorecard.published_elsewhere import FigureElsewhere, components_elsewhere, ranges_elsewhere
from sia.scorecard.registers import Registers

AREA_WEIGHT = {AreaType.COUNTY: 6.0, AreaType.CSP: 3.0}
"""What a figure of an area is worth to the Board, compared with 1 for a district's."""

NEARLY_EQUAL = 0.5
"""By how much of its loss a cover may be dearer than another and be chosen all the same."""


@dataclass(frozen=True)
class ProtectedAmounts:
    """What a release shows.

    ``amounts``: those that it shows, and the others as confidential. ``disclosed``: what joins the knowledge of
    readers; its hidden counts are secret. ``sums``: every sum that joins its counts. ``left_out``: the measures of
    which nothing is shown because they could not be protected, and why, without values.
    """

    amounts: AmountsByCell
    disclosed: DisclosedCounts
    sums: tuple[KnownSum[DisclosureCell], ...]
    offered: int
    suppressed: int
    left_out: Mapping[str, str]

    @property
    def share_published(self) -> float:
        """The share of the counts up for publication that are published; 1 where there are none."""
        return 1 - self.suppressed / self.offered if self.offered else 1.0


def protect_amounts(
    amounts: AmountsByCell,
    registers: Registers,
    day: date,
    name: str,
    earlier: Sequence[DisclosedCounts] = (),
    *,
    seed: bytes,
    elsewhere: Collection[FigureElsewhere] = (),
) -> ProtectedAmounts:
    """Hide what a release must not show.

    Args:
        amounts: all amounts.
        registers: measures, areas, and the policy with its thresholds.
        day: the day of the release, whose settings apply.
        name: the release's name among those that readers know.
        earlier: what earlier releases published and hid, oldest first.
        seed: at most 64 bytes that nobody knows, the same if the release is rebuilt. It chooses among covers that lose
            almost as much, so that readers with this code cannot tell which counts would have been hidden like this.
        elsewhere: what others publish of the same counts.

    Raises:
        ValueError: the figures contradict each other.
    """
    measures, policy = registers.measures, registers.policy
    components, thresholds = _components(measures), _thresholds(measures, policy, day)
    default = policy.threshold("", day)
    counts = _counts(amounts, measures, registers.areas)
    small = _small_by_month(counts, measures, policy, day)
    counts = {cell: count for cell, count in counts.items() if not (_is_month(cell) and cell.component in small)}
    left_to_years = _left_to_years(counts, measures, registers.areas, policy, day)
    hides_zeros = _hides_zeros(measures, policy, day)
    versions = [*(release.counts for release in earlier), counts]
    ranges = ranges_elsewhere(elsewhere, versions, components_elsewhere(measures), registers.areas)
    thresholds |= _not_protected(ranges)
    family_of = _families(measures)
    published: dict[DisclosureCell, int] = {}
    sums: list[KnownSum[DisclosureCell]] = []
    left_out: dict[str, str] = {}
    for family, of_family in _by_family(counts, family_of).items():
        cells, sums_here = sums_among(of_family, measures, registers.areas, ranges)
        before = [_of_family(release, family, family_of) for release in earlier]
        sums += sums_here
        try:
            protection = protect(
                cells,
                sums_here,
                lambda cell: thresholds.get(cell.component, default),
                withheld=cells.keys() - (of_family.keys() - left_to_years),
                earlier=[with_what_can_be_subtracted(release, measures, registers.areas, ranges) for release in before],
                hides_zeros=lambda cell: cell.component in hides_zeros,
                cost=chance_cost(registers.areas, seed),
                elsewhere=_among_ends(ranges),
            )
            published |= protection.published
        except NotProtectable as error:
            # Nothing of it is shown, so that this release adds nothing to what earlier ones gave away.
            left_out[family] = str(error)

    offered = counts.keys() - left_to_years
    return ProtectedAmounts(
        amounts=_shown_amounts(amounts, registers, day, published),
        disclosed=DisclosedCounts(
            name,
            published,
            hidden={cell: counts[cell] for cell in counts if cell in offered and cell not in published},
            unprinted={cell: counts[cell] for cell in counts if cell in left_to_years},
        ),
        sums=tuple(sums),
        offered=len(offered),
        suppressed=len(offered) - len(published),
        left_out={
            measure_id: left_out[family_of[component]]
            for measure_id, counted in components.items()
            for component in counted
            if family_of[component] in left_out
        },
    )


def with_own_amounts(
    amounts: AmountsByCell,
    registers: Registers,
    day: date,
    release: DisclosedCounts,
    others: Sequence[DisclosedCounts],
    own: Collection[str],
    *,
    seed: bytes,
    elsewhere: Collection[FigureElsewhere] = (),
) -> tuple[AmountsByCell, frozenset[DisclosureCell]]:
    """The amounts of a release for readers who may see every count of their own areas, and nobody else's small ones.

    A count of their own stays hidden where it would give away a small count of another area.

    Args:
        amounts: all amounts, as known at the release.
        registers: measures, areas, and the policy with its thresholds.
        day: the day of the release, whose settings apply.
        release: what the release publishes and hides.
        others: what else these readers know, oldest first: other releases, with the counts that they saw of their own.
        own: the codes of their areas.
        seed: that of the release.
        elsewhere: what others publish of the same counts.

    Returns:
        The amounts, and the counts that they show and the release hides.

    Raises:
        ValueError: the figures contradict each other.
    """
    measures, policy = registers.measures, registers.policy
    thresholds, default = _thresholds(measures, policy, day), policy.threshold("", day)
    hides_zeros, family_of = _hides_zeros(measures, policy, day), _families(measures)
    versions = [disclosed.counts for disclosed in (*others, release)]
    ranges = ranges_elsewhere(elsewhere, versions, components_elsewhere(measures), registers.areas)
    thresholds |= _not_protected(ranges)
    shown: set[DisclosureCell] = set()
    for family, of_family in _by_family(release.counts, family_of).items():
        cells, sums_here = sums_among(of_family, measures, registers.areas, ranges)
        known = [_of_family(disclosed, family, family_of) for disclosed in (*others, release)]
        try:
            protection = protect(
                cells,
                sums_here,
                lambda cell: 0 if cell.area in own else thresholds.get(cell.component, default),
                withheld=[cell for cell in cells if not (cell in of_family and cell.area in own)],
                earlier=[
                    with_what_can_be_subtracted(disclosed, measures, registers.areas, ranges) for disclosed in known
                ],
                hides_zeros=lambda cell: cell.component in hides_zeros and cell.area not in own,
                cost=chance_cost(registers.areas, seed),
                elsewhere=_among_ends(ranges),
            )
        except NotProtectable:
            # With what these readers know already, any count more might give one away.
            continue
        shown |= protection.published.keys() - release.published.keys()
    published = release.published.keys() | shown
    return _shown_amounts(amounts, registers, day, published, own), frozenset(shown)


def _shown_amounts(
    amounts: AmountsByCell,
    registers: Registers,
    day: date,
    published: Collection[DisclosureCell],
    own: Collection[str] = (),
) -> AmountsByCell:
    """All amounts: as confidential, or left to years, where a count that they need is not published.

    What the sender withheld we do not know ourselves. Nothing of ``own`` areas is left to years.
    """
    components = _components(registers.measures)
    by_year = _by_year(registers.measures, registers.policy, day)

    def may_show(measure_id: str, area: str, span: Span, status: Status) -> bool:
        spans = [span]
        if status is Status.INCOMPLETE:
            # The sum of some of its months, which readers can add up where they see them.
            months = (Span(month, month + 1) for month in range(*span))
            spans = [month for month in months if (measure_id, area, month) in amounts]
        needed = [DisclosureCell(counted, area, part) for counted in components[measure_id] for part in spans]
        return bool(spans) and all(cell in published for cell in needed)

    def shown(key: AmountKey, amount: Amount) -> Amount:
        measure_id, area, span = key
        if amount.status is Status.WITHHELD:
            return amount
        if measure_id in by_year and area not in own and _is_part_of_year(registers.areas, area, span):
            return Amount(Status.BY_YEAR, synthetic=amount.synthetic)
        return amount if may_show(*key, amount.status) else Amount(Status.CONFIDENTIAL, synthetic=amount.synthetic)

    return {key: shown(key, amount) for key, amount in amounts.items()}


def measures_by_month(amounts: AmountsByCell, registers: Registers, day: date) -> frozenset[str]:
    """The measures whose months are up for publication on a day, and that are therefore judged by month.

    It depends on all amounts, so that a draft and its release judge by the same points. A month that a release hides
    nevertheless, to cover another count, is a gap.
    """
    measures = registers.measures
    small = _small_by_month(_counts(amounts, measures, registers.areas), measures, registers.policy, day)
    return frozenset(measure_id for measure_id, counted in _components(measures).items() if small.isdisjoint(counted))


def hides_nothing(measure: Measure, registers: Registers, day: date) -> bool:
    """Whether no release can hide a figure of a measure: no count of it, or that sums join with it, has a threshold.

    Only such figures may be seen before a release. What a release hides depends on its secret seed, so the two together
    could give a hidden count away.
    """
    measures, policy = registers.measures, registers.policy
    family_of = _families(measures)
    own = {family_of[component] for component in _components(measures)[measure.id]}
    thresholds = _thresholds(measures, policy, day)
    may_be_hidden = {component for component, least in thresholds.items() if least > 1}
    may_be_hidden |= _hides_zeros(measures, policy, day)
    return own.isdisjoint(family_of.get(component, component) for component in may_be_hidden)


def once_hidden(earlier: Sequence[DisclosedCounts], measures: Sequence[Measure]) -> frozenset[AmountKey]:
    """The amounts that earlier releases did not show: by measure, area and span."""
    hidden = {cell for release in earlier for cell in release.secret}
    measured_by = _measured_by(measures)
    return frozenset(
        (measure_id, cell.area, cell.span) for cell in hidden for measure_id in measured_by.get(cell.component, ())
    )


def hidden_counts(release: DisclosedCounts, measures: Sequence[Measure]) -> dict[Place, set[int]]:
    """The counts that a release does not show, of all periods, by measure and area: secret."""
    measured_by = _measured_by(measures)
    counts: dict[Place, set[int]] = {}
    for cell, count in release.secret.items():
        for measure_id in measured_by.get(cell.component, ()):
            counts.setdefault((measure_id, cell.area), set()).add(count)
    return counts


def sums_among(
    counts: Mapping[DisclosureCell, int],
    measures: Sequence[Measure],
    areas: Areas,
    ranges: Collection[KnownRange] = (),
) -> tuple[dict[DisclosureCell, int], tuple[KnownSum[DisclosureCell], ...]]:
    """The counts of a release with those that readers can subtract, and every sum that joins them.

    Raises:
        ValueError: periods or parts contradict each other.
    """
    given_as_such = {
        _key(measure, component) for measure in measures if not measure.aggregates_up for component in _counted(measure)
    }
    return with_sums(
        counts,
        areas,
        divisions=_divisions(measures),
        limits=_limits(measures),
        given_as_such=given_as_such,
        ranges=ranges,
    )


def with_what_can_be_subtracted(
    release: DisclosedCounts, measures: Sequence[Measure], areas: Areas, ranges: Collection[KnownRange] = ()
) -> DisclosedCounts:
    """An earlier release with the counts that its own left to be subtracted, and the sums that join them all."""
    cells, sums = sums_among(release.counts, measures, areas, ranges)
    unprinted = {cell: count for cell, count in cells.items() if not release.prints(cell)}
    return replace(release, unprinted=unprinted, sums=sums)


def _key(measure: Measure, component: str) -> str:
    """A component, by a name that no other return uses."""
    return f"{measure.return_name}.{component}"


def _counted(measure: Measure) -> tuple[str, ...]:
    """Which of a measure's components count people or incidents."""
    if measure.kind == "money" or measure.is_share_of_money:
        return ()
    if measure.denominator is None:
        return (measure.numerator,)
    return (measure.denominator,) if measure.kind == "mean" else (measure.numerator, measure.denominator)


def _components(measures: Sequence[Measure]) -> dict[str, tuple[str, ...]]:
    """By measure, the counts without which its amounts are not shown."""
    of_mean = {_key(mean, mean.numerator): _counted(mean) for mean in measures if mean.kind == "mean"}
    return {
        measure.id: tuple(
            _key(measure, component)
            for component in _counted(measure) or of_mean.get(_key(measure, measure.numerator), ())
        )
        for measure in measures
    }


def _measured_by(measures: Sequence[Measure]) -> dict[str, list[str]]:
    """By component, the measures whose amounts are not shown without it."""
    measured_by: dict[str, list[str]] = {}
    for measure_id, components in _components(measures).items():
        for component in components:
            measured_by.setdefault(component, []).append(measure_id)
    return measured_by


def _counts(amounts: AmountsByCell, measures: Sequence[Measure], areas: Areas) -> dict[DisclosureCell, int]:
    """Every count up for publication. That of an incomplete quarter is not: it is the sum of months that are.

    Weighted and baseline figures have decimals. They are protected as the next whole number, in each quarter and area,
    and longer periods and larger areas as the sum of those if they are the sum of the figures.
    """
    by_id = {measure.id: measure for measure in measures}
    figures: dict[DisclosureCell, float] = {}
    for (measure_id, area, span), amount in amounts.items():
        measure = by_id[measure_id]
        if amount.status is Status.REPORTED:
            for component in _counted(measure):
                number = amount.number if component == measure.numerator else amount.out_of
                figures[DisclosureCell(_key(measure, component), area, span)] = number
    return _rounded_up(figures, areas)


def _rounded_up(figures: Mapping[DisclosureCell, float], areas: Areas) -> dict[DisclosureCell, int]:
    counts = {cell: ceil(number) for cell, number in figures.items()}
    decimal = {cell.component for cell, number in figures.items() if counts[cell] != number}
    of_decimal = [cell for cell in figures if cell.component in decimal]
    for kind in (AreaType.CSP, AreaType.COUNTY, AreaType.SERVICE):
        for cell in [cell for cell in of_decimal if cell.area in areas and areas[cell.area].type is kind]:
            parts = [cell._replace(area=code) for code in areas[cell.area].member_codes(cell.span.start)]
            known = [part for part in parts if part in figures]
            if len(known) == len(parts) and isclose(figures[cell], sum(figures[part] for part in parts)):
                counts[cell] = sum(counts[part] for part in parts)
    for cell in sorted(of_decimal, key=lambda cell: cell.span.after - cell.span.first):
        quarters = [Span(month, month + 3) for month in range(cell.span.first, cell.span.after, 3)]
        parts = [cell._replace(span=quarter) for quarter in quarters]
        if len(parts) > 1 and all(part in counts for part in parts):
            counts[cell] = sum(counts[part] for part in parts)
    return counts


def _families(measures: Sequence[Measure]) -> dict[str, str]:
    """By component, the first of those that sums over parts join with it: no sum joins two families."""
    first: dict[str, str] = {}
    for measure in measures:
        for component in _counted(measure):
            first.setdefault(_key(measure, component), _key(measure, component))
    divisions = [[division.whole, division.rest, *division.parts] for division in _divisions(measures)]
    for members in [*divisions, *map(list, _limits(measures))]:
        joined = {first.setdefault(member, member) for member in members}
        first |= {component: min(joined) for component, family in first.items() if family in joined}
    return first


def _by_family(
    counts: Mapping[DisclosureCell, int], family_of: Mapping[str, str]
) -> dict[str, dict[DisclosureCell, int]]:
    families: dict[str, dict[DisclosureCell, int]] = {}
    for cell, count in counts.items():
        families.setdefault(family_of[cell.component], {})[cell] = count
    return families


def _of_family(release: DisclosedCounts, family: str, family_of: Mapping[str, str]) -> DisclosedCounts:
    """What a release says of a family of components."""

    def own(counts: Mapping[DisclosureCell, int]) -> dict[DisclosureCell, int]:
        return {cell: count for cell, count in counts.items() if family_of.get(cell.component) == family}

    return replace(
        release,
        published=own(release.published),
        hidden=own(release.hidden),
        unprinted=own(release.unprinted),
    )


def _by_year(measures: Sequence[Measure], policy: Policy, day: date) -> frozenset[str]:
    """The measures of which partnerships and districts have twelve months only."""
    return frozenset(measure.id for measure in measures if policy.by_year(measure.id, day))


def _is_part_of_year(areas: Areas, area: str, span: Span) -> bool:
    """Whether a span is shorter than a year, in an area that has years only."""
    return span.after - span.first < 12 and area in areas and areas[area].type in {AreaType.CSP, AreaType.DISTRICT}


def _left_to_years(
    counts: Collection[DisclosureCell], measures: Sequence[Measure], areas: Areas, policy: Policy, day: date
) -> frozenset[DisclosureCell]:
    """The counts that are not up for publication, because every measure that counts them is left to years."""
    by_year = _by_year(measures, policy, day)
    measured_by = _measured_by(measures)
    return frozenset(
        cell
        for cell in counts
        if _is_part_of_year(areas, cell.area, cell.span) and by_year.issuperset(measured_by[cell.component])
    )


def _small_by_month(
    counts: Mapping[DisclosureCell, int], measures: Sequence[Measure], policy: Policy, day: date
) -> set[str]:
    """The components of which a month is small in some area."""
    thresholds, hides_zeros = _thresholds(measures, policy, day), _hides_zeros(measures, policy, day)
    return {
        cell.component
        for cell, count in counts.items()
        if _is_month(cell) and count < thresholds[cell.component] and (count or cell.component in hides_zeros)
    }


def _is_month(cell: DisclosureCell) -> bool:
    return cell.span.after - cell.span.first == 1


def _divisions(measures: Sequence[Measure]) -> list[Division]:
    """What readers can subtract: parts from their whole, and the numerator of a proportion from its denominator."""
    parts = [
        Division(_key(measure, measure.numerator), tuple(_key(measure, part) for part in division))
        for measure in measures
        for division in measure.parts
    ]
    shares = [
        Division(_key(measure, str(measure.denominator)), (_key(measure, measure.numerator),), leaves_rest=True)
        for measure in measures
        if measure.is_share_of_whole
    ]
    return parts + shares


def _limits(measures: Sequence[Measure]) -> list[Limit]:
    """What readers know to be never more than something else."""
    return [
        Limit(_key(measure, measure.numerator), _key(measure, measure.at_most))
        for measure in measures
        if measure.at_most
    ]


def _thresholds(measures: Sequence[Measure], policy: Policy, day: date) -> dict[str, int]:
    """By component, the strictest threshold of the measures that count it; a rest has that of its whole.

    We do not protect by how much something is below its limit: it counts nothing.
    """
    thresholds: dict[str, int] = {}
    for measure in measures:
        for component in _counted(measure):
            key = _key(measure, component)
            thresholds[key] = max(thresholds.get(key, 0), policy.threshold(measure.id, day))
    rests = {
        division.rest: thresholds[division.whole] for division in _divisions(measures) if division.whole in thresholds
    }
    return thresholds | rests | {limit.slack: 0 for limit in _limits(measures)}


def _not_protected(ranges: Collection[KnownRange]) -> dict[str, int]:
    """The thresholds of what others publish, and of how far it is from our counts: we protect neither."""
    return {cell.component: 0 for known in ranges for cell in (*known.ends, *known.slacks)}


def _among_ends(ranges: Collection[KnownRange]) -> Callable[[DisclosureCell], bool]:
    """Whether others publish a cell, in whichever release it is."""
    ends = {end for known in ranges for end in known.ends}
    return lambda cell: cell._replace(release="") in ends


def _hides_zeros(measures: Sequence[Measure], policy: Policy, day: date) -> set[str]:
    """The components of which zeros are hidden: those of a measure whose zeros are, and what they leave of others.

    Where everybody or nobody would say something of each person, both 0 and what is left of all are hidden if 0.
    """
    hidden: set[str] = set()
    for measure in measures:
        if policy.zeros_hidden(measure.id, day):
            hidden.update(_key(measure, component) for component in _counted(measure))
        if measure.is_share_of_whole and policy.everybody_or_nobody_hidden(measure.id, day):
            part, whole = (_key(measure, component) for component in _counted(measure))
            hidden |= {part, Division(whole, (part,)).rest}
    return hidden | {division.rest for division in _divisions(measures) if division.whole in hidden}


def chance_cost(areas: Areas, seed: bytes) -> Callable[[DisclosureCell, int], float]:
    """What hiding a count loses: the more, the larger the area; a month is a third of a quarter.

    By chance it is up to half as much again, by the seed and the cell.

    Args:
        areas: the register of areas.
        seed: at most 64 bytes.
    """

    def cost(cell: DisclosureCell, count: int) -> float:
        area = areas.get(cell.area)
        weight = AREA_WEIGHT.get(area.type, 1.0) if area else 1.0
        drawn = blake2b(repr(cell).encode(), key=seed, digest_size=8).digest()
        chance = 1 + NEARLY_EQUAL * int.from_bytes(drawn) / 2**64
        return chance * loss(cell, count) * weight * min(1.0, (cell.span.after - cell.span.first) / 3)

    return cost
