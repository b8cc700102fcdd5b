-- Grain: area, mid-year and publication.
-- Keys: area_code, mid_year, published_with_mid_year.
-- Why: publications revise earlier years; where they differ each stays as it is, and one of them is divided by.
-- Needs: population_estimate
CREATE VIEW marts.population_by_publication AS
-- The register has districts alone: the county is their sum. Of several vintages the newest counts, as in marts.residents.
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
COMMENT ON VIEW marts.population_by_publication IS
'Residents of our areas by each publication of the mid-year estimates, as known today: one row an area, mid-year and publication.
Where publications differ each stays as it is';
COMMENT ON COLUMN marts.population_by_publication.area_name IS 'District or county';
COMMENT ON COLUMN marts.population_by_publication.area_code IS 'Its code';
COMMENT ON COLUMN marts.population_by_publication.mid_year IS 'Year of the 30 June';
COMMENT ON COLUMN marts.population_by_publication.published_with_mid_year IS 'Newest mid-year of the publication, by which we name it';
COMMENT ON COLUMN marts.population_by_publication.persons IS 'Usual residents, persons; NULL where the publisher gives no figure';
COMMENT ON COLUMN marts.population_by_publication.revised_by_persons IS
'Difference from the earliest publication that we have, persons; NULL where either gives no figure';
COMMENT ON COLUMN marts.population_by_publication.rates_use_it IS
'Whether rates are divided by this figure: that of the register of populations, for the county the sum of its districts';
