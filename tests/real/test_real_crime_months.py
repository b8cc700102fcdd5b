"""Verdicts on real months: crimes by London borough, April 2010 to November 2025, and violence in York."""

from __future__ import annotations

import csv
from calendar import monthrange
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

from sia.statistics.direction import Direction, Period, assess, conclude
from sia.statistics.method import Method

FILES = ("london-mps-borough-201004-202311.csv", "london-mps-borough-202312-202511.csv")
LOCKDOWN = {"202004", "202005", "202006", "202011", "202101", "202102", "202103"}
MONTHS = ("Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar")
BOROUGHS = {"Camden", "Bexley", "Newham", "Richmond upon Thames"}
LIMIT = Method().chance


def months(shared_data: Path, column: str) -> dict[tuple[str, str], dict[str, float]]:
    """Crimes by month, of each borough and class of a column."""
    crimes: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for name in FILES:
        with (shared_data / "monthly_crime" / name).open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                for month, number in row.items():
                    if month.isdigit():
                        crimes[row["BoroughName"].strip(), row[column].strip().upper()][month] += float(number)
    return crimes


def direction(crimes: dict[str, float], names: list[str]) -> Direction:
    periods = [
        Period(name, crimes[name], crimes[name], days, length=days, set_aside=name in LOCKDOWN)
        for name in names
        for days in (monthrange(int(name[:4]), int(name[4:]))[1],)
    ]
    return conclude(assess(periods, 12), "down", LIMIT).direction


def test_verdicts_do_not_flip_with_the_time_of_year(shared_data: Path) -> None:
    """Each quarter of eleven years with the five years before it: at most 2% of verdicts contradict the one before."""
    opposite = {Direction.IMPROVING, Direction.DETERIORATING}
    pairs = flips = verdicts = 0
    for (borough, _), crimes in months(shared_data, "MajorText").items():
        if borough not in BOROUGHS or len(crimes) < 188:
            continue
        names = sorted(crimes)
        ends = [end for end in range(60, len(names) + 1) if int(names[end - 1][4:]) % 3 == 0]
        directions = [direction(crimes, names[end - 60 : end]) for end in ends]
        verdicts += sum(verdict in opposite for verdict in directions)
        for pair in pairwise(directions):
            pairs += 1
            flips += set(pair) == opposite
    assert pairs > 1500
    assert verdicts > 100
    assert flips <= 0.02 * pairs


def test_a_class_that_ends_is_never_called_an_improvement(shared_data: Path) -> None:
    """ "Domestic burglary" went to another class from April 2023: 3,248 in March, 86 in May, none from August."""
    crimes: dict[str, float] = defaultdict(float)
    for (_, minor), by_month in months(shared_data, "MinorText").items():
        if minor == "DOMESTIC BURGLARY":
            for month, number in by_month.items():
                crimes[month] += number
    names = sorted(name for name in crimes if name <= "202311")
    assert (crimes["202303"], crimes["202305"], crimes["202308"]) == (3248, 86, 0)
    for last in ("202306", "202309"):
        end = names.index(last) + 1
        assert direction(crimes, names[end - 60 : end]) is Direction.CHECK_RECORDING


def test_violence_in_york_does_not_flip_with_the_time_of_year(shared_data: Path) -> None:
    """140 months from April 2009; months, quarters and years are rows of one column, and 34,215 is the months' sum."""
    crimes: dict[str, float] = {}
    with (shared_data / "partner_kpis" / "kpi-csp15-overall-violence.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        for row in csv.DictReader(file):
            year, _, part = row["Period"].partition("_")
            if part in MONTHS:
                number = MONTHS.index(part)
                calendar_year, month = int(year[:4]) + number // 9, (number + 3) % 12 + 1
                value = row["Value"].partition(" ")[0]
                if value.replace(".", "").isdigit():
                    crimes[f"{calendar_year}{month:02d}"] = float(value)
    names = sorted(crimes)
    assert (len(names), sum(crimes.values())) == (140, 34215)
    ends = [end for end in range(36, len(names) + 1) if int(names[end - 1][4:]) % 3 == 0]
    directions = [direction(crimes, names[max(0, end - 60) : end]) for end in ends]
    opposite = {Direction.IMPROVING, Direction.DETERIORATING}
    assert sum(verdict in opposite for verdict in directions) > 5
    assert not any(set(pair) == opposite for pair in pairwise(directions))
