"""Read a small return: a workbook, a spreadsheet or a CSV file becomes the contract's tables and findings."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import BinaryIO, TypeVar

from sia.calendar import Quarter
from sia.contract.model import Contract
from sia.finding import Finding
from sia.geography import OtherName
from sia.intake.file_safety import damaged_file
from sia.intake.hidden_parts import hidden_parts
from sia.intake.readers import csv_file, geojson, ods, published_tables, tables, xls, xlsx
from sia.intake.readers.cover import MAX_COVER_ROWS, Cover, find_cover
from sia.intake.readers.tables import ReadTable
from sia.intake.rejection import FileRejected, make_finding

_READERS = {"xlsx": xlsx, "ods": ods, "xls": xls}
_TEMPLATE_READERS = {"xlsx": xlsx, "ods": ods}

T = TypeVar("T")


def read(
    file: BinaryIO, name: str, contract: Contract, quarter: Quarter, other_names: Sequence[OtherName] = ()
) -> tuple[list[ReadTable], list[Finding]]:
    """Read every table of a return that was admitted, with a finding for each cell that cannot be read.

    Args:
        file: the file, opened for reading bytes, seekable.
        name: its name as it was sent. Admission has checked that its extension is its format.
        contract: the return's contract.
        quarter: the quarter that the return is for, which dates headings.
        other_names: other names, codes and spellings of areas that the file may have.

    Returns:
        The tables as far as they could be read, and the findings. If nothing of a file can be read, there is no table,
        and the findings say why.
    """
    content, extension = file.read(), name.lower().rpartition(".")[2]
    try:
        if contract.published:
            return _read_published(content, name, extension, contract, quarter, other_names)
        if extension == "csv":
            return tables.from_csv(contract, quarter, csv_file.read(content, name), other_names)
        reader = _TEMPLATE_READERS[extension]
        sheets = _unless_damaged(lambda: reader.read(io.BytesIO(content)), contract)
        read_tables, findings = tables.from_workbook(contract, quarter, sheets, other_names)
        parts = _unless_damaged(lambda: hidden_parts(content, extension), contract)
        findings += [make_finding("INT-PERSONAL-09", kind=kind) for kind in parts.personal]
        if parts.present and not parts.personal:
            findings.append(make_finding("INT-HIDDEN-03", kind=" and ".join(parts.present)))
        return read_tables, findings
    except FileRejected as rejected:
        return [], list(rejected.findings)


def read_cover(file: BinaryIO, extension: str, contract: Contract) -> Cover | None:
    """The cover of a return workbook that was checked; nothing if it has none, or is not a workbook.

    Args:
        file: the file, opened for reading bytes, seekable.
        extension: its format, as ``check_file`` gives it.
        contract: whose formats a rejection names.

    Raises:
        FileRejected: the file is damaged.
    """
    if extension not in _TEMPLATE_READERS:
        return None
    return find_cover(_peek(file, extension, MAX_COVER_ROWS, contract))


def title_lines(file: BinaryIO, extension: str, contract: Contract) -> list[str]:
    """The texts at the top of the sheets of a file, by which we know a publication; none for an archive.

    Args:
        file: the file, opened for reading bytes, seekable.
        extension: its format, as ``check_file`` gives it.
        contract: whose formats a rejection names.

    Raises:
        FileRejected: the file is damaged, or its encoding is unknown.
    """
    if extension == "csv":
        file.seek(0)
        return [cell.text for row in csv_file.read(file.read(), "csv", 1).rows for cell in row.cells.values()]
    if extension in geojson.EXTENSIONS:
        file.seek(0)
        content = file.read()
        return _unless_damaged(lambda: geojson.property_names(content), contract)
    if extension not in _READERS:
        return []
    sheets = _peek(file, extension, published_tables.MAX_TITLE_ROWS, contract)
    return [text for rows in sheets for texts in rows for text in texts if text]


def _peek(file: BinaryIO, extension: str, rows: int, contract: Contract) -> list[list[tuple[str, str]]]:
    file.seek(0)
    content = io.BytesIO(file.read())  # read first, so that an error below is the workbook's and not the storage's
    return _unless_damaged(lambda: list(_READERS[extension].peek_rows(content, rows)), contract)


def _read_published(
    content: bytes,
    name: str,
    extension: str,
    contract: Contract,
    quarter: Quarter,
    other_names: Sequence[OtherName],
) -> tuple[list[ReadTable], list[Finding]]:
    if extension == "csv":
        sheet = csv_file.read(content, name, published_tables.ROW_NUMBER_STRIDE - 1)
        return published_tables.read(contract, quarter, [sheet], other_names, is_workbook=False)
    if extension in geojson.EXTENSIONS:
        sheet = _unless_damaged(lambda: geojson.read(content, name), contract)
        return published_tables.read(contract, quarter, [sheet], other_names, is_workbook=False)
    names = published_tables.sheet_names(contract, quarter)
    sheets = _unless_damaged(lambda: _READERS[extension].read_sheets_matching(io.BytesIO(content), names), contract)
    return published_tables.read(contract, quarter, sheets, other_names, is_workbook=True)


def _unless_damaged(read_sheets: Callable[[], T], contract: Contract) -> T:
    try:
        return read_sheets()
    except MemoryError:
        raise
    except Exception:  # a damaged workbook can make a reader raise anything
        raise damaged_file(contract) from None
