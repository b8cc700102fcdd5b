-- Grain: as before; this changes how the crimes of a holding or a month are found among those of all years.
-- Keys: none.
-- Why: a block range that took in one row of a later month, in space that an earlier load had left, counted as reaching from the one to
-- the other, so that a quarter of fifteen years read five times its rows. Of these ranges each keeps several stretches. With the months
-- beside the holdings it reads as little as a table partitioned by year, which measured slower to load (docs/decisions/0020).

DROP INDEX warehouse.tvp_crime_by_return_version;
CREATE INDEX tvp_crime_by_return_version ON warehouse.tvp_crime
USING brin (return_version_id int8_minmax_multi_ops, month_starts_on date_minmax_multi_ops) WITH (autosummarize = TRUE);
