"""Registers of a test's own, in the folder that ``SIA_REGISTERS`` names."""

from __future__ import annotations

from pathlib import Path

import pytest


def replace_register(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, text: str) -> Path:
    """Put a register in the place of the project's, below a folder; its path, to change it later."""
    registers = folder / "registers"
    registers.mkdir(exist_ok=True)
    (registers / name).write_text(text, encoding="utf-8")
    monkeypatch.setenv("SIA_REGISTERS", str(registers))
    return registers / name
