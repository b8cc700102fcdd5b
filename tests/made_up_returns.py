"""The contracts and registers of the project with the made-up returns of ``tests/made_up`` added."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from sia.paths import CONTRACTS, REGISTERS
from sia.settings import overridden

MADE_UP = Path(__file__).parent / "made_up"


@contextmanager
def with_made_up_returns(folder: Path) -> Iterator[None]:
    """Let the settings name folders with all contracts and registers and those of the made-up returns."""
    contracts, registers = folder / "contracts", folder / "registers"
    shutil.copytree(CONTRACTS, contracts)
    shutil.copytree(MADE_UP / "contracts", contracts, dirs_exist_ok=True)
    registers.mkdir()
    for path in (MADE_UP / "registers").iterdir():
        added = _with_lines(_read(REGISTERS / path.name), _read(path))
        (registers / path.name).write_text(yaml.safe_dump(added, allow_unicode=True, sort_keys=False), encoding="utf-8")
    with overridden(contracts=contracts, registers=registers):
        yield


def _with_lines(register: Any, lines: Any) -> Any:
    """A register with the lines of another of the same form: lists and tables become longer, nothing is replaced."""
    if isinstance(register, list):
        return [*register, *lines]
    assert not {key for key in register.keys() & lines.keys() if not isinstance(lines[key], dict | list)}
    return register | {
        key: _with_lines(register[key], value) if key in register else value for key, value in lines.items()
    }


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
