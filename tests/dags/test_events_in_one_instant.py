"""Two returns that complete a quarter in one instant start one scorecard, and not two that never have all returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from sia.calendar import Quarter
from sia.contract.model import contracts
from sia_airflow import airflow_compat

QUARTERS = [Quarter(1990, 1).plus(later).key for later in range(10)]
EXPECTED = [contract.name for contract in contracts().values() if contract.expected]


@pytest.fixture
def _scorecard_waits(airflow_database: object) -> Iterator[None]:
    """The DAG is registered and not paused, until the test ends."""
    from airflow.models.asset import AssetPartitionDagRun
    from airflow.models.dag import DagModel
    from airflow.utils.session import create_session
    from sqlalchemy import delete, update

    airflow_compat.registered_dag("scorecard")
    paused = update(DagModel).where(DagModel.dag_id == "scorecard")
    with create_session() as session:
        session.execute(paused.values(is_paused=False))
    yield
    with create_session() as session:
        session.execute(paused.values(is_paused=True))
        session.execute(delete(AssetPartitionDagRun).where(AssetPartitionDagRun.partition_key.in_(QUARTERS)))


@pytest.mark.usefixtures("_scorecard_waits")
def test_two_returns_in_one_instant_start_one_scorecard() -> None:
    from airflow.assets.manager import asset_manager
    from airflow.models.asset import AssetModel, AssetPartitionDagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    from sia_airflow.assets import return_asset

    barrier = Barrier(len(EXPECTED))

    def load(return_name: str) -> None:
        with create_session() as session:
            asset = session.scalars(select(AssetModel).where(AssetModel.name == return_asset(return_name).name)).one()
        for key in QUARTERS:
            barrier.wait(60)
            with create_session() as session:
                asset_manager.register_asset_change(asset=asset, partition_key=key, session=session)

    with ThreadPoolExecutor(len(EXPECTED)) as threads:
        list(threads.map(load, EXPECTED))
    pending = select(AssetPartitionDagRun.partition_key).where(AssetPartitionDagRun.partition_key.in_(QUARTERS))
    with create_session() as session:
        assert Counter(session.scalars(pending)) == dict.fromkeys(QUARTERS, 1)
