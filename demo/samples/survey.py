"""Synthetic returns of residents' surveys: a county survey in each quarter of 2021/22, and the Safer Streets survey."""

from __future__ import annotations

from decimal import Decimal

from demo.samples.published import LAST
from demo.samples.seeded_random import rng_for
from sia import geography
from sia.calendar import Quarter
from sia.contract.return_workbook import CellValue, RowValues

SINCE = Quarter(2021, 1)

_BASES = {"CSP-CHERWELL": 210, "CSP-OXFORD": 240, "CSP-SOUTH-VALE": 320, "CSP-WEST": 170}
_DESIGN_EFFECT = Decimal("1.3")
_GOOD = {"safe_by_day": 0.91, "safe_after_dark": 0.64, "behaviour_dealt_with": 0.48, "police_confidence": 0.67}
_OTHER_ANSWERS = {"neither": 0.4, "bad": 0.45, "not_known": 0.15}
# Report of 7 November 2022, para 36: 614 people replied in December and January, 81 per cent of them women.
_REPLIED = {"everybody": 614, "female": 497, "male": 109, "other_sex": 8}
_SAFE_AFTER_DARK = {"everybody": 0.31, "female": 0.27, "male": 0.5, "other_sex": 0.25}


def rows(quarter: Quarter) -> dict[str, list[RowValues]]:
    """The return's table. What people answered is invented; the number of replies to Safer Streets is not."""
    rng = rng_for("survey", quarter)
    lines: list[RowValues] = []
    for area, base in (*_BASES.items(), (geography.county().code, sum(_BASES.values()))):
        lines.append(_row("county_survey", "respondents", area, "everybody", base))
        for question, good in _GOOD.items():
            lines += _answers(question, area, base, good + rng.uniform(-0.04, 0.04))
    if quarter == LAST:
        for group, base in _REPLIED.items():
            lines.append(_row("safer_streets", "respondents", "CSP-SOUTH-VALE", group, base))
            answered = _row("safer_streets", "safe_after_dark", "CSP-SOUTH-VALE", group, base)
            safe = round(base * _SAFE_AFTER_DARK[group])
            lines.append(answered | {"answer": "good", "weighted": safe, "design_effect": 1})
    return {"answers": lines}


def _answers(question: str, area: str, base: int, good: float) -> list[RowValues]:
    shares = {"good": good} | {answer: (1 - good) * share for answer, share in _OTHER_ANSWERS.items()}
    return [
        _row("county_survey", question, area, "everybody", base)
        | {"answer": answer, "weighted": Decimal(f"{base * share:.1f}"), "design_effect": _DESIGN_EFFECT}
        for answer, share in shares.items()
    ]


def _row(survey: str, question: str, area: str, group: str, base: int) -> dict[str, CellValue]:
    return {
        "survey": survey, "covers": "quarter", "question": question, "area": area, "person_group": group, "base": base,
        "answer": None,
    }  # fmt: skip
