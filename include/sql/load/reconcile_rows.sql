-- Grain: one row, for one table of the submission that is being loaded.
-- Keys: submission_id, table_name.
-- Why: every staged row must have become at least one fact; a row counts as elsewhere if none of its facts is inside the county
-- or of unknown place. The return versions are an array, so that the index finds their facts among those of fifteen years.
UPDATE quality.row_reconciliation AS a
SET
    rows_loaded = c.rows_loaded,
    rows_outside = c.rows_loaded - c.rows_here
FROM (
    SELECT
        count(DISTINCT f.row_number) AS rows_loaded,
        count(DISTINCT f.row_number) FILTER (WHERE d.area_type <> 'outside') AS rows_here
    FROM fact AS f
    INNER JOIN warehouse.dim_area AS d ON f.area_code = d.area_code
    WHERE f.return_version_id = any(array(SELECT h.return_version_id FROM new_return_version AS h))
) AS c
WHERE a.submission_id = %(submission_id)s AND a.table_name = %(table_name)s
RETURNING a.rows_loaded = a.rows_staged
