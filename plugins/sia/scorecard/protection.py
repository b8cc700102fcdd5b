"""The amounts that a release may show: small counts hidden, and whatever would give them away.

Counts are protected (``disclosure``). Months are up for publication only of things of which no month is small in any
area: a series with holes would be judged by quarter anyway, and its months would cost quarters their cover. Money and
days follow the pattern of the counts that they belong to, as the means of the register say; money that nobody is
counted for, such as funding, is not confidential.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sia import geography
from sia.disclosure.additive import Cell, Division, Span, with_sums
from sia.disclosure.attack import Group
from sia.disclosure.reader_knowledge import Release
from sia.disclosure.suppression import loss, protect
from sia.geography import AreaType
from sia.registers.measures import Measure
from sia.registers.policy import Policy
from sia.scorecard.amounts import Amount, Held, Status

_WORTH = {AreaType.COUNTY.value: 3.0, AreaType.CSP.value: 2.0}
"""What a figure of an area is worth to the Board, against 1 for a district's."""


@dataclass(frozen=True)
class Protected:
    """What a release shows.

    ``amounts``: those that it shows, and the others as confidential. ``release``: what joins the account of what
    readers know; its hidden counts are secret. ``groups``: every sum that joins counts, of earlier releases too.
    """

    amounts: Held
    release: Release
    groups: tuple[Group[Cell], ...]
    offered: int
    suppressed: int

    @property
    def kept(self) -> float:
        """The share of the counts up for publication that are published; 1 where there are none."""
        return 1 - self.suppressed / self.offered if self.offered else 1.0


def protected(
    held: Held, measures: Sequence[Measure], policy: Policy, day: date, name: str, account: Sequence[Release] = ()
) -> Protected:
    """Hide what a release must not show.

    Args:
        held: all amounts.
        measures: the register.
        policy: thresholds, and whether zeros are hidden.
        day: the day of the release, whose settings hold.
        name: the release's name in the account.
        account: what earlier releases published and hid, oldest first.

    Raises:
        NotProtectable: earlier releases give a small count away whatever this one hides.
        ValueError: the figures contradict each other.
    """
    rests_on, thresholds = _rests_on(measures), _thresholds(measures, policy, day)
    counts = _counts(held, measures)
    small = _small_by_month(counts, measures, policy, day)
    counts = {cell: count for cell, count in counts.items() if not (_is_month(cell) and cell.counted in small)}
    every, sums = sums_among(counts, measures)
    then = [sums_among({**release.published, **release.hidden}, measures) for release in account]
    groups = tuple(dict.fromkeys(group for these in (sums, *(groups for _, groups in then)) for group in these))
    # What earlier counts left to be subtracted is part of what readers know of them.
    known = [
        Release(release.name, release.published, {c: n for c, n in cells.items() if c not in release.published})
        for release, (cells, _) in zip(account, then, strict=True)
    ]
    found = protect(
        every,
        groups,
        lambda cell: thresholds.get(cell.counted, policy.threshold("", day)),
        withheld=every.keys() - counts.keys(),
        account=known,
        hide_zeros=policy.zeros_hidden(day),
        cost=_loss,
    )

    def may_show(measure_id: str, area: str, span: Span, status: Status) -> bool:
        spans = [span]
        if status is Status.INCOMPLETE:
            # The sum of some of its months, which readers can add up where they see them.
            months = (Span(month, month + 1) for month in range(*span))
            spans = [month for month in months if (measure_id, area, month) in held]
        cells = [Cell(counted, area, each) for counted in rests_on[measure_id] for each in spans]
        return bool(spans) and all(cell in found.published for cell in cells)

    return Protected(
        amounts={
            key: amount if may_show(*key, amount.status) else Amount(Status.CONFIDENTIAL, synthetic=amount.synthetic)
            for key, amount in held.items()
        },
        release=Release(name, found.published, {cell: n for cell, n in counts.items() if cell not in found.published}),
        groups=groups,
        offered=len(counts),
        suppressed=len(found.hidden),
    )


def by_month(held: Held, measures: Sequence[Measure], policy: Policy, day: date) -> frozenset[str]:
    """The measures whose months are up for publication on a day, and that are therefore judged by month.

    It is asked of all amounts, so that a draft and its release judge by the same points; a month that a release hides
    nevertheless, to cover another count, is a gap.
    """
    small = _small_by_month(_counts(held, measures), measures, policy, day)
    return frozenset(measure_id for measure_id, counted in _rests_on(measures).items() if small.isdisjoint(counted))


def once_hidden(account: Sequence[Release], measures: Sequence[Measure]) -> frozenset[tuple[str, str, Span]]:
    """The amounts that earlier releases hid: by measure, area and span."""
    hidden = {cell for release in account for cell in release.hidden}
    measured_by = _measured_by(measures)
    return frozenset(
        (measure_id, cell.area, cell.span) for cell in hidden for measure_id in measured_by.get(cell.counted, ())
    )


def hidden_counts(release: Release, measures: Sequence[Measure]) -> dict[tuple[str, str], set[int]]:
    """The counts that a release hides, of all periods, by measure and area: secret."""
    measured_by = _measured_by(measures)
    found: dict[tuple[str, str], set[int]] = {}
    for cell, count in release.hidden.items():
        for measure_id in measured_by.get(cell.counted, ()):
            found.setdefault((measure_id, cell.area), set()).add(count)
    return found


def sums_among(
    counts: Mapping[Cell, int], measures: Sequence[Measure]
) -> tuple[dict[Cell, int], tuple[Group[Cell], ...]]:
    """The counts of a release with those that readers can subtract, and every sum that joins them.

    Raises:
        ValueError: periods or parts contradict each other.
    """
    given_as_such = {
        _key(measure, each) for measure in measures if not measure.aggregates_up for each in _counted(measure)
    }
    return with_sums(counts, divisions=_divisions(measures), not_rolled_up=given_as_such)


def _key(measure: Measure, counted: str) -> str:
    """What is counted, by a name that no other return uses."""
    return f"{measure.return_name}.{counted}"


def _counted(measure: Measure) -> tuple[str, ...]:
    """Which of a measure's numbers count people or incidents."""
    if measure.kind == "money":
        return ()
    if measure.denominator is None:
        return (measure.numerator,)
    return (measure.denominator,) if measure.kind == "mean" else (measure.numerator, measure.denominator)


def _rests_on(measures: Sequence[Measure]) -> dict[str, tuple[str, ...]]:
    """By measure, the counts without which its amounts are not shown."""
    belongs_to = {_key(each, each.numerator): _counted(each) for each in measures if each.kind == "mean"}
    return {
        measure.id: tuple(
            _key(measure, counted)
            for counted in _counted(measure) or belongs_to.get(_key(measure, measure.numerator), ())
        )
        for measure in measures
    }


def _measured_by(measures: Sequence[Measure]) -> dict[str, list[str]]:
    """By what is counted, the measures whose amounts rest on it."""
    found: dict[str, list[str]] = {}
    for measure_id, counted in _rests_on(measures).items():
        for each in counted:
            found.setdefault(each, []).append(measure_id)
    return found


def _counts(held: Held, measures: Sequence[Measure]) -> dict[Cell, int]:
    """Every count up for publication. That of an incomplete quarter is not: it is the sum of months that are."""
    by_id = {measure.id: measure for measure in measures}
    counts: dict[Cell, int] = {}
    for (measure_id, area, span), amount in held.items():
        measure = by_id[measure_id]
        numbers = {measure.denominator: amount.out_of, measure.numerator: amount.number}
        if amount.status is Status.REPORTED:
            counts |= {Cell(_key(measure, each), area, span): int(numbers[each]) for each in _counted(measure)}
    return counts


def _small_by_month(counts: Mapping[Cell, int], measures: Sequence[Measure], policy: Policy, day: date) -> set[str]:
    """Of what things a month is small in some area."""
    thresholds = _thresholds(measures, policy, day)
    least = 0 if policy.zeros_hidden(day) else 1
    return {
        cell.counted for cell, count in counts.items() if _is_month(cell) and least <= count < thresholds[cell.counted]
    }


def _is_month(cell: Cell) -> bool:
    return cell.span.after - cell.span.first == 1


def _divisions(measures: Sequence[Measure]) -> list[Division]:
    """What readers can subtract: parts from their whole, and the numerator of a proportion from its denominator."""
    parts = [
        Division(_key(measure, measure.numerator), tuple(_key(measure, part) for part in division))
        for measure in measures
        for division in measure.parts
    ]
    shares = [
        Division(_key(measure, str(measure.denominator)), (_key(measure, measure.numerator),))
        for measure in measures
        if measure.kind == "proportion" and measure.within
    ]
    return parts + shares


def _thresholds(measures: Sequence[Measure], policy: Policy, day: date) -> dict[str, int]:
    """By what is counted, the strictest threshold of the measures that count it; a rest has that of its whole."""
    found: dict[str, int] = {}
    for measure in measures:
        for counted in _counted(measure):
            key = _key(measure, counted)
            found[key] = max(found.get(key, 0), policy.threshold(measure.id, day))
    rests = {each.rest: found[each.whole] for each in _divisions(measures) if each.whole in found}
    return found | rests


def _loss(cell: Cell, count: int) -> float:
    """What hiding a count loses: the more, the larger the area; a month is a third of a quarter."""
    area = geography.areas().get(cell.area)
    worth = _WORTH.get(area.type.value, 1.0) if area else 1.0
    return loss(cell, count) * worth * min(1.0, (cell.span.after - cell.span.first) / 3)
