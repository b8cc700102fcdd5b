"""The desk, with a warehouse, an inbox and a mail server of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sia.web import app
from tests import mail_server
from tests.conftest import Warehouse
from tests.desk import ADDRESS, Desk


@pytest.fixture
def desk(warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    mailbox = mail_server.Mailbox()
    with mail_server.running(mailbox) as server:
        yield Desk(app.create(server, ADDRESS), mailbox, tmp_path, warehouse)
