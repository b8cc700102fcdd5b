"""Which return a file on this machine is, for which quarter and from whom, and where in the inbox it belongs."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sia.calendar import Quarter
from sia.contract.model import Contract, contract, contracts, returns
from sia.errors import PermanentError
from sia.intake import sandbox
from sia.intake.file_safety import check_file, member_paths
from sia.intake.readers import published_tables, return_file
from sia.intake.readers.cover import Cover
from sia.intake.rejection import FileRejected
from sia.intake.sandbox import LimitExceededError, open_safely
from sia.storage.folders import write_whole
from sia.storage.landing import fingerprint

if TYPE_CHECKING:
    from sia.storage.folders import Folder


class UnidentifiedFileError(PermanentError):
    """Neither the file nor the person who gave it says what it is. The message says what to add."""


@dataclass(frozen=True, slots=True)
class Details:
    """What is known about a file, as text; empty where it is not known."""

    return_name: str = ""
    quarter: str = ""
    source: str = ""
    received_on: str = ""


@dataclass(frozen=True, slots=True)
class IdentifiedFile:
    """A file, and what it is. ``source`` may be missing where a return has one sender."""

    file: Path
    contract: Contract
    quarter: Quarter
    source: str | None = None
    received_on: date | None = None

    @property
    def folder(self) -> Path:
        """Its folder below the inbox."""
        folder = Path(self.contract.name, self.quarter.key)
        if self.source is not None and len(self.contract.senders) > 1:
            folder /= self.source
        return folder if self.received_on is None else folder / f"received-{self.received_on}"


def identify(file: Path, given: Details) -> IdentifiedFile:
    """Identify a file by what somebody says about it, and by its own cover, names or first lines.

    Raises:
        UnidentifiedFileError: something is missing or wrong.
        PermanentError: there is no such file.
    """
    if not file.is_file():
        raise PermanentError(f"There is no file {file}.")
    known = _details_of(file)
    known = replace(known, **{name: value for name in Details.__slots__ if (value := getattr(given, name))})
    if not known.return_name:
        raise UnidentifiedFileError(f"Add which return it is: RETURN=…, one of {', '.join(contracts())}.")
    if not known.quarter:
        raise UnidentifiedFileError("Add its quarter, for example QUARTER=2021-22Q4.")
    try:
        identified = contract(known.return_name)
        quarter = Quarter.parse(known.quarter)
        received_on = date.fromisoformat(known.received_on) if known.received_on else None
    except (KeyError, ValueError) as error:
        raise UnidentifiedFileError(str(error.args[0])) from None
    if len(identified.senders) > 1 and known.source not in identified.senders:
        raise UnidentifiedFileError(f"Add its sender: SOURCE=…, one of {', '.join(identified.senders)}.")
    return IdentifiedFile(file, identified, quarter, known.source or None, received_on)


def archived_returns(archive: Path) -> list[IdentifiedFile]:
    """The returns that an archive of monthly files brings, each for the quarter of its newest file.

    Raises:
        UnidentifiedFileError: it is not a safe archive, or has no file of a return.
    """
    contracts_of_archives = [agreed for agreed in contracts().values() if agreed.archive]
    try:
        names = sandbox.run(partial(_safe_member_paths, archive, contracts_of_archives[0]))
    except (FileRejected, LimitExceededError):
        raise UnidentifiedFileError("This is not an archive that is safe to open.") from None
    listed = [
        (agreed, quarter)
        for agreed in contracts_of_archives
        if (quarter := _newest_quarter(agreed, [name for name in names if _is_of_sender(agreed, name)]))
    ]
    if not listed:
        raise UnidentifiedFileError("The archive has no file of a return.")
    return [IdentifiedFile(archive, agreed, quarter) for agreed, quarter in listed]


def _safe_member_paths(archive: Path, agreed: Contract) -> list[str]:
    with archive.open("rb") as file:
        check_file(file, archive.name, agreed)
        return member_paths(file)


def _is_of_sender(agreed: Contract, name: str) -> bool:
    """Whether a monthly file is that of a sender of the return, and not of another police force."""
    named = agreed.archive and agreed.archive.read_name(name)
    return bool(agreed.archive and named and (named.sender is None or named.sender in agreed.archive.sender_names))


def _newest_quarter(agreed: Contract, names: list[str]) -> Quarter | None:
    """The quarter of the newest monthly file of a return; none if there is no such file."""
    months = [named.month for name in names if agreed.archive and (named := agreed.archive.read_name(name))]
    return Quarter.containing(date.fromisoformat(f"{max(months)}-01")) if months else None


def put_into_inbox(identified: IdentifiedFile, inbox: Folder) -> Folder:
    """Copy a file to its folder in the inbox; under another name if a different file has its name there."""
    file, folder = identified.file, inbox / identified.folder.as_posix()
    path = folder / file.name
    content_hash = fingerprint(file)[0]
    if path.exists() and fingerprint(path)[0] != content_hash:
        path = folder / f"{file.stem}-{content_hash[:8]}{file.suffix}"
    if not path.exists():
        with file.open("rb") as original, write_whole(path) as copy:
            shutil.copyfileobj(original, copy)
    return path


def _details_of(file: Path) -> Details:
    details = _from_archive(file) if zipfile.is_zipfile(file) or file.suffix == ".csv" else None
    return details or _from_cover(file) or _from_first_lines(file) or Details()


def _from_archive(file: Path) -> Details | None:
    """The return of monthly files and the quarter of the newest, by their names."""
    names = zipfile.ZipFile(file).namelist() if zipfile.is_zipfile(file) else [file.name]
    for return_name, agreed in contracts().items():
        if newest := _newest_quarter(agreed, names):
            return Details(return_name, newest.key)
    return None


def _from_cover(file: Path) -> Details | None:
    """What the Cover sheet of one of our workbooks says, if the file is safe to open."""
    takes_workbooks = next(contract for contract in returns().values() if "xlsx" in contract.formats)
    try:
        with file.open("rb") as opened:
            sheet = open_safely(takes_workbooks, opened, partial(_cover, file.name, takes_workbooks))
    except FileRejected:
        return None
    if sheet is None or sheet.return_name not in contracts():
        return None
    return Details(sheet.return_name, sheet.quarter, sheet.source)


def _cover(name: str, contract: Contract, file: BinaryIO) -> Cover | None:
    checked = check_file(file, name, contract)
    return return_file.read_cover(file, checked.format, contract) if checked.has_cover_tag else None


def _title_lines(name: str, contract: Contract, file: BinaryIO) -> list[str]:
    return return_file.title_lines(file, check_file(file, name, contract).format, contract)


def _from_first_lines(file: Path) -> Details | None:
    """The published table that the first lines introduce, and the quarter in which its period ends."""
    extension = file.suffix.lstrip(".").lower()
    candidates = [table for table in contracts().values() if table.published and extension in table.formats]
    if not candidates:
        return None
    try:
        with file.open("rb") as opened:
            lines = open_safely(candidates[0], opened, partial(_title_lines, file.name, candidates[0]))
    except FileRejected:
        return None
    dated = [
        (table, Details(table.name, quarter.key))
        for table in candidates
        if (quarter := published_tables.quarter_of(table, lines))
    ]
    if len(dated) > 1:
        # A heading such as ltla23_code introduces several publications. The other headings tell which it is.
        dated = [(table, details) for table, details in dated if published_tables.has_headings(table, lines)]
    # If the lines introduce two publications, the person who gave the file must say which it is.
    return dated[0][1] if len(dated) == 1 else None
