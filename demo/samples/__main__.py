"""``python -m demo.samples``: writes the made-up returns into an inbox."""

from __future__ import annotations

import argparse
from pathlib import Path

from demo.samples.published import FIRST, LAST
from demo.samples.submissions import submissions
from sia.calendar import Quarter, quarters_between
from sia.cli.templates import write_if_changed
from sia.settings import settings


def write_samples(inbox: Path, quarter: Quarter) -> dict[Path, bool]:
    """Write the sample returns of a quarter: the path of each, and whether it was new or changed."""
    return {
        inbox / submission.path: write_if_changed(inbox / submission.path, submission.content())
        for submission in submissions(quarter)
    }


def main(arguments: list[str] | None = None) -> None:
    """Write the quarters that were asked for, a line of progress for each."""
    parser = argparse.ArgumentParser(
        prog="python -m demo.samples", description="Write the made-up sample returns into an inbox."
    )
    parser.add_argument("--to", type=Path, default=settings().state / "inbox", metavar="FOLDER")
    parser.add_argument("--from", dest="first", type=Quarter.parse, default=FIRST, metavar="QUARTER")
    parser.add_argument("--until", dest="last", type=Quarter.parse, default=LAST, metavar="QUARTER")
    given = parser.parse_args(arguments)
    if not FIRST <= given.first <= given.last <= LAST:
        parser.error(f"there are samples from {FIRST} to {LAST}, first quarter before last")
    for quarter in quarters_between(given.first, given.last):
        written = write_samples(given.to, quarter)
        print(f"{quarter.label}: {len(written)} made-up returns, {sum(written.values())} of them new", flush=True)


if __name__ == "__main__":
    main()
