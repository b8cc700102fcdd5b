"""Editions of a paper: each is written once, with a manifest of its hashes and of the releases that it was made from.

A paper is rebuilt only when it is made from other releases. Then it is the next edition, and the earlier one stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sia.errors import PermanentError
from sia.papers.released import PublishedRelease
from sia.release.manifest import changed_files, data_hash, file_list, numbered_folders, publish_folder, read_manifest


@dataclass(frozen=True, slots=True)
class Edition:
    """The folder of an edition, the releases that it was made from, and whether it was made now."""

    folder: Path
    made_from: tuple[str, ...]
    data_hash: str
    new: bool

    def summary(self) -> dict[str, Any]:
        """Fit for Airflow to keep."""
        return {
            "folder": str(self.folder),
            "made_from": list(self.made_from),
            "data_hash": self.data_hash,
            "new": self.new,
        }


def edition(
    shelf: Path, made_from: Sequence[PublishedRelease], code_version: str, make: Callable[[], Mapping[str, bytes]]
) -> Edition:
    """The edition of a paper that is made from some releases: the one that is there, or else a new one.

    Args:
        shelf: the folder of all editions of the paper, numbered from 1.
        made_from: the releases.
        code_version: the code that makes it.
        make: makes the files, content by name; called only for a new edition.

    Raises:
        PermanentError: the edition that is there is not what its manifest says.
    """
    releases = [{"release": release.name, "data_hash": release.data_hash} for release in made_from]
    names = tuple(release.name for release in made_from)
    editions = numbered_folders(shelf)
    if editions:
        manifest = read_manifest(editions[-1])
        if manifest["made_from"] == releases:
            if changed := changed_files(editions[-1], manifest):
                raise PermanentError(
                    f"{', '.join(changed)} in {editions[-1]} was changed after it was made: remove that folder, and run"
                    " this again to make it from the same releases"
                )
            return Edition(editions[-1], names, manifest["data_hash"], new=False)
    files = make()
    manifest = {
        "made_from": releases,
        "code_version": code_version,
        "data_hash": data_hash(files),
        "files": file_list(files),
    }
    folder = shelf / str(int(editions[-1].name) + 1 if editions else 1)
    publish_folder(folder, files, manifest)
    return Edition(folder, names, str(manifest["data_hash"]), new=True)


@dataclass(frozen=True, slots=True)
class FiledPaper:
    """The newest edition of a paper: the folder of its kind, its quarter or year, its number, and its files' sizes."""

    kind: str
    period: str
    number: int
    folder: Path
    sizes: Mapping[str, int]


def newest_editions(papers: Path) -> list[FiledPaper]:
    """The newest edition of every paper, the newest period first.

    Args:
        papers: the folder of all papers.
    """
    newest = [folders[-1] for shelf in papers.glob("*/*") if (folders := numbered_folders(shelf))]
    return [
        FiledPaper(
            kind=folder.parent.parent.name,
            period=folder.parent.name,
            number=int(folder.name),
            folder=folder,
            sizes={file["name"]: file["size"] for file in read_manifest(folder)["files"]},
        )
        for folder in sorted(newest, key=lambda folder: folder.parent.name, reverse=True)
    ]
