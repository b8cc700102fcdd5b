"""Where the project's own files are."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
CONTRACTS = PROJECT / "expectations"
REGISTERS = PROJECT / "include" / "registers"
SQL = PROJECT / "include" / "sql"
TEMPLATES = PROJECT / "include" / "templates"
