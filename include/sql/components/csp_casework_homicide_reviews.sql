-- Grain: row of the return and area.
-- Keys: return_version_id, row_number, area_code.
-- Why: what a row counts: reviews since April 2011. It is a total of years, so quarters must not be added up, and no measure names it.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    f.stage AS component,
    f.reviews AS value
FROM warehouse.homicide_review_count AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
