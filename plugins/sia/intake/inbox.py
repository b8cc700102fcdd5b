"""The inbox: which files are in it, whose they are by their folders, and which of them are new.

``<return>/<quarter>/[<sender>/][received-YYYY-MM-DD/]<file>``. A file may be named after a person, and so may a folder
that we do not know: neither name is stored. We know a file by its stamp: the hash of its path, its size and its time.
"""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.calendar import FIRST_QUARTER, LAST_QUARTER, LONDON, Quarter
from sia.contract.model import Contract, contracts, returns
from sia.warehouse.sql_files import statement

if TYPE_CHECKING:
    from sia.storage.folders import Folder

log = logging.getLogger(__name__)

# A new file is listed twice, this many seconds apart. One that changes in between is still being written.
QUIET_SECONDS = 5.0

_MAX_DEPTH = 6
"""Folders within one another. A file has its place in the fourth at most."""

_UNFINISHED = re.compile(
    r"^(~\$|\.)|\.(part|tmp|filepart|crdownload|partial)$|^(thumbs\.db|desktop\.ini)$", re.IGNORECASE
)
_RECEIVED = re.compile(r"received-(\d{4}-\d{2}-\d{2})")

SettledFiles: TypeAlias = Mapping[str, Mapping[str, Collection[str]]]
"""By return and quarter, the keys of files that have stopped changing."""


class Problem(StrEnum):
    """Why we cannot tell whose a file in the inbox is."""

    NO_RETURN = "no_return"
    NO_QUARTER = "no_quarter"
    UNKNOWN_FOLDER = "unknown_folder"
    NO_SENDER = "no_sender"
    LINK = "link"
    TOO_DEEP = "too_deep"


class FileStamp(NamedTuple):
    """What tells one file of the inbox, in one state, from every other."""

    path_hash: str
    size_bytes: int
    modified_at: datetime

    @property
    def key(self) -> str:
        """The stamp in 16 hexadecimal digits, which say nothing of the file's name."""
        parts = f"{self.path_hash} {self.size_bytes} {self.modified_at.astimezone(UTC).isoformat()}"
        return hashlib.sha256(parts.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class InboxFile:
    """A file in the inbox.

    ``place`` is the part of its path that we know: return and quarter. ``contract``, ``quarter``, ``source`` and
    ``received_on`` are what its folders say, if they do. A file without a ``problem`` has the first two.
    """

    path: Folder
    stamp: FileStamp
    place: str
    contract: Contract | None = None
    quarter: Quarter | None = None
    source: str | None = None
    received_on: date | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class PendingReturn:
    """A return and quarter with new files, and the keys of these files in order."""

    return_name: str
    quarter_key: str
    file_keys: tuple[str, ...]

    @property
    def key(self) -> str:
        """16 hexadecimal digits that are the same as long as the same files are new."""
        return hashlib.sha256(" ".join(self.file_keys).encode()).hexdigest()[:16]


def files(inbox: Folder) -> Iterator[InboxFile]:
    """Every file in the inbox that is not hidden and whose name does not say that it is unfinished."""
    if inbox.is_dir():
        for folder in _folders(inbox):
            contract = contracts().get(folder.name)
            if contract is None:
                yield from _misplaced(folder, (folder.name,), "", Problem.NO_RETURN)
                continue
            for below in _folders(folder):
                quarter = _quarter(below.name)
                if quarter is None:
                    yield from _misplaced(below, (contract.name, below.name), contract.name, Problem.NO_QUARTER)
                else:
                    yield from scan(contract, quarter, inbox)
            yield from _misplaced(folder, (contract.name,), contract.name, Problem.NO_QUARTER, deep=False)
        yield from _misplaced(inbox, (), "", Problem.NO_RETURN, deep=False)


def returns_in(inbox: Folder) -> list[str]:
    """The names of the returns of partners for which the inbox has a folder, in the contracts' order."""
    return [name for name in returns() if (inbox / name).is_dir()]


def scan(contract: Contract, quarter: Quarter, inbox: Folder) -> list[InboxFile]:
    """The files in the inbox of a return for a quarter: earlier days first, then by name.

    Files in a folder that we do not know come last, with their problem.
    """
    top = inbox / contract.name / quarter.key
    only_sender = next(iter(contract.senders)) if len(contract.senders) == 1 else None
    unordered = list(_of_quarter(contract, quarter, top, only_sender)) if top.is_dir() else []
    return sorted(
        unordered, key=lambda f: (f.problem is not None, f.received_on or date.max, f.path.name, f.source or "")
    )


def by_return(settled: Iterable[InboxFile]) -> dict[str, dict[str, list[str]]]:
    """The keys of files by return and quarter, fit for Airflow to keep. Files with a problem are left out."""
    keys: dict[str, dict[str, list[str]]] = {}
    for file in settled:
        if file.problem is None and file.contract is not None and file.quarter is not None:
            keys.setdefault(file.contract.name, {}).setdefault(file.quarter.key, []).append(file.stamp.key)
    return keys


def pending(connection: Connection, *settled: SettledFiles) -> list[PendingReturn]:
    """The returns and quarters with settled files that nobody has looked at yet.

    ``sia.intake.admit`` notes each file that it receives. Until then the file is new.
    """
    keys: dict[tuple[str, str], set[str]] = {}
    for by_return_name in settled:
        for return_name, by_quarter in by_return_name.items():
            for quarter_key, files_of_quarter in by_quarter.items():
                keys.setdefault((return_name, quarter_key), set()).update(files_of_quarter)
    known = {stamp.key for stamp in noted(connection)}
    return [
        PendingReturn(*place, tuple(sorted(new))) for place, listed in sorted(keys.items()) if (new := listed - known)
    ]


def look(connection: Connection, inbox: Folder, quiet_seconds: float = QUIET_SECONDS) -> list[PendingReturn]:
    """List the whole inbox, note the files with a problem, and forget the files that are gone. Commits.

    It may be done again at any time. A file that still changes is left for the next time.

    Args:
        connection: to the warehouse.
        inbox: the inbox.
        quiet_seconds: for how many seconds a new file must not change.

    Returns:
        The returns and quarters with new files.
    """
    known = noted(connection)
    listed = settled_files(lambda: files(inbox), {stamp.key for stamp in known}, quiet_seconds)
    # An inbox that is not mounted looks like one from which everything was removed: what was received stays known.
    if known and not listed:
        log.warning("the inbox is empty: is it mounted? What was received from it stays known")
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM intake.inbox_file WHERE path_hash <> ALL (%s) AND (problem IS NOT NULL OR %s)",
            ([file.stamp.path_hash for file in listed], bool(listed)),
        )
        for file in listed:
            if file.problem is not None:
                note(cursor, file, file.problem)
    return pending(connection, by_return(listed))


def settled_files(
    list_files: Callable[[], Iterable[InboxFile]], known: Collection[str], quiet_seconds: float = QUIET_SECONDS
) -> list[InboxFile]:
    """The files that are as they were some seconds before. If all of them are known, there is no wait.

    Args:
        list_files: lists the files.
        known: the keys of files that need no second look.
        quiet_seconds: how many seconds; 0 takes the files as they are.
    """
    before = list(list_files())
    if not quiet_seconds or all(file.stamp.key in known for file in before):
        return before
    time.sleep(quiet_seconds)
    stamps = {file.stamp for file in before}
    return [file for file in list_files() if file.stamp in stamps]


def noted(connection: Connection) -> set[FileStamp]:
    """The stamps of the files that were looked at before."""
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT path_hash, size_bytes, modified_at FROM intake.inbox_file")
        return {FileStamp(*row) for row in cursor.fetchall()}


def note(cursor: Cursor, file: InboxFile, problem: Problem | None) -> None:
    """Record that a file was looked at as it is now, within the caller's transaction."""
    cursor.execute(
        statement("intake/note_inbox_file"), {**file.stamp._asdict(), "place": file.place, "problem": problem}
    )


def _of_quarter(contract: Contract, quarter: Quarter, top: Folder, only_sender: str | None) -> Iterator[InboxFile]:
    names = (contract.name, quarter.key)

    def within(
        folder: Folder, below: tuple[str, ...], source: str | None, day: date | None, problem: Problem | None
    ) -> Iterator[InboxFile]:
        for path, stamp, unsafe in _entries(folder, (*names, *below)):
            yield InboxFile(path, stamp, "/".join(names), contract, quarter, source, day, unsafe or problem)
        for path in _folders(folder, len(names) + len(below)):
            deeper = (*below, path.name)
            if problem is None and day is None and path.name in contract.senders:
                yield from within(path, deeper, path.name, day, None)
            elif problem is None and day is None and (dated := _received_on(path.name)):
                yield from within(path, deeper, source, dated, None)
            else:
                yield from within(path, deeper, source, day, Problem.UNKNOWN_FOLDER)

    yield from within(top, (), only_sender, None, None)


def _misplaced(
    folder: Folder, names: tuple[str, ...], place: str, problem: Problem, *, deep: bool = True
) -> Iterator[InboxFile]:
    for path, stamp, unsafe in _entries(folder, names):
        yield InboxFile(path, stamp, place, problem=unsafe or problem)
    for below in _folders(folder, len(names)) if deep else ():
        yield from _misplaced(below, (*names, below.name), place, problem)


def _entries(folder: Folder, names: tuple[str, ...]) -> Iterator[tuple[Folder, FileStamp, Problem | None]]:
    """The files directly in a folder, and its links and folders with a problem, each with its stamp.

    A file that disappears meanwhile is left out. We never follow a link: it may lead to any file.
    """
    for path in folder.iterdir():
        unsafe = _problem_of(path, len(names))
        if _UNFINISHED.search(path.name) or not (unsafe or path.is_file()):
            continue
        try:
            stat: Any = path.lstat() if isinstance(path, Path) else path.stat()
        except FileNotFoundError:
            continue
        path_hash = hashlib.sha256("/".join((*names, path.name)).encode("utf-8", "surrogateescape")).hexdigest()
        yield path, FileStamp(path_hash, int(stat.st_size), _moment(stat.st_mtime)), unsafe


def _problem_of(path: Folder, depth: int) -> Problem | None:
    if isinstance(path, Path) and path.is_symlink():
        return Problem.LINK
    return Problem.TOO_DEEP if depth >= _MAX_DEPTH and path.is_dir() else None


def _folders(folder: Folder, depth: int = 0) -> Iterator[Folder]:
    return (
        path
        for path in folder.iterdir()
        if path.is_dir() and not path.name.startswith(".") and _problem_of(path, depth) is None
    )


def _moment(modified: Any) -> datetime:
    # Some storages give seconds, others a date and time.
    if isinstance(modified, datetime):
        return modified if modified.tzinfo else modified.replace(tzinfo=UTC)
    return datetime.fromtimestamp(float(modified), UTC)


def _quarter(name: str) -> Quarter | None:
    try:
        quarter = Quarter.parse(name)
    except ValueError:
        return None
    return quarter if quarter.key == name and FIRST_QUARTER <= quarter <= LAST_QUARTER else None


def _received_on(name: str) -> date | None:
    """The day that a folder's name gives; ``None`` if it gives none, or one that is still to come."""
    match = _RECEIVED.fullmatch(name)
    try:
        day = date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None
    return day if day is not None and day <= datetime.now(LONDON).date() else None
