"""A limit of tries: it is reached, and is over after its time."""

from __future__ import annotations

from sia.pages.rate_limit import RateLimit


def test_a_limit_is_reached_and_is_over_after_its_time() -> None:
    now = 0.0
    limit = RateLimit(2, 60, lambda: now)
    assert not limit.is_reached("ann")
    assert [limit.allows("ann") for _ in range(3)] == [True, True, False]
    assert limit.is_reached("ann")
    assert not limit.is_reached("bob")
    now = 60.0
    assert not limit.is_reached("ann")
    assert limit.allows("ann")
