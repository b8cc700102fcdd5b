"""The desk, with a warehouse, an inbox and a mail server of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import desk as desks
from tests.conftest import Warehouse


@pytest.fixture
def desk(warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[desks.Desk]:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    with desks.running(warehouse, tmp_path) as desk:
        yield desk
