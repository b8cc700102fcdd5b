"""Canaries: made-up names and numbers that are planted in returns, and the search for them everywhere else."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
from openpyxl import Workbook
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from sia.contract.model import Contract, contract
from tests.workbooks import FIRST_ROW, HEADING_ROW, filled

# Drama numbers and examples of the bodies that give numbers out; nobody has them.
CANARIES = ("Nightingale", "CANARYNAME", "1985-03-12", "07700 900123", "canary@example.org", "943 476 5919", "ZZ99 9QQ")

# The tables that a submission has in staging while it is checked.
STAGED = "SELECT tablename FROM pg_tables WHERE schemaname = 'staging' AND tablename ~ '_[0-9]+$'"


def planted(agreed: Contract) -> Workbook:
    """A return that is right, with canaries in columns too many, a sheet that is hidden, and its properties.

    The columns: one whose heading says that it is personal, one of notes, and one with no heading at all.
    """
    book = filled(agreed.name, synthetic="Yes")
    for n, table in enumerate(agreed.tables):
        sheet, beyond = book[table.sheet], len(table.columns) + 1
        sheet.cell(HEADING_ROW, beyond, "Client name and date of birth")
        sheet.cell(FIRST_ROW, beyond, f"Florence Nightingale {n} born 1985-03-12")
        sheet.cell(HEADING_ROW, beyond + 1, "Notes")
        sheet.cell(FIRST_ROW, beyond + 1, "CANARYNAME rang from 07700 900123")
        sheet.cell(FIRST_ROW, beyond + 2, "ZZ99 9QQ canary@example.org")
    hidden = book.create_sheet("Notes")
    hidden.sheet_state = "hidden"
    hidden["A1"] = "CANARYNAME 943 476 5919"
    about = book.properties
    about.creator = about.lastModifiedBy = about.title = about.description = "Florence Nightingale"
    return book


def with_text(agreed: Contract, text: str) -> Workbook:
    """The same with a canary typed into a column that is kept."""
    book = planted(agreed)
    book[agreed.tables[0].sheet].cell(FIRST_ROW, 1, text)
    return book


def planted_archive(month: str) -> bytes:
    """A month of the police's files that is right but for two columns too many, in which the canaries are."""
    columns = contract("tvp_crime").table("street").columns
    right = {column.name: column.example or "" for column in columns} | {
        "month": month, "crime_type": "Anti-social behaviour", "last_outcome": "", "crime_id": "",
    }  # fmt: skip
    text = io.StringIO()
    csv.writer(text).writerows(
        [
            [*(column.label for column in columns), "Victim", "Notes"],
            [*right.values(), "Florence Nightingale", "943 476 5919 canary@example.org"],
            [*right.values(), "CANARYNAME", "1985-03-12"],
        ]
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(f"{month}/{month}-thames-valley-street.csv", text.getvalue())
    return buffer.getvalue()


def hits(text: str) -> list[str]:
    """The canaries that stand in a text."""
    return [canary for canary in CANARIES if canary.casefold() in text.casefold()]


def text_of(content: bytes) -> str:
    """The text of a file, also of one that is packed: a workbook, an archive, columns on disk."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return "\n".join(text_of(package.read(name)) for name in package.namelist())
    if content.startswith(b"PAR1"):
        return str(pq.read_table(io.BytesIO(content)).to_pydict())
    return content.decode("latin-1")


def texts_in(folder: Path, *not_in: str) -> dict[str, str]:
    """The names and texts of all files below a folder, but for some of its own folders, of which the names alone."""
    texts = {}
    for path in folder.rglob("*"):
        place = path.relative_to(folder)
        texts[f"the name {place}"] = path.name
        if path.is_file() and place.parts[0] not in not_in:
            texts[f"the file {place}"] = text_of(path.read_bytes())
    return texts


def whole_database(connection: Connection) -> str:
    """Everything that a database holds, as text."""
    dump = io.StringIO()
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        )
        tables = cursor.fetchall()
        assert len(tables) > 40
        for name in tables:
            cursor.copy_expert(
                sql.SQL("COPY (SELECT * FROM {}) TO STDOUT").format(sql.Identifier(*name)).as_string(cursor), dump
            )
        # What the statistics remember of a column's commonest values.
        cursor.copy_expert("COPY (SELECT * FROM pg_stats) TO STDOUT", dump)
    return dump.getvalue()


def server_log(connection: Connection) -> str:
    """What the database's server has logged."""
    with connection, connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        (folder,) = cursor.fetchone() or ("",)
    return (Path(folder).parent / "server.log").read_text(encoding="utf-8", errors="replace")
