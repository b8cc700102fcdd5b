"""One command at a time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sia.errors import PermanentError
from sia.local.lock import exclusive
from sia.paths import PROJECT


def test_a_second_command_gets_the_name_of_the_first(tmp_path: Path) -> None:
    with (
        exclusive(tmp_path, "make demo"),
        pytest.raises(PermanentError, match="make demo is running"),
        exclusive(tmp_path, "make up"),
    ):
        pass


def test_the_lock_is_released_at_the_end_and_after_a_kill(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from sia.local.lock import exclusive\n"
        "with exclusive(Path(sys.argv[1]), 'make demo'): print('held', flush=True); time.sleep(60)\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(PROJECT / "plugins")}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(PermanentError), exclusive(tmp_path, "make up"):
        pass
    holder.kill()
    holder.wait()
    with exclusive(tmp_path, "make up"):
        pass
