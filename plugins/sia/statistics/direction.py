"""Direction of travel: what a series says about its last twelve months, in a word and in sentences.

The change from earlier years decides (``statistics.change``). The control chart is the picture: the figures, without
their season where it is known, and their usual range. It neither makes a direction nor overrules one.
``docs/statistics.md`` gives the reasons.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite, isnan, nan

from sia.statistics.change import Change, Comparison, Quantity, judge_change
from sia.statistics.comparison import GoodDirection
from sia.statistics.control_chart import ControlChart, Rule, Side, Signal, control_chart
from sia.statistics.intervals import half_up
from sia.statistics.method import Method


class Direction(StrEnum):
    """What a series does.

    ``TOO_FEW``: not even a large change could be seen. ``HIDDEN``: disclosure control hides what it would rest on.
    ``METHODS_DISAGREE``: the twelve months went one way, and the last quarter the other. ``CHECK_RECORDING``: so large
    an improvement is rarely real.
    """

    IMPROVING = "improving"
    DETERIORATING = "deteriorating"
    NO_CLEAR_TREND = "no_clear_trend"
    TOO_FEW = "too_few"
    NOT_ENOUGH_DATA = "not_enough_data"
    HIDDEN = "hidden"
    METHODS_DISAGREE = "methods_disagree"
    CHECK_RECORDING = "check_recording"
    NO_JUDGEMENT = "no_judgement"


@dataclass(frozen=True, slots=True)
class Period:
    """A month or quarter of a series, by its label.

    ``value``: the figure in the unit of the chart. ``number`` and ``exposure``: what the figure is made from, as
    ``judge_change`` takes them. NaN where there is none. ``length``: in days where the value grows with them, else 1.
    ``set_aside``: not a period to compare with. ``hidden``: disclosure control hides its figure.
    """

    label: str
    value: float
    number: float
    exposure: float
    length: float = 1.0
    set_aside: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Break:
    """A dated change after which figures cannot be compared with earlier ones: the period it begins with, and why."""

    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the methods find in a series, before a direction is concluded.

    ``chart`` shows the values without their season (``adjusted``). ``start``: the index of the first period after the
    last break. ``only_set_aside``: whether earlier years have no periods but those set aside. ``years``: the last two
    years, where more than the figures of periods is known of them.
    """

    periods: tuple[Period, ...]
    per_year: int
    quantity: Quantity
    start: int
    broken: Break | None
    change: Change
    chart: ControlChart
    season: tuple[float, ...]
    method: Method
    only_set_aside: bool
    years: Comparison | None

    @property
    def chance(self) -> float:
        """How often chance alone would show so much; NaN where nothing can be judged."""
        return nan if isnan(self.periods[-1].value) else self.change.chance


@dataclass(frozen=True, slots=True)
class Verdict:
    """A direction with its reasons.

    ``moving``: ``HIGH`` rising, ``LOW`` falling, ``None`` neither or not known. ``explanation``: sentences for people.
    ``points``: the periods that show the change, by index.
    """

    direction: Direction
    moving: Side | None
    explanation: str
    points: tuple[int, ...]


def assess(
    periods: Sequence[Period],
    per_year: int,
    *,
    quantity: Quantity = Quantity.COUNT,
    breaks: Collection[Break] = (),
    method: Method | None = None,
    per_unit: float = nan,
    years: Comparison | None = None,
) -> Assessment:
    """Apply the methods to a series.

    Args:
        periods: at equal steps of time, oldest first, none left out; the last is the one that is judged.
        per_year: 12 for months, 4 for quarters.
        quantity: what the numbers are.
        breaks: dated changes within the series; only what follows the last is judged.
        method: the settings; the defaults if not given.
        per_unit: how many incidents make one unit of the values; NaN where values are not counts.
        years: the last two years, compared as if chance alone spread them (``compare_years``).

    Raises:
        ValueError: there are no periods, or a break begins with none of them.
    """
    if not periods:
        raise ValueError("a direction needs periods")
    method = method or Method()
    labels = [period.label for period in periods]
    starts = {labels.index(entry.label): entry for entry in breaks}
    start = max(starts, default=0)
    judged = periods[start:]
    set_aside = [index for index, period in enumerate(judged) if period.set_aside]

    def changed(left_out: Sequence[int]) -> Change:
        numbers, exposures = [period.number for period in judged], [period.exposure for period in judged]
        return judge_change(numbers, exposures, per_year, quantity=quantity, set_aside=left_out)

    change = changed(set_aside)
    only_set_aside = False
    if set_aside and change.year is None and change.quarter is None:
        change = changed(())
        only_set_aside = change.year is not None or change.quarter is not None
    known = sum(not isnan(period.value) for period in judged)
    adjustable = known >= _SEASON_FROM_YEARS * per_year and all(factor > 0 for factor in change.season)
    length = sum(period.length for period in judged) / len(judged)
    factors = [
        factor * period.length / length if adjustable else 1.0
        for factor, period in zip(change.season, judged, strict=True)
    ]
    season = (*(1.0,) * start, *factors)
    shifts = [start + change.since] if change.since else []
    chart = control_chart(
        [period.value / factor for period, factor in zip(periods, season, strict=True)],
        breaks=[*starts, *shifts],
        screening=method.screening,
        firm_from=method.firm_from,
        per_unit=per_unit,
        set_aside=() if only_set_aside else [start + index for index in set_aside],
    )
    return Assessment(
        tuple(periods),
        per_year,
        quantity,
        start,
        starts.get(start),
        change,
        chart,
        season,
        method,
        only_set_aside,
        years,
    )


_SEASON_FROM_YEARS = 2
"""With fewer years of figures a season looks like a change."""


_RARELY_REAL = 4
"""A change to more than so many times, or to less than so small a part, is more often one of recording."""


def conclude(assessment: Assessment, good_direction: GoodDirection, limit: float) -> Verdict:
    """The direction of a series.

    Args:
        assessment: what the methods find.
        good_direction: where the measure should go; without one a movement is not judged.
        limit: the chance up to which a change counts.
    """
    if unknown := _not_judged(assessment):
        return unknown
    change = assessment.change
    both = len(change.comparisons)
    beyond_chance = [part for part in change.comparisons if min(1.0, both * part.chance) <= limit]
    sides = {Side.HIGH if part.ratio > 1 else Side.LOW for part in beyond_chance}
    sentences = [_comparison_sentence(part, assessment, part in beyond_chance) for part in change.comparisons]
    if not beyond_chance and assessment.chance <= assessment.method.chance:
        sentences.append("On its own it would be rare, but among so many verdicts chance gives such changes.")
    # Where dispersion itself comes from the break, the comparison of the quarter may not be able to tell any more.
    rare = [part for part in (change.year, change.quarter) if part and part.chance <= limit]
    is_doubtful = any(not 1 / _RARELY_REAL < part.ratio < _RARELY_REAL for part in rare)
    if is_doubtful:
        sentences.append("So large a change is rarely real: check how it was recorded.")
    explanation = _join(" ".join(sentences), assessment)
    if not sides:
        return Verdict(Direction.NO_CLEAR_TREND, None, explanation, ())
    length = len(assessment.periods)
    months = assessment.per_year if change.year in beyond_chance else assessment.per_year // 4
    points = tuple(range(max(0, length - months), length))
    if len(sides) > 1:
        return Verdict(Direction.METHODS_DISAGREE, None, explanation, points)
    (moving,) = sides
    if good_direction == "none":
        return Verdict(Direction.NO_JUDGEMENT, moving, explanation, points)
    good = (moving is Side.HIGH) == (good_direction == "up")
    better = Direction.CHECK_RECORDING if is_doubtful else Direction.IMPROVING
    return Verdict(better if good else Direction.DETERIORATING, moving, explanation, points)


def _not_judged(assessment: Assessment) -> Verdict | None:
    """The verdict on a series that cannot be judged."""
    last, change = assessment.periods[-1], assessment.change
    if isnan(last.value):
        if last.hidden:
            return _hidden(assessment, f"The figure for {last.label} is hidden: small numbers.")
        return Verdict(Direction.NOT_ENOUGH_DATA, None, f"There is no figure for {last.label}.", ())
    if change.year is None and change.quarter is None:
        judged = assessment.periods[assessment.start :]
        if any(period.hidden for period in judged) and len(judged) >= 2 * assessment.per_year:
            return _hidden(assessment, "Too many of the figures are hidden: small numbers.")
        return Verdict(Direction.NOT_ENOUGH_DATA, None, _why_not_compared(assessment), ())
    if not change.comparisons:
        part = change.year or change.quarter
        assert part is not None  # noqa: S101 - there is a comparison, which cannot tell
        return Verdict(Direction.TOO_FEW, None, _join(_too_few(part, "There"), assessment), ())
    return None


def _hidden(assessment: Assessment, sentence: str) -> Verdict:
    """The verdict on hidden figures: twelve months that are shown may be too few to tell, whatever is hidden."""
    years = assessment.years
    if years is None or years.can_tell:
        return Verdict(Direction.HIDDEN, None, sentence, ())
    return Verdict(
        Direction.TOO_FEW, None, f"{sentence} The last two years are shown, but {_too_few(years, 'there')}", ()
    )


def _why_not_compared(assessment: Assessment) -> str:
    first = assessment.periods[assessment.start].label
    since = f" since {first}: {assessment.broken.reason}" if assessment.broken else ""
    return f"There are not enough figures{since}. A verdict needs two years."


def _too_few(part: Comparison, there: str) -> str:
    if not isfinite(part.detectable_rise) or part.detectable_rise > _MAX_PRINTED:
        return f"{there} are too few to tell: not even a large change would have been seen."
    rise = half_up(part.detectable_rise)
    fall = half_up(100 * (1 - part.detectable_fall))
    seen = f"a rise to about {rise} times or a fall of about {fall}%"
    return f"{there} are too few to tell: only {seen} would have been seen."


_MAX_PRINTED = 10


def _comparison_sentence(part: Comparison, assessment: Assessment, is_beyond_chance: bool) -> str:
    periods = assessment.periods
    is_year = part is assessment.change.year
    steps = assessment.per_year if is_year else assessment.per_year // 4
    labels = [period.label for period in periods[-steps:]]
    what = labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}"
    before = "the same time in earlier years"
    if part.ratio == 1:
        return f"{what}: the same as {before}."
    if not isfinite(part.ratio):
        return f"{what}: there were none at {before}."
    percent = f"{half_up(100 * abs(part.ratio - 1), 1)}% {'above' if part.ratio > 1 else 'below'} {before}"
    if not is_beyond_chance:
        return f"{what}: {percent}, which chance can explain."
    return f"{what}: {percent} ({_interval(part)}), more than chance can explain ({_odds(part.chance)})."


def _interval(part: Comparison) -> str:
    """The interval of a change, in per cent."""
    ends = [f"{half_up(100 * (end - 1), 1):+}%" for end in (part.lower, part.upper) if isfinite(end)]
    return f"95% interval {' to '.join(ends)}"


def _odds(chance: float) -> str:
    for odds in (10_000, 1_000, 100):
        if chance * odds < 1:
            return f"chance alone: less than 1 in {odds:,}"
    return "chance alone: 1 in 100 or more"


def _join(sentence: str, assessment: Assessment) -> str:
    """A verdict's sentence with what a reader must know of the series."""
    chart, labels = assessment.chart, [period.label for period in assessment.periods]
    sentences = [sentence]
    if chart.limits is not None:
        sentences.append(_chart_sentence(chart, labels))
    if assessment.change.since:
        sentences.append(f"It is at its new level since {labels[assessment.start + assessment.change.since]}.")
    if assessment.only_set_aside:
        sentences.append("Earlier figures are of a time of pandemic restrictions, so a return to normal is a change.")
    if assessment.broken:
        sentences.append(f"Judged from {assessment.broken.label} only: {assessment.broken.reason}.")
    if any(period.hidden for period in assessment.periods[assessment.start :]):
        sentences.append("Hidden figures are left out.")
    if chart.limits is not None and chart.provisional:
        sentences.append(f"The usual range is provisional: it rests on {chart.count} figures.")
    return " ".join(sentences)


def _chart_sentence(chart: ControlChart, labels: Sequence[str]) -> str:
    if not chart.latest_signals:
        return f"{labels[-1]} is within its usual range."
    words = "; ".join(_signal_words(signal, labels) for signal in chart.latest_signals)
    return f"{words[0].upper()}{words[1:]}."


_MAX_NAMED = 6
"""More points than these are counted and not named."""


def _signal_words(signal: Signal, labels: Sequence[str]) -> str:
    high = signal.side is Side.HIGH
    names = [labels[point] for point in signal.points]
    run = f"{names[0]} to {names[-1]}"
    match signal.rule:
        case Rule.OUTSIDE:
            return f"{names[0]} is {'above' if high else 'below'} its usual range"
        case Rule.SHIFT:
            return f"{len(names)} figures in a row are {'above' if high else 'below'} the average ({run})"
        case Rule.TREND:
            return f"{len(names)} figures in a row {'rise' if high else 'fall'} each time ({run})"
        case Rule.NEAR:
            listed = f"{', '.join(names[:-1])} and {names[-1]}"
            several = listed if len(names) <= _MAX_NAMED else f"{len(names)} figures from {run}"
            limit = "the top of the usual range, or above it" if high else "the bottom of the usual range, or below it"
            how_many = "two of three figures" if len(names) == 2 else f"{len(names)} figures"
            return f"{how_many} are close to {limit} ({several})"
