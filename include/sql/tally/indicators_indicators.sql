-- Grain: holding, area as given, quarter, and number or whole of an indicator.
-- Keys: return_version_id, counted, area_code, starts_on.
-- Why: the whole is counted under its own name, so that a share has its denominator.
INSERT INTO marts.component_total (return_version_id, area_code, starts_on, component, value)
SELECT
    i.return_version_id,
    i.area_code,
    h.starts_on,
    n.component,
    n.value
FROM warehouse.indicator AS i
INNER JOIN new_return_version AS h ON i.return_version_id = h.return_version_id
CROSS JOIN
    LATERAL (
        VALUES
        (i.indicator, i.numerator),
        (i.indicator || ':of', i.denominator)
    ) AS n (component, value)
WHERE n.value IS NOT NULL
