"""What page, workbook and papers say about a scorecard as a whole, in the same words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sia.calendar import Quarter, format_date
from sia.geography import Area, Areas, AreaType
from sia.presentation import words
from sia.presentation.number_format import digits, share_of_whole
from sia.presentation.symbols import BY_YEAR
from sia.registers.measures import Measure
from sia.scorecard.amounts import Status
from sia.scorecard.last_known_share import LastKnownShare
from sia.scorecard.line import Line
from sia.scorecard.return_status import ReturnState, ReturnStatus
from sia.scorecard.scorecard import Scorecard
from sia.scorecard.sender_notes import SenderNote
from sia.scorecard.without_location import without_location

DRAFT = "Draft, not for publication: small numbers are not hidden."
RELEASED = "Small numbers are hidden and marked [c], with every figure that would reveal one."
SYNTHETIC = "Made-up sample data: these figures show how the scorecard works. They describe no real event."


@dataclass(frozen=True, slots=True)
class ReturnCaption:
    """What a page says about one return of the quarter.

    ``complete`` is whether all of it is in the scorecard; ``consequence`` what is missing with it, empty if nothing is.
    """

    title: str
    sender: str
    complete: bool
    expected: bool
    state: str
    received: str
    reasons: tuple[str, ...]
    consequence: str


def return_captions(scorecard: Scorecard) -> tuple[ReturnCaption, ...]:
    """Every return of the quarter, those that the scorecard waits for first."""
    in_order = sorted(scorecard.returns, key=lambda state: (not state.expected, state.return_title, state.source_name))
    return tuple(
        ReturnCaption(
            title=state.return_title,
            sender=state.source_name,
            complete=state.state is ReturnState.ACCEPTED,
            expected=state.expected,
            state=_state(state),
            received="" if state.received_on is None else format_date(state.received_on),
            reasons=state.reasons,
            consequence=_consequence(scorecard, state),
        )
        for state in in_order
    )


def _state(state: ReturnStatus) -> str:
    text = words.RETURN_STATE[state.state]
    refused_later = state.reasons and state.state is not ReturnState.REFUSED
    return f"{text}; a later file was refused" if refused_later else text


def _consequence(scorecard: Scorecard, state: ReturnStatus) -> str:
    """Which of the county's figures are missing with a return: all of its measures', since a measure has one sender."""
    county = scorecard.areas.county.code
    last_known = [
        share.quarter
        for measure in scorecard.measures
        if (measure.return_name, measure.source) == (state.return_name, state.source)
        and (share := scorecard.line(measure.id, county).last_known_share)
    ]
    if not last_known:
        return ""
    missing = "1 county figure is" if len(last_known) == 1 else f"{len(last_known)} county figures are"
    return f"Without it, {missing} missing altogether, last known for {max(last_known).label}"


def not_received(scorecard: Scorecard, line: Line) -> str | None:
    """What a figure that was not received last amounted to; nothing if that is not known, or it was received."""
    share = line.last_known_share
    if share is None:
        return None
    if line.area_code == scorecard.areas.county.code:
        return f"not received; the county's total was last known for {share.quarter.label}"
    if share.per_cent is None:
        return f"not received; its share of the county's total in {share.quarter.label} is confidential"
    return f"not received; it was {_share(share)} of the county's total in {share.quarter.label}"


def last_known_shares(scorecard: Scorecard, measure: Measure, areas: Sequence[Area]) -> str | None:
    """The last known shares of several areas, as one sentence; nothing where none is known."""
    by_quarter: dict[Quarter, list[str]] = {}
    for area in areas:
        if share := scorecard.line(measure.id, area.code).last_known_share:
            by_quarter.setdefault(share.quarter, []).append(f"{area.name} {_share(share)}")
    if not by_quarter:
        return None
    parts = [f"in {quarter.label}: {', '.join(shares)}" for quarter, shares in by_quarter.items()]
    return f"Not received. Last known shares of the county's total, {'; '.join(parts)}."


def _share(share: LastKnownShare) -> str:
    return "confidential" if share.per_cent is None else share_of_whole(share.per_cent)


def marking(scorecard: Scorecard) -> str:
    """Whether the scorecard may be published: the first line of every file."""
    return DRAFT if scorecard.is_draft else RELEASED


def running(scorecard: Scorecard, title: str, release: str = "") -> str:
    """What the head of every printed sheet and the bar on screen say: the marking, the title, the edition, the day.

    Args:
        scorecard: what is shown.
        title: of the page.
        release: its name, where the page knows it.
    """
    marking = "Draft, not for publication" if scorecard.is_draft else f"Release {release}".strip()
    return f"{marking}. {title}, {scorecard.quarter.label}. Figures as known on {format_date(scorecard.as_of)}"


def kind(scorecard: Scorecard) -> str:
    """Draft or release, for titles."""
    return "draft" if scorecard.is_draft else "release"


def warnings(scorecard: Scorecard) -> tuple[str, ...]:
    """What every table must carry: whether it may be published, and whether it is made up."""
    return (marking(scorecard), *([SYNTHETIC] if scorecard.synthetic else []))


def banners(scorecard: Scorecard) -> tuple[str, ...]:
    """What a reader must know before any figure."""
    missing = [caption for caption in return_captions(scorecard) if caption.expected and not caption.complete]
    if not missing:
        return warnings(scorecard)
    names = "; ".join(
        f"{caption.title} ({caption.sender}): {caption.state[0].lower()}{caption.state[1:]}" for caption in missing
    )
    return (
        *warnings(scorecard),
        f"Missing from this scorecard: {names}. A missing figure is never counted as zero.",
    )


def population_note(scorecard: Scorecard) -> str:
    """What the rates are divided by."""
    residents, year = scorecard.residents, scorecard.quarter.year
    if residents.mid_year is None:
        return "No rates are shown, because the number of residents is not known for every district."
    late = "" if residents.mid_year == year else f", the latest estimate before {year}"
    return (
        f"Rates are for each 1,000 residents on 30 June {residents.mid_year}{late} ({residents.vintage}). "
        "They are for the three months of the quarter, not for a year. "
        "A partnership's residents are the sum of its districts'."
    )


def published_note(scorecard: Scorecard) -> str | None:
    """How many of the quarter's figures are hidden, by kind of area; none in a draft, where nothing is."""
    if scorecard.is_draft:
        return None
    kinds = {AreaType.COUNTY: "the county", AreaType.CSP: "partnerships", AreaType.DISTRICT: "districts"}
    hidden = [f"{share} in {name}" for kind, name in kinds.items() if (share := _share_hidden(scorecard, kind))]
    by_year = {line.measure_id for line in scorecard.lines if line.is_left_to_years}
    left_to_years = (
        f" Partnerships and districts have only twelve months of {len(by_year)} measures, marked {BY_YEAR}, because "
        "many of their quarters are small."
    )
    return (
        f"Hidden of the quarter's figures: {', '.join(hidden)}. They are about very few people, or would reveal such a "
        f"figure.{left_to_years if by_year else ''} Directions, comparisons and charts use only figures that are shown."
    )


def _share_hidden(scorecard: Scorecard, kind: AreaType) -> str | None:
    """The share of the quarter's figures that is hidden in areas of a kind, if there are any figures."""
    areas = {area.code for area in scorecard.areas.of_type(kind)}
    statuses = [line.quarter_status for line in scorecard.lines if line.area_code in areas]
    hidden, shown = statuses.count(Status.CONFIDENTIAL), statuses.count(Status.REPORTED)
    return f"{digits(100 * hidden / (hidden + shown), 0)}%" if hidden + shown else None


def method_notes(scorecard: Scorecard) -> dict[str, str]:
    """How the figures are made, by what each note is about."""
    return {
        "interval": (
            "A 95% interval shows how far chance alone may have moved a figure. We use Byar's method for rates, the "
            "exact Poisson interval for counts below 10, and Wilson's method for percentages. "
            "Each partnership is part of the county, so the two are not independent."
        ),
        "completeness": (
            "Twelve months are shown only if all four quarters are complete. "
            "A quarter with a missing month is shown but never compared."
        ),
        "rounding": (
            "Partnerships and the county are the sum of their districts where the source gives districts. "
            "Figures are rounded half up; the data file has four decimals. A percentage changes in points."
        ),
        "direction": (
            "The direction of travel looks back up to five years: by month if the return counts by month and no month "
            "is small, otherwise by quarter. It compares the last twelve months with earlier years, and the quarter "
            "with the same quarters of earlier years, so that the season cancels. A change counts if chance alone "
            'would rarely show it, even among as many verdicts as this scorecard has. "Too few to tell" '
            "means that even a large change could not be seen. Months of lockdown are not compared with: grey columns "
            "mark them in charts. The usual range is a picture and makes no direction. [p] marks a usual range that "
            "rests on few figures, [b] a change after which earlier figures cannot be compared."
        ),
        "comparison": (
            "An area differs from the county only if the county's value is outside the area's interval. It is outside "
            "the funnel if chance at the county's rate would explain its count less than 5 (or 0.2) times in 100. "
            "The funnel is wider where the other partnerships differ beyond chance. "
            f"Places count from the highest value; partnerships whose intervals overlap share places.{_sums(scorecard)}"
        ),
    }


def _sums(scorecard: Scorecard) -> str:
    """Which partnerships are several districts together."""
    day_of_quarter = scorecard.quarter.start
    return "".join(
        f" {csp.short_name} is the sum of its {_NUMBERS.get(count, str(count))} districts."
        for csp in scorecard.areas.csps
        if (count := len(csp.member_codes(day_of_quarter))) > 1
    )


_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine"}


def about(scorecard: Scorecard) -> tuple[str, ...]:
    """Every note on how the figures are made."""
    general = (published_note(scorecard), population_note(scorecard))
    return (*(note for note in general if note), *method_notes(scorecard).values())


def about_paper(scorecard: Scorecard) -> tuple[str, ...]:
    """Every note on how the figures of a paper are made."""
    return (
        "Every figure here is from the release named above, or is a share of, or a difference between, two of its "
        "figures. What the release hides is hidden here too, in charts and their descriptions as well as in tables.",
        *about(scorecard),
    )


def location_note(measure: Measure, lines: Mapping[str, Line], areas: Areas) -> str | None:
    """How much of a measure has no recorded location, in a sentence."""
    share = without_location(measure, lines, areas)
    if share is None:
        return None
    return (
        f"{digits(share.number, 0)} of the {digits(share.out_of, 0)} {measure.unit} that we received for the quarter "
        f"have no recorded location ({digits(share.per_cent, 1)}%). They are in no district's figure, so districts' "
        "figures may be too low by about as much. The direction of travel allows for how this share changes."
    )


def measure_notes(scorecard: Scorecard, measure: Measure) -> list[str]:
    """What must be known about a measure's figures."""
    note = location_note(measure, scorecard.lines_of(measure), scorecard.areas)
    return [*paper_notes(scorecard, measure), *([note] if note else [])]


def paper_notes(scorecard: Scorecard, measure: Measure, area_code: str | None = None) -> list[str]:
    """What must be known about a measure wherever it is shown: in an area and within it, or anywhere."""
    own = [measure.note] if measure.note else []
    return [*own, *sender_notes(scorecard, measure, area_code)]


def sender_notes(scorecard: Scorecard, measure: Measure, area_code: str | None = None) -> list[str]:
    """What the sender said about figures of a measure that we asked about, in an area and within it, or anywhere."""
    return [
        f"We asked about {note.quarter.label}{_areas_of(note, scorecard.areas)}. {note.source_name} says that"
        f" {'it is right' if note.is_right else 'it is wrong, and that a new one will follow'}: {note.reason}"
        for note in scorecard.notes_on(measure.id, area_code)
    ]


def _areas_of(note: SenderNote, areas: Areas) -> str:
    return f" in {', '.join(areas[code].name for code in note.area_codes)}" if note.area_codes else ""
