-- Grain: as before; this changes how crimes of one quarter are found among those of all years.
-- Keys: none.
-- Why: the index of crimes by holding is a block range index, which takes no time at loading. It knows new ranges once they are
-- summarised, which a vacuum does that comes when a fifth of the table is new: with fifteen years held, after years.

ALTER INDEX warehouse.tvp_crime_by_return_version SET (autosummarize = TRUE);

-- A quarter finds its holdings by equality, so that the planner expects few and takes them through the index.
CREATE OR REPLACE VIEW marts.crime_by_neighbourhood AS
SELECT
    c.month_starts_on,
    q.quarter_key,
    c.area_code,
    c.lsoa_code,
    c.lsoa_name,
    c.offence_code,
    o.offence_name,
    count(*) AS records,
    marts.is_small(count(*)) AS small_number,
    bool_or(h.synthetic) AS synthetic
FROM warehouse.return_version AS h
INNER JOIN warehouse.dim_quarter AS q ON date_trunc('quarter', lower(h.period)::timestamp)::date = q.starts_on
INNER JOIN warehouse.tvp_crime AS c ON h.return_version_id = c.return_version_id
INNER JOIN warehouse.dim_offence AS o ON c.offence_code = o.offence_code
WHERE h.return_name = 'tvp_crime' AND upper_inf(h.known_during)
GROUP BY c.month_starts_on, q.quarter_key, c.area_code, c.lsoa_code, c.lsoa_name, c.offence_code, o.offence_name;
