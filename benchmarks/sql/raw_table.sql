-- Grain: one row for each current record, as the files have it.
-- Keys: none.
-- Why: to compare queries with a simple table of text, without keys, types or indexes.
CREATE UNLOGGED TABLE public.street AS
SELECT
    encode(f.crime_id, 'hex') AS crime_id,
    to_char(f.month_starts_on, 'YYYY-MM') AS month,
    'Thames Valley Police'::text AS reported_by,
    'Thames Valley Police'::text AS falls_within,
    f.longitude::text AS longitude,
    f.latitude::text AS latitude,
    f.location,
    f.lsoa_code,
    f.lsoa_name,
    o.offence_name AS crime_type,
    f.last_outcome,
    NULL::text AS context
FROM warehouse.street_crime AS f
INNER JOIN warehouse.return_version AS h ON f.return_version_id = h.return_version_id AND upper_inf(h.known_during)
INNER JOIN warehouse.dim_offence AS o ON f.offence_code = o.offence_code
