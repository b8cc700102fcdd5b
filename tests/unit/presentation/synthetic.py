"""Made-up figures for every measure of the register, so that the publications can be looked at whole.

Seeded: the same at every run. Nothing here was ever reported by anybody.
"""

from __future__ import annotations

from datetime import date
from random import Random

import pandas as pd

from sia import geography
from sia.calendar import Quarter, quarters_between
from sia.paths import REGISTERS
from sia.registers.measures import Measure, measures
from sia.registers.policy import policy
from sia.scorecard.amounts import amounts
from sia.scorecard.scorecard import Scorecard, build

QUARTER = Quarter(2021, 4)
PLACES = {"odas": ("E06000037", "OUT-OF-AREA", "NOT-DISCLOSED"), "tvp_crime": ("NO-LOCATION", "ELSEWHERE")}


def population() -> pd.DataFrame:
    return pd.read_csv(REGISTERS / "population.csv")


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


def observations() -> pd.DataFrame:
    """Eight quarters. Not received: ODAS of 2020-21Q3, mediation of the quarter; its crime-level files lack a month."""
    not_received = {("odas", "2020-21Q3"), ("mediation", QUARTER.key)}
    random = Random(20220331)
    rows = []
    for measure in measures():
        if measure.return_name == "indicators" or measure.id == "closure_orders":
            continue
        for quarter in quarters_between(QUARTER.plus(-7), QUARTER):
            if not measure.defined_in(quarter) or (measure.return_name, quarter.key) in not_received:
                continue
            amounts = {area.code: _district_numbers(measure, random) for area in geography.districts()}
            if measure.return_name == "mediation":
                amounts = {code: amounts[code] for code in ("E07000179", "E07000180")}
            for code in PLACES.get(measure.return_name, ()):
                amounts[code] = _district_numbers(measure, random)
            for whole in (*geography.csps(), geography.county()):
                parts = [amounts[code] for code in whole.member_codes(quarter.start) if code in amounts]
                if parts:
                    amounts[whole.code] = (
                        round(sum(number for number, _ in parts), 2),
                        None if measure.denominator is None else sum(out_of or 0 for _, out_of in parts),
                    )
            complete = (measure.return_name, quarter.key) != ("tvp_crime", QUARTER.key)
            rows += [
                (measure.id, code, quarter.key, number, out_of, complete, True, measure.return_name)
                for code, (number, out_of) in amounts.items()
            ]
    return pd.DataFrame(
        rows,
        columns=[
            "measure_id",
            "area_code",
            "quarter_key",
            "numerator",
            "denominator",
            "complete",
            "synthetic",
            "return_name",
        ],
    )


def months() -> pd.DataFrame:
    """No return says anything of its months."""
    return pd.DataFrame(columns=["measure_id", "area_code", "starts_on", "numerator", "denominator", "synthetic"])


def returns() -> pd.DataFrame:
    sent, later = date(2022, 4, 22), date(2022, 4, 29)
    refused = ("Date offered is outside the quarter of this return.", "This case reference appears more than once.")
    rows = [
        (
            "tvp_counts",
            "Police counts return",
            "thames_valley_police",
            "Thames Valley Police",
            True,
            "accepted",
            sent,
            (),
        ),
        (
            "tvp_crime",
            "Crime-level police files",
            "thames_valley_police",
            "Thames Valley Police",
            True,
            "in part",
            sent,
            (),
        ),
        ("odas", "Domestic abuse return", "odas", "Oxfordshire Domestic Abuse Service", True, "accepted", later, ()),
        ("mediation", "Mediation return", "mediation_bucks", "Mediation Bucks", True, "refused", later, refused),
        ("sanctuary", "Sanctuary return", "sanctuary_contractor", "Sanctuary contractor", True, "accepted", later, ()),
        ("indicators", "Indicator return", "daat", "Drug and Alcohol Action Team", False, "not received", None, ()),
    ]
    names = ["return_name", "return_title", "source", "source_name", "expected", "state", "received_on", "reasons"]
    return pd.DataFrame(rows, columns=names).assign(quarter_key=QUARTER.key)


def scorecard(*lists: tuple[str, str | None, int | None]) -> Scorecard:
    """The made-up scorecard, with the comparisons of the lists that ``published`` takes."""
    held = amounts(observations(), months(), measures(), QUARTER)
    return build(held, measures(), population(), QUARTER, returns(), policy(), published=published(*lists))


def published(*lists: tuple[str, str | None, int | None]) -> pd.DataFrame:
    """Recorded crime beside the peers of lists, for each partnership; England and Wales is not known of robbery.

    Args:
        lists: the comparison, who made the list, and its year; ONS nearest neighbours alone if none is given.
    """
    rows = [
        {
            "comparison": comparison,
            "list_made_by": made_by,
            "list_year": year,
            "area_code": area.code,
            "year_to": date(2021, 12, 1),
            "offence": offence,
            "rate_per_1000": 40.0 + number,
            "peers_listed": 15,
            "peers": 14,
            "peers_rate_per_1000": 61.5,
            "peers_lowest_per_1000": 40.25,
            "peers_median_per_1000": 60.0,
            "peers_highest_per_1000": 92.0,
            "peers_higher": 13 - number,
            "england_and_wales_per_1000": None if offence == "robbery" else 87.9,
        }
        for comparison, made_by, year in lists or (("nearest_neighbours", None, None),)
        for offence in ("all", "robbery")
        for number, area in enumerate(geography.csps())
    ]
    return pd.DataFrame(rows)
