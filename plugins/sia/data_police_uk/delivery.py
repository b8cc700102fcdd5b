"""Fetch the monthly archive of data.police.uk, and put the months that are new or revised into the inbox.

The archive has three years of all forces. Contracts say which returns it brings (``archive.download``). For each of
them and each sender, the files of the months that we do not hold go into the inbox as one archive, which the return's
ingest takes as if someone had downloaded it. Months that we hold and that were revised go as another archive, so that
neither waits for the other.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg2.extensions import connection as Connection

from sia.calendar import Quarter
from sia.contract.model import Contract, contracts
from sia.data_police_uk.download import Version, fetch
from sia.data_police_uk.revised_months import revised_members
from sia.errors import PermanentError
from sia.intake import file_safety
from sia.intake.file_safety import PACKAGE_ERRORS
from sia.intake.readers import monthly_archive
from sia.intake.readers.monthly_archive import MonthlyMember
from sia.settings import settings
from sia.storage.folders import CHUNK_SIZE, write_whole

if TYPE_CHECKING:
    from sia.storage.folders import Folder

DOWNLOAD = "data_police_uk"
# A zip archive keeps a time for each file: always the same one, so that the same months are the same bytes.
_MEMBER_TIME = (1980, 1, 1, 0, 0, 0)

HeldMonths = Mapping[tuple[str, str], dict[str, int]]
"""By return and sender, the months that we hold, written ``YYYY-MM``, with their current return version."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An archive that was put into the inbox: for which return and quarter, and how many months it brings."""

    return_name: str
    quarter_key: str
    months: int


def brought_returns() -> list[Contract]:
    """The contracts of the returns that this download brings."""
    return [agreed for agreed in contracts().values() if agreed.archive and agreed.archive.download == DOWNLOAD]


def deliver(connection: Connection, inbox: Folder, folder: Path) -> list[Delivery]:
    """Fetch the archive unless we have all of it, and put what is new into the inbox.

    Args:
        connection: to the warehouse, which knows the months that we hold; only read.
        inbox: where the ingests look.
        folder: where the archive is while it is fetched, and a note of the last archive.

    Returns:
        What was put into the inbox; nothing if the archive is the last one, or has nothing new or revised.

    Raises:
        ConnectionError: the download failed for now; the part that we have is kept.
        PermanentError: the archive cannot be fetched, or was published damaged.
    """
    note, target = folder / "taken.json", folder / "archive.zip"
    max_bytes = min(agreed.max_bytes for agreed in brought_returns())
    version = fetch(
        settings().police_archive, target, max_bytes=max_bytes, known=_taken_tag(note, _held_months(connection))
    )
    if version is None:
        return []
    try:
        # Asked again: months may have come another way while the archive was fetched, which may take an hour.
        return list(_put_months(connection, target, version, inbox, note))
    except PACKAGE_ERRORS as error:
        raise PermanentError(f"the archive was published damaged ({type(error).__name__})") from None
    finally:
        target.unlink(missing_ok=True)


def _put_months(
    connection: Connection, target: Path, version: Version, inbox: Folder, note: Path
) -> Iterator[Delivery]:
    held_months = _held_months(connection)
    returns_of_senders = [(brought, sender) for brought in brought_returns() for sender in brought.senders]
    months: dict[str, dict[str, list[str]]] = {}
    with file_safety.open_package(target) as package:
        for agreed, sender in returns_of_senders:
            members = _members_of(agreed, sender, package.namelist())
            months.setdefault(agreed.name, {})[sender] = [member.month for member in members]
            versions = held_months.get((agreed.name, sender), {})
            new = [member for member in members if member.month not in versions]
            known = [member for member in members if member.month in versions]
            revised = revised_members(connection, agreed, package, known, versions)
            for name, chosen in (("data-police-uk", new), ("data-police-uk-revised", revised)):
                if chosen:
                    quarter = Quarter.containing(_first_day(chosen[-1].month))
                    place = inbox / agreed.name / quarter.key
                    if len(agreed.senders) > 1:
                        place /= sender
                    _write_archive(package, chosen, place, f"{name}-{chosen[-1].month}.zip")
                    yield Delivery(agreed.name, quarter.key, len(chosen))
    note.write_text(json.dumps({"tag": version.tag, "months": months}), encoding="utf-8")


def _members_of(agreed: Contract, sender: str, paths: list[str]) -> list[MonthlyMember]:
    """The sender's files for the months that the return is about, in the order of their months."""
    members = monthly_archive.plan(agreed, sender, paths).members
    return [member for member in members if agreed.covers(_first_day(member.month))]


def _first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _write_archive(package: zipfile.ZipFile, members: list[MonthlyMember], place: Folder, name: str) -> None:
    with write_whole(place / name) as file, zipfile.ZipFile(file, "w") as chosen:
        for member in members:
            entry = zipfile.ZipInfo(member.path, _MEMBER_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            # A file of a zip archive that is read to its end proves its own checksum.
            with package.open(member.path) as source, chosen.open(entry, "w", force_zip64=True) as copy:
                shutil.copyfileobj(source, copy, CHUNK_SIZE)


def _held_months(connection: Connection) -> HeldMonths:
    """The months that we hold today. Synthetic samples do not stop real months from coming."""
    months: dict[tuple[str, str], dict[str, int]] = {}
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT return_name, source, to_char(lower(period), 'YYYY-MM'), return_version_id"
            " FROM warehouse.return_version WHERE return_name = ANY (%s) AND upper_inf(known_during) AND NOT synthetic",
            ([agreed.name for agreed in brought_returns()],),
        )
        for return_name, sender, month, version in cursor.fetchall():
            months.setdefault((return_name, sender), {})[month] = version
    return months


def _taken_tag(note: Path, held_months: HeldMonths) -> str | None:
    """The tag of the last archive, if we still hold all that it had for us: then only another one is of use."""
    if not note.exists():
        return None
    try:
        taken = json.loads(note.read_text(encoding="utf-8"))
    except ValueError:  # the machine stopped while it was written
        return None
    is_complete = all(
        set(taken["months"].get(agreed.name, {}).get(sender, ())) <= held_months.get((agreed.name, sender), {}).keys()
        for agreed in brought_returns()
        for sender in agreed.senders
    )
    tag: str | None = taken["tag"]
    return tag if is_complete else None
