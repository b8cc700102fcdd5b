"""What the workbook and the page say about a scorecard as a whole, in the same words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from sia import geography
from sia.calendar import Quarter
from sia.geography import Area
from sia.presentation.figures import digits, share_of_whole
from sia.registers.measures import Measure
from sia.scorecard.last_known_share import Share
from sia.scorecard.scorecard import Line, Scorecard
from sia.scorecard.without_location import unlocated

DRAFT = "Draft, not for publication: small numbers are not suppressed."
RELEASED = "Small numbers are hidden and marked [c], with every figure that would give one away."
SYNTHETIC = (
    "Made-up sample data: figures here are invented to show how the scorecard works. They describe no real event."
)

_STATES = {
    "accepted": "Accepted",
    "in part": "Accepted in part: months are missing",
    "refused": "Refused: nothing of it was loaded",
    "being checked": "Received, not yet decided",
    "not received": "Not received",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of one return of the quarter.

    ``here`` is whether all of it is in the scorecard; ``stands_for`` what is missing with it, empty where nothing is.
    """

    title: str
    source: str
    here: bool
    expected: bool
    state: str
    received: str
    reasons: tuple[str, ...]
    stands_for: str


@dataclass(frozen=True, slots=True)
class Periods:
    """The names of the four periods of a line, as headings."""

    quarter: str
    last_year: str
    year: str
    year_before: str


def heard_from(scorecard: Scorecard) -> tuple[Heard, ...]:
    """Every return of the quarter: those that the scorecard waits for first."""
    rows = scorecard.returns.sort_values(["expected", "return_title", "source_name"], ascending=[False, True, True])
    return tuple(
        Heard(
            title=row["return_title"],
            source=row["source_name"],
            here=row["state"] == "accepted",
            expected=bool(row["expected"]),
            state=_state(row["state"], tuple(row["reasons"])),
            received="" if pd.isna(row["received_on"]) else day(row["received_on"]),
            reasons=tuple(row["reasons"]),
            stands_for=_stands_for(scorecard, row["return_name"], row["source"]),
        )
        for row in rows.to_dict("records")
    )


def _state(state: str, reasons: tuple[str, ...]) -> str:
    words = _STATES[state]
    return f"{words}; a later file was refused" if reasons and state != "refused" else words


def _stands_for(scorecard: Scorecard, return_name: str, source: str) -> str:
    """What of the county's totals is missing with a return: the whole, because a measure has one return and sender."""
    county = geography.county().code
    missing = [
        scorecard.last_known[measure.id, county].quarter
        for measure in scorecard.measures
        if (measure.return_name, measure.source) == (return_name, source)
        and (measure.id, county) in scorecard.last_known
    ]
    if not missing:
        return ""
    measures = "1 measure" if len(missing) == 1 else f"{len(missing)} measures"
    return f"It stands for the whole of the county's total of {measures}, last held for {max(missing).label}"


def not_received(scorecard: Scorecard, measure: Measure, area: Area) -> str | None:
    """What a figure that was not received stands for, in words; nothing where that is not known, or it was received."""
    share = scorecard.last_known.get((measure.id, area.code))
    if share is None:
        return None
    if area == geography.county():
        return f"not received; the county's total was last held for {share.quarter.label}"
    if share.hidden:
        return f"not received; its share of the county's total in {share.quarter.label} is confidential"
    return f"not received; it was {_share(share)} of the county's total in {share.quarter.label}"


def last_known_shares(scorecard: Scorecard, measure: Measure, areas: Sequence[Area]) -> str | None:
    """What the figures of several areas stand for, as one sentence; nothing where that is not known of any."""
    by_quarter: dict[Quarter, list[str]] = {}
    for area in areas:
        if share := scorecard.last_known.get((measure.id, area.code)):
            by_quarter.setdefault(share.quarter, []).append(f"{area.name} {_share(share)}")
    if not by_quarter:
        return None
    parts = [f"in {quarter.label}: {', '.join(shares)}" for quarter, shares in by_quarter.items()]
    return f"Not received; its share of the county's total {'; '.join(parts)}."


def _share(share: Share) -> str:
    return "confidential" if share.hidden else share_of_whole(share.per_cent)


def edition(scorecard: Scorecard) -> str:
    """What may be done with the scorecard: the first thing that is said of it."""
    return DRAFT if scorecard.kept is None else RELEASED


def kind(scorecard: Scorecard) -> str:
    """Draft or release, as titles say it."""
    return "draft" if scorecard.kept is None else "release"


def banners(scorecard: Scorecard) -> tuple[str, ...]:
    """What a reader must know before any figure."""
    missing = [heard for heard in heard_from(scorecard) if heard.expected and not heard.here]
    said = [edition(scorecard)]
    if scorecard.synthetic:
        said.append(SYNTHETIC)
    if missing:
        names = "; ".join(
            f"{heard.title} ({heard.source}): {heard.state[0].lower()}{heard.state[1:]}" for heard in missing
        )
        said.append(f"Missing from this scorecard: {names}. Missing figures are never counted as zero.")
    return tuple(said)


def population_note(scorecard: Scorecard) -> str:
    """By what the rates are divided."""
    people = scorecard.residents
    if people.mid_year is None:
        return "There is no estimate of residents for every district, so no rates are shown."
    late = (
        ""
        if people.mid_year == scorecard.quarter.year
        else f", the latest that there is before {scorecard.quarter.year}"
    )
    return (
        f"Rates are for each 1,000 residents on 30 June {people.mid_year}{late} ({people.vintage}), "
        "for the three months of the quarter, not for a year. A partnership's residents are the sum of its districts'."
    )


def kept_note(scorecard: Scorecard) -> str | None:
    """How much disclosure control left to be shown."""
    if scorecard.kept is None:
        return None
    return (
        f"{digits(100 * scorecard.kept, 1)}% of the counts up for publication are shown, months, quarters and "
        "years of every area counted alike. Directions, comparisons and pictures are made of the counts that are shown "
        "alone; a hidden one is a gap."
    )


METHOD = (
    "Intervals are of 95 per cent: Byar's for rates, exact Poisson below a count of 10; Wilson's for percentages. "
    "The county holds its partnerships, so a partnership and the county are not independent.",
    "Twelve months are shown only where all four quarters are held complete. "
    "A quarter with a missing month is shown and never compared.",
    "Partnerships and the county are the sum of their districts where the source gives districts. "
    "Figures are rounded half up for reading; the data file holds four decimals. "
    "A change of a percentage is in points.",
    "Direction of travel is judged over up to five years, by month where the return counts by month and no month of "
    "it is small, else by quarter: a control chart (a point outside the limits, seven on one side of the mean, seven "
    "that only rise or only fall, two of three near a limit) and a test of the last five points. "
    "It is never judged from two points. "
    "[p] marks limits that rest on few points, [b] a dated change after which a series starts anew.",
    "Beside the county: an area differs only where the county's value lies outside its interval, and is outside the "
    "funnel where chance at the county's rate explains its count less than 5 (or 0.2) times in 100. Places count from "
    "the highest value; partnerships whose intervals overlap share places. "
    "South and Vale is the sum of its two districts.",
)


def without_place(measure: Measure, lines: Mapping[str, Line]) -> str | None:
    """How much of a measure names no place, in a sentence."""
    share = unlocated(measure, lines)
    if share is None:
        return None
    return (
        f"{digits(share.number, 0)} of the {digits(share.of, 0)} {measure.unit} that the source sent for the quarter, "
        f"wherever they lie, name no place ({digits(share.per_cent, 1)}%). "
        "No district holds them: its figures may be too low by about as much."
    )


def periods(quarter: Quarter) -> Periods:
    """The names of a line's periods: months for a quarter, the last month for a year."""
    before = quarter.same_quarter_last_year()
    return Periods(
        _months(quarter), _months(before), f"12 months to {quarter.end:%b %Y}", f"12 months to {before.end:%b %Y}"
    )


def _months(quarter: Quarter) -> str:
    return f"{quarter.start:%b} to {quarter.end:%b %Y}"


def day(value: date) -> str:
    """A day for people: 5 May 2022."""
    return f"{value.day} {value:%B %Y}"
