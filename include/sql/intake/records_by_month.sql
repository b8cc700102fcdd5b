-- Grain: one row an area and month of the records that a submission brought.
-- Keys: area_name, month_starts_on.
-- Why: what people compare with the source's own totals after an archive was taken in.
SELECT
    a.area_name,
    f.month_starts_on,
    count(*) AS records
FROM warehouse.return_version AS h
INNER JOIN warehouse.tvp_crime AS f ON h.return_version_id = f.return_version_id
INNER JOIN warehouse.dim_area AS a ON f.area_code = a.area_code
WHERE h.submission_id = %(submission_id)s
GROUP BY a.area_name, a.sort_order, f.month_starts_on
ORDER BY a.sort_order, f.month_starts_on
