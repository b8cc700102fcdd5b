-- Grain: one row a file of a release, the newest release first.
-- Keys: name, file_name.
-- Why: the page of what was released, and the check that a file is one of a release before it is opened.
SELECT
    l.quarter_key,
    q.quarter_label,
    l.number,
    l.released_at,
    f.file_name,
    f.size_bytes
FROM release.ledger AS l
INNER JOIN warehouse.dim_quarter AS q ON l.quarter_key = q.quarter_key
INNER JOIN release.file AS f ON l.release_id = f.release_id
ORDER BY l.quarter_key DESC, l.number DESC, f.file_name ASC
