"""The settings: one object reads them all, and one page documents them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sia.errors import PermanentError
from sia.paths import PROJECT
from sia.settings import PREFIX, VARIABLES, Settings, overridden, settings

OURS = [
    path
    for folder in ("plugins", "dags", "demo")
    for path in sorted((PROJECT / folder).rglob("*.py"))
    if path.name != "settings.py"
]
PAGE = (PROJECT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_the_page_describes_every_setting_in_the_words_of_its_definition() -> None:
    for name, field in Settings.model_fields.items():
        assert f"| `{PREFIX}{name.upper()}` | {field.description} |\n" in PAGE


def test_the_page_describes_nothing_else_and_all_that_docker_compose_reads() -> None:
    documented = set(re.findall(r"`([A-Z][A-Z_]+)`", PAGE))
    compose = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
    assert documented == set(VARIABLES) | set(re.findall(r"\$\{([A-Z_]+)", compose))


def test_no_other_module_reads_the_environment() -> None:
    assert len(OURS) > 100
    reads = r"os\.environ\.get|os\.getenv|os\.environ\[[^]]+\](?! =)"
    assert [path.name for path in OURS if re.search(reads, path.read_text(encoding="utf-8"))] == []


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIA_POLICE_ARCHIVE", "")
    assert settings().police_archive.startswith("https://data.police.uk/")


def test_a_setting_can_be_changed_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIA_INBOX", "s3://somewhere")
    before = settings()
    with overridden(state=tmp_path, inbox=None):
        assert (settings().state, settings().inbox) == (tmp_path, None)
    assert settings() == before


def test_no_error_and_no_printout_repeats_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIA_WAREHOUSE_URL", "postgresql://u:hush@h/d")
    assert "hush" not in repr(settings())

    def refuse(**_: object) -> Settings:
        return Settings.model_validate({"state": object(), "warehouse_url": "hush"})

    monkeypatch.setattr("sia.settings.Settings", refuse)
    monkeypatch.setenv("SIA_STATE", "changed, so that it is read again")
    with pytest.raises(PermanentError, match=r"SIA_STATE: .*docs/settings\.md") as caught:
        settings()
    assert "hush" not in str(caught.value)
