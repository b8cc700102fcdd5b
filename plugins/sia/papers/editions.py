"""Editions of a paper: each is written once, beside a manifest of its hashes and of the releases that it was made from.

A paper is made again only when what it is made from is another: then it is the next edition, and the earlier stays.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sia.errors import PermanentError
from sia.release import ledger
from sia.release.ledger import Entry

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Edition:
    """Where an edition lies, the releases that it was made from, and whether it was made now."""

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
    shelf: Path, made_from: Sequence[Entry], code_version: str, make: Callable[[], Mapping[str, bytes]]
) -> Edition:
    """The edition of a paper that is made from some releases: the one that lies there, else a new one.

    Args:
        shelf: the folder of all editions of the paper, numbered from 1.
        made_from: the releases.
        code_version: what makes it.
        make: makes the files, content by name; called only for a new edition.

    Raises:
        PermanentError: the edition that lies there is not what its manifest says.
    """
    releases = [{"release": entry.name, "data_hash": entry.data_hash} for entry in made_from]
    numbers = sorted(int(path.name) for path in shelf.glob("[0-9]*") if path.name.isdigit())
    if numbers:
        newest = shelf / str(numbers[-1])
        manifest = json.loads((newest / MANIFEST).read_text(encoding="utf-8"))
        if manifest["made_from"] == releases:
            _check(newest, manifest)
            return Edition(newest, _names(manifest), manifest["data_hash"], new=False)
    files = make()
    place = shelf / str(numbers[-1] + 1 if numbers else 1)
    contents = {name: ledger.Contents.of(files[name]) for name in sorted(files)}
    manifest = {
        "made_from": releases,
        "code_version": code_version,
        "data_hash": ledger.data_hash(files),
        "files": [{"name": name, "sha256": each.sha256, "size": each.size} for name, each in contents.items()],
    }
    _lay(place, {**files, MANIFEST: (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()})
    return Edition(place, _names(manifest), str(manifest["data_hash"]), new=True)


def _names(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(each["release"] for each in manifest["made_from"])


def _check(folder: Path, manifest: Mapping[str, Any]) -> None:
    wrong = [
        each["name"]
        for each in manifest["files"]
        if not (path := folder / each["name"]).exists()
        or ledger.Contents.of(path.read_bytes()).sha256 != each["sha256"]
    ]
    if wrong:
        raise PermanentError(
            f"{', '.join(wrong)} in {folder} is not what was made: remove that folder, and run this again to have it"
            " made anew from the same releases"
        )


def _lay(place: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder whole or not at all; what a run that died left is made anew."""
    making = place.with_name(f".{place.name}")
    shutil.rmtree(making, ignore_errors=True)
    for name, content in files.items():
        path = making / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o444)
    making.rename(place)
