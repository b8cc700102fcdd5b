"""The monthly archive of data.police.uk, fetched and put into the inbox: our force's months that we do not hold.

The archive holds three years of all forces. Of it goes on, for each return that takes such files, one archive with
the files of the return's sender for the months that are not held; the ingest of the return takes that in as if
somebody had downloaded it. Months that are held stay as they are: to take what was revised in them since,
``make ingest`` takes a whole archive.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from psycopg2.extensions import connection as Connection

from sia.calendar import Quarter
from sia.contract.model import Contract, contract
from sia.data_police_uk.download import Version, fetch
from sia.errors import PermanentError
from sia.intake import file_safety
from sia.intake.file_safety import DAMAGE
from sia.intake.readers import monthly_archive
from sia.intake.readers.monthly_archive import Member
from sia.settings import settings

if TYPE_CHECKING:
    from sia.storage.landing import Folder

RETURNS = ("tvp_crime", "tvp_outcomes")
_PIECE = 1 << 20
# A zip keeps a time for each file: the same one, so that the same months are the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Delivered:
    """An archive that was put into the inbox: for which return and quarter, and how many months it brings."""

    return_name: str
    quarter_key: str
    months: int


def deliver(connection: Connection, inbox: Folder, folder: Path) -> list[Delivered]:
    """Fetch the archive unless we have all of it, and put what is new into the inbox.

    Args:
        connection: to the warehouse, which knows the months that are held; only read.
        inbox: where the ingests look.
        folder: where the archive lies while it is fetched, and a note of the last one that was taken.

    Returns:
        What was put into the inbox; nothing where the archive is the last one, or holds nothing new.

    Raises:
        ConnectionError: a passing fault; what has come so far is kept.
        PermanentError: the archive cannot be fetched, or is damaged as it was published.
    """
    note, target = folder / "taken.json", folder / "archive.zip"
    most_bytes = min(contract(name).max_megabytes for name in RETURNS) * 1_000_000
    version = fetch(settings().police_archive, target, most_bytes=most_bytes, known=_taken(note, _held(connection)))
    if version is None:
        return []
    try:
        # Asked again: the fetch may take an hour, in which months may have come another way.
        return list(_deliver(target, version, _held(connection), inbox, note))
    except DAMAGE as fault:
        raise PermanentError(f"the archive is damaged as it was published ({type(fault).__name__})") from None
    finally:
        target.unlink(missing_ok=True)


def _deliver(
    target: Path, version: Version, held: dict[str, set[str]], inbox: Folder, note: Path
) -> Iterator[Delivered]:
    months: dict[str, list[str]] = {}
    with file_safety.opened(target) as package:
        for name in RETURNS:
            agreed = contract(name)
            members = _ours(agreed, package.namelist())
            months[name] = [member.month for member in members]
            new = [member for member in members if member.month not in held[name]]
            if new:
                quarter = Quarter.containing(_day(new[-1].month))
                _put(package, new, inbox / name / quarter.key, f"data-police-uk-{new[-1].month}.zip")
                yield Delivered(name, quarter.key, len(new))
    note.write_text(json.dumps({"tag": version.tag, "months": months}), encoding="utf-8")


def _ours(agreed: Contract, paths: Collection[str]) -> list[Member]:
    """The files of the return's sender, from its beginning on, by month."""
    source = next(iter(agreed.senders))
    found = monthly_archive.plan(agreed, source, list(paths)).members
    return [member for member in found if _day(member.month) >= agreed.begins]


def _day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _put(package: zipfile.ZipFile, members: list[Member], place: Folder, name: str) -> None:
    place.mkdir(parents=True, exist_ok=True)
    making = place / f"{name}.part"
    try:
        with making.open("wb") as file, zipfile.ZipFile(cast("IO[bytes]", file), "w") as chosen:
            for member in members:
                entry = zipfile.ZipInfo(member.path, _TIME)
                entry.compress_type = zipfile.ZIP_DEFLATED
                # Read to its end, a file of a zip proves its own checksum.
                with package.open(member.path) as source, chosen.open(entry, "w", force_zip64=True) as copy:
                    shutil.copyfileobj(source, copy, _PIECE)
        making.rename(place / name)  # type: ignore[arg-type]
    finally:
        if making.exists():
            making.unlink()


def _held(connection: Connection) -> dict[str, set[str]]:
    """By return the months that are held today, written ``YYYY-MM``. Made-up samples stand in no real month's way."""
    held: dict[str, set[str]] = {name: set() for name in RETURNS}
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT return_name, to_char(lower(period), 'YYYY-MM') FROM warehouse.return_version"
            " WHERE return_name = ANY (%s) AND upper_inf(known_during) AND NOT synthetic",
            (list(RETURNS),),
        )
        for return_name, month in cursor.fetchall():
            held[return_name].add(month)
    return held


def _taken(note: Path, held: dict[str, set[str]]) -> str | None:
    """The tag of the last archive, if all that it held of ours is held still: then only another one is of use."""
    if not note.exists():
        return None
    try:
        said = json.loads(note.read_text(encoding="utf-8"))
    except ValueError:  # the machine stopped while it was written
        return None
    complete = all(set(said["months"].get(name, ())) <= held[name] for name in RETURNS)
    tag: str | None = said["tag"]
    return tag if complete else None
