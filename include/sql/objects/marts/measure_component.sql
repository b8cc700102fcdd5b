-- Grain: measure and part (numerator, denominator).
-- Keys: measure_id, part.
-- Why: the components of a measure, as rows that can be joined.
CREATE VIEW marts.measure_component AS
SELECT
    m.measure_id,
    m.return_name,
    m.source,
    m.aggregates_up,
    m.valid,
    p.part,
    p.component
FROM marts.dim_measure AS m
CROSS JOIN LATERAL (VALUES ('numerator', m.numerator), ('denominator', m.denominator)) AS p (part, component)
WHERE p.component IS NOT NULL;
COMMENT ON VIEW marts.measure_component IS 'The components of a measure: one row a measure and part';
COMMENT ON COLUMN marts.measure_component.measure_id IS 'Measure';
COMMENT ON COLUMN marts.measure_component.return_name IS 'The return that feeds it';
COMMENT ON COLUMN marts.measure_component.source IS 'Who sends the figures';
COMMENT ON COLUMN marts.measure_component.aggregates_up IS 'Whether districts are added up to partnership and county';
COMMENT ON COLUMN marts.measure_component.valid IS 'The days on which the measure is defined';
COMMENT ON COLUMN marts.measure_component.part IS 'numerator or denominator';
COMMENT ON COLUMN marts.measure_component.component IS 'Component of the return that is counted or divided by';
