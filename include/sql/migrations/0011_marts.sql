-- Grain: one row a measure, area and quarter, or as each comment says.
-- Keys: as the grain says.
-- Why: an analyst asks in the words of the scorecard and needs no join to get a figure, its label and how far it can be trusted.

CREATE FUNCTION marts.small_number_threshold() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT 5';
COMMENT ON FUNCTION marts.small_number_threshold() IS
'From how many on a count is not small. A smaller one can be a person: it is marked for analysts and is never published';

CREATE FUNCTION marts.is_small(number numeric) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
'SELECT number > 0 AND number < marts.small_number_threshold()';
COMMENT ON FUNCTION marts.is_small(numeric) IS 'Whether a count is above nought and below the threshold; NULL for no count';

CREATE FUNCTION marts.figure(kind text, numerator numeric, denominator numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE kind
        WHEN 'proportion' THEN 100 * numerator / nullif(denominator, 0)
        WHEN 'mean' THEN numerator / nullif(denominator, 0)
        ELSE numerator
    END
$$;
COMMENT ON FUNCTION marts.figure(text, numeric, numeric) IS
'The figure of a measure by its kind: number, per cent, mean or pounds; NULL where the denominator is 0 or not known. Sums go in, never figures';

CREATE VIEW marts.residents AS
WITH newest AS (
    SELECT DISTINCT ON (p.area_code, p.mid_year)
        p.area_code,
        p.mid_year,
        p.persons
    FROM warehouse.population AS p
    INNER JOIN warehouse.dim_area AS d ON p.area_code = d.area_code
    WHERE d.area_type = 'district'
    ORDER BY p.area_code ASC, p.mid_year ASC, p.vintage DESC
),

covered AS (
    SELECT mid_year
    FROM newest
    GROUP BY mid_year
    HAVING count(*) = (SELECT count(*) FROM warehouse.dim_area WHERE area_type = 'district')
),

chosen AS (
    SELECT
        q.quarter_key,
        q.starts_on,
        max(c.mid_year) AS mid_year
    FROM warehouse.dim_quarter AS q
    INNER JOIN covered AS c ON left(q.financial_year, 4)::integer >= c.mid_year
    GROUP BY q.quarter_key, q.starts_on
)

SELECT
    c.quarter_key,
    a.area_code,
    sum(n.persons) AS persons,
    c.mid_year
FROM chosen AS c
INNER JOIN warehouse.area_member AS a ON a.valid @> c.starts_on
INNER JOIN warehouse.dim_area AS d ON a.area_code = d.area_code
INNER JOIN newest AS n ON a.member_code = n.area_code AND c.mid_year = n.mid_year
WHERE d.area_type IN ('county', 'csp', 'district')
GROUP BY c.quarter_key, a.area_code, c.mid_year;
COMMENT ON VIEW marts.residents IS
'Residents by which a quarter''s counts are divided: the mid-year estimate of the calendar year in which the financial year begins, or the newest before it';
COMMENT ON COLUMN marts.residents.quarter_key IS 'Financial quarter';
COMMENT ON COLUMN marts.residents.area_code IS 'District, partnership or county; the latter two are the sum of their districts in that quarter';
COMMENT ON COLUMN marts.residents.persons IS 'Usual residents, persons';
COMMENT ON COLUMN marts.residents.mid_year IS 'Year of the 30 June of the estimate';

CREATE VIEW marts.scorecard_wide AS
SELECT
    q.financial_year,
    o.quarter_key,
    q.quarter_label,
    q.starts_on AS quarter_starts_on,
    o.area_code,
    d.area_name,
    d.area_type,
    o.measure_id,
    m.title AS measure_title,
    m.lead,
    s.source_name,
    o.return_name,
    m.good_direction,
    m.kind,
    m.unit,
    o.numerator,
    o.denominator,
    marts.figure(m.kind, o.numerator, o.denominator) AS value,
    CASE WHEN m.kind = 'count' THEN o.numerator END AS count_number,
    CASE WHEN m.kind = 'proportion' THEN marts.figure(m.kind, o.numerator, o.denominator) END AS proportion_percent,
    CASE WHEN m.kind = 'mean' THEN marts.figure(m.kind, o.numerator, o.denominator) END AS mean_value,
    CASE WHEN m.kind = 'money' THEN o.numerator END AS money_gbp,
    CASE WHEN m.has_rate AND o.complete THEN 1000 * o.numerator / p.persons END AS rate_per_1000,
    CASE WHEN m.has_rate THEN p.persons END AS residents,
    CASE WHEN m.has_rate THEN p.mid_year END AS residents_mid_year,
    o.complete,
    o.synthetic,
    CASE m.kind
        WHEN 'count' THEN marts.is_small(o.numerator)
        WHEN 'proportion' THEN marts.is_small(o.numerator) OR marts.is_small(o.denominator - o.numerator) OR marts.is_small(o.denominator)
        WHEN 'mean' THEN marts.is_small(o.denominator)
    END AS small_number
FROM marts.observation AS o
INNER JOIN marts.dim_measure AS m ON o.measure_id = m.measure_id
INNER JOIN warehouse.dim_source AS s ON m.source = s.source
INNER JOIN warehouse.dim_area AS d ON o.area_code = d.area_code
INNER JOIN warehouse.dim_quarter AS q ON o.quarter_key = q.quarter_key
LEFT JOIN marts.residents AS p ON o.quarter_key = p.quarter_key AND o.area_code = p.area_code;
COMMENT ON VIEW marts.scorecard_wide IS
'Every figure with its labels: one row a measure, area and quarter, as known today. No row where the return was not received';
COMMENT ON COLUMN marts.scorecard_wide.financial_year IS 'April to March, written 2021-22';
COMMENT ON COLUMN marts.scorecard_wide.quarter_key IS 'Financial quarter, written 2021-22Q4';
COMMENT ON COLUMN marts.scorecard_wide.quarter_label IS 'Financial quarter for people, written 2021/22 Q4';
COMMENT ON COLUMN marts.scorecard_wide.quarter_starts_on IS 'First day of the quarter';
COMMENT ON COLUMN marts.scorecard_wide.area_code IS 'ONS (GSS) code where there is one, else ours';
COMMENT ON COLUMN marts.scorecard_wide.area_name IS 'Name of the area';
COMMENT ON COLUMN marts.scorecard_wide.area_type IS 'county, csp, district; service, outside or unknown for places that are no area';
COMMENT ON COLUMN marts.scorecard_wide.measure_id IS 'Key of the measure';
COMMENT ON COLUMN marts.scorecard_wide.measure_title IS 'Title of the measure';
COMMENT ON COLUMN marts.scorecard_wide.lead IS 'Who answers for it to the Board';
COMMENT ON COLUMN marts.scorecard_wide.source_name IS 'Who sends the figures';
COMMENT ON COLUMN marts.scorecard_wide.return_name IS 'The return that fed it';
COMMENT ON COLUMN marts.scorecard_wide.good_direction IS 'up, down, or none where no judgement is made';
COMMENT ON COLUMN marts.scorecard_wide.kind IS 'count, proportion (per cent), mean, or money (pounds)';
COMMENT ON COLUMN marts.scorecard_wide.unit IS 'What the figure counts';
COMMENT ON COLUMN marts.scorecard_wide.numerator IS 'The count, total, or part. Add these up, never the values';
COMMENT ON COLUMN marts.scorecard_wide.denominator IS 'Number or whole by which the numerator is divided; NULL for counts and money';
COMMENT ON COLUMN marts.scorecard_wide.value IS
'The figure by its kind: number, per cent, mean or pounds, unrounded; NULL where the denominator is 0 or not known';
COMMENT ON COLUMN marts.scorecard_wide.count_number IS 'The figure where it is a count; NULL for every other kind';
COMMENT ON COLUMN marts.scorecard_wide.proportion_percent IS 'The figure where it is a proportion, in per cent; NULL for every other kind';
COMMENT ON COLUMN marts.scorecard_wide.mean_value IS 'The figure where it is a mean, in the measure''s unit; NULL for every other kind';
COMMENT ON COLUMN marts.scorecard_wide.money_gbp IS 'The figure where it is money, in pounds; NULL for every other kind';
COMMENT ON COLUMN marts.scorecard_wide.rate_per_1000 IS
'Number for each 1,000 residents in the quarter, not multiplied to a year; NULL where not rated, without residents, or with a month missing';
COMMENT ON COLUMN marts.scorecard_wide.residents IS 'Residents by which the rate is divided; NULL where there is no rate';
COMMENT ON COLUMN marts.scorecard_wide.residents_mid_year IS 'Year of the 30 June of that estimate; NULL where there is no rate';
COMMENT ON COLUMN marts.scorecard_wide.complete IS 'Whether every month of the quarter is held; what is not complete is not compared';
COMMENT ON COLUMN marts.scorecard_wide.synthetic IS 'Whether any part of it is a made-up sample';
COMMENT ON COLUMN marts.scorecard_wide.small_number IS
'Whether it rests on fewer than marts.small_number_threshold() cases, or all but so few: not for publication. NULL for money, whose cases are not counted';

CREATE VIEW marts.scorecard AS
WITH numbered AS (
    SELECT
        quarter_key,
        row_number() OVER (ORDER BY starts_on) AS quarter_number
    FROM warehouse.dim_quarter
),

held AS (
    SELECT
        w.*,
        n.quarter_number,
        w.complete AND (m.denominator IS NULL OR w.denominator IS NOT NULL) AS comparable
    FROM marts.scorecard_wide AS w
    INNER JOIN marts.dim_measure AS m ON w.measure_id = m.measure_id
    INNER JOIN numbered AS n ON w.quarter_key = n.quarter_key
),

summed AS (
    SELECT
        *,
        first_value(value) OVER last_year AS last_year_held,
        first_value(comparable) OVER last_year AS last_year_comparable,
        sum(numerator) OVER this_year AS year_numerator,
        sum(denominator) OVER this_year AS year_denominator,
        count(*) FILTER (WHERE comparable) OVER this_year = 4 AS year_comparable,
        sum(numerator) OVER year_before AS year_before_numerator,
        sum(denominator) OVER year_before AS year_before_denominator,
        count(*) FILTER (WHERE comparable) OVER year_before = 4 AS year_before_comparable
    FROM held
    WINDOW
        last_year AS (PARTITION BY measure_id, area_code ORDER BY quarter_number RANGE BETWEEN 4 PRECEDING AND 4 PRECEDING),
        this_year AS (PARTITION BY measure_id, area_code ORDER BY quarter_number RANGE BETWEEN 3 PRECEDING AND CURRENT ROW),
        year_before AS (PARTITION BY measure_id, area_code ORDER BY quarter_number RANGE BETWEEN 7 PRECEDING AND 4 PRECEDING)
),

figures AS (
    SELECT
        *,
        CASE WHEN last_year_comparable THEN last_year_held END AS last_year_value,
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
'Every figure compared with itself a year before: one row a measure, area and quarter, as known today. What is not complete is not compared';
COMMENT ON COLUMN marts.scorecard.quarter_key IS 'Financial quarter';
COMMENT ON COLUMN marts.scorecard.area_code IS 'Area';
COMMENT ON COLUMN marts.scorecard.measure_id IS 'Measure';
COMMENT ON COLUMN marts.scorecard.area_name IS 'Name of the area';
COMMENT ON COLUMN marts.scorecard.measure_title IS 'Title of the measure';
COMMENT ON COLUMN marts.scorecard.good_direction IS 'up, down, or none where no judgement is made';
COMMENT ON COLUMN marts.scorecard.kind IS 'count, proportion (per cent), mean, or money (pounds)';
COMMENT ON COLUMN marts.scorecard.value IS 'The quarter''s figure by its kind, unrounded; NULL where the denominator is 0 or not known';
COMMENT ON COLUMN marts.scorecard.rate_per_1000 IS
'Number for each 1,000 residents in the quarter; NULL where not rated, without residents, or with a month missing';
COMMENT ON COLUMN marts.scorecard.last_year_value IS 'The figure of the same quarter last year; NULL where that quarter is not held whole';
COMMENT ON COLUMN marts.scorecard.change IS 'Figure less the same quarter last year''s, for per cent in points; NULL where either is not held whole';
COMMENT ON COLUMN marts.scorecard.change_percent IS 'That change in per cent of last year''s figure; NULL for proportions and where last year''s is 0';
COMMENT ON COLUMN marts.scorecard.year_value IS 'The figure of the twelve months to the quarter''s end; NULL where one of the four quarters is not held whole';
COMMENT ON COLUMN marts.scorecard.year_before_value IS 'The figure of the twelve months before those; NULL where one of the four quarters is not held whole';
COMMENT ON COLUMN marts.scorecard.year_change IS 'Twelve months'' figure less that of the twelve months before; NULL where either is missing';
COMMENT ON COLUMN marts.scorecard.year_change_percent IS 'That change in per cent; NULL for proportions and where the year before is 0';
COMMENT ON COLUMN marts.scorecard.complete IS 'Whether every month of the quarter is held';
COMMENT ON COLUMN marts.scorecard.synthetic IS 'Whether any part of the quarter''s figure is a made-up sample';
COMMENT ON COLUMN marts.scorecard.small_number IS 'Whether the quarter''s figure rests on too few cases to be published; NULL for money';

CREATE VIEW marts.areas_side_by_side AS
SELECT
    quarter_key,
    measure_id,
    measure_title,
    CASE kind
        WHEN 'proportion' THEN 'per cent'
        WHEN 'mean' THEN unit
        WHEN 'money' THEN 'pounds'
        ELSE CASE WHEN bool_or(rate_per_1000 IS NOT NULL) THEN 'per 1,000 residents' ELSE 'number' END
    END AS compared_as,
    max(CASE WHEN complete THEN coalesce(rate_per_1000, value) END) FILTER (WHERE area_code = 'E10000025') AS oxfordshire,
    max(CASE WHEN complete THEN coalesce(rate_per_1000, value) END) FILTER (WHERE area_code = 'CSP-CHERWELL') AS cherwell_csp,
    max(CASE WHEN complete THEN coalesce(rate_per_1000, value) END) FILTER (WHERE area_code = 'CSP-OXFORD') AS oxford_city_csp,
    max(CASE WHEN complete THEN coalesce(rate_per_1000, value) END) FILTER (WHERE area_code = 'CSP-SOUTH-VALE') AS south_and_vale_csp,
    max(CASE WHEN complete THEN coalesce(rate_per_1000, value) END) FILTER (WHERE area_code = 'CSP-WEST') AS west_oxfordshire_csp,
    bool_and(complete) AS complete,
    bool_or(synthetic) AS synthetic,
    bool_or(small_number) AS small_number
FROM marts.scorecard_wide
WHERE area_type IN ('county', 'csp')
GROUP BY quarter_key, measure_id, measure_title, kind, unit;
COMMENT ON VIEW marts.areas_side_by_side IS 'County and partnerships side by side: one row a measure and quarter, as known today';
COMMENT ON COLUMN marts.areas_side_by_side.quarter_key IS 'Financial quarter';
COMMENT ON COLUMN marts.areas_side_by_side.measure_id IS 'Measure';
COMMENT ON COLUMN marts.areas_side_by_side.measure_title IS 'Title of the measure';
COMMENT ON COLUMN marts.areas_side_by_side.compared_as IS
'In what the areas are compared: per 1,000 residents, per cent, pounds, number, or the measure''s unit';
COMMENT ON COLUMN marts.areas_side_by_side.oxfordshire IS 'Oxfordshire; NULL where nothing or not the whole quarter is held';
COMMENT ON COLUMN marts.areas_side_by_side.cherwell_csp IS 'Cherwell partnership; NULL where nothing or not the whole quarter is held';
COMMENT ON COLUMN marts.areas_side_by_side.oxford_city_csp IS 'Oxford City partnership; NULL where nothing or not the whole quarter is held';
COMMENT ON COLUMN marts.areas_side_by_side.south_and_vale_csp IS 'South and Vale partnership; NULL where nothing or not the whole quarter is held';
COMMENT ON COLUMN marts.areas_side_by_side.west_oxfordshire_csp IS 'West Oxfordshire partnership; NULL where nothing or not the whole quarter is held';
COMMENT ON COLUMN marts.areas_side_by_side.complete IS 'Whether every month of the quarter is held';
COMMENT ON COLUMN marts.areas_side_by_side.synthetic IS 'Whether any of the figures is made up';
COMMENT ON COLUMN marts.areas_side_by_side.small_number IS 'Whether any of the figures rests on too few cases to be published; NULL for money';

CREATE VIEW marts.crime_by_neighbourhood AS
SELECT
    c.month_starts_on,
    q.quarter_key,
    c.area_code,
    c.lsoa_code,
    c.lsoa_name,
    c.offence_code,
    o.offence_name,
    count(*) AS records,
    marts.is_small(count(*)) AS small_number,
    bool_or(h.synthetic) AS synthetic
FROM warehouse.tvp_crime AS c
INNER JOIN warehouse.return_version AS h ON c.return_version_id = h.return_version_id
INNER JOIN warehouse.dim_offence AS o ON c.offence_code = o.offence_code
INNER JOIN warehouse.dim_quarter AS q ON lower(h.period) BETWEEN q.starts_on AND q.ends_on
WHERE upper_inf(h.known_during)
GROUP BY c.month_starts_on, q.quarter_key, c.area_code, c.lsoa_code, c.lsoa_name, c.offence_code, o.offence_name;
COMMENT ON VIEW marts.crime_by_neighbourhood IS
'Crime-level police files counted by neighbourhood: one row a month, lower layer super output area and crime type, as known today. No row where there was none';
COMMENT ON COLUMN marts.crime_by_neighbourhood.month_starts_on IS 'First day of the month of the record';
COMMENT ON COLUMN marts.crime_by_neighbourhood.quarter_key IS 'Financial quarter of the month';
COMMENT ON COLUMN marts.crime_by_neighbourhood.area_code IS 'District of Oxfordshire, ELSEWHERE, or NO-LOCATION';
COMMENT ON COLUMN marts.crime_by_neighbourhood.lsoa_code IS 'Lower layer super output area, 2011 or 2021 code; NULL without location';
COMMENT ON COLUMN marts.crime_by_neighbourhood.lsoa_name IS 'Its name; NULL without location';
COMMENT ON COLUMN marts.crime_by_neighbourhood.offence_code IS 'Crime type';
COMMENT ON COLUMN marts.crime_by_neighbourhood.offence_name IS 'Crime type as published';
COMMENT ON COLUMN marts.crime_by_neighbourhood.records IS 'Number of records; the police have already moved each to a nearby point';
COMMENT ON COLUMN marts.crime_by_neighbourhood.small_number IS 'Whether there are fewer records than marts.small_number_threshold()';
COMMENT ON COLUMN marts.crime_by_neighbourhood.synthetic IS 'Whether the files are made-up samples';
