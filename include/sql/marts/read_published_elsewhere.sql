-- Grain: group of offences, district and year.
-- Keys: offence, area_code, year_to.
-- Why: a reader of a release also has what the ONS publishes of the same crimes. A figure that is published twice may differ.
-- Needs: csp_crime_number
SELECT
    n.offence,
    n.area_code,
    n.year_to,
    min(n.offences) AS lowest,
    max(n.offences) AS highest
FROM warehouse.csp_crime_number_known_at(%(known_at)s) AS n
INNER JOIN warehouse.dim_area AS d ON n.area_code = d.area_code
WHERE n.level = 'partnership' AND d.area_type = 'district' AND n.offences >= 0
GROUP BY n.offence, n.area_code, n.year_to
ORDER BY n.offence, n.area_code, n.year_to
