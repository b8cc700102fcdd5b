-- Grain: one row a submission and measure that it feeds, over all areas and months.
-- Keys: submission_id, measure_id.
-- Why: the totals that we read, in the scorecard's words, so that the partner can hold them against its own. Only measures that add up
-- over areas; each counted for the quarter of its own submission, since a month of an archive may belong to another. NaN where the sender
-- withheld a part.
CREATE VIEW feedback.return_count AS
SELECT
    h.submission_id,
    m.measure_id,
    m.title,
    m.kind,
    m.sort_order,
    sum(coalesce(t.value, 'NaN')) AS value
FROM warehouse.return_version AS h
INNER JOIN intake.submission AS s ON h.submission_id = s.submission_id
INNER JOIN warehouse.dim_quarter AS q ON s.quarter_key = q.quarter_key
INNER JOIN marts.component_total AS t ON h.return_version_id = t.return_version_id AND t.starts_on BETWEEN q.starts_on AND q.ends_on
INNER JOIN marts.dim_measure AS m
    ON h.return_name = m.return_name AND h.source = m.source AND t.component = m.numerator AND m.valid && daterange(q.starts_on, q.ends_on, '[]')
WHERE m.kind IN ('count', 'money') AND m.aggregates_up
GROUP BY h.submission_id, m.measure_id, m.title, m.kind, m.sort_order;
COMMENT ON VIEW feedback.return_count IS 'What a submission comes to in each measure that it feeds, over all areas, for its sender';
COMMENT ON COLUMN feedback.return_count.submission_id IS 'Submission';
COMMENT ON COLUMN feedback.return_count.measure_id IS 'Measure';
COMMENT ON COLUMN feedback.return_count.title IS 'Title of the measure';
COMMENT ON COLUMN feedback.return_count.kind IS 'count, or money (pounds)';
COMMENT ON COLUMN feedback.return_count.sort_order IS 'Place of the measure on the scorecard';
COMMENT ON COLUMN feedback.return_count.value IS 'Number or pounds; NaN if the sender withheld a part';
