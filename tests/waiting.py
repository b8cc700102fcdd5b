"""Waiting for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")

TIMEOUT_SECONDS = 120
POLL_SECONDS = 0.02
MAX_POLL_SECONDS = 0.5


def wait_until(condition: Callable[[], Value], what: str, timeout: float = TIMEOUT_SECONDS) -> Value:
    """The first true value of a condition.

    Raises:
        AssertionError: it was not true in time; the message names what we waited for.
    """
    until, pause = time.monotonic() + timeout, POLL_SECONDS
    while not (value := condition()):
        assert time.monotonic() < until, f"waited {timeout:g} seconds for {what}"
        time.sleep(pause)
        pause = min(2 * pause, MAX_POLL_SECONDS)
    return value
