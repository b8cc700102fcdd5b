"""``make dictionary``: writes the data dictionary as web pages and as a workbook."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path

from psycopg2.extensions import connection as Connection

from sia.cli.templates import write_if_changed
from sia.dictionary.content import dictionary
from sia.dictionary.pages import pages
from sia.dictionary.workbook import workbook
from sia.settings import settings
from sia.warehouse import database

WORKBOOK = "data-dictionary.xlsx"


def write_dictionary(connection: Connection, folder: Path) -> dict[Path, bool]:
    """Write every page and the workbook: the path of each, and whether it was new or changed."""
    found = dictionary(connection)
    files = {**dict(pages(found)), WORKBOOK: workbook(found)}
    return {folder / name: write_if_changed(folder / name, content) for name, content in files.items()}


def main(arguments: list[str] | None = None) -> None:
    """The command ``python -m sia.cli.dictionary``."""
    parser = argparse.ArgumentParser(description="Write the data dictionary of the warehouse.")
    parser.add_argument("--to", type=Path, default=settings().state / "dictionary", metavar="FOLDER")
    given = parser.parse_args(arguments)
    with closing(database.connect()) as connection:
        for path, changed in write_dictionary(connection, given.to).items():
            print(f"{'written' if changed else 'unchanged'}  {path}")


if __name__ == "__main__":
    main()
