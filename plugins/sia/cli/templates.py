"""``sia templates``: the blank workbooks of every return that partners send as a workbook."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sia.calendar import LONDON, Quarter, last_complete_quarter
from sia.contract import return_workbook
from sia.contract.model import returns
from sia.errors import PermanentError
from sia.settings import settings
from sia.storage.folders import write_if_changed


def templates(quarter: str, to: Path | None) -> None:
    """Write the blank workbooks of a quarter, of the last one that ended if none is given, and print their paths.

    Raises:
        PermanentError: the text is not a quarter, or no return is sent for it.
    """
    try:
        chosen = Quarter.parse(quarter) if quarter else last_complete_quarter(datetime.now(LONDON).date())
    except ValueError as error:
        raise PermanentError(str(error)) from None
    files = write_templates(chosen, (to or settings().state / "templates") / chosen.key)
    if not files:
        raise PermanentError(f"No partner sends a return for {chosen.label}.")
    for path, is_new in files.items():
        print(f"{'written' if is_new else 'unchanged'}  {path}")


def write_templates(quarter: Quarter, folder: Path) -> dict[Path, bool]:
    """Write the blank workbooks of a quarter, past or future. Returns their paths, and whether each has changed."""
    return {
        path: write_if_changed(path, return_workbook.to_bytes(return_workbook.workbook(contract, quarter, source)))
        for contract in returns().values()
        if "xlsx" in contract.formats
        for source in contract.senders
        if contract.owed_for(quarter, source)
        for path in [folder / return_workbook.file_name(contract, quarter, source)]
    }
