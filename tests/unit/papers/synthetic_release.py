"""The made-up figures as a release shows them: small counts hidden, so that every paper has gaps to be honest about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from sia.release.release_data import ReleaseData
from sia.release.revision import RevisionLine
from sia.scorecard.amounts import Amount, AmountsByCell, Status
from sia.scorecard.exceptions import ExceptionReport, LeadCommentary
from sia.scorecard.scorecard import Scorecard, build
from tests.unit.presentation import synthetic

SOUTH_VALE, OXFORD = "CSP-SOUTH-VALE", "CSP-OXFORD"
KNOWN_AT = datetime(2022, 8, 11, 9, tzinfo=UTC)
EXCEPTION = ExceptionReport(
    measure_id="vehicle_crime",
    area_code=SOUTH_VALE,
    revision=None,
    earlier=(),
    day=date(2022, 8, 11),
    commentary=LeadCommentary(date(2022, 7, 18), "Theft of <catalysts> from vans.", date(2022, 7, 15)),
)
ELSEWHERE = replace(
    EXCEPTION, area_code=OXFORD, commentary=replace(EXCEPTION.commentary, text="Not from this partnership.")
)
REVISION = RevisionLine(
    measure_id="sanctuary_referrals",
    measure="Sanctuary scheme referrals",
    area_code=SOUTH_VALE,
    area="South and Vale CSP",
    figure="quarter_figure",
    figure_name="Referrals in the quarter",
    before="49",
    after="55",
    kind="substantial",
    marks="[p] [r]",
    why="Sanctuary return from Sanctuary contractor for 2021/22 Q4, received 10 August 2022 (submission 12)",
)
REVISED_ELSEWHERE = replace(REVISION, area_code=OXFORD, area="Oxford City CSP", why="Not from this partnership.")


@cache
def amounts() -> AmountsByCell:
    """Amounts of which none rests on one to four."""
    return {
        key: Amount(Status.CONFIDENTIAL, synthetic=amount.synthetic) if amount.number in range(1, 5) else amount
        for key, amount in synthetic.amounts().items()
    }


@cache
def scorecard() -> Scorecard:
    """Built from those amounts, as a release is."""
    return build(
        amounts(), synthetic.REGISTERS_NOW, synthetic.population(), synthetic.QUARTER, synthetic.returns(),
        share_published=0.93,
    )  # fmt: skip


def release(
    name: str = "2021-22Q4/2",
    exceptions: Sequence[ExceptionReport] = (),
    changes: Sequence[RevisionLine] = (),
    **more: Any,
) -> ReleaseData:
    """A release of that scorecard."""
    given: dict[str, Any] = {
        "name": name,
        "known_at": KNOWN_AT,
        "suppressed": 12,
        "scorecard": scorecard(),
        "exceptions": tuple(exceptions),
        "revises": None,
        "changes": tuple(changes),
        "conclusions": (),
    }
    return ReleaseData(**(given | more))
