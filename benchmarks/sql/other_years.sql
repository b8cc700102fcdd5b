-- Grain: one row a holding, a tally and a police count of the sample returns, for a year that has none.
-- Keys: as the tables' own.
-- Why: the other returns of fifteen years, as large as real ones; a year is a copy of a sample year moved by whole years.
WITH moved AS (
    SELECT
        h.holding_id AS old_id,
        nextval(pg_get_serial_sequence('warehouse.holding', 'holding_id')) AS holding_id,
        h.return_name,
        h.source,
        h.submission_id,
        daterange((lower(h.period) + make_interval(years => %(years)s))::date, (upper(h.period) + make_interval(years => %(years)s))::date) AS period,
        tstzrange(lower(h.known) + make_interval(years => %(years)s), upper(h.known) + make_interval(years => %(years)s)) AS known
    FROM warehouse.holding AS h
    INNER JOIN warehouse.dim_quarter AS q ON lower(h.period) BETWEEN q.starts_on AND q.ends_on
    WHERE h.return_name <> 'tvp_crime' AND q.financial_year = %(from_year)s
),

held AS (
    INSERT INTO warehouse.holding (holding_id, return_name, source, submission_id, period, known, made_up)
    OVERRIDING SYSTEM VALUE
    SELECT
        holding_id,
        return_name,
        source,
        submission_id,
        period,
        known,
        TRUE
    FROM moved
),

counted AS (
    INSERT INTO warehouse.tvp_count (holding_id, row_number, month_starts_on, counted, area_code, records)
    SELECT
        m.holding_id,
        c.row_number,
        (c.month_starts_on + make_interval(years => %(years)s))::date,
        c.counted,
        c.area_code,
        c.records
    FROM moved AS m
    INNER JOIN warehouse.tvp_count AS c ON m.old_id = c.holding_id
)

INSERT INTO marts.tally (holding_id, area_code, starts_on, counted, amount)
SELECT
    m.holding_id,
    t.area_code,
    (t.starts_on + make_interval(years => %(years)s))::date,
    t.counted,
    t.amount
FROM moved AS m
INNER JOIN marts.tally AS t ON m.old_id = t.holding_id
