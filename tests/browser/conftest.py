"""A browser for each worker, a tab for each test that asks, and the accessibility engine."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.error import URLError

import pytest

from tests import axe, chromium


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Chromium]:
    with chromium.running(tmp_path_factory.mktemp("browser") / "profile") as browser:
        yield browser


@pytest.fixture
def tab(browser: chromium.Chromium) -> Iterator[chromium.Tab]:
    """A tab of the test's own."""
    with browser.tab() as tab:
        yield tab


@pytest.fixture(scope="session")
def engine() -> str:
    """The code of axe-core."""
    try:
        return axe.engine_code()
    except URLError:
        pytest.skip("axe-core is not downloaded yet, and the npm registry does not answer (python tests/axe.py)")
