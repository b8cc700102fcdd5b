"""The attacker finds what can be worked out by hand, and shares no code with what it attacks."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.attacker.attack import narrowed
from tests.attacker.reader import HIDDEN_OR_ZERO, Cell, Knowledge, documents, read_csv, sums_of_areas

HERE = Path(__file__).parent
DOCUMENTS = documents(HERE.parents[1] / "include" / "registers")
COUNTY, CHERWELL, OXFORD, SOUTH_VALE, WEST = "E10000025", "CSP-CHERWELL", "CSP-OXFORD", "CSP-SOUTH-VALE", "CSP-WEST"
DISTRICTS = [f"E07000{number}" for number in range(177, 182)]


def cell(area: str, first: int = 24264, after: int = 24267, thing: str = "x") -> Cell:
    return Cell(thing, area, first, after)


def ranges(truth: dict[str, int], hidden: set[str]) -> dict[str, tuple[int, int]]:
    """The ranges of small counts of a release that are narrower than 5, areas adding up as the registers say."""
    true = {cell(area): count for area, count in truth.items()}
    printed = {cell(area): None if area in hidden else count for area, count in truth.items()}
    knowledge = Knowledge(sums=sums_of_areas([printed], DOCUMENTS.made_of, [true]))
    return {
        narrow.cell.area: (narrow.low, narrow.high) for narrow in narrowed([printed], knowledge, [true], lambda _: 5)
    }


def test_areas_that_add_up_give_a_count_away() -> None:
    # First-time entrants as they were once published: the county less its other partnerships.
    entrants = {COUNTY: 31, CHERWELL: 11, OXFORD: 10, SOUTH_VALE: 8, WEST: 2, DISTRICTS[2]: 5, DISTRICTS[3]: 3}
    assert ranges(entrants, {WEST, DISTRICTS[3]}) == {WEST: (2, 2), DISTRICTS[3]: (3, 3)}


def test_a_hidden_count_is_not_zero_where_zeros_are_printed() -> None:
    five = dict.fromkeys(DISTRICTS, 1) | {COUNTY: 5}
    assert ranges(five, set(DISTRICTS)) == dict.fromkeys(DISTRICTS, (1, 1))


def test_a_year_less_its_other_quarters() -> None:
    quarters = {cell("A", 24264 + start, 24267 + start): count for start, count in ((0, 9), (3, 2), (6, 8), (9, 7))}
    true = {**quarters, cell("A", 24264, 24276): 26}
    (hidden,) = [place for place, count in true.items() if count == 2]
    (narrow,) = narrowed([true | {hidden: None}], Knowledge(), [true], lambda _: 5)
    assert (narrow.cell, narrow.low, narrow.high) == (hidden, 2, 2)


def test_the_rest_of_a_share_is_looked_for() -> None:
    true = {cell("A", thing="part"): 58, cell("A", thing="all"): 60}
    (narrow,) = narrowed([true], Knowledge(whole_of=(("part", "all"),)), [true], lambda _: 5)
    assert (narrow.low, narrow.high, narrow.rest_of) == (2, 2, "all less part")


def test_a_client_of_one_service_is_a_client_of_any() -> None:
    # Two areas of 5 clients each and 8 of one service together: at least 3 in either.
    true = {cell(area, thing="any"): count for area, count in (("A", 5), ("B", 5))}
    true |= {cell(area, thing="service"): count for area, count in (("A", 4), ("B", 4), ("C", 8))}
    printed = true | {cell("A", thing="service"): None, cell("B", thing="service"): None}
    sums = sums_of_areas([printed], {"C": (("A", "B"),)}, [true])
    assert narrowed([printed], Knowledge(sums=sums), [true], lambda _: 5) == []
    narrows = narrowed([printed], Knowledge(sums=sums, at_most=(("service", "any"),)), [true], lambda _: 5)
    assert {(narrow.cell.area, narrow.low, narrow.high) for narrow in narrows} == {("A", 3, 5), ("B", 3, 5)}


def test_what_one_release_prints_gives_away_what_the_next_hides() -> None:
    before, now = {cell("A"): 3, cell("B"): 9}, {cell("A"): 3, cell("B"): 9, cell("C"): 12}
    knowledge = Knowledge(unchanged={1: frozenset({cell("A")})})
    first, second = {cell("A"): 3, cell("B"): 9}, {cell("A"): None, cell("B"): 9, cell("C"): 12}
    assert {narrow.release for narrow in narrowed([first, second], knowledge, [before, now], lambda _: 5)} == {0, 1}
    hidden = {cell("A"): None, cell("B"): 9}
    assert narrowed([hidden, second], knowledge, [before, now], lambda _: 5) == []


def test_counts_that_nothing_fits_are_an_error() -> None:
    true = {cell("A"): 2, cell("A", 24264, 24276): 20, cell("A", 24267, 24276): 18}
    wrong = {cell("A"): None, cell("A", 24264, 24276): 20, cell("A", 24267, 24276): 20}
    with pytest.raises(ValueError, match="nothing fits"):
        narrowed([wrong], Knowledge(), [true], lambda _: 5)


def test_it_reads_the_data_file_of_a_release() -> None:
    heading = ["measure_id", "area_code", "quarter_start"] + [
        f"{period}_{column}"
        for period in ("quarter", "last_year", "year", "year_before")
        for column in ("status", "figure", "number", "out_of")
    ]
    reported, hidden = ["reported", "75", "6", "8"], ["confidential", "[c]", "[c]", "[c]"]
    missing = ["not_received", "[x]", "[x]", "[x]"]
    rows = [heading, ["youth_reoffending", COUNTY, "2022-01-01", *reported, *hidden, *missing, *missing]]
    printed = read_csv("\n".join(",".join(row) for row in rows), DOCUMENTS)
    number, whole = "indicators.youth_reoffending", "indicators.youth_reoffending:of"
    assert printed == {
        cell(COUNTY, thing=number): 6,
        cell(COUNTY, thing=whole): 8,
        cell(COUNTY, 24252, 24255, number): HIDDEN_OR_ZERO,
        cell(COUNTY, 24252, 24255, whole): None,
    }


def test_it_shares_no_code_with_what_it_attacks() -> None:
    for file in ("reader.py", "attack.py"):
        tree = ast.parse((HERE / file).read_text(encoding="utf-8"))
        imported = [
            name
            for node in ast.walk(tree)
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        ]
        assert imported
        assert not [name for name in imported if name.startswith("sia") or name == "importlib"]
