"""A limit of how often somebody may try something, kept in this process."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Lock

_MAX_KEYS = 10_000


class RateLimit:
    """At most ``most`` tries in ``seconds`` for each key."""

    def __init__(self, most: int, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._seconds, self._now = most, seconds, now
        self._tries: dict[str, deque[float]] = {}
        self._lock = Lock()

    def allows(self, key: str) -> bool:
        """Whether the key may try now; if so, it counts as a try."""
        now = self._now()
        with self._lock:
            if len(self._tries) >= _MAX_KEYS:
                self._forget(now)
            tries = self._recent(key, now)
            # Somebody with very many keys is refused, and cannot fill the memory.
            if len(tries) >= self._most or len(self._tries) > _MAX_KEYS:
                return False
            tries.append(now)
            return True

    def is_reached(self, key: str) -> bool:
        """Whether the key may not try now. This does not count as a try."""
        since = self._now() - self._seconds
        with self._lock:
            return sum(tried > since for tried in self._tries.get(key, ())) >= self._most

    def _recent(self, key: str, now: float) -> deque[float]:
        """The tries of a key that still count."""
        tries = self._tries.setdefault(key, deque())
        while tries and tries[0] <= now - self._seconds:
            tries.popleft()
        return tries

    def _forget(self, now: float) -> None:
        """Forget keys whose last try no longer counts."""
        for key in [key for key, tries in self._tries.items() if not tries or tries[-1] <= now - self._seconds]:
            del self._tries[key]
