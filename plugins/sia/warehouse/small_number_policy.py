"""The marts' copy of the policy on small numbers: one row for each measure and day from which its settings hold."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sia.registers.measures import Measure
from sia.registers.policy import Policy
from sia.warehouse.objects import DatabaseObject
from sia.warehouse.version_views import quoted

_NAME = "marts.small_number_policy"
_COMMENT = (
    "When a number is small: one row for each measure and time for which a setting of the policy holds. Its empty"
    " measure has the settings for counts of records that are not a measure"
)
_COMMENTS = {
    "measure_id": "Measure; empty for counts of records that are not a measure",
    "in_force": "The days on which the settings hold",
    "smallest_shown": "The smallest count that may be published; a count from 1 to one less is small",
    "zero_is_small": "Whether a zero may not be published either",
    "everybody_is_small": "Whether a share that is 0 or all says something of each person and may not be published",
}


def small_number_policy(measures: Sequence[Measure], policy: Policy) -> DatabaseObject:
    """The view, with its comments."""
    days = sorted(
        {
            setting.starts
            for settings in (policy.disclosure_threshold, policy.hide_zeros, policy.hide_everybody_or_nobody)
            for setting in settings
        }
    )
    rows = [
        f"    ({quoted(measure_id)}, '[{day},{until or ''})'::daterange, {policy.threshold(measure_id, day)},"
        f" {policy.zeros_hidden(measure_id, day)}, {policy.everybody_or_nobody_hidden(measure_id, day)})"
        for measure_id in ("", *(measure.id for measure in measures))
        for day, until in pairwise([*days, None])
        if day is not None
    ]
    columns, values = ", ".join(_COMMENTS), ",\n".join(rows)
    statements = [
        f"CREATE VIEW {_NAME} AS\nSELECT {columns} FROM (VALUES\n{values}\n) AS p ({columns})",
        f"COMMENT ON VIEW {_NAME} IS '{_COMMENT}'",
        *(f"COMMENT ON COLUMN {_NAME}.{name} IS {quoted(words)}" for name, words in _COMMENTS.items()),
    ]
    return DatabaseObject(_NAME, "".join(f"{statement};\n" for statement in statements))
