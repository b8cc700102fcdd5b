-- Grain: one row a question that the letter of an accepted return asks its sender.
-- Keys: return, quarter, source, message.
-- Why: the unit gets a list of figures that may be those of another period, only a part, or nothing, before they are used.
SELECT DISTINCT
    s.source,
    s.return_name,
    s.quarter_key,
    s.synthetic,
    f.message
FROM intake.submission AS s
INNER JOIN quality.finding AS f ON s.submission_id = f.submission_id
WHERE
    s.status = 'accepted' AND s.decided_at > %(since)s
    AND EXISTS (SELECT FROM quality.questioned_figure AS q WHERE q.finding_id = f.finding_id)
ORDER BY s.source, s.return_name, s.quarter_key, f.message
