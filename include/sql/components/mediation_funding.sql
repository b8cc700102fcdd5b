-- Grain: row of the return.
-- Keys: return_version_id, row_number.
-- Why: what a row counts: pounds that a partnership gives.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    'funding' AS component,
    f.amount_gbp AS value
FROM warehouse.mediation_funding AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
