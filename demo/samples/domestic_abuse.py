"""Synthetic returns of the domestic abuse service."""

from __future__ import annotations

from functools import cache

from demo.samples.published import FIRST, LAST, Cell, first_published
from demo.samples.seeded_random import agree, rng_for, share_out, targets
from sia import geography
from sia.calendar import Quarter, quarters_between
from sia.contract.model import contract
from sia.contract.return_workbook import RowValues

# Levels for a quarter, in the order of _AREAS: Oxfordshire's districts, West Berkshire, out of area, not disclosed.
_AREAS = (
    "E07000177", "E07000178", "E07000179", "E07000180", "E07000181", "E06000037", "OUT-OF-AREA", "NOT-DISCLOSED",
)  # fmt: skip
_LEVELS = {
    "helpline_calls": (36, 45, 40, 38, 20, 25, 79, 190),
    "new_contacts": (65, 85, 44, 41, 38, 45, 30, 35),
    "clients_supported": (95, 130, 54, 50, 50, 45, 6, 4),
    "outreach_assessments": (16, 22, 19, 13, 13, 10, 2, 1),
    "outreach_clients": (11, 19, 11, 10, 9, 8, 1, 0.3),
    "idva_clients": (3, 5, 2, 2, 2, 2, 0.2, 0.2),
    "young_person_idva_clients": (3, 4, 2, 2, 2, 2, 0.2, 0.2),
    "refuge_households": (3, 5, 1.5, 1.5, 1.5, 2, 4, 1),
}
_SPLITS = (
    {"sex_female": 0.86, "sex_male": 0.11, "sex_other": 0.03},
    {
        "age_under_18": 0.02, "age_18_25": 0.14, "age_26_35": 0.26, "age_36_50": 0.28, "age_51_over": 0.10,
        "age_not_stated": 0.20,
    },
    {
        "source_self": 0.54, "source_police": 0.12, "source_health": 0.08, "source_social_care": 0.09,
        "source_housing": 0.06, "source_family": 0.05, "source_other": 0.06,
    },
)  # fmt: skip
_SEASON = {1: 0.97, 2: 1.04, 3: 0.95, 4: 1.04}
_YEAR = {2017: 0.86, 2018: 0.94, 2019: 1.0, 2020: 1.08, 2021: 1.0}


@cache
def counts(measure: str) -> dict[Cell, int]:
    """Contacts with the service, or clients of a service, by quarter and area of residence."""
    rng = rng_for("odas", measure)
    levels = {
        Cell(quarter, area): level * _SEASON[quarter.number] * _YEAR[quarter.year] * rng.uniform(0.85, 1.15)
        for quarter in quarters_between(FIRST, LAST)
        if _is_counted(measure, quarter)
        for area, level in zip(_AREAS, _LEVELS[measure], strict=True)
    }
    return agree(rng, levels, targets(first_published(measure), levels))


def rows(quarter: Quarter) -> dict[str, list[RowValues]]:
    """The return's tables."""
    contacts: list[RowValues] = []
    for contact_type in _codes("contacts", "contact_type", quarter):
        by_area = {area: counts(contact_type)[Cell(quarter, area)] for area in _AREAS}
        contacts.append({"contact_type": contact_type, "category": "all", **_line(by_area)})
        rng = rng_for("odas", contact_type, quarter)
        for split in _SPLITS:
            parts = {area: share_out(rng, number, split) for area, number in by_area.items()}
            for category in split:
                line = _line({area: parts[area][category] for area in _AREAS})
                contacts.append({"contact_type": contact_type, "category": category, **line})
    services: list[RowValues] = [
        {"service": service, **_line({area: counts(service)[Cell(quarter, area)] for area in _AREAS})}
        for service in _codes("services", "service", quarter)
    ]
    return {"contacts": contacts, "services": services}


def _codes(table: str, column: str, quarter: Quarter) -> list[str]:
    choices = contract("odas").table(table).column(column).code_list(quarter)
    return [choice.code for choice in choices]


def _is_counted(measure: str, quarter: Quarter) -> bool:
    return measure in [*_codes("contacts", "contact_type", quarter), *_codes("services", "service", quarter)]


def _line(by_area: dict[str, int]) -> dict[str, int]:
    """A wide row: each area in its own column, and their total."""
    areas = geography.areas()
    return {areas[area].column: number for area, number in by_area.items()} | {"service_total": sum(by_area.values())}
