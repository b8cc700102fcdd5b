-- Grain: district and year.
-- Keys: area_code, mid_year.
-- Why: by what rates are divided; of several publications of one year the newest by name.
SELECT DISTINCT ON (area_code, mid_year)
    area_code,
    mid_year,
    persons,
    vintage
FROM warehouse.population
ORDER BY area_code ASC, mid_year ASC, vintage DESC
