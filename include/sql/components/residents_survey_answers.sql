-- Grain: row of the return and component.
-- Keys: return_version_id, row_number, component.
-- Why: what a row counts: those who gave the good answer, and those who were asked. Both are divided by the design effect, so that an interval
-- for a simple random sample is right for this one. Three kinds of rows are not counted: figures of twelve months, which overlap with
-- others; shares without a base, which have no interval; and shares of fewer than 50 people, which say too little.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    n.component,
    n.value
FROM warehouse.survey_answer AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
CROSS JOIN
    LATERAL (
        VALUES
        (f.survey || ':' || f.question, CASE f.question WHEN 'respondents' THEN f.base ELSE f.weighted / f.design_effect END),
        (f.survey || ':' || f.question || ':of', CASE WHEN f.question <> 'respondents' THEN f.base / f.design_effect END)
    ) AS n (component, value)
WHERE
    f.covers = 'quarter' AND f.person_group = 'everybody' AND f.base IS NOT NULL AND n.value IS NOT NULL
    AND ((f.answer = 'good' AND f.base >= 50) OR f.question = 'respondents')
