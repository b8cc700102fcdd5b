"""Inbox and landing on object storage: the same as on a disk. fsspec's memory stands for s3 and sftp."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.intake import admit, stage
from tests.conftest import Warehouse
from tests.staged import status
from tests.workbooks import QUARTER, as_bytes, filled


@pytest.fixture
def bucket(airflow_home: Path) -> str:
    fsspec = pytest.importorskip("fsspec")
    from airflow.sdk.io import attach

    attach("memory", fs=fsspec.filesystem("memory"))
    return f"memory://{uuid.uuid4().hex}"


def test_a_return_is_read_from_and_stored_on_object_storage(warehouse: Warehouse, bucket: str) -> None:
    from airflow.sdk import ObjectStoragePath

    good = as_bytes(filled())
    place = ObjectStoragePath(f"{bucket}/inbox/sanctuary/{QUARTER}/received-2021-07-14")
    place.mkdir(parents=True, exist_ok=True)
    for name, content in {"return.xlsx": good, "return.xlsx.part": b"unfinished"}.items():
        with (place / name).open("wb") as file:
            file.write(content)
    for _ in range(2):
        (number,) = admit.receive(
            warehouse.connection,
            contract("sanctuary"),
            Quarter.parse(QUARTER),
            ObjectStoragePath(f"{bucket}/inbox"),
            f"{bucket}/landing",
        )
    (landed,) = ObjectStoragePath(f"{bucket}/landing/sanctuary").iterdir()
    with landed.open("rb") as file:
        assert file.read() == good
    stage.stage(warehouse.connection, number, f"{bucket}/landing")
    assert status(warehouse.connection, number) == "staged"
