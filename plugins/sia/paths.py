"""Where the project's own files lie, and where it keeps its state."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
CONTRACTS = PROJECT / "expectations"
REGISTERS = PROJECT / "include" / "registers"
SQL = PROJECT / "include" / "sql"
TEMPLATES = PROJECT / "include" / "templates"


def state() -> Path:
    """The folder of everything that the software makes: inbox, landing, drafts, logs, database."""
    return Path(os.environ.get("SIA_STATE", PROJECT / "var"))
