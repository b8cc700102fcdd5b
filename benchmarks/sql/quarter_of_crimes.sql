-- Grain: one row for each record of a quarter.
-- Keys: return_version_id and row_number.
-- Why: to fill a quarter with the seed's months in turn. Each record gets its own ID, so that the rows differ as real ones do.
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
