"""A browser for each test that asks, and the engine that judges what it shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import pytest

from tests import axe, chromium


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[chromium.Browser]:
    with chromium.opened(tmp_path / "profile") as found:
        yield found


@pytest.fixture(scope="session")
def engine() -> str:
    """The code of axe-core."""
    try:
        return axe.script()
    except URLError:
        pytest.skip("axe-core was not fetched yet, and the npm registry does not answer (python tests/axe.py)")
