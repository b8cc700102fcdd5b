"""Reading a small return: a workbook, a spreadsheet or a CSV file becomes the contract's tables and findings."""

from __future__ import annotations

import io
from typing import BinaryIO

from sia.calendar import Quarter
from sia.contract.model import Contract
from sia.finding import Finding
from sia.intake.file_safety import damaged
from sia.intake.readers import csv_file, ods, published_tables, tables, xls, xlsx
from sia.intake.readers.tables import ReadTable
from sia.intake.rejection import Refusal


def read(file: BinaryIO, name: str, contract: Contract, quarter: Quarter) -> tuple[list[ReadTable], list[Finding]]:
    """Read every table of a return that was admitted, and name every fault at its cell.

    Args:
        file: the file, opened for reading bytes, seekable.
        name: its name as it was sent; its ending says the format, which admission has checked.
        contract: the return's contract.
        quarter: the quarter that the return is for, which dates headings.

    Returns:
        The tables as far as they could be read, and the findings. A file of which nothing can be read
        gives no table and says why.
    """
    content = file.read()
    if contract.published:
        return _published(content, name, contract, quarter)
    try:
        if name.lower().endswith(".csv"):
            return tables.from_csv(contract, quarter, csv_file.read(content, name))
        reader = xlsx if name.lower().endswith(".xlsx") else ods
        try:
            sheets = reader.read(io.BytesIO(content))
        except MemoryError:
            raise
        except Exception:  # a damaged xlsx fails in as many ways as there are lines in a reader
            raise damaged(contract) from None
        return tables.from_workbook(contract, quarter, sheets)
    except Refusal as refusal:
        return [], list(refusal.findings)


_READERS = {"xlsx": xlsx, "ods": ods, "xls": xls}


def first_lines(file: BinaryIO, kind: str, contract: Contract) -> list[str]:
    """What stands at the top of the sheets of a file, by which a publication is known; nothing of an archive.

    Args:
        file: the file, opened for reading bytes, seekable.
        kind: its format, as ``safety.check`` found.
        contract: whose formats a refusal names.

    Raises:
        Refusal: the file is damaged, or its letters cannot be read.
    """
    file.seek(0)
    content = file.read()
    if kind == "csv":
        return [cell.text for row in csv_file.read(content, "csv", most_rows=1).rows for cell in row.cells.values()]
    if kind not in _READERS:
        return []
    try:
        sheets = list(_READERS[kind].beginnings(io.BytesIO(content), published_tables.FIRST_LINES))
    except MemoryError:
        raise
    except Exception:  # a damaged xlsx fails in as many ways as there are lines in a reader
        raise damaged(contract) from None
    return [text for rows in sheets for texts in rows for text in texts if text]


def _published(
    content: bytes, name: str, contract: Contract, quarter: Quarter
) -> tuple[list[ReadTable], list[Finding]]:
    try:
        kind = name.lower().rpartition(".")[2]
        if kind == "csv":
            sheet = csv_file.read(content, name, most_rows=published_tables.ROOM - 1)
            return published_tables.read(contract, quarter, [sheet], delimited=True)
        try:
            sheets = _READERS[kind].read_named(io.BytesIO(content), published_tables.sheet_names(contract, quarter))
        except MemoryError:
            raise
        except Exception:  # as above
            raise damaged(contract) from None
        return published_tables.read(contract, quarter, sheets)
    except Refusal as refusal:
        return [], list(refusal.findings)
