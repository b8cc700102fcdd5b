"""The marts' view of the policy on small numbers: one row for each measure and day from which its settings hold.

The settings of the register's file are part of the view. It reads those that people decided on the desk, so that they
count at once.
"""

from __future__ import annotations

import json

from sia.registers.policy import Policy, policy_lines
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
_KINDS = ("disclosure_threshold", "hide_zeros", "hide_everybody_or_nobody")


def small_number_policy(policy: Policy) -> DatabaseObject:
    """The view, with its comments.

    Args:
        policy: as its file has it.
    """
    lines = [
        f"    ({quoted(key)}, '{line.kind}', {quoted(json.dumps(line.measures))}::jsonb, '{line.starts}'::date,"
        f" '{line.value}')"
        for key, line in policy_lines(policy).items()
        if line.kind in _KINDS
    ]
    view = _VIEW.format(name=_NAME, lines=",\n".join(lines), kinds=", ".join(map(quoted, _KINDS)))
    statements = [
        view,
        f"COMMENT ON VIEW {_NAME} IS '{_COMMENT}'",
        *(f"COMMENT ON COLUMN {_NAME}.{name} IS {quoted(words)}" for name, words in _COMMENTS.items()),
    ]
    return DatabaseObject(_NAME, "".join(f"{statement};\n" for statement in statements))


_VIEW = """\
CREATE VIEW {name} AS
WITH decision AS (
    SELECT DISTINCT ON (e.key) e.key, e.entry
    FROM feedback.register_entry AS e
    WHERE e.register = 'settings'
    ORDER BY e.key, e.register_entry_id DESC
),
line AS (
    SELECT f.kind, f.measures, f.starts, f.value
    FROM (VALUES
{lines}
    ) AS f (key, kind, measures, starts, value)
    WHERE NOT EXISTS (SELECT FROM decision AS d WHERE d.key = f.key)
    UNION ALL
    SELECT d.entry ->> 'kind', d.entry -> 'measures', (d.entry ->> 'starts')::date, d.entry ->> 'value'
    FROM decision AS d
    WHERE d.entry ->> 'kind' IN ({kinds})
),
-- A setting of a measure goes before one for all measures.
of_measure AS (
    SELECT
        m.measure_id,
        l.kind,
        l.starts,
        l.value,
        l.measures <> '[]' AS is_own
    FROM (SELECT '' AS measure_id UNION ALL SELECT d.measure_id FROM marts.dim_measure AS d) AS m
    INNER JOIN line AS l ON l.measures = '[]' OR l.measures @> to_jsonb(m.measure_id)
),
day AS (SELECT l.starts, lead(l.starts) OVER (ORDER BY l.starts) AS until FROM line AS l GROUP BY l.starts)
SELECT
    o.measure_id,
    daterange(d.starts, d.until) AS in_force,
    (array_agg(o.value ORDER BY o.is_own DESC, o.starts DESC)
        FILTER (WHERE o.kind = 'disclosure_threshold'))[1]::integer AS smallest_shown,
    (array_agg(o.value ORDER BY o.is_own DESC, o.starts DESC)
        FILTER (WHERE o.kind = 'hide_zeros'))[1]::boolean AS zero_is_small,
    (array_agg(o.value ORDER BY o.is_own DESC, o.starts DESC)
        FILTER (WHERE o.kind = 'hide_everybody_or_nobody'))[1]::boolean AS everybody_is_small
FROM day AS d
INNER JOIN of_measure AS o ON d.starts >= o.starts
GROUP BY o.measure_id, d.starts, d.until"""
