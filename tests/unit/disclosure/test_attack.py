"""The attack, against a reader who tries every table there is."""

from collections.abc import Collection
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sia.disclosure.attack import KnownSum, unknowns
from tests.unit.disclosure.ranges import Range, attack

Key = tuple[str, str]


def table(values: np.ndarray) -> tuple[dict[Key, int], list[KnownSum[Key]]]:
    """A table with its margins: cells by row and column name, "all" being the totals."""
    rows, columns = values.shape
    row_names, column_names = [f"r{row}" for row in range(rows)], [f"c{column}" for column in range(columns)]
    cells = {(r, c): int(values[i, j]) for i, r in enumerate(row_names) for j, c in enumerate(column_names)}
    cells |= {(r, "all"): int(values[i].sum()) for i, r in enumerate(row_names)}
    cells |= {("all", c): int(values[:, j].sum()) for j, c in enumerate(column_names)}
    cells["all", "all"] = int(values.sum())
    groups = [KnownSum((r, "all"), tuple((r, c) for c in column_names)) for r in [*row_names, "all"]]
    groups += [KnownSum(("all", c), tuple((r, c) for r in row_names)) for c in [*column_names, "all"]]
    return cells, groups


def every_table(
    values: np.ndarray,
    published: dict[Key, int],
    ceiling: np.ndarray,
    enough: float = inf,
    not_zero: Collection[Key] = (),
) -> dict[Key, Range]:
    """The ranges that remain when all tables of whole numbers are tried that agree with what is published.

    Independent of the attack: it tries numbers one after another and knows no solver. It stops when all ranges
    are as wide as is ``enough``; no inner count is tried above its ``ceiling``, and 0 for none that is ``not_zero``.
    """
    rows, columns = values.shape
    true = table(values)[0]
    lowest, highest = dict(true), dict(true)
    row_left: list[float] = [published.get((f"r{i}", "all"), inf) for i in range(rows)]
    column_left: list[float] = [published.get(("all", f"c{j}"), inf) for j in range(columns)]
    all_left: list[float] = [published.get(("all", "all"), inf)]
    tried = np.zeros_like(values)

    def fill(number: int) -> bool:
        if number == values.size:
            tried_cells = table(tried)[0]
            if all_left[0] in (0, inf) and all(tried_cells[key] for key in not_zero):
                for key, count in tried_cells.items():
                    lowest[key], highest[key] = min(lowest[key], count), max(highest[key], count)
            return all(highest[key] - lowest[key] >= enough for key in true if key not in published)
        i, j = divmod(number, columns)
        room = min(ceiling[i, j], row_left[i], column_left[j], all_left[0])
        options = range(int((f"r{i}", f"c{j}") in not_zero), int(room) + 1)
        if (own := published.get((f"r{i}", f"c{j}"))) is not None:
            options = range(own, own + 1) if own <= room else range(0)
        for count in options:
            row_must_end = j == columns - 1 and row_left[i] not in (count, inf)
            column_must_end = i == rows - 1 and column_left[j] not in (count, inf)
            if row_must_end or column_must_end:
                continue
            tried[i, j] = count
            row_left[i], column_left[j], all_left[0] = row_left[i] - count, column_left[j] - count, all_left[0] - count
            done = fill(number + 1)
            row_left[i], column_left[j], all_left[0] = row_left[i] + count, column_left[j] + count, all_left[0] + count
            if done:
                return True
        tried[i, j] = 0
        return False

    fill(0)
    return {key: Range(lowest[key], highest[key]) for key in true if key not in published}


def test_a_single_hidden_count_is_found() -> None:
    cells, groups = table(np.array([[3, 9], [12, 20]]))
    published = {key: count for key, count in cells.items() if key != ("r0", "c0")}
    assert attack(published, groups) == {("r0", "c0"): Range(3, 3)}


def test_four_hidden_counts_in_a_square_are_bounded_by_the_smallest() -> None:
    # By hand: the square moves by one amount in turn, down by min(3, 20) and up by min(9, 12).
    cells, groups = table(np.array([[3, 9], [12, 20]]))
    published = {key: count for key, count in cells.items() if "all" in key}
    assert attack(published, groups) == {
        ("r0", "c0"): Range(0, 12),
        ("r0", "c1"): Range(0, 12),
        ("r1", "c0"): Range(3, 15),
        ("r1", "c1"): Range(17, 29),
    }


def test_what_nothing_bounds_is_unbounded() -> None:
    assert attack({}, [KnownSum("county", ("north", "south"))], ["county", "alone"]) == {
        "alone": Range(0, inf),
        "county": Range(0, inf),
        "north": Range(0, inf),
        "south": Range(0, inf),
    }


def test_whole_numbers_are_known_to_be_whole() -> None:
    # 2 a = b + c, a + b = 4 + c: linear programs alone would allow a = 2.5 of a total of odd halves.
    groups = [KnownSum("x", ("a", "a")), KnownSum("x", ("b", "b", "b"))]
    assert attack({"t": 7}, [*groups, KnownSum("t", ("a", "b", "rest"))]) == {
        "a": Range(0, 3),
        "b": Range(0, 2),
        "rest": Range(2, 7),
        "x": Range(0, 6),
    }


def test_contradictions_are_an_error() -> None:
    for published in ({"t": 3, "a": 5}, {"t": 3, "a": 1, "b": 1}):
        with pytest.raises(ValueError, match="contradict"):
            attack(published, [KnownSum("t", ("a", "b"))])


def test_the_sums_behind_a_count_are_named() -> None:
    groups = [KnownSum("t", ("a", "b")), KnownSum("u", ("b", "c")), KnownSum("v", ("d", "e"))]
    (part,) = unknowns({"t": 9, "c": 4, "u": 10, "v": 8, "d": 4, "e": 4}, groups)
    assert part.sums_behind("a") == tuple(groups[:2])


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_the_attack_finds_what_trying_every_table_finds(data: st.DataObject) -> None:
    rows, columns = data.draw(st.sampled_from([(1, 2), (2, 2), (2, 3), (3, 2)]))
    values = np.array(data.draw(st.lists(st.integers(0, 4), min_size=rows * columns, max_size=rows * columns)))
    values = values.reshape(rows, columns)
    cells, groups = table(values)
    inner = [key for key in cells if "all" not in key]
    hidden = data.draw(st.sets(st.sampled_from(inner))) | data.draw(
        st.sets(st.sampled_from([("r0", "all"), ("all", "c0")]))
    )
    published = {key: count for key, count in cells.items() if key not in hidden}
    not_zero = {key for key in hidden if cells[key]} if data.draw(st.booleans()) else set()
    # The grand total is always published here, so that it is the ceiling of every count.
    ceiling = np.full_like(values, cells["all", "all"])
    assert attack(published, groups, not_zero=not_zero) == every_table(values, published, ceiling, not_zero=not_zero)
