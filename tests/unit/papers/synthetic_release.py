"""The made-up figures as a release shows them: small counts hidden, so that every paper has gaps to be honest about."""

from __future__ import annotations

from functools import cache

from sia.registers.measures import measures
from sia.registers.policy import policy
from sia.scorecard.amounts import Amount, Held, Status, amounts
from sia.scorecard.scorecard import Scorecard, build
from tests.unit.presentation import synthetic

EXCEPTION = {
    "quarter": "2021-22Q4",
    "measure_id": "vehicle_crime",
    "measure": "Vehicle crime",
    "area_code": "CSP-SOUTH-VALE",
    "area": "South and Vale CSP",
    "direction_of_travel": "deteriorating",
    "direction_because": "Aug 2021 to Feb 2022: seven points above the mean.",
    "assurance": "[z]",
    "distance_to_limit": "Mar 2022: 12 fewer crimes would bring it back to the upper limit.",
    "typical_revision": "No history.",
    "earlier_exceptions": "None",
    "local_priority_of": "Oxford City CSP",
    "lead": "CSPs",
    "commentary_due": "2022-07-18",
    "commentary": "Theft of <catalysts> from vans.",
}
REVISION = {
    "measure_id": "sanctuary_referrals",
    "measure": "Sanctuary scheme referrals",
    "area_code": "CSP-SOUTH-VALE",
    "area": "South and Vale CSP",
    "figure": "quarter_figure",
    "what": "Referrals in the quarter",
    "before": "49",
    "after": "55",
    "kind": "substantial",
    "marks": "[p] [r]",
    "why": "Sanctuary return from Sanctuary contractor for 2021/22 Q4, received 10 August 2022 (submission 12)",
}
ELSEWHERE = {"area_code": "CSP-OXFORD", "area": "Oxford City CSP"}


@cache
def held() -> Held:
    """Amounts of which none rests on one to four."""
    every = amounts(synthetic.observations(), synthetic.months(), measures(), synthetic.QUARTER)
    return {
        key: Amount(Status.CONFIDENTIAL, synthetic=amount.synthetic) if amount.number in range(1, 5) else amount
        for key, amount in every.items()
    }


@cache
def scorecard() -> Scorecard:
    """Built of those amounts, as a release is."""
    return build(
        held(), measures(), synthetic.population(), synthetic.QUARTER, synthetic.returns(), policy(), kept=0.93
    )
