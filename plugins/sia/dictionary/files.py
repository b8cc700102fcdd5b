"""The files of the data dictionary: web pages and a workbook."""

from __future__ import annotations

from pathlib import Path

from psycopg2.extensions import connection as Connection

from sia.dictionary.content import dictionary
from sia.dictionary.pages import pages
from sia.dictionary.workbook import workbook
from sia.storage.folders import write_if_changed

WORKBOOK = "data-dictionary.xlsx"


def write(connection: Connection, folder: Path) -> dict[Path, bool]:
    """Write every page and the workbook. Returns the path of each, and whether it has changed."""
    content = dictionary(connection)
    files = {**dict(pages(content)), WORKBOOK: workbook(content)}
    return {folder / name: write_if_changed(folder / name, file) for name, file in files.items()}
