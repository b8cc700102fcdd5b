-- Grain: a row of the ONS tables of recorded crime.
-- Keys: none.
-- Why: the tables mix countries, regions, forces and partnerships; which a row is follows from the codes and names that it has.
CREATE OR REPLACE FUNCTION warehouse.crime_level(force_code text, partnership_code text, partnership_name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN partnership_code IS NOT NULL THEN 'partnership'
        WHEN partnership_name IS NOT NULL THEN 'unassigned'
        WHEN force_code ~ '^(K04|E92|W92)' THEN 'country'
        WHEN force_code ~ '^E12' THEN 'region'
        ELSE 'force'
    END
$$;
COMMENT ON FUNCTION warehouse.crime_level(text, text, text) IS
'What a row of the ONS tables of recorded crime is about: country, region, force, partnership, or unassigned (what a force could place in none)';
