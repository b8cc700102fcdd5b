"""The inbox: what lies in it, whose it is by its folders, and which of it nobody has looked at yet.

``<return>/<quarter>/[<source>/][received-YYYY-MM-DD/]<file>``. A file may be named after a person, and so may a folder
that is none of ours: neither name is stored. A file is known by the hash of its path, its size and its time.
"""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.calendar import FIRST_QUARTER, LAST_QUARTER, Quarter
from sia.contract.model import Contract, contracts, returns
from sia.warehouse.sql_files import statement

if TYPE_CHECKING:
    from sia.storage.folders import Folder

log = logging.getLogger(__name__)

# A file that is new is looked at twice, so many seconds apart: one that has changed between is still being written.
SETTLING = 5.0

_UNFINISHED = re.compile(
    r"^(~\$|\.)|\.(part|tmp|filepart|crdownload|partial)$|^(thumbs\.db|desktop\.ini)$", re.IGNORECASE
)
_RECEIVED = re.compile(r"received-(\d{4}-\d{2}-\d{2})")

Mark: TypeAlias = tuple[str, int, datetime]


class Problem(StrEnum):
    """Why a file in the inbox is nobody's."""

    NO_RETURN = "no return"
    NO_QUARTER = "no quarter"
    UNKNOWN_FOLDER = "unknown folder"
    NO_SENDER = "no sender"


@dataclass(frozen=True, slots=True)
class Lying:
    """A file in the inbox.

    ``place`` is as much of its folders as are ours. ``contract``, ``quarter``, ``source`` and ``received_on`` are what
    they say, if they do; without a ``problem`` the first two are there.
    """

    path: Folder
    mark: Mark
    place: str
    contract: Contract | None = None
    quarter: Quarter | None = None
    source: str | None = None
    received_on: date | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class News:
    """A return and quarter for which files came. ``seen`` is the same as long as the same files wait."""

    return_name: str
    quarter_key: str
    seen: str


def files(inbox: Folder) -> Iterator[Lying]:
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


def scan(contract: Contract, quarter: Quarter, inbox: Folder) -> list[Lying]:
    """The files of a return for a quarter that lie in the inbox: earlier days first, then by name.

    Those that lie in a folder that says nothing to us come last, with their problem.
    """
    top = inbox / contract.name / quarter.key
    only = next(iter(contract.senders)) if len(contract.senders) == 1 else None
    found = list(_of_quarter(contract, quarter, top, only)) if top.is_dir() else []
    return sorted(found, key=lambda f: (f.problem is not None, f.received_on or date.max, f.path.name, f.source or ""))


def look(connection: Connection, inbox: Folder, settling: float = SETTLING) -> list[News]:
    """Find what nobody has looked at, and note what is nobody's. Commits; may be done again at any time.

    A file that is taken in is noted by ``sia.intake.admit``; until then it is news. What still changes is left for the
    next time.

    Args:
        connection: to the warehouse.
        inbox: the inbox.
        settling: for how many seconds a new file must not have changed.

    Returns:
        The returns and quarters with new files.
    """
    known = noted(connection)
    lying = settled(lambda: files(inbox), known, settling)
    # An inbox that is not mounted looks as one from which everything was taken: what was received stays known.
    if known and not lying:
        log.warning("nothing lies in the inbox: is it mounted? What was received from it stays known")
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM intake.inbox_file WHERE path_hash <> ALL (%s) AND (problem IS NOT NULL OR %s)",
            ([file.mark[0] for file in lying], bool(lying)),
        )
        for file in lying:
            if file.problem is not None:
                note(cursor, file, file.problem)
    return list(_news(file for file in lying if file.problem is None and file.mark not in known))


def settled(found: Callable[[], Iterable[Lying]], known: Set[Mark], settling: float) -> list[Lying]:
    """Those files that are as they were some seconds before. Where all of them are known, nobody waits.

    Args:
        found: looks for the files.
        known: what was looked at before.
        settling: how many seconds; 0 takes them as they are.
    """
    before = list(found())
    if not settling or all(file.mark in known for file in before):
        return before
    time.sleep(settling)
    marks = {file.mark for file in before}
    return [file for file in found() if file.mark in marks]


def noted(connection: Connection) -> set[Mark]:
    """The files that were looked at, as they were then."""
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT path_hash, size_bytes, modified_at FROM intake.inbox_file")
        return {(path_hash, size, modified_at) for path_hash, size, modified_at in cursor.fetchall()}


def note(cursor: Cursor, file: Lying, problem: Problem | None) -> None:
    """Keep that a file was looked at as it is now, within the caller's transaction."""
    path_hash, size, modified_at = file.mark
    cursor.execute(
        statement("intake/note_inbox_file"),
        {
            "path_hash": path_hash,
            "place": file.place,
            "size_bytes": size,
            "modified_at": modified_at,
            "problem": problem,
        },
    )


def _news(new: Iterable[Lying]) -> Iterator[News]:
    places: dict[tuple[str, str], list[Mark]] = {}
    for file in new:
        if file.contract is not None and file.quarter is not None:
            places.setdefault((file.contract.name, file.quarter.key), []).append(file.mark)
    for (return_name, quarter_key), marks in sorted(places.items()):
        seen = hashlib.sha256(repr(sorted(marks)).encode()).hexdigest()[:16]
        yield News(return_name, quarter_key, seen)


def _of_quarter(contract: Contract, quarter: Quarter, top: Folder, only: str | None) -> Iterator[Lying]:
    names = (contract.name, quarter.key)

    def within(
        place: Folder, below: tuple[str, ...], source: str | None, day: date | None, problem: Problem | None
    ) -> Iterator[Lying]:
        for path, mark in _here(place, (*names, *below)):
            yield Lying(path, mark, "/".join(names), contract, quarter, source, day, problem)
        for path in _folders(place):
            deeper = (*below, path.name)
            if problem is None and day is None and path.name in contract.senders:
                yield from within(path, deeper, path.name, day, None)
            elif problem is None and day is None and (dated := _received_on(path.name)):
                yield from within(path, deeper, source, dated, None)
            else:
                yield from within(path, deeper, source, day, Problem.UNKNOWN_FOLDER)

    yield from within(top, (), only, None, None)


def _misplaced(
    folder: Folder, names: tuple[str, ...], place: str, problem: Problem, *, deep: bool = True
) -> Iterator[Lying]:
    for path, mark in _here(folder, names):
        yield Lying(path, mark, place, problem=problem)
    for below in _folders(folder) if deep else ():
        yield from _misplaced(below, (*names, below.name), place, problem)


def _here(folder: Folder, names: tuple[str, ...]) -> Iterator[tuple[Folder, Mark]]:
    """The files of a folder itself. One that leaves while we look is left out."""
    for path in folder.iterdir():
        if _UNFINISHED.search(path.name) or not path.is_file():
            continue
        try:
            stat: Any = path.stat()
        except FileNotFoundError:
            continue
        path_hash = hashlib.sha256("/".join((*names, path.name)).encode("utf-8", "surrogateescape")).hexdigest()
        yield path, (path_hash, int(stat.st_size), _moment(stat.st_mtime))


def _folders(folder: Folder) -> Iterator[Folder]:
    return (path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _moment(modified: Any) -> datetime:
    # Storages say it in seconds, or as a date and time.
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
    found = _RECEIVED.fullmatch(name)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
