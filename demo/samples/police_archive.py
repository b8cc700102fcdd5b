"""Synthetic archives in the layout of data.police.uk. Oxfordshire's numbers match the counts return."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO, StringIO
from random import Random
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from demo.samples.police_counts import counts
from demo.samples.published import Cell
from demo.samples.seeded_random import about, rng_for, share_out
from sia import geography
from sia.calendar import Quarter
from sia.contract.model import contract

LOCATION = "Made-up sample"

_Record = tuple[str, str, str, str, str, str, str, str, str, str, str, str]

_FORCE = "Thames Valley Police"
# Each district's first area code of 2011, and its centre. Which name goes with which code is invented.
_PLACES = {
    "Cherwell": (1028443, -1.30, 51.95),
    "Oxford": (1028513, -1.25, 51.75),
    "South Oxfordshire": (1028598, -1.06, 51.62),
    "Vale of White Horse": (1028688, -1.40, 51.65),
    "West Oxfordshire": (1028771, -1.52, 51.80),
    "Reading": (1016355, -0.97, 51.45),
    "West Berkshire": (1016254, -1.27, 51.43),
    "Milton Keynes": (1016786, -0.76, 52.04),
    "Slough": (1016490, -0.60, 51.51),
    "Wycombe": (1017880, -0.77, 51.63),
}
_ELSEWHERE = {"Reading": 130, "West Berkshire": 70, "Milton Keynes": 190, "Slough": 120, "Wycombe": 90}
_SMALL_AREAS, _POINTS = 32, 4
_NO_LOCATION = {2017: 0.1, 2018: 0.1, 2019: 0.08, 2020: 0.06, 2021: 0.05}
_ASB = "Anti-social behaviour"
_TYPES = {
    "Violence and sexual offences": 38, _ASB: 12, "Public order": 12, "Criminal damage and arson": 8, "Other theft": 8,
    "Vehicle crime": 6, "Shoplifting": 5, "Burglary": 4, "Drugs": 3, "Bicycle theft": 2, "Other crime": 2,
    "Theft from the person": 1.5, "Possession of weapons": 0.6, "Robbery": 0.5,
}  # fmt: skip
_ALSO_COUNTED = {
    _ASB: "asb_incidents",
    "Vehicle crime": "vehicle_crime",
    "Robbery": "robbery",
    "Criminal damage and arson": "criminal_damage",
}
_OUTCOMES = {
    "Investigation complete; no suspect identified": 36, "Unable to prosecute suspect": 35, "Under investigation": 10,
    "Status update unavailable": 6, "Local resolution": 5, "Awaiting court outcome": 4,
    "Action to be taken by another organisation": 3, "Offender given a caution": 1,
}  # fmt: skip


def archive(quarter: Quarter) -> bytes:
    """The zip archive for a quarter: one street-level file for each month."""
    headings = [column.label for column in contract("tvp_crime").table("street").columns]
    content = BytesIO()
    with ZipFile(content, "w") as target:
        for month in quarter.months:
            text = StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(headings)
            records: list[_Record] = sorted(
                _month(quarter, month), key=lambda record: (record[8], record[9], record[0])
            )
            writer.writerows(records)
            name = f"{month}/{month}-thames-valley-street.csv"
            target.writestr(ZipInfo(name), text.getvalue().encode(), compress_type=ZIP_DEFLATED)
    return content.getvalue()


def _month(quarter: Quarter, month: str) -> Iterator[_Record]:
    rng = rng_for("tvp_crime", month)
    numbers = {area.name: _of_district(rng, Cell(quarter, area.code, month)) for area in geography.districts()}
    numbers |= {name: share_out(rng, about(rng, level), _TYPES) for name, level in _ELSEWHERE.items()}
    located = sum(sum(by_type.values()) for by_type in numbers.values())
    numbers[""] = share_out(rng, round(located * _NO_LOCATION[quarter.year]), _TYPES)
    number = 0
    for district, by_type in numbers.items():
        for crime_type, records in by_type.items():
            for _ in range(records):
                number += 1
                is_crime = crime_type != _ASB
                longitude, latitude, code, name = _place(rng, district)
                yield (
                    sha256(f"{month}/{number}".encode()).hexdigest() if is_crime else "",
                    month,
                    _FORCE,
                    _FORCE,
                    longitude,
                    latitude,
                    LOCATION,
                    code,
                    name,
                    crime_type,
                    rng.choices(list(_OUTCOMES), list(_OUTCOMES.values()))[0] if is_crime else "",
                    "",
                )


def _of_district(rng: Random, cell: Cell) -> dict[str, int]:
    """Records of a district by type. Types that the counts return also counts have the same number here."""
    counted = counts()[cell]
    same = {name: counted[measure] for name, measure in _ALSO_COUNTED.items()}
    other_types = {name: share for name, share in _TYPES.items() if name not in same}
    other_crimes = counted["all_recorded_crime"] + same[_ASB] - sum(same.values())
    return same | share_out(rng, other_crimes, other_types)


def _place(rng: Random, district: str) -> tuple[str, str, str, str]:
    """Longitude, latitude, code and name of a small area. All are empty for a record without a location."""
    if not district:
        return "", "", "", ""
    first_code, longitude, latitude = _PLACES[district]
    area, point = rng.randrange(_SMALL_AREAS), rng.randrange(_POINTS)
    return (
        f"{longitude + (area % 8 - 4) * 0.01 + point * 0.001:.6f}",
        f"{latitude + (area // 8 - 2) * 0.01 + point * 0.0007:.6f}",
        f"E0{first_code + area}",
        f"{district} {area // 4 + 1:03d}{'ABCD'[area % 4]}",
    )
