"""Synthetic casework returns of the partnerships."""

from __future__ import annotations

from datetime import date
from functools import cache
from random import Random

from demo.samples.published import FIRST, LAST, Cell, first_published, of_year
from demo.samples.seeded_random import about, agree, day_in, exactly, rng_for, some_of, targets
from sia import geography
from sia.calendar import Quarter, quarters_between
from sia.contract.return_workbook import CellValue, RowValues

SOURCE = "csps"

# The districts of the neighbourhood areas, and usual numbers of meetings and cases in a quarter.
_NEIGHBOURHOODS = {
    "cherwell": ("E07000177", 3, 22), "oxford": ("E07000178", 3, 30), "didcot_wallingford": ("E07000179", 2, 6),
    "thame_henley": ("E07000179", 2, 5), "abingdon": ("E07000180", 2, 6), "wantage_faringdon": ("E07000180", 2, 7),
    "west_oxfordshire": ("E07000181", 3, 16),
}  # fmt: skip
# What South and Vale published of its neighbourhood areas: reports of 21 September 2020 and 7 November 2022, para 14.
_MEETINGS = {
    2019: {"abingdon": 8, "didcot_wallingford": 7, "wantage_faringdon": 11, "thame_henley": 10},
    2021: {"abingdon": 8, "didcot_wallingford": 7, "wantage_faringdon": 6, "thame_henley": 5},
}
_CASES = {2021: {"abingdon": 20, "didcot_wallingford": 18, "wantage_faringdon": 24, "thame_henley": 15}}
_SOUTH_AND_VALE = "CSP-SOUTH-VALE"
_ISSUES = {"neighbour_dispute": 33, "other_issue": 12, "noise": 10, "drugs": 9, "vehicles": 7, "damage": 6}
_OUTCOMES = {"joint_enforcement": 0.47, "joint_support": 0.4, "behaviour_reduced": 0.31}
_RESOLVED = 0.72

_DISTRICTS = ("E07000177", "E07000178", "E07000179", "E07000180", "E07000181")
_LEVELS = {
    "review_applications": (0.8, 1.2, 0.5, 0.4, 0.5),
    "protection_warnings": (3, 6, 0.7, 0.7, 2),
    "closure_orders_consulted": (1, 4, 0.8, 0.7, 0.5),
    "joint_tasking_meetings": (3, 3, 1.5, 1.5, 3),
    "nightsafe_gold": (0.5, 2, 0.4, 0.5, 0.3),
    "nightsafe_silver": (1, 3, 0.8, 0.8, 0.6),
    "nightsafe_bronze": (1.5, 4, 1, 1, 1),
    "training_sessions": (4, 6, 3, 3, 3),
}
_PUBLISHED_AS = {
    "review_applications": "community_trigger_applications",
    "protection_warnings": "community_protection_warnings",
}
_THRESHOLD_MET, _REVIEW_RECOMMENDS, _NOTICE_AFTER_WARNING = 0.66, 0.5, 0.4
_PEOPLE_AT_SESSION, _GAVE_FEEDBACK, _LEARNED = 22, 0.6, 0.93
# Safe Places at the end of 2021/22: 87 in South and Vale by the report of 7 November 2022, para 19.
_SAFE_PLACES = (40, 60, 52, 35, 20)

# Reviews since 2011, by the reports of 21 September 2020 and 7 November 2022: 12 in the county, then 16.
_HOMICIDE_REVIEWS = {"E07000177": 2, "E07000178": 4, "E07000179": 4, "E07000180": 1, "E07000181": 1}
_LATER_HOMICIDE_REVIEWS = (
    (Quarter(2020, 2), "E07000180"), (Quarter(2020, 4), "E07000177"), (Quarter(2021, 1), "E07000179"),
    (Quarter(2021, 3), "E07000180"),
)  # fmt: skip
_NOT_PUBLISHED = {"E07000177": 1, "E07000178": 1, "E07000179": 1, "E07000180": 0, "E07000181": 0}

# Orders as made and as extended: reference, district, place, first and last day, whether the end was decided in time.
_ORDERS = (
    ("PSPO-2016-001", "E07000178", "City centre of Oxford", date(2016, 2, 1), date(2019, 1, 31), True),
    ("PSPO-2019-001", "E07000178", "City centre of Oxford", date(2019, 2, 1), date(2022, 1, 31), True),
    ("PSPO-2022-001", "E07000178", "City centre of Oxford", date(2022, 2, 1), date(2025, 1, 31), False),
    ("PSPO-2017-001", "E07000177", "Town centre of Banbury", date(2017, 7, 1), date(2020, 6, 30), False),
    ("PSPO-2020-001", "E07000177", "Town centre of Banbury", date(2020, 9, 1), date(2023, 8, 31), False),
    ("PSPO-2018-001", "E07000179", "Town centre of Thame", date(2018, 4, 20), date(2021, 4, 19), True),
    ("PSPO-2018-002", "E07000179", "Town centre of Henley", date(2018, 4, 20), date(2021, 4, 19), True),
    ("PSPO-2018-003", "E07000180", "Town centre of Abingdon", date(2018, 4, 20), date(2021, 4, 19), True),
    ("PSPO-2021-001", "E07000179", "Town centre of Thame", date(2021, 4, 20), date(2024, 4, 19), False),
    ("PSPO-2021-002", "E07000179", "Town centre of Henley", date(2021, 4, 20), date(2024, 4, 19), False),
)


def rows(quarter: Quarter) -> dict[str, list[RowValues]]:
    """The return's tables."""
    return {
        "meetings": [
            {"neighbourhood": name, "meetings": _meetings(quarter.year)[Cell(quarter, name)]}
            for name in _NEIGHBOURHOODS
        ],
        "cases": [dict(case) for case in _cases(quarter.year) if _raised_in(case, quarter)],
        "counts": [{"activity": activity, **_line(numbers)} for activity, numbers in _counts(quarter).items()],
        "protection_orders": [
            {
                "order_reference": reference,
                "district": district,
                "place": place,
                "made_on": made_on,
                "ends_on": ends_on,
                "reviewed": is_reviewed and ends_on <= quarter.end,
            }
            for reference, district, place, made_on, ends_on, is_reviewed in _ORDERS
            if made_on <= quarter.end and ends_on >= quarter.start
        ],
        "homicide_reviews": [
            {"stage": "homicide_reviews_begun", **_line(_homicide_reviews(quarter))},
            {
                "stage": "homicide_reviews_published",
                **_line({code: number - _NOT_PUBLISHED[code] for code, number in _homicide_reviews(FIRST).items()}),
            },
        ],
    }


@cache
def _meetings(year: int) -> dict[Cell, int]:
    """The meetings of a financial year by quarter and neighbourhood area."""
    usual = {name: number for name, (_, number, _) in _NEIGHBOURHOODS.items()}
    return _by_neighbourhood("meetings", year, usual, _MEETINGS.get(year, {}), None)


def _by_neighbourhood(
    what: str, year: int, usual: dict[str, int], published: dict[str, int], of_partnership: int | None
) -> dict[Cell, int]:
    """Numbers by quarter and neighbourhood area, equal to what was published of an area or of South and Vale."""
    quarters = [quarter for quarter in quarters_between(FIRST, LAST) if quarter.year == year]
    levels = {Cell(quarter, name): float(number) for quarter in quarters for name, number in usual.items()}
    totals = [([Cell(quarter, name) for quarter in quarters], number) for name, number in published.items()]
    if of_partnership is not None and not totals:
        districts = geography.areas()[_SOUTH_AND_VALE].member_codes(quarters[0].start)
        totals = [([cell for cell in levels if _NEIGHBOURHOODS[cell.area][0] in districts], of_partnership)]
    return agree(rng_for("casework", what, year), levels, totals)


@cache
def _cases(year: int) -> tuple[RowValues, ...]:
    """The cases of a financial year in the order in which they were raised."""
    rng = rng_for("casework", "details", year)
    usual = {name: number for name, (_, _, number) in _NEIGHBOURHOODS.items()}
    of_partnership = of_year("asb_neighbourhood_cases", year)
    numbers = _by_neighbourhood(
        "cases", year, usual, _CASES.get(year, {}), of_partnership.value if of_partnership else None
    )
    cases: list[dict[str, CellValue]] = []
    for csp in geography.csps():
        districts = csp.member_codes(Quarter(year, 1).start)
        in_csp: list[dict[str, CellValue]] = [
            {"neighbourhood": name, "raised_on": day_in(rng, quarter)}
            for (quarter, name, _), number in numbers.items()
            if _NEIGHBOURHOODS[name][0] in districts
            for _ in range(number)
        ]
        published = of_year("asb_neighbourhood_cases_resolved", year) if csp.code == _SOUTH_AND_VALE else None
        number = published.value if published else some_of(rng, len(in_csp), _RESOLVED)
        resolved = exactly(rng, number, len(in_csp))
        for position, case in enumerate(in_csp):
            case["issue"] = rng.choices(list(_ISSUES), list(_ISSUES.values()))[0]
            case |= {outcome: rng.random() < share for outcome, share in _OUTCOMES.items()}
            case["resolved"] = position in resolved
            if case["resolved"] and not any(case[outcome] for outcome in _OUTCOMES):
                case["behaviour_reduced"] = True
        cases += in_csp
    cases.sort(key=lambda case: (str(case["raised_on"]), str(case["neighbourhood"])))
    return tuple({"case_reference": f"ASB-{year}-{n:04d}"} | case for n, case in enumerate(cases, start=1))


def _raised_in(case: RowValues, quarter: Quarter) -> bool:
    day = case["raised_on"]
    return isinstance(day, date) and quarter.start <= day <= quarter.end


@cache
def _numbers(activity: str) -> dict[Cell, int]:
    """An activity by quarter and district."""
    rng = rng_for("casework", activity)
    levels = {
        Cell(quarter, district): float(level)
        for quarter in quarters_between(FIRST, LAST)
        for district, level in zip(_DISTRICTS, _LEVELS[activity], strict=True)
    }
    return agree(rng, levels, targets(first_published(_PUBLISHED_AS.get(activity, "")), levels))


def _counts(quarter: Quarter) -> dict[str, dict[str, int]]:
    """Each activity by district, in the contract's order."""
    rng = rng_for("casework", "counts", quarter)
    drawn = {activity: {code: _numbers(activity)[Cell(quarter, code)] for code in _DISTRICTS} for activity in _LEVELS}
    met = _some(rng_for("casework", "met", quarter), drawn["review_applications"], _THRESHOLD_MET)
    people = {
        code: about(rng, sessions * _PEOPLE_AT_SESSION) if sessions else 0
        for code, sessions in drawn["training_sessions"].items()
    }
    gave = _some(rng, people, _GAVE_FEEDBACK)
    through = (list(quarters_between(FIRST, LAST)).index(quarter) + 1) / len(list(quarters_between(FIRST, LAST)))
    return {
        "review_applications": drawn["review_applications"],
        "review_threshold_met": met,
        "reviews_held": met,
        "reviews_with_recommendations": _some(rng, met, _REVIEW_RECOMMENDS),
        "protection_warnings": drawn["protection_warnings"],
        "protection_notices": _some(rng, drawn["protection_warnings"], _NOTICE_AFTER_WARNING),
        "closure_orders_consulted": drawn["closure_orders_consulted"],
        "joint_tasking_meetings": drawn["joint_tasking_meetings"],
        "safe_places": {code: round(n * through) for code, n in zip(_DISTRICTS, _SAFE_PLACES, strict=True)},
        "nightsafe_gold": drawn["nightsafe_gold"],
        "nightsafe_silver": drawn["nightsafe_silver"],
        "nightsafe_bronze": drawn["nightsafe_bronze"],
        "training_sessions": drawn["training_sessions"],
        "training_people": people,
        "feedback_given": gave,
        "feedback_positive": _some(rng, gave, _LEARNED),
    }


def _some(rng: Random, numbers: dict[str, int], share: float) -> dict[str, int]:
    return {code: some_of(rng, number, share) for code, number in numbers.items()}


def _homicide_reviews(quarter: Quarter) -> dict[str, int]:
    """Reviews begun since 2011, up to the end of a quarter."""
    later = [district for begun_in, district in _LATER_HOMICIDE_REVIEWS if begun_in <= quarter]
    return {code: number + later.count(code) for code, number in _HOMICIDE_REVIEWS.items()}


def _line(by_district: dict[str, int]) -> dict[str, int]:
    """A wide row: each district in its own column, and their total."""
    areas = geography.areas()
    return {areas[code].column: number for code, number in by_district.items()} | {
        geography.county().column: sum(by_district.values())
    }
