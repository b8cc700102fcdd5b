"""Canaries: synthetic personal data that we put into returns, and the search for it everywhere else."""

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

# Numbers that are kept free for drama and examples: nobody has them.
CANARIES = ("Nightingale", "CANARYNAME", "1985-03-12", "07700 900123", "canary@example.org", "943 476 5919", "ZZ99 9QQ")

# The staging tables of submissions that are being checked.
STAGING_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'staging' AND tablename ~ '_[0-9]+$'"


def workbook_with_canaries(return_contract: Contract) -> Workbook:
    """A correct return, with names alone in extra columns, in a hidden sheet and in the workbook's properties.

    The extra columns have a heading that says personal data, a heading that says notes, and no heading. Nobody can tell
    a name alone from other words.
    """
    book = filled(return_contract.name, synthetic="Yes")
    for n, table in enumerate(return_contract.tables):
        sheet, extra = book[table.sheet], len(table.columns) + 1
        sheet.cell(HEADING_ROW, extra, "Client name and date of birth")
        sheet.cell(FIRST_ROW, extra, f"Florence Nightingale {n}")
        sheet.cell(HEADING_ROW, extra + 1, "Notes")
        sheet.cell(FIRST_ROW, extra + 1, "CANARYNAME rang")
        sheet.cell(FIRST_ROW, extra + 2, "Nightingale")
    hidden = book.create_sheet("Notes")
    hidden.sheet_state = "hidden"
    hidden["A1"] = "CANARYNAME"
    properties = book.properties
    properties.creator = properties.lastModifiedBy = properties.title = properties.description = "Florence Nightingale"
    return book


def workbook_with_unread_canaries(return_contract: Contract) -> Workbook:
    """A correct return, with personal data of every kind where we read no figures."""
    book = workbook_with_canaries(return_contract)
    sheet, extra = book[return_contract.tables[0].sheet], len(return_contract.tables[0].columns) + 1
    sheet.cell(FIRST_ROW, extra, "Florence Nightingale born 1985-03-12")
    sheet.cell(FIRST_ROW, extra + 1, "CANARYNAME rang from 07700 900123")
    sheet.cell(FIRST_ROW, extra + 2, "ZZ99 9QQ canary@example.org")
    book["Notes"]["A1"] = "CANARYNAME 943 476 5919"
    return book


def workbook_with_canary_in_cell(return_contract: Contract, text: str) -> Workbook:
    """The same, and a canary in a column that we keep."""
    book = workbook_with_canaries(return_contract)
    book[return_contract.tables[0].sheet].cell(FIRST_ROW, 1, text)
    return book


def archive_with_canaries(month: str) -> bytes:
    """A correct month of the police's files, with canaries in two extra columns."""
    columns = contract("tvp_crime").table("street").columns
    correct = {column.name: column.example or "" for column in columns} | {
        "month": month, "crime_type": "Anti-social behaviour", "last_outcome": "", "crime_id": "",
    }  # fmt: skip
    text = io.StringIO()
    csv.writer(text).writerows(
        [
            [*(column.label for column in columns), "Victim", "Notes"],
            [*correct.values(), "Florence Nightingale", "943 476 5919 canary@example.org"],
            [*correct.values(), "CANARYNAME", "1985-03-12"],
        ]
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(f"{month}/{month}-thames-valley-street.csv", text.getvalue())
    return buffer.getvalue()


def canaries_in(text: str) -> list[str]:
    """The canaries that a text contains."""
    return [canary for canary in CANARIES if canary.casefold() in text.casefold()]


def text_of(content: bytes) -> str:
    """The text of a file, and of the files inside it if it is a workbook, an archive or a Parquet file."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return "\n".join(text_of(package.read(name)) for name in package.namelist())
    if content.startswith(b"PAR1"):
        return str(pq.read_table(io.BytesIO(content)).to_pydict())
    return content.decode("latin-1")


def texts_in(folder: Path, *names_only: str) -> dict[str, str]:
    """The names and texts of all files below a folder. For some of its folders, only the names."""
    texts = {}
    for path in folder.rglob("*"):
        place = path.relative_to(folder)
        texts[f"the name {place}"] = path.name
        if path.is_file() and place.parts[0] not in names_only:
            texts[f"the file {place}"] = text_of(path.read_bytes())
    return texts


def whole_database(connection: Connection) -> str:
    """All rows of all tables and views of a database, and its statistics, as text."""
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
        # Statistics keep a column's most common values.
        cursor.copy_expert("COPY (SELECT * FROM pg_stats) TO STDOUT", dump)
    return dump.getvalue()


def server_log(connection: Connection) -> str:
    """The log of the database's server."""
    with connection, connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        (folder,) = cursor.fetchone() or ("",)
    return (Path(folder).parent / "server.log").read_text(encoding="utf-8", errors="replace")
