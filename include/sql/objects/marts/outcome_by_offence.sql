-- Grain: quarter of the outcome, district, offence and outcome.
-- Keys: quarter_key, area_code, offence_code, outcome_code.
-- Why: an outcome is published apart from its crime and months later, and has its offence only by the Crime ID.
-- Needs: street_crime, crime_outcome
CREATE VIEW marts.outcome_by_offence AS
WITH policy AS (SELECT marts.smallest_shown_number() AS smallest_shown),

-- Crime ID repeats among the crimes too: each outcome counts once, with the newest crime of its ID.
matched AS (
    SELECT DISTINCT ON (f.quarter_key, f.return_version_id, f.row_number)
        f.quarter_key,
        f.area_code,
        f.outcome_code,
        c.offence_code,
        f.synthetic
    FROM warehouse.crime_outcome_today AS f
    LEFT JOIN warehouse.street_crime_today AS c ON f.crime_id = c.crime_id
    ORDER BY f.quarter_key ASC, f.return_version_id ASC, f.row_number ASC, c.month_starts_on DESC NULLS LAST, c.offence_code ASC
),

counted AS (
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
    marts.is_small_number(c.outcomes, p.smallest_shown) AS small_number,
    c.synthetic
FROM counted AS c
CROSS JOIN policy AS p
INNER JOIN warehouse.dim_outcome AS u ON c.outcome_code = u.outcome_code
LEFT JOIN warehouse.dim_offence AS o ON c.offence_code = o.offence_code
WINDOW
    offence AS (PARTITION BY c.quarter_key, c.area_code, c.offence_code),
    area AS (PARTITION BY c.quarter_key, c.area_code);
COMMENT ON VIEW marts.outcome_by_offence IS
'How crimes ended: one row a quarter of the outcome, district, offence and outcome, as known today. An outcome gets its offence by Crime ID from
the crime-level files of any month; offence_code is NULL where none of them has the crime. Read unmatched_percent first';
COMMENT ON COLUMN marts.outcome_by_offence.quarter_key IS 'Financial quarter of the outcome, not of the crime';
COMMENT ON COLUMN marts.outcome_by_offence.area_code IS 'District of the county, ELSEWHERE, or NO-LOCATION';
COMMENT ON COLUMN marts.outcome_by_offence.offence_code IS 'Crime type; NULL where we do not have the crime';
COMMENT ON COLUMN marts.outcome_by_offence.offence_name IS 'Crime type as published; NULL where we do not have the crime';
COMMENT ON COLUMN marts.outcome_by_offence.outcome_code IS 'Outcome';
COMMENT ON COLUMN marts.outcome_by_offence.outcome_name IS 'Outcome as published';
COMMENT ON COLUMN marts.outcome_by_offence.outcomes IS 'Number of outcomes; a crime may have several';
COMMENT ON COLUMN marts.outcome_by_offence.outcomes_of_offence IS 'Number of outcomes of the offence in the quarter and area, by which the share is divided';
COMMENT ON COLUMN marts.outcome_by_offence.share_percent IS 'Per cent of the offence''s outcomes, unrounded';
COMMENT ON COLUMN marts.outcome_by_offence.unmatched_percent IS
'Per cent of all outcomes of the quarter and area whose crime we do not have: the shares of the offences leave out so much';
COMMENT ON COLUMN marts.outcome_by_offence.small_number IS 'Whether there are fewer outcomes than marts.smallest_shown_number()';
COMMENT ON COLUMN marts.outcome_by_offence.synthetic IS 'Whether the files are made-up samples';
