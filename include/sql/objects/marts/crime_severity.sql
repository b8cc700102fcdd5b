-- Grain: district and financial year.
-- Keys: area_code, year_to.
-- Why: how grave the crime of a district is, next to other partnerships. The score is a partnership's: authorities that share it count once,
-- and one with several scores, because it was merged from others, has none.
-- Needs: crime_severity_score
CREATE VIEW marts.crime_severity AS
WITH by_authority AS (
    SELECT
        s.authority_code,
        s.area_code,
        (upper(s.period) - 1) AS year_to,
        CASE WHEN count(*) = 1 THEN min(s.score) END AS score,
        CASE WHEN count(*) > 1 THEN 'several_scores' ELSE min(s.missing_reason) END AS missing_reason
    FROM warehouse.crime_severity_score_today AS s
    GROUP BY s.authority_code, s.area_code, s.period
),

by_score AS (
    SELECT
        year_to,
        score,
        count(*) AS authorities,
        rank() OVER (PARTITION BY year_to ORDER BY score) - 1 AS lower_scores,
        count(*) OVER (PARTITION BY year_to) AS scores
    FROM by_authority
    WHERE score IS NOT NULL
    GROUP BY year_to, score
)

SELECT
    d.area_name,
    d.area_code,
    a.year_to,
    a.score,
    a.missing_reason,
    s.authorities - 1 AS authorities_that_share_it,
    s.lower_scores,
    s.scores AS scores_compared
FROM by_authority AS a
INNER JOIN warehouse.dim_area AS d ON a.area_code = d.area_code
LEFT JOIN by_score AS s ON a.year_to = s.year_to AND a.score = s.score
WHERE d.area_type = 'district';
COMMENT ON VIEW marts.crime_severity IS
'The Crime Severity Score of our districts, as known today: one row a district and financial year. It is published, and no measure counts it.
All England is in warehouse.crime_severity_score_today';
COMMENT ON COLUMN marts.crime_severity.area_name IS 'District';
COMMENT ON COLUMN marts.crime_severity.area_code IS 'Its code';
COMMENT ON COLUMN marts.crime_severity.year_to IS 'Last day of the financial year';
COMMENT ON COLUMN marts.crime_severity.score IS 'Crime Severity Score; NULL where missing_reason says why';
COMMENT ON COLUMN marts.crime_severity.missing_reason IS
'unavailable where the publisher gives no score, several_scores where it gives more than one; NULL where there is one';
COMMENT ON COLUMN marts.crime_severity.authorities_that_share_it IS
'Other authorities of England with exactly this score, because they share its partnership; NULL without a score';
COMMENT ON COLUMN marts.crime_severity.lower_scores IS 'How many of the scores that are compared are lower; NULL without a score';
COMMENT ON COLUMN marts.crime_severity.scores_compared IS 'How many different scores England has in the year, each counted once; NULL without a score';
