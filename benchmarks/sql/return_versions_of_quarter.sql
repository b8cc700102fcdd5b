-- Grain: one row for each month of the quarter.
-- Keys: return_version_id.
-- Why: to add a submission of the crime-level files and its return versions, as load does.
WITH sent AS (
    INSERT INTO intake.submission (
        receipt, return_name, source, quarter_key, file_name, landed_as, content_hash, size_bytes, received_at, recorded_at, status, decided_at
    )
    VALUES (
        %(receipt)s,
        'tvp_crime',
        'thames_valley_police',
        %(quarter_key)s,
        'police.zip',
        'police.zip',
        encode(sha256(convert_to(%(receipt)s, 'UTF8')), 'hex'),
        1,
        %(known_from)s,
        %(known_from)s,
        'accepted',
        %(known_from)s
    )
    RETURNING submission_id
),

new_version AS (
    INSERT INTO warehouse.return_version (return_name, source, submission_id, period, known_during, synthetic)
    SELECT
        'tvp_crime',
        'thames_valley_police',
        s.submission_id,
        daterange(m.month::date, (m.month + interval '1 month')::date),
        tstzrange(%(known_from)s, %(known_until)s),
        FALSE
    FROM sent AS s
    CROSS JOIN generate_series(%(starts_on)s::timestamp, %(ends_on)s::timestamp, interval '1 month') AS m (month)
    RETURNING return_version_id, period
)

INSERT INTO new_return_version (return_version_id, starts_on, ends_on)
SELECT
    return_version_id,
    lower(period),
    upper(period) - 1
FROM new_version
