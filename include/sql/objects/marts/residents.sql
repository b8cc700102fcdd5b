-- Grain: quarter and area.
-- Keys: quarter_key, area_code.
-- Why: by how many residents a quarter's counts are divided, the newest estimate that covers every district.
CREATE VIEW marts.residents AS
WITH newest AS (
    SELECT DISTINCT ON (p.area_code, p.mid_year)
        p.area_code,
        p.mid_year,
        p.persons
    FROM warehouse.population AS p
    INNER JOIN warehouse.dim_area AS d ON p.area_code = d.area_code
    WHERE d.area_type = 'district'
    ORDER BY p.area_code ASC, p.mid_year ASC, p.vintage DESC
),

covered AS (
    SELECT mid_year
    FROM newest
    GROUP BY mid_year
    HAVING count(*) = (SELECT count(*) FROM warehouse.dim_area WHERE area_type = 'district')
),

chosen AS (
    SELECT
        q.quarter_key,
        q.starts_on,
        max(c.mid_year) AS mid_year
    FROM warehouse.dim_quarter AS q
    INNER JOIN covered AS c ON left(q.financial_year, 4)::integer >= c.mid_year
    GROUP BY q.quarter_key, q.starts_on
)

SELECT
    c.quarter_key,
    a.area_code,
    sum(n.persons) AS persons,
    c.mid_year
FROM chosen AS c
INNER JOIN warehouse.area_member AS a ON a.valid @> c.starts_on
INNER JOIN warehouse.dim_area AS d ON a.area_code = d.area_code
INNER JOIN newest AS n ON a.member_code = n.area_code AND c.mid_year = n.mid_year
WHERE d.area_type IN ('county', 'csp', 'district')
GROUP BY c.quarter_key, a.area_code, c.mid_year;
COMMENT ON VIEW marts.residents IS
'Residents by which a quarter''s counts are divided: the mid-year estimate for the year in which the financial year begins, or the newest before it';
COMMENT ON COLUMN marts.residents.quarter_key IS 'Financial quarter';
COMMENT ON COLUMN marts.residents.area_code IS 'District, partnership or county; the latter two are the sum of their districts in that quarter';
COMMENT ON COLUMN marts.residents.persons IS 'Usual residents, persons';
COMMENT ON COLUMN marts.residents.mid_year IS 'Year of the 30 June of the estimate';
