"""Folders whose files nobody but the user that runs the software may list or read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def write_private(root: Path, folder: str, files: Mapping[str, bytes]) -> Path:
    """Write files, each whole or not at all, into a folder below a private one.

    Args:
        root: the private folder; created if it is not there, and closed to others if it is.
        folder: the path below it.
        files: content by name.

    Returns:
        The folder.
    """
    root.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    place = root
    place.chmod(FOLDER_MODE)
    for name in Path(folder).parts:
        place = place / name
        place.mkdir(exist_ok=True, mode=FOLDER_MODE)
        place.chmod(FOLDER_MODE)
    for name, content in files.items():
        unfinished = place / f".{name}.part"
        unfinished.unlink(missing_ok=True)
        # Nobody can open the file between its creation and a later change of its mode.
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as file:
            file.write(content)
        unfinished.replace(place / name)
    return place
