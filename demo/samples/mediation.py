"""Synthetic returns of Mediation Bucks, and two attempts with deliberate errors."""

from __future__ import annotations

from datetime import date
from functools import cache

from demo.samples.published import FIRST, LAST, Cell, first_published, of_year
from demo.samples.seeded_random import agree, day_in, exactly, rng_for, some_of, targets
from sia import geography
from sia.calendar import Quarter, quarters_between
from sia.contract.return_workbook import CellValue, RowValues

BROKEN = Quarter(2020, 3)

_OFFERED = {"E07000177": 4, "E07000178": 6, "E07000179": 3, "E07000180": 3, "E07000181": 2.5}
_REFERRED, _INPUT, _AGREED, _FURTHER = 0.6, 0.75, 0.45, 0.1
_AGENCIES = {"district_council": 5, "police": 3, "housing_association": 4, "self": 1, "other": 1}
_FEES = {2017: 260, 2018: 265, 2019: 275, 2020: 280}
_FUNDING = {"CSP-CHERWELL": 900, "CSP-OXFORD": 1200, "CSP-SOUTH-VALE": 800, "CSP-WEST": 600}
_SOUTH_AND_VALE = "CSP-SOUTH-VALE"


def rows(quarter: Quarter) -> dict[str, list[RowValues]]:
    """The return's tables."""
    return {
        "cases": [dict(case) for case in _cases(quarter.year) if _offered_in(case, quarter)],
        "funding": [{"csp": csp.code, "amount": _funding(csp.code, quarter)} for csp in geography.csps()],
    }


def broken_rows(quarter: Quarter) -> dict[str, list[RowValues]]:
    """The tables with common errors: a fee in words, a negative fee, a repeated case and a total row."""
    tables = still_broken_rows(quarter)
    fees = [case["fee"] for case in tables["cases"]]
    tables["cases"].append({"case_reference": "Total", "fee": sum(fee for fee in fees if isinstance(fee, int))})
    return tables


def still_broken_rows(quarter: Quarter) -> dict[str, list[RowValues]]:
    """The tables of the second attempt: without the total row, and with all other errors."""
    tables = rows(quarter)
    cases = tables["cases"]
    referred = [position for position, case in enumerate(cases) if case["referred"]]
    in_words, negative = referred[0], referred[-1]
    cases[in_words] = {**cases[in_words], "fee": "two hundred and eighty"}
    cases[negative] = {**cases[negative], "fee": -_fee(quarter.year)}
    cases.append(dict(cases[1]))
    return tables


@cache
def _cases(year: int) -> tuple[RowValues, ...]:
    """The cases of a financial year in the order in which mediation was offered."""
    rng = rng_for("mediation", year)
    quarters = [q for q in quarters_between(FIRST, LAST) if q.year == year]
    levels = {Cell(quarter, area): level for quarter in quarters for area, level in _OFFERED.items()}
    offered = agree(rng, levels, targets(first_published("mediation_offered"), levels))
    cases: list[dict[str, CellValue]] = []
    for csp in geography.csps():
        districts = csp.member_codes(quarters[0].start)
        in_csp: list[dict[str, CellValue]] = [
            {"district": area, "offered_on": day_in(rng, quarter)}
            for (quarter, area, _), number in offered.items()
            if area in districts
            for _ in range(number)
        ]
        everyone = set(range(len(in_csp)))
        steps: dict[str, set[int]] = {}
        for name, measure, among, share in (
            ("referred", "mediation_referred", everyone, _REFERRED),
            ("mediator_input", "mediator_input", None, _INPUT),
            ("agreement", "joint_meetings_with_agreement", None, _AGREED),
            ("further_incidents", "further_incidents", everyone, _FURTHER),
        ):
            # A case reaches a step only through the step before it.
            before = sorted(among if among is not None else list(steps.values())[-1])
            published = of_year(measure, year) if csp.code == _SOUTH_AND_VALE else None
            number = published.value if published else some_of(rng, len(before), share)
            steps[name] = {before[position] for position in exactly(rng, number, len(before))}
        for position, case in enumerate(in_csp):
            case["referring_agency"] = rng.choices(list(_AGENCIES), list(_AGENCIES.values()))[0]
            case |= {name: position in reached for name, reached in steps.items()}
            case["fee"] = _fee(year) if case["referred"] else None
        cases += in_csp
    cases.sort(key=lambda case: (str(case["offered_on"]), str(case["district"])))
    return tuple({"case_reference": f"MED-{year}-{n:04d}"} | case for n, case in enumerate(cases, start=1))


def _offered_in(case: RowValues, quarter: Quarter) -> bool:
    day = case["offered_on"]
    return isinstance(day, date) and quarter.start <= day <= quarter.end


def _fee(year: int) -> int:
    published = of_year("mediation_cost_per_referral", year)
    return published.value if published else _FEES[year]


def _funding(csp: str, quarter: Quarter) -> int:
    published = of_year("mediation_funding", quarter.year) if csp == _SOUTH_AND_VALE else None
    return published.value // 4 if published else _FUNDING[csp]
