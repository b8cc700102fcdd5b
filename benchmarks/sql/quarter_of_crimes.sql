-- Grain: one row a record; a quarter of three months.
-- Keys: return_version_id and row_number.
-- Why: the seed's months in turn, each record with an ID of its own, so that twenty million rows are as different as real ones; month
-- after month, as the files of an archive are read.
INSERT INTO warehouse.street_crime (
    return_version_id, row_number, month_starts_on, area_code, offence_code, last_outcome, crime_id, longitude, latitude, location, lsoa_code, lsoa_name
)
SELECT
    h.return_version_id,
    s.row_number + s.size * n.n,
    h.starts_on,
    s.area_code,
    s.offence_code,
    s.last_outcome,
    sha256(s.crime_id || int8send(h.return_version_id) || int4send(n.n)),
    s.longitude,
    s.latitude,
    s.location,
    s.lsoa_code,
    s.lsoa_name
FROM new_return_version AS h
INNER JOIN seed AS s ON mod((extract(YEAR FROM h.starts_on) * 12 + extract(MONTH FROM h.starts_on))::integer, %(seed_months)s) = s.turn
CROSS JOIN LATERAL generate_series(0, ((%(rows_a_month)s - s.row_number) / s.size)::integer) AS n (n)
WHERE s.row_number <= %(rows_a_month)s
ORDER BY h.return_version_id, n.n, s.row_number
