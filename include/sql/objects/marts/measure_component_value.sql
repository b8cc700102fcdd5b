-- Grain: return version, measure, area, part, month or quarter, and member of the area.
-- Keys: return_version_id, measure_id, area_code, part, starts_on, member_code.
-- Why: one reading of a measure's components: for what was known at a time, for what has changed, and for the trace.

-- The planner takes a range that is compared with a column to be nearly never true, expects no rows and loops over those that come; about
-- coalesce it makes no such guess. Financial quarters are calendar quarters, so a day is in its own by equality.
CREATE VIEW marts.measure_component_value AS
SELECT
    p.measure_id,
    a.area_code,
    q.quarter_key,
    p.part,
    t.area_code AS member_code,
    t.starts_on,
    t.component,
    t.value,
    v.return_version_id,
    v.known_during,
    v.synthetic,
    p.return_name,
    r.period_months
FROM warehouse.return_version AS v
INNER JOIN marts.component_total AS t ON v.return_version_id = t.return_version_id
INNER JOIN marts.measure_component AS p ON v.return_name = p.return_name AND v.source = p.source AND t.component = p.component
INNER JOIN warehouse.dim_return AS r ON p.return_name = r.return_name
INNER JOIN warehouse.dim_quarter AS q ON date_trunc('quarter', t.starts_on::timestamp)::date = q.starts_on
INNER JOIN warehouse.area_member AS a ON t.area_code = a.member_code
INNER JOIN warehouse.dim_area AS d ON a.area_code = d.area_code
WHERE
    (p.aggregates_up OR a.area_code = a.member_code)
    AND (d.source IS NULL OR d.source = p.source)
    AND coalesce(a.valid @> t.starts_on, FALSE)
    AND coalesce(p.valid && daterange(q.starts_on, q.ends_on, '[]'), FALSE);
COMMENT ON VIEW marts.measure_component_value IS
'What every return version adds to every measure, by area, part, month or quarter, and member of the area.
Add up only the return versions that were known at one time';
COMMENT ON COLUMN marts.measure_component_value.measure_id IS 'Measure';
COMMENT ON COLUMN marts.measure_component_value.area_code IS 'Area of the figure: district, partnership, county, or where else a row may be';
COMMENT ON COLUMN marts.measure_component_value.quarter_key IS 'Financial quarter';
COMMENT ON COLUMN marts.measure_component_value.part IS 'numerator or denominator';
COMMENT ON COLUMN marts.measure_component_value.member_code IS 'Area as reported, a part of the area or the area itself';
COMMENT ON COLUMN marts.measure_component_value.starts_on IS 'First day of the month or quarter';
COMMENT ON COLUMN marts.measure_component_value.component IS 'Component of the return, as the register of measures names it';
COMMENT ON COLUMN marts.measure_component_value.value IS 'How many, or pounds, or days; NULL where the sender withheld a part of it';
COMMENT ON COLUMN marts.measure_component_value.return_version_id IS 'Return version that it belongs to';
COMMENT ON COLUMN marts.measure_component_value.known_during IS 'From when until when we knew it';
COMMENT ON COLUMN marts.measure_component_value.synthetic IS 'Whether it is a made-up sample';
COMMENT ON COLUMN marts.measure_component_value.return_name IS 'The return that it came with';
COMMENT ON COLUMN marts.measure_component_value.period_months IS 'Months that one row covers: 3 for a quarter, 1 where the return counts by month';
