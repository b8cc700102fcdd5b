-- Grain: tvp_outcome one row an outcome, lsoa_change one an area of 2011 and an area of 2021; the views as each comment says.
-- Keys: return_version_id and row_number, because Crime ID repeats; return_version_id and both areas.
-- Why: what became of a crime is published apart from the crime and months later; an area's code says its vintage and its district only
-- by a lookup, and the lookup keeps which areas were split or merged.

CREATE TABLE warehouse.dim_outcome (
    outcome_code text PRIMARY KEY,
    outcome_name text NOT NULL UNIQUE
);
COMMENT ON TABLE warehouse.dim_outcome IS 'Outcomes of crimes, in the crime-level and in the outcomes files';
COMMENT ON COLUMN warehouse.dim_outcome.outcome_code IS 'Code';
COMMENT ON COLUMN warehouse.dim_outcome.outcome_name IS 'Name as published';

CREATE TABLE warehouse.tvp_outcome (
    return_version_id bigint NOT NULL REFERENCES warehouse.return_version,
    row_number bigint NOT NULL,
    month_starts_on date NOT NULL CHECK (extract(DAY FROM month_starts_on) = 1),
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    outcome_code text NOT NULL REFERENCES warehouse.dim_outcome,
    crime_id bytea NOT NULL CHECK (octet_length(crime_id) = 32),
    lsoa_code text,
    lsoa_name text CHECK ((lsoa_name IS NULL) = (lsoa_code IS NULL)),
    PRIMARY KEY (return_version_id, row_number)
);
COMMENT ON TABLE warehouse.tvp_outcome IS 'Outcomes of crimes: one row an outcome; equal rows are separate outcomes';
COMMENT ON COLUMN warehouse.tvp_outcome.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN warehouse.tvp_outcome.row_number IS 'Running number within the archive';
COMMENT ON COLUMN warehouse.tvp_outcome.month_starts_on IS 'First day of the month of the outcome, which is that of the crime or a later one';
COMMENT ON COLUMN warehouse.tvp_outcome.area_code IS 'District of Oxfordshire in which the crime was, ELSEWHERE, or NO-LOCATION';
COMMENT ON COLUMN warehouse.tvp_outcome.outcome_code IS 'What became of the crime';
COMMENT ON COLUMN warehouse.tvp_outcome.crime_id IS 'Crime ID, 32 bytes, as in the crime-level files; repeats';
COMMENT ON COLUMN warehouse.tvp_outcome.lsoa_code IS 'Lower layer super output area of the crime, 2011 or 2021 code; NULL without location';
COMMENT ON COLUMN warehouse.tvp_outcome.lsoa_name IS 'Its name; NULL without location';

CREATE TABLE warehouse.lsoa_change (
    return_version_id bigint NOT NULL REFERENCES warehouse.return_version,
    row_number bigint NOT NULL,
    lsoa_2011_code text NOT NULL,
    lsoa_2011_name text NOT NULL,
    change text NOT NULL CHECK (change IN ('unchanged', 'split', 'merged', 'irregular')),
    lsoa_2021_code text NOT NULL CHECK ((lsoa_2021_code = lsoa_2011_code) = (change = 'unchanged')),
    lsoa_2021_name text NOT NULL,
    district_code text NOT NULL,
    district_name text NOT NULL,
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    PRIMARY KEY (return_version_id, lsoa_2011_code, lsoa_2021_code)
);
COMMENT ON TABLE warehouse.lsoa_change IS
'Lower layer super output areas of 2011 and what became of them in 2021, England and Wales: one row an area of 2011 and an area of 2021';
COMMENT ON COLUMN warehouse.lsoa_change.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN warehouse.lsoa_change.row_number IS 'Line of the file';
COMMENT ON COLUMN warehouse.lsoa_change.lsoa_2011_code IS 'Code of 2011; stands more than once where the area was split';
COMMENT ON COLUMN warehouse.lsoa_change.lsoa_2011_name IS 'Name of 2011: the district of then, three figures and a letter';
COMMENT ON COLUMN warehouse.lsoa_change.change IS 'unchanged, split, merged or irregular';
COMMENT ON COLUMN warehouse.lsoa_change.lsoa_2021_code IS 'Code of 2021; stands more than once where areas were merged';
COMMENT ON COLUMN warehouse.lsoa_change.lsoa_2021_name IS 'Name of 2021';
COMMENT ON COLUMN warehouse.lsoa_change.district_code IS 'District of 2022 in which the area of 2021 lies';
COMMENT ON COLUMN warehouse.lsoa_change.district_name IS 'Its name';
COMMENT ON COLUMN warehouse.lsoa_change.area_code IS 'District of Oxfordshire, or ELSEWHERE';

SELECT warehouse.create_version_views(fact::regclass) FROM unnest(ARRAY['warehouse.tvp_outcome', 'warehouse.lsoa_change']) AS fact;

-- What was there, and the new table: whichever returns came before stay as they are.
DO $$
BEGIN
    EXECUTE format(
        'CREATE OR REPLACE VIEW warehouse.component_row AS %s UNION ALL %s',
        rtrim(pg_get_viewdef('warehouse.component_row'::regclass), ';'),
        'SELECT f.return_version_id, ''outcomes'', f.row_number, f.area_code, f.month_starts_on, n.counted, 1 '
        'FROM warehouse.tvp_outcome AS f CROSS JOIN LATERAL (VALUES (f.outcome_code), (''all_outcomes'')) AS n (counted)'
    );
END
$$;

CREATE VIEW marts.lsoa AS
WITH newest AS (
    SELECT return_version_id
    FROM warehouse.return_version
    WHERE return_name = 'lsoa_lookup' AND upper_inf(known_during)
    ORDER BY period DESC
    LIMIT 1
)

SELECT DISTINCT
    v.lsoa_vintage,
    v.lsoa_code,
    v.lsoa_name,
    c.district_code,
    c.district_name,
    c.area_code
FROM newest AS n
INNER JOIN warehouse.lsoa_change AS c ON n.return_version_id = c.return_version_id
CROSS JOIN LATERAL (
    VALUES
    (2011, c.lsoa_2011_code, c.lsoa_2011_name),
    (2021, c.lsoa_2021_code, c.lsoa_2021_name)
) AS v (lsoa_vintage, lsoa_code, lsoa_name);
COMMENT ON VIEW marts.lsoa IS
'Lower layer super output areas of both vintages with their district: one row a vintage, area and district, by the newest lookup that is held.
Three areas of 2011, none of them in Oxfordshire, lie in two districts. What became of each is in warehouse.lsoa_change_today';
COMMENT ON COLUMN marts.lsoa.lsoa_vintage IS 'Census year of the area, 2011 or 2021';
COMMENT ON COLUMN marts.lsoa.lsoa_code IS 'ONS (GSS) code; one that did not change is in both vintages';
COMMENT ON COLUMN marts.lsoa.lsoa_name IS 'Name in that vintage';
COMMENT ON COLUMN marts.lsoa.district_code IS 'District of 2022 in which it lies';
COMMENT ON COLUMN marts.lsoa.district_name IS 'Its name';
COMMENT ON COLUMN marts.lsoa.area_code IS 'District of Oxfordshire, or ELSEWHERE';

CREATE VIEW marts.outcome_by_offence AS
WITH crime AS (
    SELECT
        f.crime_id,
        f.offence_code,
        f.month_starts_on
    FROM warehouse.tvp_crime AS f
    INNER JOIN warehouse.return_version AS h ON f.return_version_id = h.return_version_id AND upper_inf(h.known_during)
    WHERE f.crime_id IS NOT NULL
),

-- Crime ID repeats among the crimes too: each outcome counts once, with the newest crime of its ID.
matched AS (
    SELECT DISTINCT ON (q.quarter_key, f.return_version_id, f.row_number)
        q.quarter_key,
        f.area_code,
        f.outcome_code,
        c.offence_code,
        h.synthetic
    FROM warehouse.tvp_outcome AS f
    INNER JOIN warehouse.return_version AS h ON f.return_version_id = h.return_version_id AND upper_inf(h.known_during)
    INNER JOIN warehouse.dim_quarter AS q ON f.month_starts_on BETWEEN q.starts_on AND q.ends_on
    LEFT JOIN crime AS c ON f.crime_id = c.crime_id
    ORDER BY q.quarter_key ASC, f.return_version_id ASC, f.row_number ASC, c.month_starts_on DESC NULLS LAST, c.offence_code ASC
),

component AS (
    SELECT
        quarter_key,
        area_code,
        offence_code,
        outcome_code,
        count(*) AS outcomes,
        bool_or(synthetic) AS synthetic
    FROM matched
    GROUP BY quarter_key, area_code, offence_code, outcome_code
)

SELECT
    c.quarter_key,
    c.area_code,
    c.offence_code,
    o.offence_name,
    c.outcome_code,
    u.outcome_name,
    c.outcomes,
    sum(c.outcomes) OVER offence AS outcomes_of_offence,
    100 * c.outcomes / sum(c.outcomes) OVER offence AS share_percent,
    100 * coalesce(sum(c.outcomes) FILTER (WHERE c.offence_code IS NULL) OVER area, 0) / sum(c.outcomes) OVER area AS unmatched_percent,
    marts.is_small(c.outcomes) AS small_number,
    c.synthetic
FROM component AS c
INNER JOIN warehouse.dim_outcome AS u ON c.outcome_code = u.outcome_code
LEFT JOIN warehouse.dim_offence AS o ON c.offence_code = o.offence_code
WINDOW
    offence AS (PARTITION BY c.quarter_key, c.area_code, c.offence_code),
    area AS (PARTITION BY c.quarter_key, c.area_code);
COMMENT ON VIEW marts.outcome_by_offence IS
'What became of crimes: one row a quarter of the outcome, district, offence and outcome, as known today. An outcome finds its offence by
Crime ID in the crime-level files of any month; where none of them holds it, offence_code is NULL. Read unmatched_percent first';
COMMENT ON COLUMN marts.outcome_by_offence.quarter_key IS 'Financial quarter of the outcome, not of the crime';
COMMENT ON COLUMN marts.outcome_by_offence.area_code IS 'District of Oxfordshire, ELSEWHERE, or NO-LOCATION';
COMMENT ON COLUMN marts.outcome_by_offence.offence_code IS 'Crime type; NULL where the crime is not among those held';
COMMENT ON COLUMN marts.outcome_by_offence.offence_name IS 'Crime type as published; NULL where the crime is not among those held';
COMMENT ON COLUMN marts.outcome_by_offence.outcome_code IS 'Outcome';
COMMENT ON COLUMN marts.outcome_by_offence.outcome_name IS 'Outcome as published';
COMMENT ON COLUMN marts.outcome_by_offence.outcomes IS 'Number of outcomes; a crime may have several';
COMMENT ON COLUMN marts.outcome_by_offence.outcomes_of_offence IS 'Number of outcomes of the offence in the quarter and area, by which the share is divided';
COMMENT ON COLUMN marts.outcome_by_offence.share_percent IS 'Per cent of the offence''s outcomes, unrounded';
COMMENT ON COLUMN marts.outcome_by_offence.unmatched_percent IS
'Per cent of all outcomes of the quarter and area whose crime is not held: by so much the shares of the offences rest on a part';
COMMENT ON COLUMN marts.outcome_by_offence.small_number IS 'Whether there are fewer outcomes than marts.small_number_threshold()';
COMMENT ON COLUMN marts.outcome_by_offence.synthetic IS 'Whether the files are made-up samples';
