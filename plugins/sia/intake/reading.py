"""Reading a small return: a workbook, a spreadsheet or a CSV file becomes the contract's tables and findings."""

from __future__ import annotations

import io
from typing import BinaryIO

from sia.calendar import Quarter
from sia.contract.model import Contract
from sia.findings import Finding
from sia.intake import delimited, opendocument, tables, workbook
from sia.intake.faults import Refusal
from sia.intake.safety import damaged
from sia.intake.tables import ReadTable


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
    try:
        if name.lower().endswith(".csv"):
            return tables.from_csv(contract, quarter, delimited.read(content, name))
        reader = workbook if name.lower().endswith(".xlsx") else opendocument
        try:
            sheets = reader.read(io.BytesIO(content))
        except MemoryError:
            raise
        except Exception:  # a damaged workbook fails in as many ways as there are lines in a reader
            raise damaged(contract) from None
        return tables.from_workbook(contract, quarter, sheets)
    except Refusal as refusal:
        return [], list(refusal.findings)
