"""Write the sample returns as files."""

from __future__ import annotations

from pathlib import Path

from demo.samples.published import FIRST, LAST
from demo.samples.submissions import submissions
from sia.calendar import Quarter, quarters_between
from sia.errors import PermanentError
from sia.settings import settings
from sia.storage.folders import write_if_changed


def samples(first: str, last: str, folder: Path | None) -> None:
    """Write the sample returns from the first quarter to the last. Without quarters: all of them.

    Raises:
        PermanentError: there are no samples for these quarters.
    """
    try:
        begin, end = Quarter.parse(first) if first else FIRST, Quarter.parse(last) if last else LAST
    except ValueError as error:
        raise PermanentError(str(error)) from None
    if not FIRST <= begin <= end <= LAST:
        raise PermanentError(f"There are samples from {FIRST} to {LAST}. The first quarter must be before the last.")
    for quarter in quarters_between(begin, end):
        files = write_samples(folder or settings().state / "inbox", quarter)
        print(f"{quarter.label}: {len(files)} synthetic returns, {sum(files.values())} of them new", flush=True)


def write_samples(inbox: Path, quarter: Quarter) -> dict[Path, bool]:
    """Write the sample returns of a quarter. Returns the path of each file, and whether it is new or has changed."""
    return {
        inbox / submission.path: write_if_changed(inbox / submission.path, submission.content())
        for submission in submissions(quarter)
    }
