"""What a scorecard is built from: registers, and the rows of the warehouse at one moment, as known at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia import geography
from sia.calendar import Quarter
from sia.contract.model import contract
from sia.geography import Areas
from sia.registers.measures import measures
from sia.registers.policy import Policy
from sia.registers.projects import projects
from sia.registers.series_breaks import breaks, set_aside
from sia.scorecard.amounts import AmountsByCell, MonthlyObservation, Observation, collect_amounts, lookback_quarters
from sia.scorecard.boundaries import Boundaries, Point, boundaries_on_grid
from sia.scorecard.peers import PeerRow, PeerTable, compare_with_peers
from sia.scorecard.population import PopulationEstimate
from sia.scorecard.published_elsewhere import FigureElsewhere
from sia.scorecard.registers import Registers
from sia.scorecard.return_status import ReturnState, ReturnStatus
from sia.scorecard.revisions import FirstAndLastKnown
from sia.scorecard.sender_notes import SenderAnswer
from sia.warehouse.register_decisions import AREAS, NOW, decided, decided_policy
from sia.warehouse.sql_files import statement

Row = TypeVar("Row")

_PEERS = "marts.peer_comparison_known_at(timestamptz)"
_BOUNDARIES = "warehouse.district_outline_known_at(timestamptz)"
_CRIME = "warehouse.csp_crime_number_known_at(timestamptz)"


@dataclass(frozen=True, slots=True)
class _BoundaryLine:
    """A closed line of a district, with the return and the quarter of its file."""

    return_name: str
    quarter_key: str
    area_code: str
    points: str

    @property
    def positions(self) -> list[Point]:
        pairs = (point.split(" ") for point in self.points.split(", "))
        return [(float(x), float(y)) for x, y in pairs]


@dataclass(frozen=True)
class ScorecardInputs:
    """What the warehouse knows.

    ``history``: what was first and last known of each quarter of the county. ``boundaries``: of the districts, if we
    have any. ``elsewhere``: what others publish of the same counts. ``answers``: of senders, about their figures.
    """

    registers: Registers
    amounts: AmountsByCell
    population: list[PopulationEstimate]
    returns: list[ReturnStatus]
    history: list[FirstAndLastKnown]
    peers: tuple[PeerTable, ...]
    boundaries: Boundaries | None
    elsewhere: list[FigureElsewhere]
    answers: list[SenderAnswer]


def registers_known_at(cursor: Cursor, day: date, known_at: datetime | str = NOW) -> Registers:
    """The registers as they are now, with what was decided on the desk until a moment, and names as on a day."""
    other_names = geography.other_area_names(decided(cursor, AREAS, known_at))
    return registers(decided_policy(cursor, known_at), geography.areas().named(other_names, day))


def registers(policy: Policy, areas: Areas) -> Registers:
    """The registers as they are now, with a policy and the names of areas."""
    return Registers(
        publisher=geography.owner(),
        measures=measures(),
        areas=areas,
        policy=policy,
        breaks=breaks(),
        set_aside=set_aside(),
        projects=projects(),
    )


def read(connection: Connection, quarter: Quarter, known_at: datetime | str = NOW) -> ScorecardInputs:
    """Read a quarter and the quarters before it that its scorecard looks back on.

    Args:
        connection: to the warehouse, with no transaction open.
        quarter: the quarter.
        known_at: the moment whose knowledge is read.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        current = registers_known_at(cursor, quarter.end, known_at)
        window = {"first": lookback_quarters(quarter)[0].key, "last": quarter.key, "known_at": known_at}
        observations = _rows(cursor, "observations", window, Observation)
        months = _rows(cursor, "months", window, MonthlyObservation)
        population = _rows(cursor, "population", window, PopulationEstimate)
        returns = _rows(cursor, "returns", window, _return_status)
        history = _rows(cursor, "revisions", window, FirstAndLastKnown)
        peers = _rows(cursor, "peers", window, PeerRow) if _is_there(cursor, _PEERS) else []
        lines = _rows(cursor, "boundaries", window, _BoundaryLine) if _is_there(cursor, _BOUNDARIES) else []
        elsewhere = _rows(cursor, "published_elsewhere", window, FigureElsewhere) if _is_there(cursor, _CRIME) else []
        answers = _rows(cursor, "answers", window, SenderAnswer)
    connection.rollback()
    amounts = collect_amounts(observations, months, current.measures, current.areas, quarter, current.periods)
    tables = compare_with_peers(current.measures, peers)
    outlines = _boundaries(lines)
    return ScorecardInputs(current, amounts, population, returns, history, tables, outlines, elsewhere, answers)


def _is_there(cursor: Cursor, function: str) -> bool:
    """Whether there are contracts for the published tables that a function reads."""
    cursor.execute("SELECT to_regprocedure(%s) IS NOT NULL", (function,))
    (exists,) = cursor.fetchone() or (False,)
    return bool(exists)


def _boundaries(lines: Sequence[_BoundaryLine]) -> Boundaries | None:
    if not lines:
        return None
    publication = contract(lines[0].return_name).published
    year = Quarter.parse(lines[0].quarter_key).start.year
    attribution = publication.attribution.format(year=year) if publication else ""
    return boundaries_on_grid([(line.area_code, line.positions) for line in lines], attribution)


def _rows(cursor: Cursor, name: str, window: Mapping[str, object], make: Callable[..., Row]) -> list[Row]:
    cursor.execute(statement(f"marts/read_{name}"), window)
    return [make(*row) for row in cursor.fetchall()]


def _return_status(
    return_name: str,
    return_title: str,
    source: str,
    source_name: str,
    quarter_key: str,
    expected: bool,
    state: str,
    received_on: date | None,
    reasons: Sequence[str],
    first_known_on: date | None,
) -> ReturnStatus:
    quarter = Quarter.parse(quarter_key)
    return ReturnStatus(
        return_name,
        return_title,
        source,
        source_name,
        quarter,
        expected,
        ReturnState(state),
        received_on,
        tuple(reasons),
        first_known_on,
    )
