-- Who: sia_analyst, who asks questions, sia_steward, who reads the marts made of them, and sia_publisher, who compares with them.
-- May: read the facts that others publish for all and the lists that the unit came by, as they are today and as they were known.
-- May not: anything more than their own files say; what is published for all names nobody.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'csp_crime_number', 'csp_crime_rate', 'csp_crime_change', 'nearest_neighbour', 'authority_partnership', 'population_estimate',
        'homelessness_duty', 'lsoa_change', 'similar_partnership'
    ] LOOP
        EXECUTE format('GRANT SELECT ON warehouse.%I, warehouse.%I TO sia_analyst, sia_steward, sia_publisher', name, name || '_today');
        EXECUTE format(
            'GRANT EXECUTE ON FUNCTION warehouse.%I(timestamptz), warehouse.%I(date) TO sia_analyst, sia_steward, sia_publisher', name || '_known_at', name || '_known_on'
        );
    END LOOP;
END
$$;
