"""Prints web pages as tagged PDF with a headless Chromium, if this machine has one.

A PDF is a print of a page and no part of an edition: another version of Chromium gives other bytes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from sia.errors import PermanentError

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_SECONDS = 120


def chromium() -> str | None:
    """The path of Chromium; none if it is not on this machine."""
    return next((path for name in _PROGRAMS if (path := shutil.which(name))), None)


def print_pages(folder: Path, program: str) -> list[Path]:
    """Print every page of a folder next to it; a page that has its PDF already is left out.

    Args:
        folder: with the pages.
        program: the path of Chromium.

    Returns:
        The PDF files that were written now.

    Raises:
        PermanentError: Chromium printed nothing.
    """
    pages = [page for page in sorted(folder.glob("*.html")) if not page.with_suffix(".pdf").exists()]
    return [_print(page, program) for page in pages]


def _print(page: Path, program: str) -> Path:
    with TemporaryDirectory() as profile:
        printed = Path(profile) / "page.pdf"
        command = [
            program, "--headless", "--disable-gpu", "--no-first-run", f"--user-data-dir={profile}/profile",
            "--no-pdf-header-footer", "--generate-pdf-document-outline", f"--print-to-pdf={printed}", page.as_uri(),
        ]  # fmt: skip
        if os.geteuid() == 0:
            # Chromium has no sandbox for root. The page is our own.
            command.insert(1, "--no-sandbox")
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
        if not printed.exists():
            raise PermanentError(f"{program} could not print {page}: {done.stderr.strip()[-300:]}")
        return Path(shutil.move(printed, page.with_suffix(".pdf")))
