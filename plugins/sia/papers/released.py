"""What papers are made from: releases, read from their published folders and from nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sia.calendar import Quarter
from sia.errors import PermanentError
from sia.release import release_data
from sia.release.manifest import folder_of, numbered_folders, published_file, read_manifest
from sia.release.release_data import ReleaseData


@dataclass(frozen=True, slots=True)
class PublishedRelease:
    """A release in its folder: its name, for example ``2021-22Q4/1``, and the hash over its files."""

    folder: Path
    quarter: Quarter
    name: str
    data_hash: str

    def read(self) -> ReleaseData:
        """Its data.

        Raises:
            PermanentError: the file is missing or was changed; the message says which, and what to do.
        """
        return release_data.from_bytes(published_file(self.folder, release_data.file_name(self.quarter)))


def releases_of(folder: Path, quarter: Quarter) -> list[PublishedRelease]:
    """The releases of a quarter, oldest first.

    Args:
        folder: of all releases.
        quarter: the quarter.
    """
    releases = []
    for place in numbered_folders(folder_of(folder, quarter, 0).parent):
        manifest = read_manifest(place)
        releases.append(PublishedRelease(place, quarter, manifest["release"], manifest["data_hash"]))
    return releases


def newest_release(folder: Path, quarter: Quarter) -> PublishedRelease:
    """The newest release of a quarter.

    Raises:
        PermanentError: it has none; the message says what to do.
    """
    releases = releases_of(folder, quarter)
    if not releases:
        raise PermanentError(
            f"{quarter.label} has no release, and a paper shows only what is released. Approve one"
            f" (make approve QUARTER={quarter.key}), then run this again"
        )
    return releases[-1]
