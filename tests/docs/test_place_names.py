"""The software serves any county: only registers and contracts name one, its police force, partners or districts."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.place_names import place_names

ROOT = Path(__file__).resolve().parents[2]
CODE = ("dags", "include/sql", "include/templates", "plugins")


def tracked(*folders: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z", *folders], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for path in listed.stdout.split("\0") if path and (ROOT / path).exists()]


def places_in(text: str) -> list[str]:
    """The lines that name a place, as ``number: line``."""
    names = place_names()
    return [f"{number}: {line.strip()}" for number, line in enumerate(text.splitlines(), 1) if names.search(line)]


@pytest.mark.parametrize("folder", CODE)
def test_no_code_names_a_county_a_force_a_partner_or_a_district(folder: str) -> None:
    paths = tracked(folder)
    assert paths
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path in paths}
    assert [f"{path}:{line}" for path, text in texts.items() for line in places_in(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "Oxfordshire",
        "AND area_code = 'E07000178'",
        "'CSP-SOUTH-VALE'",
        "s.vale_of_white_horse",
        "South and\tVale is the sum of two",
        "unassigned thames valley",
        "thames-valley-street.csv",
        "THAMES_VALLEY_POLICE",
        "source = 'odas'",
        "WHERE return_name = 'tvp_crime'",
        "E06000037",
    ],
)
def test_a_place_is_recognised_however_it_is_written(text: str) -> None:
    assert places_in(text)


@pytest.mark.parametrize("text", ["the value of white space", "csps()", "ELSEWHERE", "warehouse.odas_contact", "south"])
def test_words_of_every_county_are_none_of_this_one(text: str) -> None:
    assert places_in(text) == []
