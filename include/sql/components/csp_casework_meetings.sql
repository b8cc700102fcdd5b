-- Grain: row of the return.
-- Keys: return_version_id, row_number.
-- Why: what a row counts: the meetings of a neighbourhood area.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    'meetings' AS component,
    f.meetings AS value
FROM warehouse.asb_meeting AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
