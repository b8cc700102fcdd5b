-- Grain: measure, area and quarter.
-- Keys: measure_id, area_code, quarter_key.
-- Why: every figure compared with itself a year before. What is not complete is not compared, nor a quarter in which a measure begins or ends.
CREATE VIEW marts.scorecard AS
WITH numbered AS (
    SELECT
        quarter_key,
        row_number() OVER (ORDER BY starts_on) AS quarter_number
    FROM warehouse.dim_quarter
),

labelled AS (
    SELECT
        w.quarter_key,
        w.area_code,
        w.measure_id,
        w.area_name,
        w.measure_title,
        w.good_direction,
        w.kind,
        w.value,
        w.rate_per_1000,
        w.numerator,
        w.denominator,
        w.complete,
        w.synthetic,
        w.small_number,
        n.quarter_number,
        w.complete AND m.valid @> daterange(q.starts_on, q.ends_on, '[]') AND w.missing_reason IS NULL
        AND (m.denominator IS NULL OR w.denominator IS NOT NULL) AS comparable
    FROM marts.scorecard_wide AS w
    INNER JOIN marts.dim_measure AS m ON w.measure_id = m.measure_id
    INNER JOIN numbered AS n ON w.quarter_key = n.quarter_key
    INNER JOIN warehouse.dim_quarter AS q ON w.quarter_key = q.quarter_key
),

summed AS (
    SELECT
        quarter_key,
        area_code,
        measure_id,
        area_name,
        measure_title,
        good_direction,
        kind,
        value,
        rate_per_1000,
        complete,
        synthetic,
        small_number,
        comparable,
        first_value(value) OVER last_year AS last_year_shown,
        first_value(comparable) OVER last_year AS last_year_comparable,
        sum(numerator) OVER this_year AS year_numerator,
        sum(denominator) OVER this_year AS year_denominator,
        count(*) FILTER (WHERE comparable) OVER this_year = 4 AS year_comparable,
        sum(numerator) OVER year_before AS year_before_numerator,
        sum(denominator) OVER year_before AS year_before_denominator,
        count(*) FILTER (WHERE comparable) OVER year_before = 4 AS year_before_comparable
    FROM labelled
    WINDOW
        last_year AS (PARTITION BY measure_id, area_code ORDER BY quarter_number RANGE BETWEEN 4 PRECEDING AND 4 PRECEDING),
        this_year AS (PARTITION BY measure_id, area_code ORDER BY quarter_number RANGE BETWEEN 3 PRECEDING AND CURRENT ROW),
        year_before AS (PARTITION BY measure_id, area_code ORDER BY quarter_number RANGE BETWEEN 7 PRECEDING AND 4 PRECEDING)
),

figures AS (
    SELECT
        quarter_key,
        area_code,
        measure_id,
        area_name,
        measure_title,
        good_direction,
        kind,
        value,
        rate_per_1000,
        complete,
        synthetic,
        small_number,
        comparable,
        CASE WHEN last_year_comparable THEN last_year_shown END AS last_year_value,
        CASE WHEN year_comparable THEN marts.figure(kind, year_numerator, year_denominator) END AS year_value,
        CASE WHEN year_before_comparable THEN marts.figure(kind, year_before_numerator, year_before_denominator) END AS year_before_value
    FROM summed
)

SELECT
    quarter_key,
    area_code,
    measure_id,
    area_name,
    measure_title,
    good_direction,
    kind,
    value,
    rate_per_1000,
    last_year_value,
    CASE WHEN comparable THEN value - last_year_value END AS change,
    CASE WHEN comparable AND kind <> 'proportion' THEN 100 * (value - last_year_value) / nullif(last_year_value, 0) END AS change_percent,
    year_value,
    year_before_value,
    year_value - year_before_value AS year_change,
    CASE WHEN kind <> 'proportion' THEN 100 * (year_value - year_before_value) / nullif(year_before_value, 0) END AS year_change_percent,
    complete,
    synthetic,
    small_number
FROM figures;
COMMENT ON VIEW marts.scorecard IS
'Every figure compared with itself a year before: one row a measure, area and quarter, as known today. A quarter that is not complete is not compared';
COMMENT ON COLUMN marts.scorecard.quarter_key IS 'Financial quarter';
COMMENT ON COLUMN marts.scorecard.area_code IS 'Area';
COMMENT ON COLUMN marts.scorecard.measure_id IS 'Measure';
COMMENT ON COLUMN marts.scorecard.area_name IS 'Name of the area';
COMMENT ON COLUMN marts.scorecard.measure_title IS 'Title of the measure';
COMMENT ON COLUMN marts.scorecard.good_direction IS 'up, down, or none where no judgement is made';
COMMENT ON COLUMN marts.scorecard.kind IS 'count, proportion (per cent), mean, or money (pounds)';
COMMENT ON COLUMN marts.scorecard.value IS 'The quarter''s figure by its kind, unrounded; NULL where the denominator is 0 or not known';
COMMENT ON COLUMN marts.scorecard.rate_per_1000 IS
'Number for each 1,000 residents in the quarter; NULL where the measure has no rate, there are no residents, or a month is missing';
COMMENT ON COLUMN marts.scorecard.last_year_value IS 'The figure of the same quarter last year; NULL where a month of that quarter is missing';
COMMENT ON COLUMN marts.scorecard.change IS
'The figure less that of the same quarter last year, for proportions in percentage points; NULL where a month of either is missing';
COMMENT ON COLUMN marts.scorecard.change_percent IS 'The same in per cent of last year''s figure; NULL for proportions and where last year''s is 0';
COMMENT ON COLUMN marts.scorecard.year_value IS 'The figure of the twelve months to the quarter''s end; NULL where one of the four quarters is not complete';
COMMENT ON COLUMN marts.scorecard.year_before_value IS 'The figure of the twelve months before those; NULL where one of the four quarters is not complete';
COMMENT ON COLUMN marts.scorecard.year_change IS 'The twelve months'' figure less that of the twelve months before; NULL where either is missing';
COMMENT ON COLUMN marts.scorecard.year_change_percent IS 'The same in per cent; NULL for proportions and where the year before is 0';
COMMENT ON COLUMN marts.scorecard.complete IS 'Whether we have every month of the quarter';
COMMENT ON COLUMN marts.scorecard.synthetic IS 'Whether any part of the quarter''s figure is a made-up sample';
COMMENT ON COLUMN marts.scorecard.small_number IS 'Whether the quarter''s figure rests on too few cases to be published; NULL for money';
