-- Grain: record of the crime-level files, as before; this takes one constraint from warehouse.tvp_crime.
-- Keys: none.
-- Why: looking up the holding row by row took a third of the load. The load joins each row to the holding that it has just opened,
-- no role may delete a holding, and the check crimes_refer asks once for each holding over the whole table.
ALTER TABLE warehouse.tvp_crime
DROP CONSTRAINT tvp_crime_return_version_id_fkey;
