-- Grain: one row for each return version, police count and component total of a sample year.
-- Keys: those of the three tables.
-- Why: to fill a year with the other returns, by copying a sample year and moving it by whole years.
WITH moved AS (
    SELECT
        h.return_version_id AS old_id,
        nextval(pg_get_serial_sequence('warehouse.return_version', 'return_version_id')) AS return_version_id,
        h.return_name,
        h.source,
        h.submission_id,
        daterange((lower(h.period) + make_interval(years => %(years)s))::date, (upper(h.period) + make_interval(years => %(years)s))::date) AS period,
        tstzrange(lower(h.known_during) + make_interval(years => %(years)s), upper(h.known_during) + make_interval(years => %(years)s)) AS known_during
    FROM warehouse.return_version AS h
    INNER JOIN warehouse.dim_quarter AS q ON lower(h.period) BETWEEN q.starts_on AND q.ends_on
    WHERE h.return_name <> 'tvp_crime' AND q.financial_year = %(from_year)s
),

new_version AS (
    INSERT INTO warehouse.return_version (return_version_id, return_name, source, submission_id, period, known_during, synthetic)
    OVERRIDING SYSTEM VALUE
    SELECT
        return_version_id,
        return_name,
        source,
        submission_id,
        period,
        known_during,
        TRUE
    FROM moved
),

component AS (
    INSERT INTO warehouse.police_count (return_version_id, row_number, month_starts_on, component, area_code, records)
    SELECT
        m.return_version_id,
        c.row_number,
        (c.month_starts_on + make_interval(years => %(years)s))::date,
        c.component,
        c.area_code,
        c.records
    FROM moved AS m
    INNER JOIN warehouse.police_count AS c ON m.old_id = c.return_version_id
)

INSERT INTO marts.component_total (return_version_id, area_code, starts_on, component, value)
SELECT
    m.return_version_id,
    t.area_code,
    (t.starts_on + make_interval(years => %(years)s))::date,
    t.component,
    t.value
FROM moved AS m
INNER JOIN marts.component_total AS t ON m.old_id = t.return_version_id
