-- Grain: none.
-- Keys: none.
-- Why: a partner may withhold a figure. A total that it is a part of is then not known: NULL, which is not 0.
ALTER TABLE marts.component_total ALTER COLUMN value DROP NOT NULL;
