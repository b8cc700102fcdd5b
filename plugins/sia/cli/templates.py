"""``make templates``: writes the blank workbook of every return that is sent as one."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from sia.calendar import LONDON, Quarter, last_complete_quarter
from sia.contract import return_workbook
from sia.contract.model import returns
from sia.settings import settings


def write_if_changed(path: Path, content: bytes) -> bool:
    """Write a file, and its folder, unless it is there with these very bytes; whether it was written."""
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return True


def write_templates(quarter: Quarter, folder: Path) -> dict[Path, bool]:
    """Write every blank workbook of a quarter: the path of each, and whether it was new or changed."""
    written = {}
    for contract in returns().values():
        if "xlsx" not in contract.formats:
            continue
        for source in contract.senders:
            path = folder / return_workbook.file_name(contract, quarter, source)
            content = return_workbook.to_bytes(return_workbook.workbook(contract, quarter, source))
            written[path] = write_if_changed(path, content)
    return written


def main(arguments: list[str] | None = None) -> None:
    """The command ``python -m sia.cli.templates``."""
    parser = argparse.ArgumentParser(description="Write the blank workbooks of a quarter.")
    last = last_complete_quarter(datetime.now(LONDON).date())
    parser.add_argument("--quarter", type=Quarter.parse, default=last, help="as 2021-22Q4; the last one if not given")
    parser.add_argument("--to", type=Path, default=settings().state / "templates", metavar="FOLDER")
    given = parser.parse_args(arguments)
    for path, changed in write_templates(given.quarter, given.to / given.quarter.key).items():
        print(f"{'written' if changed else 'unchanged'}  {path}")


if __name__ == "__main__":
    main()
