"""The output of libraries goes to a log, and a command's output to the terminal."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest

from sia.local.console import Console
from sia.paths import PROJECT


def test_libraries_print_to_the_log_and_the_command_to_the_terminal(tmp_path: Path) -> None:
    code = (
        "import sys, subprocess; from pathlib import Path; from sia.local.console import quiet\n"
        "with quiet(Path(sys.argv[1])) as console:\n"
        "    print('noise'); subprocess.run(['echo', 'noise of a child']); console.line('said')\n"
        "print('afterwards')\n"
    )
    log = tmp_path / "log" / "x.log"
    done = subprocess.run(
        [sys.executable, "-c", code, str(log)],
        env={**os.environ, "PYTHONPATH": str(PROJECT / "plugins")}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["said", "afterwards"]
    assert sorted(log.read_text().splitlines()) == ["noise", "noise of a child"]


def test_steps_are_timed_and_a_failed_one_says_so(tmp_path: Path) -> None:
    out = StringIO()
    console = Console(tmp_path / "x.log", err=out)
    with console.step("Waiting"):
        time.sleep(0.1)
    with pytest.raises(ValueError, match="no"), console.step("Failing"):
        raise ValueError("no")
    assert console.seconds["Waiting"] >= 0.1
    assert "Failing" not in console.seconds
    assert out.getvalue().splitlines()[1].endswith("failed")
