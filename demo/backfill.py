"""Load earlier quarters of the demo: write their sample returns, then load them like any other returns."""

from __future__ import annotations

from pathlib import Path

from demo.samples.files import write_samples
from demo.samples.published import FIRST, LAST
from sia.calendar import Quarter
from sia.cli.backfill import requested_quarters
from sia.cli.backfill import run as run_backfill
from sia.local import processes
from sia.local.bootstrap import local_airflow
from sia.settings import settings


def backfill(first: str, last: str) -> None:
    """Write sample returns for the quarters that have none in the inbox, and load them.

    Raises:
        PermanentError: a quarter is invalid or has not ended, or a run failed.
    """
    state = settings().state
    quarters = requested_quarters(first, last, state, LAST)
    with local_airflow("make demo-backfill", keep_running=bool(processes.running(state))) as console:
        with console.step("Writing the sample returns"):
            for quarter in without_returns(quarters, state / "inbox"):
                write_samples(state / "inbox", quarter)
        run_backfill(quarters, console)


def without_returns(quarters: list[Quarter], inbox: Path) -> list[Quarter]:
    """The quarters that have samples, and no file in the inbox yet."""
    return [q for q in quarters if FIRST <= q <= LAST and not any(inbox.glob(f"*/{q.key}"))]
