"""The command line: help for everything, plain errors, and no import that a command does not need."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from demo.__main__ import app as demo_app
from sia.cli.commands import app
from sia.cli.plain_errors import PlainErrors
from sia.errors import PermanentError
from sia.paths import PROJECT

TEXT = (PROJECT / "Makefile").read_text(encoding="utf-8")
HEAVY = {"airflow", "great_expectations", "numpy", "openpyxl", "pandas", "psycopg2", "pydantic", "scipy", "sqlalchemy"}


def paths(command: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The names of a command and of all below it, as they are typed."""
    below = getattr(command, "commands", {})
    return [path, *(deeper for name, sub in below.items() for deeper in paths(sub, (*path, name)))]


COMMANDS = paths(typer.main.get_command(app))


def sia(*arguments: str, state: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SIA_")}
    environment |= {"PYTHONPATH": str(PROJECT / "plugins"), "SIA_STATE": str(state)}
    return subprocess.run(
        [sys.executable, "-m", "sia.cli", *arguments],
        env=environment, capture_output=True, text=True, check=False, **options,
    )  # fmt: skip


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_help(path: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*path, "--help"])
    assert shown.exit_code == 0
    assert re.search(r"^ (?!Usage)[A-Z][^│]+\.", shown.output, re.MULTILINE), "a sentence that says what it does"


def test_every_target_calls_an_existing_command() -> None:
    called = {tuple(words.split()) for words in re.findall(r"\$\(SIA\) ([a-z-]+(?: add)?)", TEXT)}
    assert len(called) >= 15
    assert called <= set(COMMANDS)
    assert set(re.findall(r"-m demo ([a-z-]+)", TEXT)) <= set(typer.main.get_command(demo_app).commands)  # type: ignore[attr-defined]


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; import sia.cli.commands; print(*{name.partition('.')[0] for name in sys.modules})"
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "plugins")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("mail", "7"), "There is no letter 7. There are 0."),
        (("ingest", "/nowhere.xlsx"), "There is no file /nowhere.xlsx."),
        (("approve", "2021-22Q4"), "Airflow is not running. Run make up, then make approve again."),
        (("status",), "Airflow has not worked yet. Run make up, and wait five minutes."),
        (("papers",), "Add a quarter or a year: make papers QUARTER=2021-22Q4, or make papers YEAR=2021-22"),
        (("templates", "--quarter", "2005-06Q1"), "No partner sends a return for 2005/06 Q1."),
    ],
)
def test_a_problem_is_one_line_and_status_1(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    done = sia(*arguments, state=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{message}\n")


def test_no_other_user_can_read_what_a_command_writes(tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert sia("templates", state=state, umask=0o022).returncode == 0
    written = list(state.rglob("*"))
    assert len(written) > 3
    assert {path.name for path in (state, *written) if path.stat().st_mode & 0o077} == set()


def test_a_usage_error_is_status_2_and_names_what_is_missing(tmp_path: Path) -> None:
    done = sia("approve", state=tmp_path)
    assert done.returncode == 2
    assert "Missing argument 'QUARTER'" in done.stderr


def test_an_unexpected_error_is_not_hidden() -> None:
    broken = typer.Typer(cls=PlainErrors, pretty_exceptions_enable=False)

    @broken.command()
    def fail() -> None:
        raise ZeroDivisionError

    @broken.command()
    def known() -> None:
        raise PermanentError("x")

    assert isinstance(CliRunner().invoke(broken, ["fail"]).exception, ZeroDivisionError)
    assert CliRunner().invoke(broken, ["known"]).exit_code == 1


def test_a_closed_pipe_ends_the_command_quietly(tmp_path: Path) -> None:
    mail = tmp_path / "mail"
    for folder in ("new", "cur", "tmp"):
        (mail / folder).mkdir(parents=True)
    for number in range(3000):
        (mail / "new" / f"{number}.mail").write_text(f"To: a@example.org\nSubject: {'long ' * 20}{number}\n\nx\n")
    read, write = os.pipe()
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "plugins"), "SIA_STATE": str(tmp_path)}
    command = subprocess.Popen(
        [sys.executable, "-m", "sia.cli", "mail"], env=environment, stdout=write, stderr=subprocess.PIPE, text=True
    )
    os.close(write)
    assert os.read(read, 100)
    os.close(read)
    _, errors = command.communicate(timeout=60)
    assert (command.returncode, errors) == (0, "")
