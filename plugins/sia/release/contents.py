"""The files of a release: the scorecard and its exceptions as they may be published, made of shown amounts alone.

The same warehouse, time, account, register and policy give the same bytes, so that a release can be rebuilt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isnan, nan

import pandas as pd
from psycopg2.extensions import connection as Connection

from sia.calendar import LONDON, Quarter, add_working_days
from sia.disclosure.reader_knowledge import Release
from sia.presentation.direction_labels import beside_county
from sia.presentation.exception_reports import exceptions_csv, exceptions_page
from sia.presentation.figures import NOT_APPLICABLE, symbol
from sia.presentation.peer_tables import peers_csv
from sia.presentation.scorecard_page import page
from sia.presentation.scorecard_workbook import workbook
from sia.presentation.tidy_csv import tidy_csv
from sia.registers.measures import measures
from sia.registers.policy import policy
from sia.registers.series_breaks import breaks
from sia.release import scorecard_inputs
from sia.scorecard.amounts import Held
from sia.scorecard.exceptions import Asked, ExceptionReport, Place, exception_reports
from sia.scorecard.protection import Protected, by_month, once_hidden, protected
from sia.scorecard.revisions import typical_revisions
from sia.scorecard.scorecard import RESTS_ON, Scorecard, build

SHOWN = "shown"


@dataclass(frozen=True)
class Released:
    """What is to be released.

    ``files``: content by name. ``published``: what joins the account of what readers know; its hidden counts are
    secret. ``verdicts``: the direction of travel by measure and area. ``exceptions``: the measure and area of each.
    ``suppressed``: how many counts are hidden. ``figures``: one row a measure, area and figure: ``measure_id,
    area_code, figure, value, status``; the status is ``shown`` or the symbol that says why there is no value, and of
    directions and comparisons, which have no value, their word. ``scorecard`` and ``amounts``: what the files are made
    of, and other papers may be: hidden amounts are confidential there too.
    """

    files: Mapping[str, bytes]
    published: Release
    verdicts: Mapping[Place, str]
    exceptions: Sequence[Place]
    suppressed: int
    figures: pd.DataFrame
    scorecard: Scorecard
    amounts: Held


def files(
    connection: Connection,
    quarter: Quarter,
    known_at: datetime,
    account: Sequence[Release],
    *,
    earlier: Mapping[Place, Sequence[str]] | None = None,
    asked: Mapping[Place, Asked] | None = None,
) -> Released:
    """Make the files of a release.

    Args:
        connection: to the warehouse, with no transaction open.
        quarter: the quarter.
        known_at: the time whose knowledge is released; with its time zone. Its day is the day of the release.
        account: what earlier releases published and hid, oldest first.
        earlier: the quarters of earlier exceptions, by measure and area.
        asked: what leads were asked of the exceptions, and what they said, by measure and area.

    Raises:
        NotProtectable: earlier releases give a small count away whatever this one hides.
    """
    shown, scorecard, reports = _made(connection, quarter, known_at, account, earlier or {}, asked or {})
    return Released(
        files={
            f"scorecard-{quarter.key}.csv": tidy_csv(scorecard),
            f"scorecard-{quarter.key}.xlsx": workbook(scorecard),
            f"scorecard-{quarter.key}.html": page(scorecard),
            f"exceptions-{quarter.key}.csv": exceptions_csv(scorecard, reports),
            f"exceptions-{quarter.key}.html": exceptions_page(scorecard, reports),
            **({f"beside-peers-{quarter.key}.csv": peers_csv(scorecard)} if scorecard.peers else {}),
        },
        published=shown.release,
        verdicts={place: travel.word for place, travel in scorecard.travel.items()},
        exceptions=[(report.measure.id, report.area.code) for report in reports],
        suppressed=shown.suppressed,
        figures=figures(scorecard),
        scorecard=scorecard,
        amounts=shown.amounts,
    )


def exceptions(
    connection: Connection, quarter: Quarter, known_at: datetime, account: Sequence[Release]
) -> list[ExceptionReport]:
    """The exceptions that a release would report.

    Raises:
        NotProtectable: earlier releases give a small count away whatever this one hides.
    """
    return _made(connection, quarter, known_at, account, {}, {})[-1]


def _made(
    connection: Connection,
    quarter: Quarter,
    known_at: datetime,
    account: Sequence[Release],
    earlier: Mapping[Place, Sequence[str]],
    asked: Mapping[Place, Asked],
) -> tuple[Protected, Scorecard, list[ExceptionReport]]:
    rules, day = policy(), known_at.astimezone(LONDON).date()
    held = scorecard_inputs.read(connection, quarter, known_at)
    name = f"{quarter.key} as known at {known_at.astimezone(LONDON):%Y-%m-%d %H:%M:%S.%f}"
    shown = protected(held.amounts, measures(), rules, day, name, account)
    months = by_month(held.amounts, measures(), rules, day)
    scorecard = build(
        shown.amounts, measures(), held.population, quarter, held.returns, rules, breaks(), shown.kept, held.peers,
        months,
    )  # fmt: skip
    least = max(rules.threshold(measure.id, day) for measure in measures())
    revisions = typical_revisions(held.revisions, shown.amounts, least, once_hidden(account, measures()))
    due = add_working_days(day, rules.commentary_days(day))
    return shown, scorecard, exception_reports(scorecard, revisions, day, due, earlier, asked)


def figures(scorecard: Scorecard) -> pd.DataFrame:
    """Every figure that a scorecard shows, one row each, to be compared with another release's."""
    rows: list[tuple[str, str, str, float, str]] = []
    for line in scorecard.lines.to_dict("records"):
        measure_id, area = line["measure_id"], line["area_code"]
        for column in RESTS_ON:
            missing = pd.isna(line[column])
            rows.append((measure_id, area, column, line[column], symbol(line, column) if missing else SHOWN))
        found = scorecard.beside.get((measure_id, area))
        travel = scorecard.travel.get((measure_id, area))
        rows += [
            (measure_id, area, "direction_of_travel", nan, travel.word if travel else NOT_APPLICABLE),
            (measure_id, area, "beside_county", nan, beside_county(found)),
            (measure_id, area, "place_first", *_ranked(found.rank.first if found and found.rank else nan)),
            (measure_id, area, "place_last", *_ranked(found.rank.last if found and found.rank else nan)),
        ]
    return pd.DataFrame(rows, columns=["measure_id", "area_code", "figure", "value", "status"])


def _ranked(place: float) -> tuple[float, str]:
    return place, NOT_APPLICABLE if isnan(place) else SHOWN
