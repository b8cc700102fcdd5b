-- Grain: record of the crime-level files, as before; this takes two constraints from warehouse.tvp_crime.
-- Keys: none.
-- Why: with millions of rows a load, looking up each reference row by row takes longer than writing the rows. The load joins each
-- row to its area and offence, so that a row without one is not written and the load's account fails; the check crimes_refer
-- asks again over the whole table. The reference to the holding stays: it is what leads from a fact to its submission.
ALTER TABLE warehouse.tvp_crime
DROP CONSTRAINT tvp_crime_area_code_fkey,
DROP CONSTRAINT tvp_crime_offence_code_fkey;
