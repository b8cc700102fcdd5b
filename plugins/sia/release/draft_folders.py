"""Where drafts are, and which of them show figures of given quarters."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sia.calendar import Quarter
from sia.scorecard.amounts import LOOKBACK_QUARTERS
from sia.settings import settings


def folder_of(quarter: Quarter) -> Path:
    """The folder of a quarter's draft."""
    return settings().state / "drafts" / quarter.key


def candidate_folder(quarter: Quarter) -> Path:
    """The folder of a quarter's newest release candidate."""
    return folder_of(quarter) / "release-candidate"


def has_draft(quarter: Quarter) -> bool:
    """Whether a draft scorecard of the quarter was written, or is being written."""
    return folder_of(quarter).is_dir()


def overtaken_drafts(quarters: Iterable[Quarter]) -> list[Quarter]:
    """The quarters whose drafts show figures of the given quarters: these, and later ones that look back on them."""
    looking_back = {quarter.plus(later) for quarter in quarters for later in range(LOOKBACK_QUARTERS)}
    return sorted(filter(has_draft, looking_back))
