"""The exception reports as one web page and as data."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from math import isnan

from markupsafe import Markup

from sia.presentation import captions
from sia.presentation.charts import control_picture
from sia.presentation.direction_labels import because, mark
from sia.presentation.figures import SYMBOLS, compared_as, digits, gap, good_direction, plain, unit_of
from sia.presentation.templates import environment, style
from sia.registers.measures import Measure
from sia.scorecard.exceptions import ExceptionReport
from sia.scorecard.revisions import Revision
from sia.scorecard.scorecard import Scorecard
from sia.statistics.comparison import Distance

COLUMNS = (
    "quarter", "measure_id", "measure", "area_code", "area", "direction_of_travel", "direction_because", "assurance",
    "distance_to_limit", "typical_revision", "earlier_exceptions", "local_priority_of", "lead",
    "commentary_due", "commentary_given", "commentary",
)  # fmt: skip


def exceptions_page(scorecard: Scorecard, reports: Sequence[ExceptionReport]) -> bytes:
    """The page as UTF-8 HTML; it needs nothing from elsewhere."""
    sheet = style()
    html = (
        environment()
        .get_template("exceptions.html.j2")
        .render(
            quarter=scorecard.quarter,
            periods=captions.periods(scorecard.quarter),
            as_of=captions.day(scorecard.as_of),
            kind=captions.kind(scorecard),
            banners=captions.banners(scorecard),
            reports=[_told(report) for report in reports],
            symbols=SYMBOLS,
            style=Markup(sheet.text),  # noqa: S704 - our own file
            style_hash=sheet.digest,
        )
    )
    return html.encode()


def exceptions_csv(scorecard: Scorecard, reports: Sequence[ExceptionReport]) -> bytes:
    """The reports as UTF-8 CSV with a heading line; no cell is empty."""
    text = StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for report in reports:
        writer.writerow(
            {
                "quarter": scorecard.quarter.key,
                "measure_id": report.measure.id,
                "measure": report.measure.title,
                "area_code": report.area.code,
                "area": report.area.name,
                "direction_of_travel": report.travel.word,
                "direction_because": report.travel.verdict.because,
                "assurance": report.travel.assurance.value if report.travel.assurance else "[z]",
                "distance_to_limit": distance(report),
                "typical_revision": revision(report.revision),
                "earlier_exceptions": _listed(report.earlier),
                "local_priority_of": _listed([area.name for area in report.priority_of]),
                "lead": report.measure.lead,
                "commentary_due": report.asked.due.isoformat(),
                "commentary_given": report.asked.given_on.isoformat() if report.asked.given_on else "[z]",
                "commentary": commentary(report),
            }
        )
    return text.getvalue().encode()


def _told(report: ExceptionReport) -> dict[str, object]:
    measure, travel = report.measure, report.travel
    return {
        "id": f"{measure.id}-{report.area.code}",
        "title": measure.title,
        "area": report.area.name,
        "mark": mark(travel),
        "good_direction": good_direction(measure, travel.good),
        "because": because(travel),
        "picture": control_picture(measure, report.area.name, travel),
        "facts": (
            ("Distance to the limit", distance(report)),
            ("Typical revision", revision(report.revision)),
            ("Earlier exceptions", _listed(report.earlier)),
            ("Local priority of", _listed([area.name for area in report.priority_of])),
            ("Lead", measure.lead),
            ("Commentary due", captions.day(report.asked.due)),
        ),
        "by": travel.by,
        "compared_as": compared_as(measure),
        "series": [
            (point.label, gap(point.amount.status) if isnan(value) else plain(measure, "value", value))
            for point, value in zip(travel.points, travel.verdict.chart.values, strict=True)
        ],
        "lead": measure.lead,
        "given_on": captions.day(report.asked.given_on) if report.asked.given_on else "",
        "commentary": commentary(report),
    }


def commentary(report: ExceptionReport) -> str:
    """What the lead said, or that nothing was."""
    due = report.asked.due
    if report.asked.said:
        return report.asked.said
    if report.day >= due:
        return f"No commentary received by {captions.day(due)}."
    return f"No commentary received by {captions.day(report.day)}; it is due on {captions.day(due)}."


def distance(report: ExceptionReport) -> str:
    """How many whole incidents part the last point from its nearer limit, in a sentence."""
    if report.distance is None:
        return "Not counted in incidents."
    return _distance(report.distance, report.measure, report.travel.points[-1].label)


def _distance(found: Distance, measure: Measure, label: str) -> str:
    fewer_or_more = "fewer" if found.above == found.outside else "more"
    many = digits(found.incidents, 0)
    limit = "upper" if found.above else "lower"
    would = "would bring it back to" if found.outside else "would take it past"
    return f"{label}: {many} {fewer_or_more} {unit_of(measure, many)} {would} the {limit} limit."


def revision(found: Revision | None) -> str:
    """How much the county's figure is typically revised after it was first known, in a sentence."""
    if found is None:
        return "No history."
    if not found.revised:
        return f"None of the county's {found.quarters} quarters was revised after it was first known."
    return (
        f"{found.revised} of the county's {found.quarters} quarters revised after first known: "
        f"by {digits(found.median, 1)}% in the middle, from {digits(found.lowest, 1)}% to {digits(found.highest, 1)}%."
    )


def _listed(names: Sequence[str]) -> str:
    return "; ".join(names) or "None"
