-- Grain: one row a population by which rates are divided that is in no publication that we have, where one gives that area and year.
-- Keys: area_code, mid_year.
-- Why: the register is typed from a publication; where publications differ, it must be one of them.
-- Severity: warning
-- Rule: Every population is one that was published.
-- Needs: population_estimate
SELECT
    r.area_code,
    r.mid_year
FROM warehouse.population AS r
INNER JOIN warehouse.population_estimate_today AS p ON r.area_code = p.area_code AND r.mid_year = p.mid_year
GROUP BY r.area_code, r.mid_year
HAVING bool_and(p.persons <> r.persons)
