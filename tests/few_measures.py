"""Scorecards of a few measures: to judge all of them in every test would take long and prove no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from sia.registers.measures import Measure, measures
from sia.release import scorecard_inputs


def of_return(return_name: str) -> tuple[Measure, ...]:
    """The measures of the register that a return feeds."""
    return tuple(measure for measure in measures() if measure.return_name == return_name)


def use(patch: pytest.MonkeyPatch, few: Sequence[Measure], **changes: Any) -> None:
    """Build scorecards of these measures, and with other registers where they are given by name."""
    registers = scorecard_inputs.registers
    patch.setattr(
        scorecard_inputs,
        "registers",
        lambda policy, areas: replace(registers(policy, areas), measures=tuple(few), **changes),
    )
