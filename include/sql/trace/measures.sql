-- Grain: measure.
-- Keys: measure_id.
-- Why: what may be chosen, in the order of the scorecard.
SELECT
    measure_id AS key,
    title AS label,
    theme AS section
FROM marts.dim_measure
ORDER BY sort_order
