-- Grain: row of the return and component.
-- Keys: return_version_id, row_number, component.
-- Why: an incident is counted by its kind and among all; people who are injured in fires are added up.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    f.month_starts_on AS starts_on,
    n.component,
    n.value
FROM warehouse.fire_incident AS f
INNER JOIN warehouse.dim_fire_incident_type AS t ON f.fire_incident_type_code = t.fire_incident_type_code
CROSS JOIN
    LATERAL (
        VALUES
        (f.fire_incident_type_code, 1),
        ('all_incidents', 1),
        ('fires', CASE WHEN t.is_fire THEN 1 END),
        ('injured', CASE WHEN t.is_fire THEN f.injured_people END)
    ) AS n (component, value)
WHERE n.value IS NOT NULL
