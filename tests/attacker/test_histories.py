"""Random histories are attacked; and with any part of the protection switched off, the attacker finds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sia.disclosure import additive, suppression
from sia.disclosure.reader_knowledge import ReaderKnowledge
from sia.scorecard import protection
from tests.attacker.attack import Narrowed, narrowed, small_counts
from tests.attacker.histories import THRESHOLD, History, history

BLOCK = 20


def attacked(record: History) -> list[Narrowed]:
    return narrowed(record.printed, record.knowledge, record.truth, lambda _: THRESHOLD)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 200, BLOCK))
def test_no_history_gives_a_small_count_away(first: int) -> None:
    small = 0
    for seed in range(first, first + BLOCK):
        record = history(seed)
        assert attacked(record) == [], f"history {seed}"
        small += small_counts(record.printed, record.knowledge, record.truth, lambda _: THRESHOLD)
    assert small > 10 * BLOCK, "there is nothing to find, so that finding nothing says nothing"


@pytest.mark.parametrize("seed", [209, 1224, 1260, 1506])
def test_no_history_gives_a_small_count_away_by_a_release_without_the_measure_or_by_the_ons(seed: int) -> None:
    """All but one of these have releases that leave the measure out; two have figures of the ONS."""
    assert attacked(history(seed)) == []


def _without_lower_bounds(patch: pytest.MonkeyPatch) -> None:
    asked = suppression.unknowns
    patch.setattr(suppression, "unknowns", lambda published, groups, _: asked(published, groups))


def _without_covers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(suppression._Cover, "find", lambda _: set())
    patch.setattr(suppression, "_exposed", lambda *_: [])


def _without_earlier_releases(patch: pytest.MonkeyPatch) -> None:
    protect = protection.protect
    patch.setattr(protection, "protect", lambda *args, **more: protect(*args, **(more | {"earlier": ()})))


def _without_succession(patch: pytest.MonkeyPatch) -> None:
    """As if each release were about other counts than the one before."""
    together = ReaderKnowledge.together

    def apart(counts: Any, groups: Any, earlier: Any = (), **more: Any) -> ReaderKnowledge:
        known = together(counts, groups, earlier, **more)
        alone = together(counts, groups, (), **more)
        return ReaderKnowledge(known.counts, known.public, alone.groups, known.not_zero)

    patch.setattr(ReaderKnowledge, "together", apart)


def _without(function: str) -> Callable[[pytest.MonkeyPatch], None]:
    def switch_off(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(additive, function, lambda *_, **__: [])

    return switch_off


def _without_hidden_zeros(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(protection, "_hides_zeros", lambda *_: set())


def _without_what_others_publish(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(protection, "ranges_elsewhere", lambda *_: [])


def _without_quarters_left_to_years(patch: pytest.MonkeyPatch) -> None:
    left_to_years, by_family = protection._left_to_years, protection._by_family
    left: set[Any] = set()

    def remember(*args: Any) -> frozenset[Any]:
        left.clear()
        left.update(left_to_years(*args))
        return frozenset(left)

    patch.setattr(protection, "_left_to_years", remember)
    patch.setattr(
        protection,
        "_by_family",
        lambda counts, families: by_family({cell: counts[cell] for cell in counts if cell not in left}, families),
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "switch_off",
    [
        pytest.param(_without("_over_areas"), id="sums over areas"),
        pytest.param(_without("_sums_that_hold"), id="areas given as such that add up"),
        pytest.param(_without("_over_time"), id="sums over time"),
        pytest.param(_without("_over_parts"), id="sums over parts"),
        pytest.param(_without("_under_limits"), id="what is never more than something else"),
        pytest.param(_without_lower_bounds, id="a hidden count is not 0"),
        pytest.param(_without_covers, id="covers"),
        pytest.param(_without_earlier_releases, id="what earlier releases showed"),
        pytest.param(_without_succession, id="sums of earlier releases"),
        pytest.param(_without_what_others_publish, id="what others publish"),
        pytest.param(_without_quarters_left_to_years, id="quarters that are left to years"),
        pytest.param(_without_hidden_zeros, id="zeros, and everybody or nobody"),
    ],
)
def test_without_a_part_of_the_protection_small_counts_are_known(
    switch_off: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_off(monkeypatch)
    # 352 is the first in which only what others publish would give a count away.
    assert any(attacked(history(seed)) for seed in (352, *range(200))), "the attacker does not find this fault"
