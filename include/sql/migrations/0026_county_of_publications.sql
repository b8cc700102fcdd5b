-- Grain: as before, one row an area, mid-year and publication; this changes how rates_use_it is told.
-- Keys: area_code, mid_year, published_with_mid_year.
-- Why: the register has districts alone, and rates of the county are divided by their sum; of several vintages the newest, as marts.residents.

CREATE OR REPLACE VIEW marts.population_by_publication AS
WITH register AS (
    SELECT
        a.area_code,
        p.mid_year,
        sum(p.persons) AS persons
    FROM (
        SELECT DISTINCT ON (area_code, mid_year)
            area_code,
            mid_year,
            persons
        FROM warehouse.population
        ORDER BY area_code ASC, mid_year ASC, vintage DESC
    ) AS p
    INNER JOIN warehouse.area_member AS a ON p.area_code = a.member_code AND a.valid @> make_date(p.mid_year, 6, 30)
    GROUP BY a.area_code, p.mid_year
)

SELECT
    d.area_name,
    p.area_code,
    p.mid_year,
    p.published_with_mid_year,
    p.persons,
    p.persons - first_value(p.persons) OVER (PARTITION BY p.area_code, p.mid_year ORDER BY p.published_with_mid_year) AS revised_by_persons,
    coalesce(p.persons = r.persons, FALSE) AS rates_use_it
FROM warehouse.population_estimate_today AS p
INNER JOIN warehouse.dim_area AS d ON p.area_code = d.area_code
LEFT JOIN register AS r ON p.area_code = r.area_code AND p.mid_year = r.mid_year
WHERE d.area_type IN ('county', 'district');
COMMENT ON COLUMN marts.population_by_publication.rates_use_it IS
'Whether this is the figure by which rates are divided: that of the register of populations, of the county the sum of its districts';
