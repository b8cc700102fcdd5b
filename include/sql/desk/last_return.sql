-- Grain: one row, the newest accepted return in force of a sender for a quarter before another.
-- Keys: submission_id.
-- Why: its sender fills in the next blank workbook with these figures in view.
SELECT
    s.submission_id,
    s.quarter_key,
    s.synthetic
FROM intake.submission AS s
WHERE
    (s.return_name, s.source, s.status) = (%(return_name)s, %(source)s, 'accepted')
    AND s.quarter_key < %(quarter_key)s
    AND EXISTS (
        SELECT FROM warehouse.return_version AS h
        WHERE h.submission_id = s.submission_id AND upper_inf(h.known_during)
    )
ORDER BY s.quarter_key DESC, s.submission_id DESC
LIMIT 1
