"""The assets that connect our DAGs: a task that updates one starts the DAGs that wait for it."""

from __future__ import annotations

from airflow.sdk import Asset

OUTBOX = Asset("outbox")
"""Letters are written and not sent yet."""

SCORECARD_DUE = Asset("scorecard_due")
"""By quarter: the scorecard is due, and there is no draft."""

DRAFT_OVERTAKEN = Asset("draft_overtaken")
"""By quarter: figures that a draft shows have changed."""


def return_asset(return_name: str) -> Asset:
    """By quarter: a return was loaded."""
    return Asset(f"return_{return_name}")
