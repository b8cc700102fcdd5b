"""What every paper says about its figures: that they are released ones, and how they are made."""

from __future__ import annotations

from sia.presentation import captions
from sia.scorecard.scorecard import Scorecard

RELEASED_ALONE = (
    "Every figure here is one of the release that is named above, or a share or difference of two of them. What the "
    "release hides is hidden here too, in pictures and their descriptions as in tables."
)


def method(scorecard: Scorecard) -> tuple[str, ...]:
    """Sentences for the end of a paper."""
    return (
        RELEASED_ALONE,
        *(note for note in (captions.kept_note(scorecard), captions.population_note(scorecard)) if note),
        *captions.METHOD,
    )
