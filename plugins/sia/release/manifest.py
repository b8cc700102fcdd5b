"""Folders that are published: read-only files with a manifest of their hashes, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sia.calendar import Quarter
from sia.errors import PermanentError

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class FileDigest:
    """A file's hash and size."""

    sha256: str
    size: int

    @classmethod
    def of(cls, content: bytes) -> Self:
        """The hash and size of some bytes."""
        return cls(hashlib.sha256(content).hexdigest(), len(content))


def data_hash(files: Mapping[str, bytes]) -> str:
    """One hash over all files: SHA-256 over the lines that ``sha256sum`` writes for them, sorted by name."""
    lines = [f"{FileDigest.of(files[name]).sha256}  {name}\n" for name in sorted(files)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def file_list(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """The entries of a manifest: name, hash and size of each file."""
    digests = {name: FileDigest.of(files[name]) for name in sorted(files)}
    return [{"name": name, "sha256": digest.sha256, "size": digest.size} for name, digest in digests.items()]


def manifest_bytes(manifest: Mapping[str, Any]) -> bytes:
    """A manifest as it is written."""
    return (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a published folder."""
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return manifest


def changed_files(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    """The files of a published folder that are missing, or are not what its manifest says."""
    return [
        file["name"]
        for file in manifest["files"]
        if not (path := folder / file["name"]).exists() or FileDigest.of(path.read_bytes()).sha256 != file["sha256"]
    ]


def published_file(folder: Path, name: str) -> bytes:
    """A file of a published folder.

    Raises:
        PermanentError: the manifest does not list it, or it is missing, or it is not what the manifest says.
    """
    published = {file["name"]: file["sha256"] for file in read_manifest(folder)["files"]}
    path = folder / name
    content = path.read_bytes() if path.exists() else b""
    if published.get(name) != FileDigest.of(content).sha256:
        state = "was changed after it was published" if path.exists() else "is missing"
        raise PermanentError(f"{path} {state}: bring it back from a backup, then run this again")
    return content


def folder_of(releases: Path, quarter: Quarter, number: int) -> Path:
    """The folder of a release below that of all releases."""
    return releases / quarter.key / str(number)


def numbered_folders(parent: Path) -> list[Path]:
    """The published folders below another, by number, lowest first."""
    folders = [path for path in parent.glob("[0-9]*") if path.name.isdigit()]
    return sorted(folders, key=lambda path: int(path.name))


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder; what it had before is removed."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def publish_folder(folder: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> None:
    """Write a folder of read-only files with their manifest; what an interrupted run left is replaced."""
    unfinished = folder.with_name(f".{folder.name}")
    write_folder(unfinished, {**files, MANIFEST: manifest_bytes(manifest)})
    for path in unfinished.iterdir():
        path.chmod(0o444)
    unfinished.rename(folder)
