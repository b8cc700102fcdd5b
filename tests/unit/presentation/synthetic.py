"""Made-up figures for every measure of the register, so that the publications can be looked at whole.

Seeded: the same at every run. Nothing here was ever reported by anybody.
"""

from __future__ import annotations

import csv
from datetime import date
from random import Random

from sia.calendar import Quarter, quarters_between
from sia.geography import areas
from sia.paths import REGISTERS
from sia.registers.measures import Measure
from sia.registers.policy import policy
from sia.release import scorecard_inputs
from sia.scorecard.amounts import Amount, AmountKey, Observation, collect_amounts
from sia.scorecard.peers import PeerRow, PeerTable, compare_with_peers
from sia.scorecard.population import PopulationEstimate
from sia.scorecard.registers import Registers
from sia.scorecard.return_status import ReturnState, ReturnStatus
from sia.scorecard.scorecard import Scorecard, build

QUARTER = Quarter(2021, 4)
PLACES = {"odas": ("E06000037", "OUT-OF-AREA", "NOT-DISCLOSED"), "tvp_crime": ("NO-LOCATION", "ELSEWHERE")}
REGISTERS_NOW = scorecard_inputs.registers(policy(), areas())
AREAS = REGISTERS_NOW.areas


def population() -> list[PopulationEstimate]:
    with (REGISTERS / "population.csv").open(newline="", encoding="utf-8") as file:
        return [
            PopulationEstimate(row["area_code"], int(row["mid_year"]), int(row["persons"]), row["vintage"])
            for row in csv.DictReader(file)
        ]


def _district_numbers(measure: Measure, random: Random) -> tuple[float, float | None]:
    level = random.choice([3, 20, 150])
    if measure.kind == "proportion":
        whole = random.randint(0, level)
        return random.randint(0, whole), whole
    if measure.kind == "mean":
        jobs = random.randint(0, 12)
        return round(sum(random.uniform(20, 200) for _ in range(jobs)), 2), jobs
    if measure.kind == "money":
        return round(random.uniform(0, 4000), 2), None
    return random.randint(0, 2 * level), None


def observations() -> list[Observation]:
    """Eight quarters. Not received: ODAS of 2020-21Q3, mediation of the quarter; its crime-level files lack a month.

    Each measure has figures of its own, which stay the same when another is added to the register.
    """
    not_received = {("odas", "2020-21Q3"), ("mediation", QUARTER.key)}
    rows = []
    for measure in REGISTERS_NOW.measures:
        if measure.return_name == "indicators" or measure.id == "closure_orders":
            continue
        random = Random(f"20220331 {measure.id}")
        for quarter in quarters_between(QUARTER.plus(-7), QUARTER):
            if not measure.defined_in(quarter) or (measure.return_name, quarter.key) in not_received:
                continue
            numbers = {area.code: _district_numbers(measure, random) for area in AREAS.districts}
            if measure.return_name == "mediation":
                numbers = {code: numbers[code] for code in ("E07000179", "E07000180")}
            for code in PLACES.get(measure.return_name, ()):
                numbers[code] = _district_numbers(measure, random)
            for whole in (*AREAS.csps, AREAS.county):
                parts = [numbers[code] for code in whole.member_codes(quarter.start) if code in numbers]
                if parts:
                    numbers[whole.code] = (
                        round(sum(number for number, _ in parts), 2),
                        None if measure.denominator is None else sum(out_of or 0 for _, out_of in parts),
                    )
            complete = (measure.return_name, quarter.key) != ("tvp_crime", QUARTER.key)
            rows += [
                Observation(measure.id, code, quarter.key, number, out_of, complete, synthetic=True)
                for code, (number, out_of) in numbers.items()
            ]
    return rows


def amounts(registers: Registers = REGISTERS_NOW) -> dict[AmountKey, Amount]:
    """The amounts of those observations; no return says anything about its months."""
    return collect_amounts(observations(), [], registers.measures, registers.areas, QUARTER, registers.periods)


def returns() -> list[ReturnStatus]:
    sent, later = date(2022, 4, 22), date(2022, 4, 29)
    refused = ("Date offered is outside the quarter of this return.", "This case reference appears more than once.")
    police = ("thames_valley_police", "Thames Valley Police")
    accepted, none = ReturnState.ACCEPTED, ReturnState.NOT_RECEIVED
    rows: list[tuple[str, str, tuple[str, str], bool, ReturnState, date | None, tuple[str, ...]]] = [
        ("tvp_counts", "Police counts return", police, True, accepted, sent, ()),
        ("tvp_crime", "Crime-level police files", police, True, ReturnState.PARTIAL, sent, ()),
        ("odas", "Domestic abuse return", ("odas", "Oxfordshire Domestic Abuse Service"), True, accepted, later, ()),
        ("mediation", "Mediation return", ("mediation_bucks", "Mediation Bucks"), True, ReturnState.REFUSED, later,
         refused),
        ("sanctuary", "Sanctuary return", ("sanctuary_contractor", "Sanctuary contractor"), True, accepted, later, ()),
        ("indicators", "Indicator return", ("daat", "Drug and Alcohol Action Team"), False, none, None, ()),
    ]  # fmt: skip
    return [
        ReturnStatus(name, title, *sender, QUARTER, expected, state, day, reasons)
        for name, title, sender, expected, state, day, reasons in rows
    ]


def scorecard(*lists: tuple[str, str | None, int | None]) -> Scorecard:
    """The made-up scorecard, with the comparisons of the lists that ``peers`` takes."""
    return build(amounts(), REGISTERS_NOW, population(), QUARTER, returns(), peers=peers(*lists))


def peers(*lists: tuple[str, str | None, int | None]) -> tuple[PeerTable, ...]:
    """Recorded crime and the peers of lists, for each partnership; England and Wales is not known for robbery.

    Args:
        lists: the kind of list, who made it, and its year; ONS nearest neighbours alone if none is given.
    """
    rows = [
        PeerRow(
            kind=kind,
            list_made_by=made_by,
            list_year=year,
            area_code=area.code,
            year_to=date(2021, 12, 1),
            offence=offence,
            rate=40.0 + number,
            peers_listed=15,
            peers_compared=14,
            peers_lowest=40.25,
            peers_median=60.0,
            peers_highest=92.0,
            peers_higher=13 - number,
            england_and_wales=None if offence == "robbery" else 87.9,
        )
        for kind, made_by, year in lists or (("nearest_neighbours", None, None),)
        for offence in ("all", "robbery")
        for number, area in enumerate(AREAS.csps)
    ]
    return compare_with_peers(REGISTERS_NOW.measures, rows)
