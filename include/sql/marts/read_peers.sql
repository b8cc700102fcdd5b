-- Grain: kind of peers, partnership and group of offences, of the newest year that ends within the twelve months up to the quarter's end.
-- Keys: comparison, area_code, offence.
-- Why: a comparison is of one year for all, as it was known then; an older year would be taken for news. ONS nearest neighbours come first.
WITH asked AS (
    SELECT ends_on FROM warehouse.dim_quarter WHERE quarter_key = %(last)s
),

compared AS (
    SELECT
        n.*,
        max(n.year_to) OVER () AS newest
    FROM marts.peer_comparison_known_at(%(known_at)s) AS n
    CROSS JOIN asked AS q
    WHERE n.year_to <= q.ends_on AND n.year_to > q.ends_on - interval '1 year'
)

SELECT
    c.comparison,
    c.list_made_by,
    c.list_year,
    c.area_code,
    c.year_to,
    c.offence,
    c.rate_per_1000,
    c.peers_listed,
    c.peers,
    c.peers_lowest_per_1000,
    c.peers_median_per_1000,
    c.peers_highest_per_1000,
    c.peers_higher,
    c.england_and_wales_per_1000
FROM compared AS c
INNER JOIN warehouse.dim_area AS d ON c.area_code = d.area_code
WHERE c.year_to = c.newest AND c.peers > 0
ORDER BY c.comparison DESC, c.offence ASC, d.sort_order ASC
