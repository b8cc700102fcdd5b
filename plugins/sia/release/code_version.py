"""Which code this is, as a candidate, a release and a paper record it."""

from __future__ import annotations

import subprocess
import tomllib

from sia.paths import PROJECT


def code_version() -> str:
    """Which code this is: its git commit, marked if files differ from it; without git the package's version."""
    git = [
        "git",
        "-C",
        str(PROJECT),
        "describe",
        "--always",
        "--dirty=, with changes that are not committed",
        "--abbrev=40",
    ]
    try:
        return "commit " + subprocess.run(git, check=True, capture_output=True, text=True, timeout=30).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        return f"version {project['version']}"
