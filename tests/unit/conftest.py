"""The made-up scorecard, built once."""

from __future__ import annotations

import pytest

from sia.scorecard.scorecard import Scorecard
from tests.unit.presentation import synthetic


@pytest.fixture(scope="session")
def synthetic_scorecard() -> Scorecard:
    return synthetic.scorecard()
