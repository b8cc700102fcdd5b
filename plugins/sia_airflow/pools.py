"""The pools of our tasks: how many tasks of a kind run at the same time."""

from __future__ import annotations

from typing import NamedTuple

LARGE_MEMORY = "large_memory"


class PoolSettings(NamedTuple):
    """A pool as we create it. Its slots can be changed in Airflow, under Admin, Pools."""

    slots: int
    description: str


POOLS = {
    LARGE_MEMORY: PoolSettings(2, "Tasks that import Great Expectations or build a scorecard: up to 300 MB each."),
}
