"""The exception reports as one web page and as a data file."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from sia.calendar import format_date
from sia.presentation import captions, words
from sia.presentation.charts import ControlDrawing, control_drawing
from sia.presentation.commentary_parts import UNMARKED, commentary_parts
from sia.presentation.marks import DirectionMark, mark
from sia.presentation.number_format import compared_unit, digits, format_known, unit_of
from sia.presentation.symbols import NOT_APPLICABLE, SYMBOLS
from sia.presentation.templates import environment, render_page
from sia.registers.measures import Measure
from sia.scorecard.direction_of_travel import DirectionOfTravel
from sia.scorecard.exceptions import ExceptionReport
from sia.scorecard.periods import QUARTER
from sia.scorecard.registry import Quantity
from sia.scorecard.revisions import TypicalRevision
from sia.scorecard.scorecard import Scorecard

COLUMNS = (
    "quarter", "measure_id", "measure", "area_code", "area", "direction_of_travel", "direction_explained", "assurance",
    "distance_to_limit", "typical_revision", "earlier_exceptions", "local_priority_of", "lead",
    "commentary_due", "commentary_given", "commentary", "sender_notes",
)  # fmt: skip

_NONE = "None"


@dataclass(frozen=True, slots=True)
class ExceptionText:
    """An exception as page, data file and papers show it."""

    measure: Measure
    area_code: str
    area: str
    travel: DirectionOfTravel
    mark: DirectionMark
    explanation: str
    distance: str
    revision: str
    earlier: str
    priority_of: str
    commentary: str
    commentary_due: str
    given_on: str
    sender_notes: str

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the Board asks about an exception, with its labels."""
        return (
            ("Distance from its usual range", self.distance),
            ("Typical revision", self.revision),
            ("Earlier exceptions", self.earlier),
            *((("Local priority of", self.priority_of),) if self.priority_of else ()),
            *((("What the sender says", self.sender_notes),) if self.sender_notes else ()),
            ("Lead", self.measure.lead),
            ("Commentary due", self.commentary_due),
        )


@dataclass(frozen=True, slots=True)
class ExceptionArticle:
    """An exception as its page shows it, with its chart and the chart's figures.

    ``parts``: of the commentary, by heading; none where the lead marked no parts.
    """

    id: str
    text: ExceptionText
    good_direction: str
    chart: ControlDrawing
    compared_unit: str
    series: list[tuple[str, str]]
    parts: Mapping[str, str]


def exceptions_page(scorecard: Scorecard, reports: Sequence[ExceptionReport]) -> bytes:
    """The page as UTF-8 HTML; it needs nothing from elsewhere."""
    return render_page(
        "exceptions.html.j2",
        running=captions.running(scorecard, "Exception reports"),
        publisher=scorecard.publisher,
        quarter=scorecard.quarter,
        months=QUARTER.heading(scorecard.quarter),
        as_of=format_date(scorecard.as_of),
        kind=captions.kind(scorecard),
        banners=captions.banners(scorecard),
        by_chance=by_chance(scorecard),
        hidden_directions=scorecard.hidden_directions,
        reports=[_article(scorecard, report) for report in reports],
        symbols=SYMBOLS,
    )


def exception_chart(scorecard: Scorecard, report: ExceptionReport) -> str:
    """The chart of an exception with its caption and its key, as a part of a page (style sheet ``charts.css``)."""
    return environment().get_template("exception-chart.html.j2").render(report=_article(scorecard, report))


def exceptions_csv(scorecard: Scorecard, reports: Sequence[ExceptionReport]) -> bytes:
    """The reports as UTF-8 CSV with a heading line; no cell is empty."""
    text = StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for report in reports:
        shown = exception_text(scorecard, report)
        target = shown.travel.target
        given_on = report.commentary.given_on
        writer.writerow(
            {
                "quarter": scorecard.quarter.key,
                "measure_id": report.measure_id,
                "measure": shown.measure.title,
                "area_code": report.area_code,
                "area": shown.area,
                "direction_of_travel": shown.travel.direction.value,
                "direction_explained": shown.travel.explanation,
                "assurance": target.assurance.value if target and target.assurance else NOT_APPLICABLE,
                "distance_to_limit": shown.distance,
                "typical_revision": shown.revision,
                "earlier_exceptions": shown.earlier,
                "local_priority_of": shown.priority_of or _NONE,
                "lead": shown.measure.lead,
                "commentary_due": report.commentary.due.isoformat(),
                "commentary_given": given_on.isoformat() if given_on else NOT_APPLICABLE,
                "commentary": shown.commentary,
                "sender_notes": shown.sender_notes or _NONE,
            }
        )
    return text.getvalue().encode()


def exception_text(scorecard: Scorecard, report: ExceptionReport) -> ExceptionText:
    """An exception in words.

    Raises:
        ValueError: the scorecard has no direction of travel for it.
    """
    measure, area = scorecard.measure(report.measure_id), scorecard.areas[report.area_code]
    travel = scorecard.line(*report.place).direction
    if travel is None:
        raise ValueError(f"the exception of {measure.title}, {area.name} has no direction of travel")
    given_on = report.commentary.given_on
    return ExceptionText(
        measure=measure,
        area_code=area.code,
        area=area.name,
        travel=travel,
        mark=mark(travel),
        explanation=words.explanation(travel),
        distance=_distance(measure, travel),
        revision=revision_text(report.revision),
        earlier="; ".join(quarter.label for quarter in report.earlier) or _NONE,
        priority_of="; ".join(scorecard.areas[code].name for code in measure.priority_of),
        commentary=_commentary(report),
        commentary_due=format_date(report.commentary.due),
        given_on=format_date(given_on) if given_on else "",
        sender_notes=" ".join(captions.sender_notes(scorecard, measure, area.code)),
    )


def _article(scorecard: Scorecard, report: ExceptionReport) -> ExceptionArticle:
    text = exception_text(scorecard, report)
    measure, travel = text.measure, text.travel
    parts = commentary_parts(text.commentary)
    return ExceptionArticle(
        id=f"{report.measure_id}-{report.area_code}",
        text=text,
        good_direction=words.good_direction(travel.good_direction, under_reported=measure.under_reported),
        chart=control_drawing(measure, text.area, travel),
        compared_unit=compared_unit(measure),
        series=[
            (point.label, format_known(measure, Quantity.COMPARED_VALUE, point.value, point.status))
            for point in travel.points
        ],
        parts={} if UNMARKED in parts and len(parts) == 1 else parts,
    )


def _commentary(report: ExceptionReport) -> str:
    """What the lead wrote, or that nothing was received."""
    commentary = report.commentary
    if commentary.text:
        return commentary.text
    if report.day >= commentary.due:
        return f"We had received no commentary by {format_date(commentary.due)}."
    return f"We had received no commentary by {format_date(report.day)}. It is due on {format_date(commentary.due)}."


def _distance(measure: Measure, travel: DirectionOfTravel) -> str:
    """How many whole incidents would bring the last point back into its usual range, or take it out."""
    distance = travel.distance
    if distance is None:
        is_count = (measure.kind == "count" or measure.has_interval) and travel.limits is not None
        return "Its usual range has no whole number in it." if is_count else "Not counted in incidents."
    fewer_or_more = "fewer" if distance.above == distance.outside else "more"
    many = digits(distance.incidents, 0)
    limit = "top" if distance.above else "bottom"
    effect = "would bring it back inside" if distance.outside else f"would take it past the {limit} of"
    return f"{travel.points[-1].label}: {many} {fewer_or_more} {_incidents(measure, many)} {effect} its usual range."


def _incidents(measure: Measure, many: str) -> str:
    """What is counted: the number of a share is of cases, not of per cent."""
    if measure.kind != "proportion":
        return unit_of(measure, many)
    return "case" if many == "1" else "cases"


def by_chance(scorecard: Scorecard) -> str:
    """How many exceptions chance alone would give, for example "about 0.3"."""
    number = digits(scorecard.false_exceptions, 1)
    return "fewer than 0.1" if number == "0.0" else f"about {number}"


def revision_text(revision: TypicalRevision | None) -> str:
    """How much the county's figure is typically revised after it was first known, in a sentence."""
    if revision is None:
        return "No earlier figures."
    if not revision.revised:
        return f"None of the county's {revision.quarters} quarters was revised after it was first known."
    return (
        f"{revision.revised} of the county's {revision.quarters} quarters were revised after they were first known: by "
        f"{digits(revision.median, 1)}% in the middle, from {digits(revision.lowest, 1)}% to "
        f"{digits(revision.highest, 1)}%."
    )
