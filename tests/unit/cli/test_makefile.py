"""The Makefile says what it can do, and in one line what it cannot."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from sia.paths import PROJECT

SCRIPT = PROJECT / "tools" / "fill-environment.sh"
TEXT = (PROJECT / "Makefile").read_text(encoding="utf-8")


def test_help_lists_every_target() -> None:
    said = subprocess.run(["make", "help"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    listed = {line.split()[0] for line in said.splitlines() if line.startswith("  ")}
    phony = set(next(line for line in TEXT.splitlines() if line.startswith(".PHONY:")).split()[1:])
    assert listed == phony
    assert {"demo", "test", "up", "down", "backfill", "ingest", "templates", "env", "clean"} <= listed


@pytest.mark.parametrize(
    ("python", "words"),
    [
        ("/bin/false", "Python 3.11 or later is needed"),
        ("{tmp}/python-without-venv", "apt-get install python3-venv"),
    ],
)
def test_a_python_that_will_not_do_is_told_in_one_line(tmp_path: Path, python: str, words: str) -> None:
    fake = tmp_path / "python-without-venv"
    fake.write_text('#!/bin/sh\n[ "$1" = -m ] && exit 1\nexit 0\n')
    fake.chmod(0o755)
    (tmp_path / ".make").mkdir()
    done = subprocess.run(
        ["sh", SCRIPT, python.format(tmp=tmp_path), "requirements.txt", ".venv/.ready"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / ".venv").exists()
