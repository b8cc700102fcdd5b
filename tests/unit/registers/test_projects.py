"""The register of projects: what is compared is written down before its outcome can be known."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from sia.paths import REGISTERS
from sia.registers.projects import Project, projects


@pytest.fixture
def written() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((REGISTERS / "projects.yml").read_text(encoding="utf-8"))["projects"][0]
    return read


def test_a_project_compares_as_many_quarters_before_as_after() -> None:
    (example,) = projects()
    assert [quarter.key for quarter in example.before] == ["2020-21Q1", "2020-21Q2", "2020-21Q3", "2020-21Q4"]
    assert [quarter.key for quarter in example.after] == ["2021-22Q1", "2021-22Q2", "2021-22Q3", "2021-22Q4"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"measure": "no_such_measure"}, "not a measure that counts"),
        ({"measure": "robbery_detection_rate"}, "not a measure that counts"),
        ({"area": "E99999999"}, "no such area"),
        ({"comparison_area": "CSP-SOUTH-VALE"}, "overlap"),
        ({"registered_on": "2021-07-01"}, "before its first quarter ends"),
        ({"quarters": 0}, "greater than or equal to 1"),
    ],
)
def test_an_entry_that_cannot_be_compared_is_refused(
    written: dict[str, Any], change: dict[str, Any], words: str
) -> None:
    Project.model_validate(written)
    with pytest.raises(ValidationError, match=words):
        Project.model_validate(written | change)
