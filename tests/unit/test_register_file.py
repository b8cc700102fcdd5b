"""The loader of registers: a mistake is refused with its line, its key and what to write."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

import pytest

from sia import geography
from sia.paths import REGISTERS
from sia.register_file import RegisterError, Strict, Text, load_register, read_strictly, register_path
from tests.own_registers import replace_register


class Entry(Strict):
    name: Text
    day: date
    kind: Literal["one", "two"] = "one"
    count: int = 0


class Example(Strict):
    entries: tuple[Entry, ...]


GOOD = """\
entries:
  - {name: a, day: 2022-04-20}
  - name: b
    day: 2022-04-21
"""


def read(tmp_path: Path, text: str) -> Example:
    path = tmp_path / "example.yml"
    path.write_text(text, encoding="utf-8")
    return read_strictly(Example, path)


def test_a_file_is_read_as_its_model(tmp_path: Path) -> None:
    assert [entry.day for entry in read(tmp_path, GOOD).entries] == [date(2022, 4, 20), date(2022, 4, 21)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: must be a list of keys and values"),
        ("entries: [", "line 2: did not find expected node content"),
        ("entries: []\nentries: []", "line 2: the key entries is there twice"),
        (GOOD.replace("day: 2022-04-21", "day: April"), "line 4: entries.1.day must be a date, for example 2022-04-20"),
        (GOOD.replace("    day: 2022-04-21", ""), "line 3: entries.1.day is missing"),
        (GOOD + "    kid: one\n", "line 5: entries.1.kid is not a key of this file: correct or remove it"),
        (GOOD + "    kind: three\n", "line 5: entries.1.kind must be 'one' or 'two'"),
        (GOOD + "    count: many\n", "line 5: entries.1.count must be a whole number"),
        (GOOD.replace("name: b", "name: ''"), "line 3: entries.1.name must not be empty"),
        (GOOD.replace("name: b", "name: 7"), "line 3: entries.1.name must be text"),
        (GOOD + "more: 1\n", "line 5: more is not a key of this file"),
    ],
)  # fmt: skip
def test_a_mistake_is_reported_with_its_line_and_what_to_write(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(RegisterError) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(f"example.yml, {message}")


def test_every_mistake_of_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match=r"line 1: .*\n.*line 2: ") as caught:
        read(tmp_path, "entries: [{}]\nmore: 1")
    assert str(caught.value).count("\n") == 2


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match=r"there is no file .*none\.yml"):
        read_strictly(Example, tmp_path / "none.yml")


def test_a_register_of_your_own_replaces_the_projects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Staff(Strict):
        staff: tuple[str, ...]

    own = replace_register(monkeypatch, tmp_path, "staff.yml", "staff: [ours]")
    assert load_register(Staff, "staff.yml").staff == ("ours",)
    own.write_text("staff: [others]", encoding="utf-8")
    assert load_register(Staff, "staff.yml").staff == ("others",)
    assert register_path("partners.yml") == REGISTERS / "partners.yml"


def test_what_is_read_once_follows_the_folder_of_registers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = geography.county().name
    text = (REGISTERS / "areas.yml").read_text(encoding="utf-8")
    replace_register(monkeypatch, tmp_path, "areas.yml", text.replace(f"name: {ours},", "name: Elsewhereshire,"))
    assert geography.county().name == "Elsewhereshire"
    monkeypatch.delenv("SIA_REGISTERS")
    assert geography.county().name == ours


def test_a_misspelt_register_or_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_register(monkeypatch, tmp_path, "partner.yml", "partners: {}")
    with pytest.raises(RegisterError, match=r"partner\.yml replaces no register"):
        register_path("partners.yml")
    monkeypatch.setenv("SIA_REGISTERS", str(tmp_path / "nowhere"))
    with pytest.raises(RegisterError, match="there is no folder"):
        register_path("partners.yml")
