-- Grain: part of the figure, submission, table and sheet or file; the months of a submission are taken together.
-- Keys: part, submission_id, table_name, sheet.
-- Why: where the figure comes from; this adds what people call the return.
SELECT
    t.part,
    t.submission_id,
    t.receipt,
    r.return_title,
    t.source_name,
    t.file_name,
    t.received_at,
    min(lower(t.period)) AS starts_on,
    max(upper(t.period)) - 1 AS ends_on,
    t.sheet,
    array(SELECT ARRAY[lower(one), upper(one) - 1] FROM unnest(range_agg(t.rows)) AS one) AS rows,
    sum(t.row_count) AS row_count,
    nullif(sum(coalesce(t.value, 'NaN')), 'NaN') AS value
FROM marts.trace(%(measure)s, %(area)s, %(quarter)s, %(known_at)s) AS t
INNER JOIN marts.accepted_submission AS s ON t.submission_id = s.submission_id
INNER JOIN warehouse.dim_return AS r ON s.return_name = r.return_name
GROUP BY t.part, t.submission_id, t.receipt, r.return_title, t.source_name, t.file_name, t.received_at, t.table_name, t.sheet
ORDER BY t.part DESC, t.received_at ASC, t.receipt ASC, starts_on ASC, t.table_name ASC, t.sheet ASC
