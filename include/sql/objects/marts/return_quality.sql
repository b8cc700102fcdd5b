-- Grain: return, sender and quarter.
-- Keys: return_name, source, quarter_key.
-- Why: how the data quality of a return moves over time. No row where the return was not received.
CREATE VIEW marts.return_quality AS
SELECT
    s.return_name,
    s.source,
    s.quarter_key,
    max(s.attempt) AS attempts,
    min(s.attempt) FILTER (WHERE s.status = 'accepted') AS accepted_at_attempt,
    (array_agg(s.score_percent ORDER BY s.attempt))[1] AS first_score_percent,
    (array_agg(s.score_percent ORDER BY s.attempt DESC))[1] AS newest_score_percent,
    (array_agg(s.warnings ORDER BY s.attempt DESC))[1] AS newest_warnings,
    bool_or(s.synthetic) AS synthetic
FROM quality.submission_score AS s
GROUP BY s.return_name, s.source, s.quarter_key;
COMMENT ON VIEW marts.return_quality IS 'Data quality of each return over time; no row where the return was not received';
COMMENT ON COLUMN marts.return_quality.return_name IS 'Which return';
COMMENT ON COLUMN marts.return_quality.source IS 'Who sent it';
COMMENT ON COLUMN marts.return_quality.quarter_key IS 'Financial quarter';
COMMENT ON COLUMN marts.return_quality.attempts IS 'How many files were decided';
COMMENT ON COLUMN marts.return_quality.accepted_at_attempt IS 'The first attempt that was accepted; NULL while none is';
COMMENT ON COLUMN marts.return_quality.first_score_percent IS
'Rows of the first attempt with nothing that must be corrected, in per cent: the data quality score of the return';
COMMENT ON COLUMN marts.return_quality.newest_score_percent IS 'Rows of the newest attempt with nothing that must be corrected, in per cent';
COMMENT ON COLUMN marts.return_quality.newest_warnings IS 'Findings of the newest attempt that are only reported';
COMMENT ON COLUMN marts.return_quality.synthetic IS 'Whether any of them is a made-up sample';
