"""The Makefile lists its targets, and its errors are one line."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from sia.paths import PROJECT

SCRIPT = PROJECT / "tools" / "fill-environment.sh"
TEXT = (PROJECT / "Makefile").read_text(encoding="utf-8")


def test_help_lists_every_target() -> None:
    printed = subprocess.run(["make", "help"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    listed = {line.split()[0] for line in printed.splitlines() if line.startswith("  ")}
    phony = set(next(line for line in TEXT.splitlines() if line.startswith(".PHONY:")).split()[1:])
    assert listed == phony
    assert {"demo", "test", "up", "down", "backfill", "ingest", "templates", "env", "clean"} <= listed


@pytest.mark.parametrize(
    ("target", "variable"),
    [
        ("ingest", "FILE"), ("check", "FILE"), ("restore", "FILE"), ("backfill", "FROM"), ("demo-backfill", "FROM"),
        ("approve", "QUARTER"), ("release-verify", "RELEASE"), ("restricted", "QUARTER"), ("login", "NAME"),
        ("login NAME=x", "ROLE"),
    ],
)  # fmt: skip
def test_a_target_says_which_variable_is_missing(target: str, variable: str) -> None:
    environment = {"PATH": os.environ["PATH"]}
    # -o: the virtual environment is taken as it is.
    done = subprocess.run(
        ["make", "--no-print-directory", "-o", ".venv/.ready", *target.split()],
        cwd=PROJECT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith(f"Add {variable}=…, for example: make {target.split(maxsplit=1)[0]} {variable}=")


def test_options_are_passed_on_as_they_were_typed(tmp_path: Path) -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "-n", "-o", ".venv/.ready", "ingest", "FILE=a b.xlsx", "RETURN=odas"],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    (*_, recipe) = done.stdout.splitlines()
    script = tmp_path / "recipe.sh"
    script.write_text(recipe.replace(".venv/bin/python", "printf '%s\\n'"))
    environment = {"PATH": os.environ["PATH"], "FILE": "a b.xlsx", "RETURN": "odas"}
    printed = subprocess.run(["sh", script], env=environment, capture_output=True, text=True, check=True).stdout
    assert printed.split("\n") == ["-m", "sia.cli", "ingest", "a b.xlsx", "--return", "odas", ""]


@pytest.mark.parametrize(
    ("python", "words"),
    [
        ("/bin/false", "You need Python 3.11 or later"),
        ("{tmp}/python-without-venv", "apt-get install python3-venv"),
    ],
)
def test_an_unsuitable_python_gets_a_message_of_one_line(tmp_path: Path, python: str, words: str) -> None:
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
