-- Grain: one row for each measure without a component total, though we have a version of its return; none is a pass.
-- Keys: measure_id.
-- Why: a component file that never gives a numerator or denominator would otherwise show as "not received" always. The indicator return
-- has only what a lead knows.
-- Severity: error
-- Rule: Every measure that we received has a total.
SELECT m.measure_id
FROM marts.dim_measure AS m
WHERE
    m.return_name <> 'indicators'
    AND EXISTS (
        SELECT 1 FROM warehouse.return_version AS h
        WHERE h.return_name = m.return_name AND h.source = m.source AND m.valid && h.period
    )
    AND (
        NOT EXISTS (SELECT 1 FROM marts.component_total AS t WHERE t.component = m.numerator)
        OR (m.denominator IS NOT NULL AND NOT EXISTS (SELECT 1 FROM marts.component_total AS t WHERE t.component = m.denominator))
    )
